<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>DiagnosesCard</name>
    <message>
        <source>Add a diagnosis</source>
        <translation>添加诊断</translation>
    </message>
    <message>
        <source>Reason for more than 7 days</source>
        <translation>超过 7 天用量的理由</translation>
    </message>
    <message>
        <source>Such as: stable chronic disease</source>
        <translation>例如：慢性病病情稳定</translation>
    </message>
    <message>
        <source>Why for more than 7 days? The law wants it noted</source>
        <translation>为何超过 7 天用量？法规要求注明</translation>
    </message>
    <message>
        <source>Diagnoses</source>
        <translation>诊断</translation>
    </message>
</context>
<context>
    <name>FindingRow</name>
    <message>
        <source>Do: {action}</source>
        <translation>处理：{action}</translation>
    </message>
    <message>
        <source>Source: {source}</source>
        <translation>来源：{source}</translation>
    </message>
    <message>
        <source>Your reason</source>
        <translation>您的理由</translation>
    </message>
    <message>
        <source>Why is it right for this patient? Your reason is kept with it.</source>
        <translation>为何适合该患者？理由将一并保存。</translation>
    </message>
    <message>
        <source>the platform&apos;s data</source>
        <translation>平台数据</translation>
    </message>
    <message>
        <source>Not reviewed by a pharmacist</source>
        <translation>尚未经药师审核</translation>
    </message>
    <message>
        <source>Record what the patient says</source>
        <translation>记录患者所述</translation>
    </message>
</context>
<context>
    <name>Formulary</name>
    <message>
        <source>nobody has recorded allergies</source>
        <translation>尚无人记录过敏史</translation>
    </message>
    <message>
        <source>ask, and record them, or that there are none</source>
        <translation>请询问并记录，或记录“无”</translation>
    </message>
    <message>
        <source>nobody has recorded which medicines the patient takes</source>
        <translation>尚无人记录患者正在使用的药品</translation>
    </message>
    <message>
        <source>whether the quantity lasts cannot be told from its unit</source>
        <translation>按此单位无法判断数量是否够用</translation>
    </message>
    <message>
        <source>make sure that it does</source>
        <translation>请自行核对</translation>
    </message>
    <message>
        <source>send the patient to a visit in person</source>
        <translation>请让患者线下就诊</translation>
    </message>
    <message>
        <source>correct the quantity, or the dose</source>
        <translation>请更正数量或剂量</translation>
    </message>
    <message>
        <source>its substance is not known by a code, and so neither is what it forbids</source>
        <translation>过敏原没有编码，无法得知应避免哪些药品</translation>
    </message>
    <message>
        <source>the dose of a day cannot be told from dose and strength</source>
        <translation>由剂量与规格无法得出日剂量</translation>
    </message>
    <message>
        <source>write the dose in mg, or in what the strength is for</source>
        <translation>请以 mg 或规格所对应的单位填写剂量</translation>
    </message>
    <message>
        <source>the patient takes it already</source>
        <translation>患者已在使用此药</translation>
    </message>
    <message>
        <source>make sure that it goes on in one place alone</source>
        <translation>请确保只从一处继续用药</translation>
    </message>
    <message>
        <source>the same, or one of the same kind, twice</source>
        <translation>同种或同类药品重复</translation>
    </message>
    <message>
        <source>leave one out</source>
        <translation>请去掉其中一种</translation>
    </message>
    <message>
        <source>ask, and record it</source>
        <translation>请询问并记录</translation>
    </message>
    <message>
        <source>write the code and the generic names of one and the same medicine</source>
        <translation>编码与通用名须属同一药品</translation>
    </message>
    <message>
        <source>the data hold no maximum dose of a day</source>
        <translation>数据中没有日剂量上限</translation>
    </message>
    <message>
        <source>look it up elsewhere</source>
        <translation>请另行查证</translation>
    </message>
    <message>
        <source>lower the dose</source>
        <translation>请降低剂量</translation>
    </message>
    <message>
        <source>have it measured, and record it</source>
        <translation>请检测并记录</translation>
    </message>
    <message>
        <source>its code is not known, and so neither is what it does together with others</source>
        <translation>编码不详，与其他药品的相互作用亦不详</translation>
    </message>
    <message>
        <source>the data do not tell what this combination consists of</source>
        <translation>数据未载明此复方的成分</translation>
    </message>
    <message>
        <source>the data do not hold this medicine: its interactions are not known</source>
        <translation>数据中没有此药：相互作用不详</translation>
    </message>
    <message>
        <source>Pregnancy status is not recorded</source>
        <translation>未记录是否妊娠或哺乳</translation>
    </message>
    <message>
        <source>it depends on the kidneys, and their function is not known</source>
        <translation>与肾功能有关，而肾功能不详</translation>
    </message>
    <message>
        <source>the data do not tell from which age it may be given</source>
        <translation>数据中没有适用年龄</translation>
    </message>
    <message>
        <source>give another medicine, or refer to a visit in person</source>
        <translation>请换药，或建议线下就诊</translation>
    </message>
    <message>
        <source>the data hold no maximum dose of a day for a child of this age</source>
        <translation>数据中没有该年龄儿童的每日最大剂量</translation>
    </message>
    <message>
        <source>have the patient weighed, and record it</source>
        <translation>请测量体重并记录</translation>
    </message>
    <message>
        <source>find out what it was, and record its code</source>
        <translation>请查明致敏物质，并记录其编码</translation>
    </message>
    <message>
        <source>allergies are recorded, and what is in this combination is not known</source>
        <translation>患者有过敏史，而该复方的成分不详</translation>
    </message>
    <message>
        <source>prescribe its substances one by one</source>
        <translation>请分别开具单方药品</translation>
    </message>
    <message>
        <source>ask about liver disease, and record it</source>
        <translation>请询问有无肝病并记录</translation>
    </message>
    <message>
        <source>no restriction known</source>
        <translation>来源未见限制</translation>
    </message>
    <message>
        <source>nothing more is asked for</source>
        <translation>无需其他处理</translation>
    </message>
    <message>
        <source>an allergy to this substance</source>
        <translation>对此成分过敏</translation>
    </message>
    <message>
        <source>an allergy to this class</source>
        <translation>对此类药过敏</translation>
    </message>
    <message>
        <source>an allergy to a substance of the same class</source>
        <translation>对同类成分过敏</translation>
    </message>
    <message>
        <source>do not give</source>
        <translation>禁用</translation>
    </message>
    <message>
        <source>do not combine</source>
        <translation>禁止合用</translation>
    </message>
    <message>
        <source>give another class</source>
        <translation>请换用其他类别</translation>
    </message>
    <message>
        <source>the patient&apos;s record</source>
        <translation>患者健康档案</translation>
    </message>
    <message>
        <source>{one} mg a day, at most {two} mg</source>
        <translation>每日 {one} mg，上限 {two} mg</translation>
    </message>
    <message>
        <source>{one} are handed out, {two} are taken</source>
        <translation>发药 {one}，按用法需 {two}</translation>
    </message>
    <message>
        <source>may not be prescribed online: {one}</source>
        <translation>禁止在线开具：{one}</translation>
    </message>
</context>
<context>
    <name>LineForm</name>
    <message>
        <source>Medicine: type a name in Chinese or English</source>
        <translation>药品：输入中文或英文名称</translation>
    </message>
    <message>
        <source>ATC code</source>
        <translation>ATC 编码</translation>
    </message>
    <message>
        <source>Chinese generic name</source>
        <translation>中文通用名</translation>
    </message>
    <message>
        <source>English generic name (INN)</source>
        <translation>英文通用名（INN）</translation>
    </message>
    <message>
        <source>Strength</source>
        <translation>规格</translation>
    </message>
    <message>
        <source>Unit of the strength</source>
        <translation>规格单位</translation>
    </message>
    <message>
        <source>Form</source>
        <translation>剂型</translation>
    </message>
    <message>
        <source>Route</source>
        <translation>给药途径</translation>
    </message>
    <message>
        <source>Dose</source>
        <translation>剂量</translation>
    </message>
    <message>
        <source>Unit of the dose</source>
        <translation>剂量单位</translation>
    </message>
    <message>
        <source>Frequency</source>
        <translation>频次</translation>
    </message>
    <message>
        <source>What the frequency counts</source>
        <translation>频次方式</translation>
    </message>
    <message>
        <source>Days</source>
        <translation>天数</translation>
    </message>
    <message>
        <source>Quantity</source>
        <translation>数量</translation>
    </message>
    <message>
        <source>Unit of the quantity</source>
        <translation>数量单位</translation>
    </message>
    <message>
        <source>Repeats</source>
        <translation>续配次数</translation>
    </message>
    <message>
        <source>Instructions</source>
        <translation>用药说明</translation>
    </message>
    <message>
        <source>How to take it, in words the patient reads</source>
        <translation>用法说明，患者可见</translation>
    </message>
    <message>
        <source>Medicine</source>
        <translation>药品</translation>
    </message>
    <message>
        <source>Chinese name</source>
        <translation>中文名</translation>
    </message>
    <message>
        <source>English name (INN)</source>
        <translation>英文名（INN）</translation>
    </message>
    <message>
        <source>One dose</source>
        <translation>单次剂量</translation>
    </message>
    <message>
        <source>How often</source>
        <translation>用药频次</translation>
    </message>
    <message>
        <source>Quantity dispensed</source>
        <translation>每次发药量</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Remove this medicine (Ctrl+Backspace)</source>
        <translation>移除此药品 (Ctrl+Backspace)</translation>
    </message>
    <message>
        <source>Medicine {number}</source>
        <translation>药品 {number}</translation>
    </message>
    <message>
        <source>The quantity cannot be computed from these units: write it.</source>
        <translation>按这些单位无法计算数量，请填写。</translation>
    </message>
    <message>
        <source>Computed: {quantity}</source>
        <translation>计算所得：{quantity}</translation>
    </message>
    <message>
        <source>Computed would be {quantity}</source>
        <translation>按用法计算应为 {quantity}</translation>
    </message>
</context>
<context>
    <name>MedicineField</name>
    <message>
        <source>Medicines found</source>
        <translation>查到的药品</translation>
    </message>
    <message>
        <source>Searching…</source>
        <translation>正在查找…</translation>
    </message>
    <message>
        <source>The catalogue does not answer. Enter it by hand.</source>
        <translation>药品目录无响应，请手工填写。</translation>
    </message>
    <message>
        <source>Nothing found. To enter it by hand: ↓, then Enter</source>
        <translation>没有找到。要手工填写，请按 ↓ 再按回车</translation>
    </message>
    <message>
        <source>Search by name, brand or substance, in Chinese or English, or by ATC group</source>
        <translation>可按药名、商品名或成分（中文或英文）以及 ATC 分组查找</translation>
    </message>
    <message>
        <source>Not listed: enter it by hand</source>
        <translation>其他药品：手工填写</translation>
    </message>
    <message>
        <source>code and names</source>
        <translation>编码与名称</translation>
    </message>
</context>
<context>
    <name>Past</name>
    <message>
        <source>Loading…</source>
        <translation>正在加载…</translation>
    </message>
    <message>
        <source>Nothing was prescribed in this consultation.</source>
        <translation>本次问诊尚未开具处方。</translation>
    </message>
</context>
<context>
    <name>PastPrescription</name>
    <message>
        <source>Reason to revoke it</source>
        <translation>撤销处方的理由</translation>
    </message>
    <message>
        <source>Why? The patient reads it</source>
        <translation>撤销理由，患者可见</translation>
    </message>
    <message>
        <source>Revise</source>
        <translation>修订</translation>
    </message>
    <message>
        <source>Revoke</source>
        <translation>撤销处方</translation>
    </message>
    <message>
        <source>Finish or discard what is being written first</source>
        <translation>请先完成或放弃正在书写的处方</translation>
    </message>
</context>
<context>
    <name>PrescriptionView</name>
    <message>
        <source>Prescription</source>
        <translation>处方</translation>
    </message>
    <message>
        <source>Add a medicine</source>
        <translation>添加药品</translation>
    </message>
    <message>
        <source>Undo removal</source>
        <translation>恢复移除的药品</translation>
    </message>
    <message>
        <source>Write</source>
        <translation>开方</translation>
    </message>
    <message>
        <source>Prescribe one more medicine</source>
        <translation>再开一种药</translation>
    </message>
    <message>
        <source>Remove the medicine</source>
        <translation>移除此药</translation>
    </message>
    <message>
        <source>Put the removed medicine back</source>
        <translation>恢复移除的药</translation>
    </message>
    <message>
        <source>Fill in the patient&apos;s record</source>
        <translation>填写患者健康档案</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>刷新</translation>
    </message>
    <message>
        <source>What is being written, or what was prescribed before</source>
        <translation>切换：正在开的处方或以往处方</translation>
    </message>
    <message>
        <source>Sign the prescription</source>
        <translation>签署处方</translation>
    </message>
    <message>
        <source>{age} years</source>
        <translation>{age} 岁</translation>
    </message>
    <message>
        <source>age unknown</source>
        <translation>年龄不详</translation>
    </message>
    <message>
        <source>Revision</source>
        <translation>修订处方</translation>
    </message>
    <message>
        <source>Issued ({count})</source>
        <translation>已开具（{count}）</translation>
    </message>
</context>
<context>
    <name>RecordCard</name>
    <message>
        <source>Record…</source>
        <translation>记录…</translation>
    </message>
    <message>
        <source>Record what the patient says (Ctrl+R)</source>
        <translation>记录患者所述 (Ctrl+R)</translation>
    </message>
    <message>
        <source>An allergy</source>
        <translation>过敏</translation>
    </message>
    <message>
        <source>Name, then Enter</source>
        <translation>输入名称后按 Enter</translation>
    </message>
    <message>
        <source>A medicine</source>
        <translation>在用药品</translation>
    </message>
    <message>
        <source>eGFR measured today</source>
        <translation>今日测得的 eGFR</translation>
    </message>
    <message>
        <source>Pregnancy</source>
        <translation>妊娠状态</translation>
    </message>
    <message>
        <source>choose…</source>
        <translation>请选择…</translation>
    </message>
    <message>
        <source>Asked: none</source>
        <translation>已询问：无</translation>
    </message>
    <message>
        <source>Asked: no allergies</source>
        <translation>已询问：无过敏</translation>
    </message>
    <message>
        <source>Asked: takes no medicines</source>
        <translation>已询问：未用药</translation>
    </message>
    <message>
        <source>Allergies</source>
        <translation>过敏史</translation>
    </message>
    <message>
        <source>Current medicines</source>
        <translation>正在用药</translation>
    </message>
    <message>
        <source>eGFR today, then Enter</source>
        <translation>今日 eGFR，按 Enter 记录</translation>
    </message>
    <message>
        <source>Pregnancy as of today</source>
        <translation>今日妊娠状态</translation>
    </message>
    <message>
        <source>Patient record</source>
        <translation>患者情况</translation>
    </message>
    <message>
        <source>Kidneys</source>
        <translation>肾功能</translation>
    </message>
    <message>
        <source>Unknown: never asked</source>
        <translation>未知：从未询问</translation>
    </message>
    <message>
        <source>Not known yet</source>
        <translation>尚未读取</translation>
    </message>
    <message>
        <source>{told}: too old to count</source>
        <translation>{told}：已过时，不作数</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>eGFR {value} mL/min/1.73 m² on {date}</source>
        <translation>eGFR {value} mL/min/1.73 m²（{date}）</translation>
    </message>
    <message>
        <source>{state}, as of {date}</source>
        <translation>{state}（{date}）</translation>
    </message>
    <message>
        <source>Not possible</source>
        <translation>不可能妊娠</translation>
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
    <name>Rx</name>
    <message>
        <source>tab</source>
        <translation>片</translation>
    </message>
    <message>
        <source>cap</source>
        <translation>粒</translation>
    </message>
    <message>
        <source>sachet</source>
        <translation>袋</translation>
    </message>
    <message>
        <source>drop</source>
        <translation>滴</translation>
    </message>
    <message>
        <source>puff</source>
        <translation>揿</translation>
    </message>
    <message>
        <source>patch</source>
        <translation>贴</translation>
    </message>
    <message>
        <source>suppository</source>
        <translation>枚</translation>
    </message>
    <message>
        <source>application</source>
        <translation>次涂敷</translation>
    </message>
    <message>
        <source>pen</source>
        <translation>支（笔）</translation>
    </message>
    <message>
        <source>cartridge</source>
        <translation>支（笔芯）</translation>
    </message>
    <message>
        <source>vial</source>
        <translation>瓶（注射）</translation>
    </message>
    <message>
        <source>bottle</source>
        <translation>瓶</translation>
    </message>
    <message>
        <source>tube</source>
        <translation>支（软膏）</translation>
    </message>
    <message>
        <source>box</source>
        <translation>盒</translation>
    </message>
    <message>
        <source>Tablet</source>
        <translation>片剂</translation>
    </message>
    <message>
        <source>Slow-release tablet</source>
        <translation>缓释片</translation>
    </message>
    <message>
        <source>Capsule</source>
        <translation>胶囊</translation>
    </message>
    <message>
        <source>Granules</source>
        <translation>颗粒剂</translation>
    </message>
    <message>
        <source>Oral liquid</source>
        <translation>口服液体</translation>
    </message>
    <message>
        <source>Injection</source>
        <translation>注射剂</translation>
    </message>
    <message>
        <source>Inhalation</source>
        <translation>吸入剂</translation>
    </message>
    <message>
        <source>Drops or spray</source>
        <translation>滴剂或喷雾</translation>
    </message>
    <message>
        <source>Cream or gel</source>
        <translation>乳膏或凝胶</translation>
    </message>
    <message>
        <source>Patch</source>
        <translation>贴剂</translation>
    </message>
    <message>
        <source>Suppository</source>
        <translation>栓剂</translation>
    </message>
    <message>
        <source>By mouth</source>
        <translation>口服</translation>
    </message>
    <message>
        <source>Under the tongue</source>
        <translation>舌下</translation>
    </message>
    <message>
        <source>Under the skin</source>
        <translation>皮下注射</translation>
    </message>
    <message>
        <source>Into a muscle</source>
        <translation>肌内注射</translation>
    </message>
    <message>
        <source>Into a vein</source>
        <translation>静脉注射</translation>
    </message>
    <message>
        <source>Inhaled</source>
        <translation>吸入</translation>
    </message>
    <message>
        <source>On the skin</source>
        <translation>外用</translation>
    </message>
    <message>
        <source>Into the eye</source>
        <translation>滴眼</translation>
    </message>
    <message>
        <source>Into the ear</source>
        <translation>滴耳</translation>
    </message>
    <message>
        <source>Into the nose</source>
        <translation>鼻用</translation>
    </message>
    <message>
        <source>Into the rectum</source>
        <translation>直肠给药</translation>
    </message>
    <message>
        <source>Into the vagina</source>
        <translation>阴道给药</translation>
    </message>
    <message>
        <source>× a day</source>
        <translation>次/日</translation>
    </message>
    <message>
        <source>hours between</source>
        <translation>小时一次</translation>
    </message>
    <message>
        <source>× a day at most, if needed</source>
        <translation>次/日（必要时，上限）</translation>
    </message>
    <message>
        <source>Minor</source>
        <translation>轻微</translation>
    </message>
    <message>
        <source>Moderate</source>
        <translation>中度</translation>
    </message>
    <message>
        <source>Major</source>
        <translation>严重</translation>
    </message>
    <message>
        <source>Contraindicated</source>
        <translation>禁忌</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>not allowed online</source>
        <translation>禁止网售</translation>
    </message>
    <message>
        <source>medicine</source>
        <translation>药品</translation>
    </message>
    <message>
        <source>interaction</source>
        <translation>相互作用</translation>
    </message>
    <message>
        <source>duplicate</source>
        <translation>重复用药</translation>
    </message>
    <message>
        <source>allergy</source>
        <translation>过敏</translation>
    </message>
    <message>
        <source>daily dose</source>
        <translation>日剂量</translation>
    </message>
    <message>
        <source>kidneys</source>
        <translation>肾功能</translation>
    </message>
    <message>
        <source>pregnancy</source>
        <translation>妊娠</translation>
    </message>
    <message>
        <source>age</source>
        <translation>年龄</translation>
    </message>
    <message>
        <source>quantity</source>
        <translation>数量</translation>
    </message>
    <message>
        <source>liver</source>
        <translation>肝功能</translation>
    </message>
    <message>
        <source>for information</source>
        <translation>供参考</translation>
    </message>
    <message>
        <source>needs a reason</source>
        <translation>须写明理由</translation>
    </message>
    <message>
        <source>not allowed</source>
        <translation>不允许</translation>
    </message>
    <message>
        <source>Required</source>
        <translation>待填写</translation>
    </message>
    <message>
        <source>A number above 0, up to 3 decimals</source>
        <translation>须为大于 0 的数，至多 3 位小数</translation>
    </message>
    <message>
        <source>Out of range</source>
        <translation>超出范围</translation>
    </message>
    <message>
        <source>Not a valid code</source>
        <translation>编码无效</translation>
    </message>
    <message>
        <source>With repeats at most 84 days</source>
        <translation>连同续配至多 84 天</translation>
    </message>
    <message>
        <source>Needed for more than 7 days</source>
        <translation>超过 7 天须填写</translation>
    </message>
    <message>
        <source>Issued, not dispensed yet</source>
        <translation>已开具，未发药</translation>
    </message>
    <message>
        <source>Replaced by a newer revision</source>
        <translation>已被新修订取代</translation>
    </message>
    <message>
        <source>Revoked</source>
        <translation>已撤销</translation>
    </message>
    <message>
        <source>Expired</source>
        <translation>已失效</translation>
    </message>
    <message>
        <source>Dispensed</source>
        <translation>已发药</translation>
    </message>
    <message>
        <source>Dispensed, repeats left</source>
        <translation>已发药，可续配</translation>
    </message>
    <message>
        <source>Rejected by a pharmacist</source>
        <translation>药师审核未通过</translation>
    </message>
    <message>
        <source>You have not decided that the law allows prescribing here. Decide on eligibility first.</source>
        <translation>尚未判定本次问诊可否依法开方，请先作出复诊资格判定。</translation>
    </message>
    <message>
        <source>The patient&apos;s age is not known, and without it nothing may be prescribed.</source>
        <translation>患者年龄不详，不能开具处方。</translation>
    </message>
    <message>
        <source>Under six years a guardian has to be present. Note it with the eligibility.</source>
        <translation>六岁以下须有监护人陪同，请在资格判定中注明。</translation>
    </message>
    <message>
        <source>The consultation does not go on, or the prescription is no longer valid.</source>
        <translation>问诊已结束，或处方已失效。</translation>
    </message>
    <message>
        <source>The law does not allow this medicine online. Send the patient to a visit in person.</source>
        <translation>法规不允许在线开具此药，请让患者线下就诊。</translation>
    </message>
    <message>
        <source>The safety check does not allow it. It was not issued.</source>
        <translation>安全审查未通过，处方未开具。</translation>
    </message>
    <message>
        <source>It was not issued: enter a new code from your authenticator.</source>
        <translation>处方未开具：请输入验证器上的新动态码。</translation>
    </message>
    <message>
        <source>What was to be signed is not what you wrote. Nothing was issued. Tell your administrator.</source>
        <translation>待签内容与您书写的不一致，处方未开具。请告知管理员。</translation>
    </message>
    <message>
        <source>Wrong or used code. Wait for the next one.</source>
        <translation>动态码错误或已使用，请等下一个。</translation>
    </message>
    <message>
        <source>Your licence is not valid today.</source>
        <translation>您的执业证今日无效。</translation>
    </message>
    <message>
        <source>Prescribing online takes three years of practice.</source>
        <translation>在线开方须执业满三年。</translation>
    </message>
    <message>
        <source>What is known of the patient has changed. It was checked again: look, then sign.</source>
        <translation>患者情况已有变化，已重新审查：请查看后再签名。</translation>
    </message>
    <message>
        <source>Too many words for one prescription.</source>
        <translation>一张处方容不下这么多文字。</translation>
    </message>
    <message>
        <source>A field is not valid.</source>
        <translation>有字段不符合要求。</translation>
    </message>
    <message>
        <source>{dose} {route}, {count} {often}, for {days} days</source>
        <translation>每次 {dose}，{route}，{count} {often}，共 {days} 天</translation>
    </message>
    <message>
        <source>Hand out {quantity}, no repeat</source>
        <translation>发药 {quantity}，不续配</translation>
    </message>
    <message>
        <source>Hand out {quantity}, up to {count} × again</source>
        <translation>每次发药 {quantity}，可续配 {count} 次</translation>
    </message>
    <message>
        <source>No. {number} · revision {revision}</source>
        <translation>编号 {number} · 第 {revision} 版</translation>
    </message>
</context>
<context>
    <name>Sheet</name>
    <message>
        <source>The content does not match its signature. Do not act on it.</source>
        <translation>内容与签名不符，任何人不得据此执行。</translation>
    </message>
    <message>
        <source>Rejected by a pharmacist on {time}: {reason}</source>
        <translation>药师于 {time} 审核未通过：{reason}</translation>
    </message>
    <message>
        <source>Revoked on {time}: {reason}</source>
        <translation>{time} 撤销：{reason}</translation>
    </message>
    <message>
        <source>Prescription</source>
        <translation>处方</translation>
    </message>
    <message>
        <source>{name}, {age} years</source>
        <translation>{name}，{age} 岁</translation>
    </message>
    <message>
        <source>Patient</source>
        <translation>患者</translation>
    </message>
    <message>
        <source>Diagnoses</source>
        <translation>诊断</translation>
    </message>
    <message>
        <source>Reason for more than 7 days</source>
        <translation>超过 7 天的理由</translation>
    </message>
    <message>
        <source>Accepted risk, with reason</source>
        <translation>已知风险，仍予开具</translation>
    </message>
    <message>
        <source>Signed by</source>
        <translation>签名医师</translation>
    </message>
    <message>
        <source>Issued</source>
        <translation>开具时间</translation>
    </message>
    <message>
        <source>Valid until</source>
        <translation>有效期至</translation>
    </message>
    <message>
        <source>Signature</source>
        <translation>电子签名</translation>
    </message>
</context>
<context>
    <name>SignBar</name>
    <message>
        <source>State of the safety check</source>
        <translation>安全审查状态</translation>
    </message>
    <message>
        <source>Code of your authenticator</source>
        <translation>验证器动态码</translation>
    </message>
    <message>
        <source>6-digit code</source>
        <translation>6 位动态码</translation>
    </message>
    <message>
        <source>Discard…</source>
        <translation>放弃…</translation>
    </message>
    <message>
        <source>Discard it all</source>
        <translation>确认全部放弃</translation>
    </message>
    <message>
        <source>The answer was lost: nobody knows whether it was issued. Sign again to ask: the same request is repeated, and nothing is issued twice.</source>
        <translation>应答丢失，不知处方是否已开具。再次询问会重发同一请求，绝不会重复开具。</translation>
    </message>
    <message>
        <source>Signing…</source>
        <translation>正在签名…</translation>
    </message>
    <message>
        <source>Ask again</source>
        <translation>再次询问</translation>
    </message>
    <message>
        <source>Sign revision</source>
        <translation>签名修订</translation>
    </message>
    <message>
        <source>Sign</source>
        <translation>签名</translation>
    </message>
    <message>
        <source>Waiting for an answer to what was signed</source>
        <translation>等待已签名处方的应答</translation>
    </message>
    <message>
        <source>Not checked: {count} to complete</source>
        <translation>未审查：还有 {count} 项待填写</translation>
    </message>
    <message>
        <source>Not checked yet: checking…</source>
        <translation>尚未审查：正在审查…</translation>
    </message>
    <message>
        <source>Not checked: the safety check does not answer. It cannot be signed. Asking again every 5 s.</source>
        <translation>未审查：安全审查无响应，不能签名。每 5 秒自动重试。</translation>
    </message>
    <message>
        <source>Not checked. {why}</source>
        <translation>未审查。{why}</translation>
    </message>
    <message>
        <source>Checked: it cannot be signed</source>
        <translation>已审查：不能就此签名</translation>
    </message>
    <message>
        <source>Checked: a finding needs your reason</source>
        <translation>已审查：有问题须写明理由</translation>
    </message>
    <message>
        <source>Checked: read what was found, then sign</source>
        <translation>已审查：请阅读审查结果后签名</translation>
    </message>
    <message>
        <source>Checked: nothing found in the data. This is not proof of safety.</source>
        <translation>已审查：现有数据未见问题，但不等于确证安全。</translation>
    </message>
</context>
<context>
    <name>_Row</name>
    <message>
        <source>ICD-10 code</source>
        <translation>ICD-10 编码</translation>
    </message>
    <message>
        <source>Diagnosis in words</source>
        <translation>诊断描述</translation>
    </message>
    <message>
        <source>In words</source>
        <translation>文字描述</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Diagnosis (ICD-10)</source>
        <translation>诊断（ICD-10）</translation>
    </message>
</context>
</TS>
