<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>AlarmBar</name>
    <message>
        <source>Acknowledge the most urgent alert</source>
        <translation>接手最紧急的警报</translation>
    </message>
    <message>
        <source>Open the most urgent alert&apos;s patient</source>
        <translation>打开最紧急警报的患者</translation>
    </message>
    <message>
        <source>Acknowledge</source>
        <translation>接手</translation>
    </message>
    <message>
        <source>Open {name}</source>
        <translation>打开 {name}</translation>
    </message>
    <message>
        <source>and {count} more</source>
        <translation>另有 {count} 条</translation>
    </message>
    <message>
        <source>Not sent yet</source>
        <translation>尚未送达</translation>
    </message>
</context>
<context>
    <name>AlertDetail</name>
    <message>
        <source>Acknowledge</source>
        <translation>接手</translation>
    </message>
    <message>
        <source>Acknowledge (A)</source>
        <translation>接手（A）</translation>
    </message>
    <message>
        <source>Snooze</source>
        <translation>暂缓提醒</translation>
    </message>
    <message>
        <source>Snooze (S)</source>
        <translation>暂缓提醒（S）</translation>
    </message>
    <message>
        <source>End snooze</source>
        <translation>恢复提醒</translation>
    </message>
    <message>
        <source>End snooze (U)</source>
        <translation>恢复提醒（U）</translation>
    </message>
    <message>
        <source>Open patient</source>
        <translation>打开患者</translation>
    </message>
    <message>
        <source>Open patient (Enter)</source>
        <translation>打开患者（回车）</translation>
    </message>
    <message>
        <source>Snooze for</source>
        <translation>暂缓提醒时长</translation>
    </message>
    <message>
        <source>&amp;{key}   {minutes} minutes</source>
        <translation>&amp;{key}   {minutes} 分钟</translation>
    </message>
    <message>
        <source>Measured at {time}</source>
        <translation>测量于 {time}</translation>
    </message>
    <message>
        <source>Last reading at {time}</source>
        <translation>最后一次读数 {time}</translation>
    </message>
</context>
<context>
    <name>AlertRow</name>
    <message>
        <source>Resolved in the last hours</source>
        <translation>近几小时已解除</translation>
    </message>
</context>
<context>
    <name>AlertRowsView</name>
    <message>
        <source>Alerts</source>
        <translation>警报</translation>
    </message>
</context>
<context>
    <name>Alerts</name>
    <message>
        <source>You</source>
        <translation>您</translation>
    </message>
    <message>
        <source>The patient</source>
        <translation>患者</translation>
    </message>
    <message>
        <source>Family</source>
        <translation>家属</translation>
    </message>
    <message>
        <source>The clinic</source>
        <translation>诊所</translation>
    </message>
    <message>
        <source>Somebody</source>
        <translation>其他人</translation>
    </message>
    <message>
        <source>Acknowledged by you at {time}</source>
        <translation>您已于 {time} 接手</translation>
    </message>
    <message>
        <source>Acknowledged by the patient at {time}</source>
        <translation>患者已于 {time} 处理</translation>
    </message>
    <message>
        <source>Acknowledged by family at {time}</source>
        <translation>家属已于 {time} 接手</translation>
    </message>
    <message>
        <source>Acknowledged by the clinic at {time}</source>
        <translation>诊所已于 {time} 接手</translation>
    </message>
    <message>
        <source>Acknowledged by somebody else at {time}</source>
        <translation>已有人于 {time} 接手</translation>
    </message>
    <message>
        <source>Escalates to the family in {left}</source>
        <translation>{left} 后转告家属</translation>
    </message>
    <message>
        <source>Escalates to the clinic in {left}</source>
        <translation>{left} 后转告诊所</translation>
    </message>
    <message>
        <source>Escalating to the family now</source>
        <translation>正在转告家属</translation>
    </message>
    <message>
        <source>Escalating to the clinic now</source>
        <translation>正在转告诊所</translation>
    </message>
    <message>
        <source>Was due to escalate to the family at {time}</source>
        <translation>原定 {time} 转告家属</translation>
    </message>
    <message>
        <source>Was due to escalate to the clinic at {time}</source>
        <translation>原定 {time} 转告诊所</translation>
    </message>
    <message>
        <source>Recovered</source>
        <translation>已恢复</translation>
    </message>
    <message>
        <source>The reading was corrected</source>
        <translation>读数已更正</translation>
    </message>
    <message>
        <source>A more urgent alert took its place</source>
        <translation>已由更紧急的警报取代</translation>
    </message>
    <message>
        <source>The rule was changed</source>
        <translation>警报规则已更改</translation>
    </message>
    <message>
        <source>Its readings are too old</source>
        <translation>读数过旧，已无意义</translation>
    </message>
    <message>
        <source>at {time}</source>
        <translation>{time} 测得</translation>
    </message>
    <message>
        <source>{when} · raised at {value}</source>
        <translation>{when} · 报警时 {value}</translation>
    </message>
    <message>
        <source>since {time} · {age}</source>
        <translation>自 {time} · {age}</translation>
    </message>
    <message>
        <source>New lows do not appear here.</source>
        <translation>新的低血糖不会显示在这里。</translation>
    </message>
    <message>
        <source>Alerts have stopped since {time}</source>
        <translation>{time} 起警报已停止</translation>
    </message>
    <message>
        <source>New lows raise no alert. Look at your patients yourself.</source>
        <translation>新的低血糖不会报警，请自行查看患者。</translation>
    </message>
    <message>
        <source>No connection</source>
        <translation>没有连接</translation>
    </message>
    <message>
        <source>Not live since {time} ({age})</source>
        <translation>{time} 起已断开（{age}）</translation>
    </message>
    <message>
        <source>No urgent alert is waiting</source>
        <translation>没有待处理的紧急警报</translation>
    </message>
    <message>
        <source>Catching up. Whether an alert is waiting is not known yet.</source>
        <translation>正在同步，尚不知道有无待处理的警报。</translation>
    </message>
    <message>
        <source>{how} at {time}</source>
        <translation>{time} {how}</translation>
    </message>
    <message>
        <source>Acknowledged by you · not sent yet</source>
        <translation>您已接手 · 尚未送达</translation>
    </message>
    <message>
        <source>Not acknowledged · silenced for you until {time}</source>
        <translation>无人接手 · 对您静音至 {time}</translation>
    </message>
    <message>
        <source>Not acknowledged</source>
        <translation>无人接手</translation>
    </message>
    <message>
        <source>Escalates in {left}</source>
        <translation>{left} 后转告他人</translation>
    </message>
    <message>
        <source>Escalating now</source>
        <translation>正在转告他人</translation>
    </message>
    <message>
        <source>Was due to escalate at {time}</source>
        <translation>原定 {time} 转告他人</translation>
    </message>
    <message>
        <source>Resolved</source>
        <translation>已解除</translation>
    </message>
    <message>
        <source>notified {time}</source>
        <translation>{time} 通知</translation>
    </message>
    <message>
        <source>delivered {time}</source>
        <translation>{time} 送达设备</translation>
    </message>
    <message>
        <source>seen {time}</source>
        <translation>{time} 已查看</translation>
    </message>
    <message>
        <source>acknowledged {time}</source>
        <translation>{time} 已接手</translation>
    </message>
    <message>
        <source>Not notified yet</source>
        <translation>尚未通知</translation>
    </message>
    <message>
        <source>notified {count} times, last at {time}</source>
        <translation>已通知 {count} 次，最近 {time}</translation>
    </message>
    <message>
        <source>their devices could not be reached</source>
        <translation>无法送达其设备</translation>
    </message>
    <message>
        <source>silenced until {time}</source>
        <translation>静音至 {time}</translation>
    </message>
</context>
<context>
    <name>AlertsPanel</name>
    <message>
        <source>No alert needs you now</source>
        <translation>目前无需处理</translation>
    </message>
    <message>
        <source>Alerts</source>
        <translation>警报</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Urgent</source>
        <translation>紧急</translation>
    </message>
    <message>
        <source>Acknowledged by you</source>
        <translation>与您有关</translation>
    </message>
    <message>
        <source>J K move · A acknowledge · S snooze · U end snooze · Enter open patient · 1 to 4 choose</source>
        <translation>J K 移动 · A 接手 · S 暂缓提醒 · U 恢复提醒 · 回车 打开患者 · 1 至 4 筛选</translation>
    </message>
    <message>
        <source>Not acknowledged</source>
        <translation>无人接手</translation>
    </message>
    <message>
        <source>Show all alerts, or some</source>
        <translation>显示全部或部分警报</translation>
    </message>
    <message>
        <source>The next alert</source>
        <translation>下一条警报</translation>
    </message>
    <message>
        <source>The previous alert</source>
        <translation>上一条警报</translation>
    </message>
    <message>
        <source>Acknowledge the alert</source>
        <translation>接手警报</translation>
    </message>
    <message>
        <source>Snooze the alert</source>
        <translation>暂缓警报</translation>
    </message>
    <message>
        <source>End the snooze</source>
        <translation>结束暂缓</translation>
    </message>
    <message>
        <source>Open the alert&apos;s patient</source>
        <translation>打开警报所属患者</translation>
    </message>
    <message>
        <source>{active} active · {count} not acknowledged</source>
        <translation>{active} 条警报 · {count} 条无人接手</translation>
    </message>
    <message>
        <source>This computer cannot play sound</source>
        <translation>本机无声音</translation>
    </message>
    <message>
        <source>Audio libraries or an output device are missing. Only the system&apos;s beep is available.</source>
        <translation>缺少音频库或输出设备，只能使用系统提示音。</translation>
    </message>
    <message>
        <source>Sound is off, except for urgent lows</source>
        <translation>声音已关闭（紧急低血糖除外）</translation>
    </message>
    <message>
        <source>It is not known whether an alert needs you</source>
        <translation>目前无法得知是否有人需要您</translation>
    </message>
    <message>
        <source>Up to date as of {time}</source>
        <translation>信息截至 {time}</translation>
    </message>
    <message>
        <source>Nothing is known yet</source>
        <translation>尚无信息</translation>
    </message>
    <message>
        <source>Not live: the list is as of {time}</source>
        <translation>未实时更新：所示为 {time} 的情况</translation>
    </message>
    <message>
        <source>Not live: nothing is known yet</source>
        <translation>未实时更新：尚无信息</translation>
    </message>
</context>
<context>
    <name>Arrow</name>
    <message>
        <source>{rate} mg/dL a minute</source>
        <translation>每分钟 {rate} mg/dL</translation>
    </message>
</context>
<context>
    <name>SuppliesCard</name>
    <message>
        <source>Medicine: {count}</source>
        <translation>用药：{count}</translation>
    </message>
    <message>
        <source>Seen</source>
        <translation>已知</translation>
    </message>
    <message>
        <source>Seen: </source>
        <translation>已知：</translation>
    </message>
    <message>
        <source>{patient}: {medicine} has run out, {day}</source>
        <translation>{patient}：{medicine} 已用完，{day}</translation>
    </message>
    <message>
        <source>{patient}: fewer doses of {medicine} were logged than are prescribed, {day}</source>
        <translation>{patient}：{medicine} 的记录用量少于处方，{day}</translation>
    </message>
</context>
</TS>
