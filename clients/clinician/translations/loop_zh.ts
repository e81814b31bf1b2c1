<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>AccessTab</name>
    <message>
        <source>Your access</source>
        <translation>对您开放的内容</translation>
    </message>
    <message>
        <source>Grants</source>
        <translation>授权</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>刷新</translation>
    </message>
    <message>
        <source>Loading …</source>
        <translation>加载中…</translation>
    </message>
    <message>
        <source>{name} has given you access</source>
        <translation>{name} 已授权您访问</translation>
    </message>
    <message>
        <source>Your access to this patient has ended</source>
        <translation>您对该患者的访问已终止</translation>
    </message>
    <message>
        <source>What you have typed is kept. Only the patient can give access again.</source>
        <translation>您输入的内容已保留。只有患者本人可以重新授权。</translation>
    </message>
    <message>
        <source>The patient decides, and can end it at any time. Times are this computer&apos;s.</source>
        <translation>由患者决定，并可随时终止。时间按本机时区显示。</translation>
    </message>
    <message>
        <source>There are none.</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>已开放</translation>
    </message>
    <message>
        <source>Not open</source>
        <translation>未开放</translation>
    </message>
    <message>
        <source>Ends soon</source>
        <translation>即将到期</translation>
    </message>
    <message>
        <source>Expired</source>
        <translation>已到期</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>已终止</translation>
    </message>
    <message>
        <source>To you in person</source>
        <translation>授予您本人</translation>
    </message>
    <message>
        <source>To {organization}, and through it to you</source>
        <translation>授予{organization}，您作为成员获得</translation>
    </message>
    <message>
        <source>Since {time}</source>
        <translation>始于 {time}</translation>
    </message>
    <message>
        <source>Ended {time}</source>
        <translation>终止于 {time}</translation>
    </message>
    <message>
        <source>Until {time}</source>
        <translation>至 {time}</translation>
    </message>
    <message>
        <source>Until the patient ends it</source>
        <translation>直至患者终止</translation>
    </message>
    <message>
        <source>For one consultation; ends with it</source>
        <translation>仅限一次问诊，随问诊结束</translation>
    </message>
    <message>
        <source>All data, of any time</source>
        <translation>全部时间的数据</translation>
    </message>
    <message>
        <source>Giving back …</source>
        <translation>正在交还…</translation>
    </message>
    <message>
        <source>Give back …</source>
        <translation>交还…</translation>
    </message>
    <message>
        <source>End your own access</source>
        <translation>终止您自己的访问</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message>
        <source>Give access back</source>
        <translation>交还访问授权</translation>
    </message>
    <message>
        <source>Give back your access to {name}?</source>
        <translation>确定交还对 {name} 的访问授权？</translation>
    </message>
    <message>
        <source>You lose access at once, alerts included. Only the patient can give it again.</source>
        <translation>您将立即无法查看，包括警报。只有患者本人可以重新开放。</translation>
    </message>
    <message>
        <source>Give back</source>
        <translation>交还</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>保留</translation>
    </message>
    <message>
        <source>Ends in {time}</source>
        <translation>剩余 {time}</translation>
    </message>
</context>
<context>
    <name>CompareView</name>
    <message>
        <source>Only what differs</source>
        <translation>仅显示差异</translation>
    </message>
    <message>
        <source>{added} added, {removed} removed, {changed} changed, {same} the same</source>
        <translation>新增 {added} 项，删除 {removed} 项，修改 {changed} 项，不变 {same} 项</translation>
    </message>
    <message>
        <source>Nothing differs.</source>
        <translation>没有差异。</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>无</translation>
    </message>
</context>
<context>
    <name>InForce</name>
    <message>
        <source>Revisions</source>
        <translation>修订版本</translation>
    </message>
    <message>
        <source>Compare two</source>
        <translation>比较两版</translation>
    </message>
    <message>
        <source>Choose two revisions</source>
        <translation>请选择两个版本</translation>
    </message>
    <message>
        <source>Loading …</source>
        <translation>加载中…</translation>
    </message>
    <message>
        <source>The patient has not opened plans to you.</source>
        <translation>患者未向您开放方案。</translation>
    </message>
    <message>
        <source>None. A plan is in force once the patient accepts it.</source>
        <translation>暂无。患者接受后方案才生效。</translation>
    </message>
    <message>
        <source>Plan in force</source>
        <translation>现行方案</translation>
    </message>
    <message>
        <source>{who} · revision {revision} · {time}</source>
        <translation>第 {revision} 版，{who}，{time}</translation>
    </message>
    <message>
        <source>What it changes</source>
        <translation>查看改动</translation>
    </message>
    <message>
        <source>Awaiting the patient&apos;s answer</source>
        <translation>等待患者答复</translation>
    </message>
    <message>
        <source>Revision {revision}, since {time} ({zone})</source>
        <translation>第 {revision} 版，自 {time} 起（{zone}）</translation>
    </message>
    <message>
        <source>The patient: {words}</source>
        <translation>患者：{words}</translation>
    </message>
    <message>
        <source>Adherence up to {time}</source>
        <translation>执行情况，截至 {time}</translation>
    </message>
    <message>
        <source>{kept} of {planned}</source>
        <translation>{planned} 次中完成 {kept} 次</translation>
    </message>
    <message>
        <source>nothing was due yet</source>
        <translation>尚无到期项目</translation>
    </message>
    <message>
        <source>{count} in another amount</source>
        <translation>{count} 次剂量不符</translation>
    </message>
    <message>
        <source>Measure {check}</source>
        <translation>测血糖 {check}</translation>
    </message>
    <message>
        <source>Carbohydrate, days</source>
        <translation>碳水（按天）</translation>
    </message>
    <message>
        <source>Exercise, weeks</source>
        <translation>运动（按周）</translation>
    </message>
    <message>
        <source>Revision {revision} · {state}
{who}, {time}</source>
        <translation>第 {revision} 版 · {state}
{who}，{time}</translation>
    </message>
</context>
<context>
    <name>PlanFormView</name>
    <message>
        <source>Targets of this patient&apos;s own; else those of the consensus for adults</source>
        <translation>个体化目标；否则采用成人共识目标</translation>
    </message>
    <message>
        <source>Add medicine</source>
        <translation>添加药物</translation>
    </message>
    <message>
        <source>Alt+M</source>
        <translation>Alt+M</translation>
    </message>
    <message>
        <source>Add a medicine to the plan</source>
        <translation>在方案中添加药物</translation>
    </message>
    <message>
        <source>Add a time to measure</source>
        <translation>添加测量时间</translation>
    </message>
    <message>
        <source>Alt+T</source>
        <translation>Alt+T</translation>
    </message>
    <message>
        <source>no budget</source>
        <translation>不限</translation>
    </message>
    <message>
        <source>min</source>
        <translation>分钟</translation>
    </message>
    <message>
        <source>no goal</source>
        <translation>无目标</translation>
    </message>
    <message>
        <source>Anything else, such as when to see each other again</source>
        <translation>其他事项，例如复诊时间</translation>
    </message>
    <message>
        <source>Time zone of these times</source>
        <translation>以上时间所属时区</translation>
    </message>
</context>
<context>
    <name>PlanSafety</name>
    <message>
        <source>Safety check</source>
        <translation>安全检查</translation>
    </message>
    <message>
        <source>Checking …</source>
        <translation>正在检查…</translation>
    </message>
    <message>
        <source>The safety check does not answer. Until it does, no plan with medicines can be sent.</source>
        <translation>安全检查无响应。恢复之前，含药物的方案无法发送。</translation>
    </message>
    <message>
        <source>This plan cannot be sent. Resolve what the safety check found.</source>
        <translation>该方案不能发送，请先处理安全检查发现的问题。</translation>
    </message>
    <message>
        <source>Before you send this plan, say why it is right for this patient.</source>
        <translation>发送前，请写明为何适合该患者。</translation>
    </message>
    <message>
        <source>Checked.</source>
        <translation>已检查。</translation>
    </message>
    <message>
        <source>Checked. Nothing was found.</source>
        <translation>已检查，未发现问题。</translation>
    </message>
    <message>
        <source>The patient&apos;s birth date is not known. Without it no medicine can be planned.</source>
        <translation>患者出生日期不详，无法安排用药。</translation>
    </message>
    <message>
        <source>The check needs what is marked at the medicines below.</source>
        <translation>请补全下方药物中标出的内容，方可检查。</translation>
    </message>
</context>
<context>
    <name>PlanTab</name>
    <message>
        <source>Write the next revision</source>
        <translation>撰写新版</translation>
    </message>
    <message>
        <source>Ctrl+E</source>
        <translation>Ctrl+E</translation>
    </message>
    <message>
        <source>Suggest from the figures</source>
        <translation>根据数据建议</translation>
    </message>
    <message>
        <source>Suggestions from the last 14 days; you decide on each (Ctrl+Shift+D)</source>
        <translation>依据近 14 天数据的建议，逐条由您决定（Ctrl+Shift+D）</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>With the plan in force (Ctrl+D)</source>
        <translation>与现行方案比较（Ctrl+D）</translation>
    </message>
    <message>
        <source>Send …</source>
        <translation>发送…</translation>
    </message>
    <message>
        <source>Ctrl+Enter</source>
        <translation>Ctrl+Enter</translation>
    </message>
    <message>
        <source>Discard …</source>
        <translation>放弃…</translation>
    </message>
    <message>
        <source>Send to the patient</source>
        <translation>发送给患者</translation>
    </message>
    <message>
        <source>Write a plan</source>
        <translation>撰写方案</translation>
    </message>
    <message>
        <source>Compare with the plan in force</source>
        <translation>与现行方案比较</translation>
    </message>
    <message>
        <source>Ask for suggestions</source>
        <translation>请求建议</translation>
    </message>
    <message>
        <source>Send the plan</source>
        <translation>发送方案</translation>
    </message>
    <message>
        <source>Back to what is written</source>
        <translation>回到编辑</translation>
    </message>
    <message>
        <source>Sending …</source>
        <translation>发送中…</translation>
    </message>
    <message>
        <source>Next revision, not sent</source>
        <translation>新版，尚未发送</translation>
    </message>
    <message>
        <source>New plan, not sent</source>
        <translation>新方案，尚未发送</translation>
    </message>
    <message>
        <source>Sent; the patient has not answered yet</source>
        <translation>已发送，患者尚未答复</translation>
    </message>
    <message>
        <source>The patient lets you read plans, not write them.</source>
        <translation>患者仅允许您查看方案，不允许撰写。</translation>
    </message>
    <message>
        <source>A colleague has revised it.</source>
        <translation>期间已有他人修订。</translation>
    </message>
    <message>
        <source>1 field needs correction</source>
        <translation>有 1 处需要更正</translation>
    </message>
    <message>
        <source>{count} fields need correction</source>
        <translation>有 {count} 处需要更正</translation>
    </message>
    <message>
        <source>1 suggestion to decide</source>
        <translation>有 1 条建议待决定</translation>
    </message>
    <message>
        <source>{count} suggestions to decide</source>
        <translation>有 {count} 条建议待决定</translation>
    </message>
    <message>
        <source>The safety check does not allow this plan.</source>
        <translation>安全检查不允许此方案。</translation>
    </message>
    <message>
        <source>The safety check asks for your reason.</source>
        <translation>安全检查要求您写明理由。</translation>
    </message>
    <message>
        <source>No change from the plan in force yet.</source>
        <translation>与现行方案相比尚无改动。</translation>
    </message>
    <message>
        <source>1 change, kept as a draft</source>
        <translation>1 处改动，已存为草稿</translation>
    </message>
    <message>
        <source>{count} changes, kept as a draft</source>
        <translation>{count} 处改动，已存为草稿</translation>
    </message>
    <message>
        <source>Changes for {name}</source>
        <translation>将为 {name} 作如下更改</translation>
    </message>
    <message>
        <source>It takes the place of revision {revision}, which the patient has not answered yet.</source>
        <translation>将取代患者尚未答复的第 {revision} 版。</translation>
    </message>
    <message>
        <source>The patient is notified at once, and accepts or declines. Until then the current plan stays in force.</source>
        <translation>患者会立即收到通知，并可接受或拒绝。在此之前现行方案继续有效。</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>返回</translation>
    </message>
    <message>
        <source>Escape</source>
        <translation>Esc</translation>
    </message>
    <message>
        <source>What you have written</source>
        <translation>您撰写的内容</translation>
    </message>
    <message>
        <source>No plan in force</source>
        <translation>无现行方案</translation>
    </message>
    <message>
        <source>Revision {revision} · {state}</source>
        <translation>第 {revision} 版 · {state}</translation>
    </message>
    <message>
        <source>Compare with mine</source>
        <translation>与我的比较</translation>
    </message>
    <message>
        <source>Keep mine</source>
        <translation>以我的接续</translation>
    </message>
    <message>
        <source>Nothing typed is lost</source>
        <translation>已输入内容不会丢失</translation>
    </message>
    <message>
        <source>Use theirs</source>
        <translation>采用对方版本</translation>
    </message>
    <message>
        <source>Your text is discarded</source>
        <translation>您输入的内容将被丢弃</translation>
    </message>
    <message>
        <source>A colleague has revised this plan while you were writing</source>
        <translation>您撰写期间，已有他人修订该方案</translation>
    </message>
    <message>
        <source>Your text is kept. Look at the colleague&apos;s revision, then choose.</source>
        <translation>您输入的内容已保留。请先查看对方版本，再作选择。</translation>
    </message>
    <message>
        <source>Revision {revision} by {who}</source>
        <translation>第 {revision} 版，{who}</translation>
    </message>
    <message>
        <source>Discard what you have written?</source>
        <translation>确定丢弃已撰写的内容？</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>丢弃</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>保留</translation>
    </message>
</context>
<context>
    <name>ProposalLine</name>
    <message>
        <source>Accept</source>
        <translation>采纳</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>调整后采纳</translation>
    </message>
    <message>
        <source>Reject</source>
        <translation>不采纳</translation>
    </message>
    <message>
        <source>Why or how</source>
        <translation>原因或做法</translation>
    </message>
    <message>
        <source>How instead (needed)</source>
        <translation>改为如何（必填）</translation>
    </message>
</context>
<context>
    <name>Proposals</name>
    <message>
        <source>Go on without them</source>
        <translation>不使用建议</translation>
    </message>
    <message>
        <source>Suggestions from the figures</source>
        <translation>数据建议</translation>
    </message>
    <message>
        <source>{count} to decide</source>
        <translation>{count} 条待决定</translation>
    </message>
    <message>
        <source>All decided</source>
        <translation>均已决定</translation>
    </message>
    <message>
        <source>From {readings} readings of the last {days} days. None counts until you decide.</source>
        <translation>依据近 {days} 天 {readings} 次读数。由您决定后才生效。</translation>
    </message>
    <message>
        <source>The figures suggest nothing.</source>
        <translation>数据未提示建议。</translation>
    </message>
</context>
<context>
    <name>TimelineTab</name>
    <message>
        <source>Cancel the answer</source>
        <translation>取消回复</translation>
    </message>
    <message>
        <source>Write to the patient and the care team</source>
        <translation>写给患者及其照护者</translation>
    </message>
    <message>
        <source>Message for the timeline</source>
        <translation>时间线留言</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>发送</translation>
    </message>
    <message>
        <source>Send (Ctrl+Enter)</source>
        <translation>发送（Ctrl+Enter）</translation>
    </message>
    <message>
        <source>Send your message to the timeline</source>
        <translation>把留言发送到时间线</translation>
    </message>
    <message>
        <source>Show or hide (Alt+{key})</source>
        <translation>显示或隐藏（Alt+{key}）</translation>
    </message>
    <message>
        <source>Show or hide kinds of steps</source>
        <translation>显示或隐藏各类步骤</translation>
    </message>
    <message>
        <source>Times in {zone}</source>
        <translation>时间按 {zone}</translation>
    </message>
    <message>
        <source>The patient&apos;s time zone</source>
        <translation>患者所在时区</translation>
    </message>
    <message>
        <source>The patient has not opened alerts or plans to you.</source>
        <translation>患者未向您开放警报或方案。</translation>
    </message>
    <message>
        <source>Loading …</source>
        <translation>加载中…</translation>
    </message>
    <message>
        <source>Nothing has happened yet.</source>
        <translation>暂无记录。</translation>
    </message>
    <message>
        <source>Everybody with access to plans reads this.</source>
        <translation>有权查看方案的人都能看到留言。</translation>
    </message>
    <message>
        <source>Answers {who}: {what}</source>
        <translation>回复 {who}：{what}</translation>
    </message>
    <message>
        <source>Sending …</source>
        <translation>发送中…</translation>
    </message>
    <message>
        <source>{count} characters left</source>
        <translation>还可输入 {count} 字</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>See glucose, ketones, weight, blood pressure</source>
        <translation>查看血糖、血酮、体重、血压</translation>
    </message>
    <message>
        <source>Log entries in the patient&apos;s name</source>
        <translation>代患者记录</translation>
    </message>
    <message>
        <source>See meals, exercise and notes</source>
        <translation>查看饮食、运动和备注</translation>
    </message>
    <message>
        <source>See doses</source>
        <translation>查看用药记录</translation>
    </message>
    <message>
        <source>See reports</source>
        <translation>查看报告</translation>
    </message>
    <message>
        <source>See alerts, and be told of them</source>
        <translation>查看并接收警报</translation>
    </message>
    <message>
        <source>Set alert rules</source>
        <translation>设置警报规则</translation>
    </message>
    <message>
        <source>See plans and the timeline&apos;s words</source>
        <translation>查看方案和时间线留言</translation>
    </message>
    <message>
        <source>Write plans</source>
        <translation>撰写方案</translation>
    </message>
    <message>
        <source>Data from {begin} to {end} only</source>
        <translation>仅限 {begin} 至 {end} 的数据</translation>
    </message>
    <message>
        <source>Data from {begin} on only</source>
        <translation>仅限 {begin} 之后的数据</translation>
    </message>
    <message>
        <source>Data up to {end} only</source>
        <translation>仅限 {end} 之前的数据</translation>
    </message>
    <message>
        <source>Targets</source>
        <translation>控制目标</translation>
    </message>
    <message>
        <source>Medicines</source>
        <translation>药物</translation>
    </message>
    <message>
        <source>When to measure</source>
        <translation>测量时间</translation>
    </message>
    <message>
        <source>Meals</source>
        <translation>饮食</translation>
    </message>
    <message>
        <source>Exercise</source>
        <translation>运动</translation>
    </message>
    <message>
        <source>Notes and follow-up</source>
        <translation>备注与随访</translation>
    </message>
    <message>
        <source>Time zone</source>
        <translation>时区</translation>
    </message>
    <message>
        <source>Unchanged</source>
        <translation>不变</translation>
    </message>
    <message>
        <source>Added</source>
        <translation>新增</translation>
    </message>
    <message>
        <source>Removed</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>修改</translation>
    </message>
    <message>
        <source>Range, lower edge</source>
        <translation>目标下限</translation>
    </message>
    <message>
        <source>Range, upper edge</source>
        <translation>目标上限</translation>
    </message>
    <message>
        <source>Time in range, at least</source>
        <translation>目标范围内时间，至少</translation>
    </message>
    <message>
        <source>Below range, at most</source>
        <translation>低于范围，至多</translation>
    </message>
    <message>
        <source>Carbohydrate a day</source>
        <translation>每日碳水</translation>
    </message>
    <message>
        <source>Carbohydrate a meal</source>
        <translation>每餐碳水</translation>
    </message>
    <message>
        <source>Minutes a week</source>
        <translation>每周分钟数</translation>
    </message>
    <message>
        <source>Advice</source>
        <translation>建议</translation>
    </message>
    <message>
        <source>name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>dose</source>
        <translation>剂量</translation>
    </message>
    <message>
        <source>unit</source>
        <translation>单位</translation>
    </message>
    <message>
        <source>times</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>days</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>how to take it</source>
        <translation>用法</translation>
    </message>
    <message>
        <source>meal</source>
        <translation>用餐</translation>
    </message>
    <message>
        <source>ATC code</source>
        <translation>ATC 编码</translation>
    </message>
    <message>
        <source>Not insulin</source>
        <translation>非胰岛素</translation>
    </message>
    <message>
        <source>Rapid-acting insulin</source>
        <translation>速效胰岛素</translation>
    </message>
    <message>
        <source>Short-acting insulin</source>
        <translation>短效胰岛素</translation>
    </message>
    <message>
        <source>Intermediate insulin</source>
        <translation>中效胰岛素</translation>
    </message>
    <message>
        <source>Long-acting insulin</source>
        <translation>长效胰岛素</translation>
    </message>
    <message>
        <source>Premixed insulin</source>
        <translation>预混胰岛素</translation>
    </message>
    <message>
        <source>tablet</source>
        <translation>片</translation>
    </message>
    <message>
        <source>Any time</source>
        <translation>任意时间</translation>
    </message>
    <message>
        <source>Fasting</source>
        <translation>空腹</translation>
    </message>
    <message>
        <source>Before a meal</source>
        <translation>餐前</translation>
    </message>
    <message>
        <source>After a meal</source>
        <translation>餐后</translation>
    </message>
    <message>
        <source>At bedtime</source>
        <translation>睡前</translation>
    </message>
    <message>
        <source>Mon</source>
        <translation>一</translation>
    </message>
    <message>
        <source>Tue</source>
        <translation>二</translation>
    </message>
    <message>
        <source>Wed</source>
        <translation>三</translation>
    </message>
    <message>
        <source>Thu</source>
        <translation>四</translation>
    </message>
    <message>
        <source>Fri</source>
        <translation>五</translation>
    </message>
    <message>
        <source>Sat</source>
        <translation>六</translation>
    </message>
    <message>
        <source>Sun</source>
        <translation>日</translation>
    </message>
    <message>
        <source>every day</source>
        <translation>每天</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message>
        <source>no time</source>
        <translation>未定时间</translation>
    </message>
    <message>
        <source>Measuring at {time}</source>
        <translation>{time} 测量</translation>
    </message>
    <message>
        <source>{count} min</source>
        <translation>{count} 分钟</translation>
    </message>
    <message>
        <source>{what} added: {new}</source>
        <translation>新增{what}：{new}</translation>
    </message>
    <message>
        <source>{what} removed: {old}</source>
        <translation>删除{what}：{old}</translation>
    </message>
    <message>
        <source>{what}: from {old} to {new}</source>
        <translation>{what}：由 {old} 改为 {new}</translation>
    </message>
    <message>
        <source>{what}: “{old}” becomes “{new}”</source>
        <translation>{what}：“{old}”改为“{new}”</translation>
    </message>
    <message>
        <source>{what} from {old} to {new}</source>
        <translation>{what}由 {old} 改为 {new}</translation>
    </message>
    <message>
        <source>{what}: {changes}</source>
        <translation>{what}：{changes}</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>无</translation>
    </message>
    <message>
        <source>From {least} to {most}.</source>
        <translation>范围 {least} 至 {most}。</translation>
    </message>
    <message>
        <source>The upper edge must be above the lower edge.</source>
        <translation>上限须高于下限。</translation>
    </message>
    <message>
        <source>Required.</source>
        <translation>必填。</translation>
    </message>
    <message>
        <source>At most {most} characters.</source>
        <translation>最多 {most} 字。</translation>
    </message>
    <message>
        <source>At least one time, such as 07:00.</source>
        <translation>至少一个时间，如 07:00。</translation>
    </message>
    <message>
        <source>At most {most}.</source>
        <translation>最多 {most} 个。</translation>
    </message>
    <message>
        <source>The same twice.</source>
        <translation>有重复。</translation>
    </message>
    <message>
        <source>A number is needed.</source>
        <translation>请输入数字。</translation>
    </message>
    <message>
        <source>Times such as 07:00, 18:30.</source>
        <translation>时间格式如 07:00, 18:30。</translation>
    </message>
    <message>
        <source>More than 0, at most {most} IU.</source>
        <translation>须大于 0，至多 {most} IU。</translation>
    </message>
    <message>
        <source>More than 0.</source>
        <translation>须大于 0。</translation>
    </message>
    <message>
        <source>A number with at most three decimals.</source>
        <translation>请输入数字，最多三位小数。</translation>
    </message>
    <message>
        <source>Choose a unit.</source>
        <translation>请选择单位。</translation>
    </message>
    <message>
        <source>A zone such as Asia/Shanghai.</source>
        <translation>时区如 Asia/Shanghai。</translation>
    </message>
    <message>
        <source>Awaiting the patient&apos;s answer</source>
        <translation>等待患者答复</translation>
    </message>
    <message>
        <source>In force</source>
        <translation>现行</translation>
    </message>
    <message>
        <source>Declined by the patient</source>
        <translation>患者已拒绝</translation>
    </message>
    <message>
        <source>Was in force</source>
        <translation>曾经生效</translation>
    </message>
    <message>
        <source>Replaced before an answer</source>
        <translation>答复前已被替代</translation>
    </message>
    <message>
        <source>here {time}</source>
        <translation>本机 {time}</translation>
    </message>
    <message>
        <source>Too few readings to go by: {readings:.0f} on {days_with_readings:.0f} days. Measure more first.</source>
        <translation>读数过少：{days_with_readings:.0f} 天共 {readings:.0f} 次。请先增加测量。</translation>
    </message>
    <message>
        <source>{below_range_percent:.1f} % of readings are below range, {very_low_percent:.1f} % very low. Make fewer lows the first aim.</source>
        <translation>{below_range_percent:.1f} % 的读数低于范围，{very_low_percent:.1f} % 极低。首要目标应为减少低血糖。</translation>
    </message>
    <message>
        <source>{in_range_percent:.1f} % of readings are in range. Agree on a share to reach next.</source>
        <translation>{in_range_percent:.1f} % 的读数在目标范围内。请商定下一步目标。</translation>
    </message>
    <message>
        <source>{above_range_percent:.1f} % of readings are above range.</source>
        <translation>{above_range_percent:.1f} % 的读数高于范围。</translation>
    </message>
    <message>
        <source>Readings vary much: CV {cv_percent:.1f} %. Steadier meals, exercise and dose times come first.</source>
        <translation>血糖波动大：CV {cv_percent:.1f} %。应先规律饮食、运动和用药时间。</translation>
    </message>
    <message>
        <source>Lows between 0:00 and 6:00 in {nights_with_lows:.0f} of {nights_with_readings:.0f} nights. Look again at what acts overnight, and at food and exercise of the evening.</source>
        <translation>{nights_with_readings:.0f} 夜中有 {nights_with_lows:.0f} 夜在 0:00–6:00 出现低血糖。请重新评估夜间起效的药物及晚间饮食和运动。</translation>
    </message>
    <message>
        <source>Lows during or within 4 hours after {exercises_with_lows:.0f} of {exercises_with_readings:.0f} exercises. Measure before and after; eat before or move it to another hour.</source>
        <translation>{exercises_with_readings:.0f} 次运动中有 {exercises_with_lows:.0f} 次在运动时或其后 4 小时内出现低血糖。运动前后应测血糖，可先进食或改时间。</translation>
    </message>
    <message>
        <source>High after {meals_with_highs:.0f} of {meals_with_readings:.0f} breakfasts. Less or slower carbohydrate.</source>
        <translation>{meals_with_readings:.0f} 次早餐中有 {meals_with_highs:.0f} 次餐后偏高。可减少碳水或选择升糖较慢的食物。</translation>
    </message>
    <message>
        <source>High after {meals_with_highs:.0f} of {meals_with_readings:.0f} lunches. Less or slower carbohydrate.</source>
        <translation>{meals_with_readings:.0f} 次午餐中有 {meals_with_highs:.0f} 次餐后偏高。可减少碳水或选择升糖较慢的食物。</translation>
    </message>
    <message>
        <source>High after {meals_with_highs:.0f} of {meals_with_readings:.0f} dinners. Less or slower carbohydrate.</source>
        <translation>{meals_with_readings:.0f} 次晚餐中有 {meals_with_highs:.0f} 次餐后偏高。可减少碳水或选择升糖较慢的食物。</translation>
    </message>
    <message>
        <source>More carbohydrate than planned on {days_over:.0f} of {days_with_meals:.0f} days.</source>
        <translation>{days_with_meals:.0f} 天中有 {days_over:.0f} 天碳水超出计划。</translation>
    </message>
    <message>
        <source>{logged:.0f} of {planned:.0f} planned doses of one medicine were logged. Ask what stands in the way.</source>
        <translation>某药物计划 {planned:.0f} 次，仅记录 {logged:.0f} 次。请询问困难所在。</translation>
    </message>
    <message>
        <source>{done:.0f} of {planned:.0f} planned checks were done. Fewer at better times may be kept.</source>
        <translation>计划测量 {planned:.0f} 次，完成 {done:.0f} 次。减少次数、选好时间或更易坚持。</translation>
    </message>
    <message>
        <source>The exercise goal was reached in none of {weeks:.0f} weeks. A nearer one may be reached.</source>
        <translation>{weeks:.0f} 周均未达到运动目标。可设更易达到的目标。</translation>
    </message>
    <message>
        <source>Alerts</source>
        <translation>警报</translation>
    </message>
    <message>
        <source>Messages</source>
        <translation>留言</translation>
    </message>
    <message>
        <source>Plans</source>
        <translation>方案</translation>
    </message>
    <message>
        <source>Apricot</source>
        <translation>杏林</translation>
    </message>
    <message>
        <source>You</source>
        <translation>您</translation>
    </message>
    <message>
        <source>{name} (patient)</source>
        <translation>{name}（患者）</translation>
    </message>
    <message>
        <source>Somebody else with access</source>
        <translation>其他有权限的人</translation>
    </message>
    <message>
        <source>wrote</source>
        <translation>留言</translation>
    </message>
    <message>
        <source>accepted revision {revision} of the plan; it is in force</source>
        <translation>接受了方案第 {revision} 版，现已生效</translation>
    </message>
    <message>
        <source>declined revision {revision} of the plan</source>
        <translation>拒绝了方案第 {revision} 版</translation>
    </message>
    <message>
        <source>wrote revision {revision} of the plan</source>
        <translation>撰写了方案第 {revision} 版</translation>
    </message>
    <message>
        <source>raised an alert: {rule}</source>
        <translation>发出警报：{rule}</translation>
    </message>
    <message>
        <source>acknowledged {rule}</source>
        <translation>已处理：{rule}</translation>
    </message>
    <message>
        <source>escalated {rule} to {whom}</source>
        <translation>将{rule}转交{whom}</translation>
    </message>
    <message>
        <source>closed {rule}: {why}</source>
        <translation>关闭{rule}：{why}</translation>
    </message>
    <message>
        <source>Reading {value} {unit} at {time}</source>
        <translation>读数 {value} {unit}，{time}</translation>
    </message>
    <message>
        <source>In response to: {who} {what}</source>
        <translation>承接 {who}：{what}</translation>
    </message>
    <message>
        <source>Effect unknown: no readings before or after</source>
        <translation>效果未知：前后均无读数</translation>
    </message>
    <message>
        <source>In range {before} before, {after} since; below {low_before}, then {low_after}</source>
        <translation>范围内 此前 {before}，此后 {after}；低于范围 此前 {low_before}，此后 {low_after}</translation>
    </message>
    <message>
        <source>From {before} readings before and {after} since, up to 14 days each</source>
        <translation>依据此前 {before} 次、此后 {after} 次读数，各至多 14 天</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>About the reading {value} at {time}</source>
        <translation>关于读数 {value}，{time}</translation>
    </message>
    <message>
        <source>About an entry of {time}</source>
        <translation>关于 {time} 的记录</translation>
    </message>
    <message>
        <source>the patient</source>
        <translation>患者</translation>
    </message>
    <message>
        <source>family and friends</source>
        <translation>家属和亲友</translation>
    </message>
    <message>
        <source>clinicians</source>
        <translation>医生</translation>
    </message>
    <message>
        <source>somebody</source>
        <translation>某人</translation>
    </message>
    <message>
        <source>it is over</source>
        <translation>已恢复</translation>
    </message>
    <message>
        <source>its reading was corrected</source>
        <translation>读数已更正</translation>
    </message>
    <message>
        <source>a more urgent one took its place</source>
        <translation>已被更紧急的警报取代</translation>
    </message>
    <message>
        <source>its rule was changed</source>
        <translation>规则已更改</translation>
    </message>
    <message>
        <source>its readings are too old</source>
        <translation>读数过旧，无法判断</translation>
    </message>
    <message>
        <source>for no reason that is known</source>
        <translation>原因不明</translation>
    </message>
</context>
<context>
    <name>_CheckRow</name>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Meal</source>
        <translation>用餐</translation>
    </message>
    <message>
        <source>Days (none chosen: every day)</source>
        <translation>日期（不选即每天）</translation>
    </message>
    <message>
        <source>Remove this time</source>
        <translation>删除该时间</translation>
    </message>
</context>
<context>
    <name>_MedicineRow</name>
    <message>
        <source>Medicine</source>
        <translation>药物</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>One dose</source>
        <translation>每次剂量</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>单位</translation>
    </message>
    <message>
        <source>Times</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Days (none chosen: every day)</source>
        <translation>日期（不选即每天）</translation>
    </message>
    <message>
        <source>How to take it</source>
        <translation>用法</translation>
    </message>
    <message>
        <source>Remove this medicine</source>
        <translation>删除该药物</translation>
    </message>
</context>
<context>
    <name>_Row</name>
    <message>
        <source>Remove</source>
        <translation>删除</translation>
    </message>
</context>
<context>
    <name>_Steps</name>
    <message>
        <source>Timeline</source>
        <translation>时间线</translation>
    </message>
</context>
</TS>
