<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>CardGrip</name>
    <message>
        <source>Card</source>
        <translation>卡片</translation>
    </message>
    <message>
        <source>Drag it into a conversation, or press to copy it</source>
        <translation>拖入对话，或按下复制</translation>
    </message>
    <message>
        <source>Card for a conversation: press to copy it</source>
        <translation>对话卡片：按下复制</translation>
    </message>
    <message>
        <source>Copied: paste it into the conversation</source>
        <translation>已复制，可粘贴到对话中</translation>
    </message>
</context>
<context>
    <name>ClosingForm</name>
    <message>
        <source>Close the consultation</source>
        <translation>结束问诊</translation>
    </message>
    <message>
        <source>Close it</source>
        <translation>结束</translation>
    </message>
    <message>
        <source>Summary</source>
        <translation>小结</translation>
    </message>
    <message>
        <source>What it was about and what was found</source>
        <translation>病情与诊查所见</translation>
    </message>
    <message>
        <source>Advice</source>
        <translation>建议</translation>
    </message>
    <message>
        <source>What the patient should do</source>
        <translation>请患者做什么</translation>
    </message>
    <message>
        <source>Diagnoses</source>
        <translation>诊断</translation>
    </message>
    <message>
        <source>One per line, ICD-10 code first: E11.9 …</source>
        <translation>每行一个，先写 ICD-10 编码：E11.9 …</translation>
    </message>
    <message>
        <source>Why the patient is sent there</source>
        <translation>转诊理由</translation>
    </message>
    <message>
        <source>Urgent</source>
        <translation>紧急，不能等待</translation>
    </message>
    <message>
        <source>Follow-up on (patient&apos;s date)</source>
        <translation>复诊日期（按患者当地日期）</translation>
    </message>
    <message>
        <source>Refer to</source>
        <translation>转诊至</translation>
    </message>
    <message>
        <source>No referral</source>
        <translation>不转诊</translation>
    </message>
    <message>
        <source>A summary is needed.</source>
        <translation>请填写小结。</translation>
    </message>
    <message>
        <source>Each diagnosis begins with an ICD-10 code, such as E11.9.</source>
        <translation>每个诊断以 ICD-10 编码开头，如 E11.9。</translation>
    </message>
    <message>
        <source>Not a valid date. Write it as 2026-12-24.</source>
        <translation>没有这一天；请按 2026-12-24 的格式填写。</translation>
    </message>
    <message>
        <source>A referral needs a department and a reason.</source>
        <translation>转诊需要填写科室和理由。</translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Attach</source>
        <translation>附件</translation>
    </message>
    <message>
        <source>A picture or a PDF (Ctrl+O)</source>
        <translation>图片或 PDF（Ctrl+O）</translation>
    </message>
    <message>
        <source>Card</source>
        <translation>卡片</translation>
    </message>
    <message>
        <source>From the record (Ctrl+1 to 4)</source>
        <translation>来自病历（Ctrl+1 至 4）</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>发送</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>回车</translation>
    </message>
    <message>
        <source>Attach a picture or a PDF</source>
        <translation>附上图片或 PDF</translation>
    </message>
    <message>
        <source>This card is from another patient&apos;s record. It was not added to this conversation.</source>
        <translation>该卡片来自其他患者的记录，未添加到此对话。</translation>
    </message>
    <message>
        <source>Remove {card}</source>
        <translation>移除{card}</translation>
    </message>
    <message>
        <source>At most 4000 characters</source>
        <translation>最多 4000 字</translation>
    </message>
    <message>
        <source>Readings of the last 24 hours</source>
        <translation>最近 24 小时血糖</translation>
    </message>
    <message>
        <source>Report of the last 14 days</source>
        <translation>最近 14 天报告</translation>
    </message>
    <message>
        <source>The plan in force</source>
        <translation>当前管理方案</translation>
    </message>
    <message>
        <source>The prescription of this consultation</source>
        <translation>本次问诊的处方</translation>
    </message>
    <message>
        <source>Attach a picture or a document</source>
        <translation>添加图片或文档</translation>
    </message>
    <message>
        <source>Pictures and documents</source>
        <translation>图片和文档</translation>
    </message>
    <message>
        <source>{file} cannot be read, or is larger than 20 MB.</source>
        <translation>无法读取 {file}，或其超过 20 MB。</translation>
    </message>
</context>
<context>
    <name>Consult</name>
    <message>
        <source>Glucose readings</source>
        <translation>血糖记录</translation>
    </message>
    <message>
        <source>Glucose report</source>
        <translation>血糖报告</translation>
    </message>
    <message>
        <source>Plan</source>
        <translation>管理方案</translation>
    </message>
    <message>
        <source>Prescription</source>
        <translation>处方</translation>
    </message>
    <message>
        <source>Revision {number}</source>
        <translation>第 {number} 版</translation>
    </message>
    <message>
        <source>Not sent</source>
        <translation>未发送</translation>
    </message>
    <message>
        <source>Sending</source>
        <translation>发送中</translation>
    </message>
    <message>
        <source>Sent</source>
        <translation>已发送</translation>
    </message>
    <message>
        <source>Delivered</source>
        <translation>已送达</translation>
    </message>
    <message>
        <source>Read</source>
        <translation>已读</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>图文</translation>
    </message>
    <message>
        <source>Voice</source>
        <translation>语音</translation>
    </message>
    <message>
        <source>Video</source>
        <translation>视频</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>待接诊</translation>
    </message>
    <message>
        <source>Active</source>
        <translation>进行中</translation>
    </message>
    <message>
        <source>Closed</source>
        <translation>已结束</translation>
    </message>
    <message>
        <source>Referred</source>
        <translation>已转诊</translation>
    </message>
    <message>
        <source>Expired</source>
        <translation>已过期</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>已取消</translation>
    </message>
    <message>
        <source>Waiting for you</source>
        <translation>等待您接诊</translation>
    </message>
    <message>
        <source>Your consultations</source>
        <translation>我的问诊</translation>
    </message>
    <message>
        <source>Question pool</source>
        <translation>待接问诊池</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>已结束</translation>
    </message>
    <message>
        <source>Glucose</source>
        <translation>血糖</translation>
    </message>
    <message>
        <source>Write in the diary</source>
        <translation>填写日记</translation>
    </message>
    <message>
        <source>Meals</source>
        <translation>饮食</translation>
    </message>
    <message>
        <source>Doses</source>
        <translation>用药</translation>
    </message>
    <message>
        <source>Reports</source>
        <translation>报告</translation>
    </message>
    <message>
        <source>Alerts</source>
        <translation>警报</translation>
    </message>
    <message>
        <source>Alert rules</source>
        <translation>警报规则</translation>
    </message>
    <message>
        <source>Write the plan</source>
        <translation>制定管理方案</translation>
    </message>
    <message>
        <source>{name} has accepted the consultation</source>
        <translation>{name}已接诊</translation>
    </message>
    <message>
        <source>{name} has joined</source>
        <translation>{name}加入了会诊</translation>
    </message>
    <message>
        <source>Eligibility for a prescription was decided</source>
        <translation>已作出开方资格判定</translation>
    </message>
    <message>
        <source>A prescription was issued</source>
        <translation>已开具处方</translation>
    </message>
    <message>
        <source>A pharmacist rejected a prescription</source>
        <translation>药师审核未通过一张处方</translation>
    </message>
    <message>
        <source>A prescription was revoked</source>
        <translation>处方已撤销</translation>
    </message>
    <message>
        <source>Call, {minutes}:{seconds}</source>
        <translation>通话 {minutes}:{seconds}</translation>
    </message>
    <message>
        <source>A call was not answered</source>
        <translation>通话未接听</translation>
    </message>
    <message>
        <source>The consultation has ended</source>
        <translation>问诊已结束</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Document</source>
        <translation>文档</translation>
    </message>
    <message>
        <source>Voice note</source>
        <translation>语音</translation>
    </message>
    <message>
        <source>Card from the record</source>
        <translation>病历卡片</translation>
    </message>
    <message>
        <source>The patient does not share this, or it is not yours to do.</source>
        <translation>患者未共享此内容，或您无权操作。</translation>
    </message>
    <message>
        <source>The consultation is not active: nothing can be added.</source>
        <translation>问诊未在进行中，不能添加内容。</translation>
    </message>
    <message>
        <source>It is too large: pictures up to 10 MB, documents up to 20 MB.</source>
        <translation>文件过大：图片不超过 10 MB，文档不超过 20 MB。</translation>
    </message>
    <message>
        <source>Only JPEG, PNG, WebP, HEIC and PDF can be sent.</source>
        <translation>只能发送 JPEG、PNG、WebP、HEIC 和 PDF。</translation>
    </message>
    <message>
        <source>What you chose is no evidence of this diagnosis: choose a picture or document of this conversation.</source>
        <translation>所选材料不能证明该诊断：请选择本次问诊中的图片或文档。</translation>
    </message>
    <message>
        <source>The patient is under six: a guardian must be present.</source>
        <translation>患者未满六岁：须有监护人在场。</translation>
    </message>
    <message>
        <source>The patient&apos;s age is not known, so no prescription is possible.</source>
        <translation>患者年龄未知，不能开具处方。</translation>
    </message>
    <message>
        <source>The doctor&apos;s licence is no longer valid.</source>
        <translation>医师执业证书已失效。</translation>
    </message>
    <message>
        <source>Online care needs three years in the profession.</source>
        <translation>互联网诊疗须有三年以上执业经验。</translation>
    </message>
    <message>
        <source>No more than eight people can take part.</source>
        <translation>最多八人参加。</translation>
    </message>
    <message>
        <source>age unknown</source>
        <translation>年龄未知</translation>
    </message>
    <message>
        <source>{years} years</source>
        <translation>{years} 岁</translation>
    </message>
    <message>
        <source>It was not sent before the app was closed, and its file is gone or was changed. Attach it again.</source>
        <translation>应用关闭前未发出，且原文件已不在或已更改。请重新添加。</translation>
    </message>
    <message>
        <source>waiting {time}</source>
        <translation>已等 {time}</translation>
    </message>
    <message>
        <source>offered to all departments</source>
        <translation>已转至所有科室</translation>
    </message>
</context>
<context>
    <name>ConsultPage</name>
    <message>
        <source>More closed consultations</source>
        <translation>更多已结束的</translation>
    </message>
    <message>
        <source>Consultations</source>
        <translation>问诊</translation>
    </message>
    <message>
        <source>The next consultation</source>
        <translation>下一个问诊</translation>
    </message>
    <message>
        <source>The previous consultation</source>
        <translation>上一个问诊</translation>
    </message>
    <message>
        <source>Open the consultation&apos;s patient; Alt+Left comes back</source>
        <translation>打开该问诊的患者；按 Alt+Left 返回</translation>
    </message>
    <message>
        <source>Call the patient</source>
        <translation>呼叫患者</translation>
    </message>
    <message>
        <source>Write a prescription</source>
        <translation>开处方</translation>
    </message>
    <message>
        <source>Decide on eligibility</source>
        <translation>判定开方资格</translation>
    </message>
    <message>
        <source>Invite a colleague</source>
        <translation>邀请同事会诊</translation>
    </message>
    <message>
        <source>Close the consultation</source>
        <translation>结束问诊</translation>
    </message>
    <message>
        <source>{name}&apos;s question is no longer in the pool: another doctor has accepted it, or it was withdrawn.</source>
        <translation>{name}的问诊已不在池中：已被其他医生接诊，或患者已撤回。</translation>
    </message>
    <message>
        <source>No connection. The list may be out of date.</source>
        <translation>连接已断开：暂时无法得知谁在等待。</translation>
    </message>
    <message>
        <source>Loading</source>
        <translation>加载中</translation>
    </message>
    <message>
        <source>No patient is waiting. New questions appear here.</source>
        <translation>暂无患者等待。新的问诊会立即出现在这里。</translation>
    </message>
    <message>
        <source>Choose a consultation: J and K move, C accepts, R replies.</source>
        <translation>请选择问诊：J、K 上下移动，C 接诊，R 回复。</translation>
    </message>
</context>
<context>
    <name>DecliningForm</name>
    <message>
        <source>Decline the consultation</source>
        <translation>拒绝接诊</translation>
    </message>
    <message>
        <source>Decline</source>
        <translation>拒绝</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>说明</translation>
    </message>
    <message>
        <source>The patient reads it; at most 500 characters</source>
        <translation>患者会看到；最多 500 字</translation>
    </message>
</context>
<context>
    <name>EligibilityForm</name>
    <message>
        <source>Is the patient eligible for an online prescription?</source>
        <translation>能否在此开具处方？</translation>
    </message>
    <message>
        <source>Decide</source>
        <translation>确定</translation>
    </message>
    <message>
        <source>Yes: follow-up of a known diagnosis</source>
        <translation>可以：已确诊疾病的复诊</translation>
    </message>
    <message>
        <source>No: the patient must be seen in person</source>
        <translation>不可以：患者须线下就诊</translation>
    </message>
    <message>
        <source>Diagnoses</source>
        <translation>诊断</translation>
    </message>
    <message>
        <source>One per line, ICD-10 code first: E11.9 …</source>
        <translation>每行一个，先写 ICD-10 编码：E11.9 …</translation>
    </message>
    <message>
        <source>A guardian is present</source>
        <translation>监护人在场</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>说明</translation>
    </message>
    <message>
        <source>The patient reads it; required if not eligible</source>
        <translation>患者会看到；不可以时必填</translation>
    </message>
    <message>
        <source>No picture or document was sent in this conversation.</source>
        <translation>本次问诊中没有图片或文档。</translation>
    </message>
    <message>
        <source>Evidence in this conversation</source>
        <translation>本次问诊中的诊断依据</translation>
    </message>
    <message>
        <source>Or an earlier consultation with you</source>
        <translation>或此前在您这里的问诊</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>A diagnosis is needed, with its ICD-10 code, such as E11.9.</source>
        <translation>请填写诊断及其 ICD-10 编码，如 E11.9。</translation>
    </message>
    <message>
        <source>Choose the evidence: a picture, a document or an earlier consultation.</source>
        <translation>请选择依据：图片、文档或此前的问诊。</translation>
    </message>
    <message>
        <source>The patient is under six: a guardian must be present.</source>
        <translation>患者未满六岁：须有监护人在场。</translation>
    </message>
    <message>
        <source>Write why; the patient reads it.</source>
        <translation>请写明原因，患者会看到。</translation>
    </message>
</context>
<context>
    <name>Form</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>The consultation has ended. Nothing was sent; what you wrote is still here.</source>
        <translation>问诊已结束。内容没有发出，您写的仍在这里。</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>GlucoseStrip</name>
    <message>
        <source>The patient does not share glucose in this consultation.</source>
        <translation>患者在本次问诊中未共享血糖。</translation>
    </message>
    <message>
        <source>Glucose is not known yet.</source>
        <translation>血糖尚未获知。</translation>
    </message>
    <message>
        <source>No reading in the last 6 hours.</source>
        <translation>最近 6 小时没有血糖记录。</translation>
    </message>
    <message>
        <source>not live</source>
        <translation>已断开</translation>
    </message>
    <message>
        <source>old</source>
        <translation>较早</translation>
    </message>
</context>
<context>
    <name>InboxView</name>
    <message>
        <source>Inbox</source>
        <translation>收件箱</translation>
    </message>
</context>
<context>
    <name>InvitingForm</name>
    <message>
        <source>Invite a colleague</source>
        <translation>邀请同事会诊</translation>
    </message>
    <message>
        <source>Invite</source>
        <translation>邀请会诊</translation>
    </message>
    <message>
        <source>Name, department, hospital</source>
        <translation>姓名、科室、医院</translation>
    </message>
    <message>
        <source>Doctors found</source>
        <translation>找到的医生</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>邀请谁</translation>
    </message>
</context>
<context>
    <name>LineView</name>
    <message>
        <source>PDF document, uploading</source>
        <translation>PDF 文档，上传中</translation>
    </message>
    <message>
        <source>PDF document, open</source>
        <translation>打开 PDF 文档</translation>
    </message>
    <message>
        <source>A newer kind of message; update the app to see it.</source>
        <translation>新类型的消息，请更新应用后查看。</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>修改</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>丢弃</translation>
    </message>
</context>
<context>
    <name>PictureWindow</name>
    <message>
        <source>Picture</source>
        <translation>图片</translation>
    </message>
</context>
<context>
    <name>QuestionPanel</name>
    <message>
        <source>Would be shared with you: {scopes}</source>
        <translation>接诊后将共享：{scopes}</translation>
    </message>
    <message>
        <source>nothing of the diary</source>
        <translation>不共享日记</translation>
    </message>
    <message>
        <source>Accept (C)</source>
        <translation>接诊（C）</translation>
    </message>
    <message>
        <source>Waiting for any doctor for {time}</source>
        <translation>等待任一医生接诊，已等 {time}</translation>
    </message>
</context>
<context>
    <name>Side</name>
    <message>
        <source>Glucose, last 6 hours</source>
        <translation>最近 6 小时血糖</translation>
    </message>
    <message>
        <source>Health record</source>
        <translation>健康档案</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>刷新</translation>
    </message>
    <message>
        <source>This consultation</source>
        <translation>本次问诊</translation>
    </message>
    <message>
        <source>Call</source>
        <translation>通话</translation>
    </message>
    <message>
        <source>Ctrl+Shift+C</source>
        <translation>Ctrl+Shift+C</translation>
    </message>
    <message>
        <source>Prescribe</source>
        <translation>开处方</translation>
    </message>
    <message>
        <source>Ctrl+Shift+P</source>
        <translation>Ctrl+Shift+P</translation>
    </message>
    <message>
        <source>Eligibility</source>
        <translation>开方资格</translation>
    </message>
    <message>
        <source>Ctrl+Shift+E</source>
        <translation>Ctrl+Shift+E</translation>
    </message>
    <message>
        <source>Invite</source>
        <translation>邀请会诊</translation>
    </message>
    <message>
        <source>Ctrl+Shift+I</source>
        <translation>Ctrl+Shift+I</translation>
    </message>
    <message>
        <source>Close the consultation</source>
        <translation>结束问诊</translation>
    </message>
    <message>
        <source>Ctrl+Shift+L</source>
        <translation>Ctrl+Shift+L</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>By</source>
        <translation>方式</translation>
    </message>
    <message>
        <source>Shared with you</source>
        <translation>共享内容</translation>
    </message>
    <message>
        <source>Nothing of the diary</source>
        <translation>不共享日记</translation>
    </message>
    <message>
        <source>Prescribing</source>
        <translation>处方资格</translation>
    </message>
    <message>
        <source>Guardian</source>
        <translation>监护人</translation>
    </message>
    <message>
        <source>Taking part</source>
        <translation>参加者</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>结论</translation>
    </message>
    <message>
        <source>Advice</source>
        <translation>建议</translation>
    </message>
    <message>
        <source>Follow-up on</source>
        <translation>复诊日期</translation>
    </message>
    <message>
        <source>Not decided</source>
        <translation>尚未判定</translation>
    </message>
    <message>
        <source>Not allowed</source>
        <translation>不可开方</translation>
    </message>
    <message>
        <source>Allowed: {codes}</source>
        <translation>可开方：{codes}</translation>
    </message>
    <message>
        <source>Not known yet.</source>
        <translation>尚未获知。</translation>
    </message>
    <message>
        <source>Allergies</source>
        <translation>过敏史</translation>
    </message>
    <message>
        <source>Medicines</source>
        <translation>正在使用的药物</translation>
    </message>
    <message>
        <source>Kidney function (eGFR)</source>
        <translation>肾功能（eGFR）</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>Pregnancy</source>
        <translation>妊娠</translation>
    </message>
    <message>
        <source>Weight</source>
        <translation>体重</translation>
    </message>
    <message>
        <source>Never asked</source>
        <translation>从未询问</translation>
    </message>
    <message>
        <source>{name} (suspected)</source>
        <translation>{name}（疑似）</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Not possible</source>
        <translation>不可能</translation>
    </message>
    <message>
        <source>Neither pregnant nor breastfeeding</source>
        <translation>未妊娠、未哺乳</translation>
    </message>
    <message>
        <source>Pregnant</source>
        <translation>妊娠</translation>
    </message>
    <message>
        <source>Breastfeeding</source>
        <translation>哺乳</translation>
    </message>
</context>
<context>
    <name>TalkPanel</name>
    <message>
        <source>This patient is waiting for you.</source>
        <translation>患者正在等您接诊。</translation>
    </message>
    <message>
        <source>Decline</source>
        <translation>拒绝</translation>
    </message>
    <message>
        <source>Accept</source>
        <translation>接诊</translation>
    </message>
    <message>
        <source>Open the patient</source>
        <translation>打开患者</translation>
    </message>
    <message>
        <source>Ctrl+Shift+O</source>
        <translation>Ctrl+Shift+O</translation>
    </message>
    <message>
        <source>● The patient is here</source>
        <translation>● 患者在线</translation>
    </message>
    <message>
        <source>The patient is away</source>
        <translation>患者不在线</translation>
    </message>
    <message>
        <source>{name} is typing</source>
        <translation>{name}正在输入</translation>
    </message>
    <message>
        <source>No connection. What you send is kept here, and goes when it is back.</source>
        <translation>连接已断开。您发送的内容已保存，恢复连接后自动发出。</translation>
    </message>
</context>
<context>
    <name>Thread</name>
    <message>
        <source>Earlier messages</source>
        <translation>更早的消息</translation>
    </message>
    <message>
        <source>Messages</source>
        <translation>消息</translation>
    </message>
    <message>
        <source>New messages</source>
        <translation>新消息</translation>
    </message>
    <message>
        <source>Save the document</source>
        <translation>保存文档</translation>
    </message>
</context>
<context>
    <name>VoicePlayer</name>
    <message>
        <source>Voice note, {minutes}:{seconds}</source>
        <translation>语音 {minutes}:{seconds}</translation>
    </message>
    <message>
        <source>This machine cannot play sound.</source>
        <translation>此电脑无法播放声音。</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>播放</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
</context>
<context>
    <name>_Field</name>
    <message>
        <source>Write to the patient</source>
        <translation>给患者写消息</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>消息</translation>
    </message>
</context>
<context>
    <name>_Graph</name>
    <message>
        <source>Glucose of the last 6 hours</source>
        <translation>最近 6 小时血糖</translation>
    </message>
</context>
<context>
    <name>_Picture</name>
    <message>
        <source>Picture</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Picture, loading</source>
        <translation>图片，加载中</translation>
    </message>
    <message>
        <source>Picture; click to save it</source>
        <translation>图片；点击保存</translation>
    </message>
</context>
<context>
    <name>_Spoken</name>
    <message>
        <source>{count} unread</source>
        <translation>{count} 条未读</translation>
    </message>
</context>
</TS>
