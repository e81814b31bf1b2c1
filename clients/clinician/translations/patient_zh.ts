<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>BandGoals</name>
    <message>
        <source>{bands}: {percent} %</source>
        <translation>{bands}：{percent}%</translation>
    </message>
    <message>
        <source>Goal below {percent} %</source>
        <translation>目标低于 {percent}%</translation>
    </message>
    <message>
        <source>Goal above {percent} %</source>
        <translation>目标高于 {percent}%</translation>
    </message>
</context>
<context>
    <name>Canvas</name>
    <message>
        <source>Glucose is not shared with you</source>
        <translation>患者未向您共享血糖数据</translation>
    </message>
    <message>
        <source>No readings in this time. The newest one: {reading}</source>
        <translation>此时段内无读数。最新读数：{reading}</translation>
    </message>
    <message>
        <source>No readings yet</source>
        <translation>尚无读数</translation>
    </message>
    <message>
        <source>Not loaded</source>
        <translation>未加载</translation>
    </message>
    <message>
        <source>Loading …</source>
        <translation>正在加载…</translation>
    </message>
</context>
<context>
    <name>ChartTab</name>
    <message>
        <source>Point at the chart to read it. Keys 1 to 9: range. Home: back to now.</source>
        <translation>将指针移到图上查看读数。数字键 1–9：选择时间范围；Home：回到现在。</translation>
    </message>
    <message>
        <source>Back to now</source>
        <translation>回到现在</translation>
    </message>
    <message>
        <source>Home or End</source>
        <translation>Home 或 End</translation>
    </message>
    <message>
        <source>Key {key}</source>
        <translation>按键 {key}</translation>
    </message>
    <message>
        <source>Show the last {range}</source>
        <translation>显示最近 {range}</translation>
    </message>
    <message>
        <source>The patient&apos;s diary is not shared with you</source>
        <translation>患者未向您共享日志</translation>
    </message>
    <message>
        <source>The patient decides who sees readings, meals and doses, and can open them at any time.</source>
        <translation>读数、饮食和用药由患者决定向谁开放，患者可随时开放。</translation>
    </message>
    <message>
        <source>How far back the chart shows</source>
        <translation>图表显示的时长</translation>
    </message>
    <message>
        <source>The chart back to now</source>
        <translation>图表回到现在</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>缩小</translation>
    </message>
    <message>
        <source>Earlier</source>
        <translation>更早</translation>
    </message>
    <message>
        <source>Later</source>
        <translation>更晚</translation>
    </message>
    <message>
        <source>The previous reading</source>
        <translation>上一个读数</translation>
    </message>
    <message>
        <source>The next reading</source>
        <translation>下一个读数</translation>
    </message>
    <message>
        <source>Chart</source>
        <translation>图表</translation>
    </message>
    <message>
        <source>The platform does not answer. Trying again …</source>
        <translation>平台无响应，正在重试…</translation>
    </message>
    <message>
        <source>Loading …</source>
        <translation>正在加载…</translation>
    </message>
    <message>
        <source>Loading … back to {since}, {count} readings</source>
        <translation>正在加载…已到 {since}，{count} 个读数</translation>
    </message>
    <message>
        <source>The newest {count} readings, since {since}. Older ones are not loaded.</source>
        <translation>最新 {count} 个读数，自 {since} 起；更早的未加载。</translation>
    </message>
    <message>
        <source>Shared with you from {since} on</source>
        <translation>自 {since} 起向您共享</translation>
    </message>
    <message>
        <source>Loaded since {since}, {count} readings</source>
        <translation>已加载自 {since} 起的 {count} 个读数</translation>
    </message>
    <message>
        <source>{count} h</source>
        <translation>{count} 小时</translation>
    </message>
    <message>
        <source>{count} d</source>
        <translation>{count} 天</translation>
    </message>
</context>
<context>
    <name>DayPicture</name>
    <message>
        <source>No readings</source>
        <translation>无读数</translation>
    </message>
    <message>
        <source>In range {percent} % · mean {mean}</source>
        <translation>范围内 {percent}% · 平均 {mean}</translation>
    </message>
    <message>
        <source>Lowest {low}, highest {high} {unit}, {percent} % of the expected readings</source>
        <translation>最低 {low}，最高 {high} {unit}，占应有读数的 {percent}%</translation>
    </message>
    <message>
        <source>Drag the day into a conversation</source>
        <translation>可将这一天拖入对话</translation>
    </message>
</context>
<context>
    <name>FiguresBar</name>
    <message>
        <source>{count} days</source>
        <translation>{count} 天</translation>
    </message>
    <message>
        <source>Key {key}</source>
        <translation>按键 {key}</translation>
    </message>
    <message>
        <source>Targets</source>
        <translation>控制目标</translation>
    </message>
    <message>
        <source>Adult</source>
        <translation>成人</translation>
    </message>
    <message>
        <source>Under 18 (ISPAD 2022)</source>
        <translation>18 岁以下（ISPAD 2022）</translation>
    </message>
    <message>
        <source>Older, high risk</source>
        <translation>老年、高风险</translation>
    </message>
    <message>
        <source>Pregnancy, type 1</source>
        <translation>妊娠期 1 型</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>刷新</translation>
    </message>
    <message>
        <source>Figures of the last days</source>
        <translation>统计天数</translation>
    </message>
    <message>
        <source>Loading …</source>
        <translation>正在加载…</translation>
    </message>
    <message>
        <source>As of {time} ({age})</source>
        <translation>截至 {time}（{age}）</translation>
    </message>
    <message>
        <source>{days} days with readings, {percent} % of the expected readings</source>
        <translation>{days} 天有读数，占应有读数的 {percent}%</translation>
    </message>
    <message>
        <source>Enough data: {active}.</source>
        <translation>数据充足：{active}。</translation>
    </message>
    <message>
        <source>Fingersticks alone: shares of moments, not of time. Read with care.</source>
        <translation>仅有指尖血糖：所示为测量次数的比例，而非时间的比例，请谨慎解读。</translation>
    </message>
    <message>
        <source>Not enough data to rely on: {active}; 70 % of the last 14 days is needed.</source>
        <translation>数据不足以作为依据：{active}；需达到最近 14 天应有读数的 70%。</translation>
    </message>
    <message>
        <source>A single reading: nothing can be told from it.</source>
        <translation>仅有一个读数，无法得出结论。</translation>
    </message>
    <message>
        <source>No readings in these days.</source>
        <translation>这些天没有读数。</translation>
    </message>
</context>
<context>
    <name>FiguresPage</name>
    <message>
        <source>The patient&apos;s reports are not shared with you</source>
        <translation>患者未向您共享报告</translation>
    </message>
    <message>
        <source>Loading …</source>
        <translation>正在加载…</translation>
    </message>
    <message>
        <source>The figures could not be loaded. Refresh to try again.</source>
        <translation>无法加载指标，请刷新重试。</translation>
    </message>
</context>
<context>
    <name>MetricCard</name>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
</context>
<context>
    <name>MetricsTab</name>
    <message>
        <source>Save report …</source>
        <translation>保存报告…</translation>
    </message>
    <message>
        <source>Time in ranges</source>
        <translation>各范围内时间</translation>
    </message>
    <message>
        <source>Save the report</source>
        <translation>保存报告</translation>
    </message>
    <message>
        <source>Mean</source>
        <translation>平均血糖</translation>
    </message>
    <message>
        <source>GMI</source>
        <translation>GMI（血糖管理指标）</translation>
    </message>
    <message>
        <source>Variability (CV)</source>
        <translation>变异系数（CV）</translation>
    </message>
    <message>
        <source>Glycemia risk index</source>
        <translation>血糖风险指数（GRI）</translation>
    </message>
    <message>
        <source>Low episodes</source>
        <translation>低血糖事件</translation>
    </message>
    <message>
        <source>High episodes</source>
        <translation>高血糖事件</translation>
    </message>
    <message>
        <source>Sensor active</source>
        <translation>传感器使用率</translation>
    </message>
    <message>
        <source>Lowest and highest</source>
        <translation>最低与最高</translation>
    </message>
    <message>
        <source>Logged per day</source>
        <translation>每日记录</translation>
    </message>
    <message>
        <source>The report is being made …</source>
        <translation>正在生成报告…</translation>
    </message>
    <message>
        <source>{number} %</source>
        <translation>{number}%</translation>
    </message>
    <message>
        <source>HbA1c estimated from the mean</source>
        <translation>由平均血糖估算的 HbA1c</translation>
    </message>
    <message>
        <source>Goal at most {percent} %</source>
        <translation>目标不超过 {percent}%</translation>
    </message>
    <message>
        <source>Fingersticks only</source>
        <translation>仅有指尖血糖</translation>
    </message>
    <message>
        <source>Goal at least {percent} %</source>
        <translation>目标不低于 {percent}%</translation>
    </message>
    <message>
        <source>Zone {zone} of A to E · lows {hypo}, highs {hyper}</source>
        <translation>{zone} 区（A–E）· 低血糖 {hypo}，高血糖 {hyper}</translation>
    </message>
    <message>
        <source>Sensor data only</source>
        <translation>仅限传感器数据</translation>
    </message>
    <message>
        <source>{very_low} very low, {nocturnal} at night, {extended} longer than 2 h</source>
        <translation>严重偏低 {very_low} 次，夜间 {nocturnal} 次，超过 2 小时 {extended} 次</translation>
    </message>
    <message>
        <source>{very_high} very high</source>
        <translation>严重偏高 {very_high} 次</translation>
    </message>
    <message>
        <source>{grams} g</source>
        <translation>{grams} 克</translation>
    </message>
    <message>
        <source>carbohydrate</source>
        <translation>碳水化合物</translation>
    </message>
    <message>
        <source>insulin {units} U</source>
        <translation>胰岛素 {units} U</translation>
    </message>
    <message>
        <source>exercise {minutes} min in total</source>
        <translation>运动共 {minutes} 分钟</translation>
    </message>
    <message>
        <source>Save report</source>
        <translation>保存报告</translation>
    </message>
    <message>
        <source>Saved as {path}</source>
        <translation>已保存为 {path}</translation>
    </message>
    <message>
        <source>The report was not saved: {why}</source>
        <translation>报告未保存：{why}</translation>
    </message>
</context>
<context>
    <name>PatientHeader</name>
    <message>
        <source>Patient&apos;s time: {time}, {day} ({zone})</source>
        <translation>当地时间 {time}，{day}（{zone}）</translation>
    </message>
    <message>
        <source>Allergies: see a consultation&apos;s health record</source>
        <translation>过敏史：见问诊中的健康档案</translation>
    </message>
    <message>
        <source>No readings</source>
        <translation>无读数</translation>
    </message>
    <message>
        <source>Glucose not shared with you</source>
        <translation>未向您共享血糖</translation>
    </message>
    <message>
        <source>Loading …</source>
        <translation>正在加载…</translation>
    </message>
    <message>
        <source>not live</source>
        <translation>已断开</translation>
    </message>
    <message>
        <source>old</source>
        <translation>已过时</translation>
    </message>
    <message>
        <source>Alerts not shared with you</source>
        <translation>未向您共享警报</translation>
    </message>
    <message>
        <source>No active alerts</source>
        <translation>无活动警报</translation>
    </message>
    <message>
        <source>since {time}</source>
        <translation>{time} 起</translation>
    </message>
    <message>
        <source>{count} more</source>
        <translation>另有 {count} 个</translation>
    </message>
</context>
<context>
    <name>PatientPage</name>
    <message>
        <source>Back</source>
        <translation>返回</translation>
    </message>
    <message>
        <source>Chart</source>
        <translation>曲线</translation>
    </message>
    <message>
        <source>Typical day</source>
        <translation>典型日</translation>
    </message>
    <message>
        <source>Day by day</source>
        <translation>逐日</translation>
    </message>
    <message>
        <source>Figures</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>时间线</translation>
    </message>
    <message>
        <source>Plan</source>
        <translation>方案</translation>
    </message>
    <message>
        <source>Access</source>
        <translation>授权</translation>
    </message>
</context>
<context>
    <name>ProfileTab</name>
    <message>
        <source>The typical day</source>
        <translation>典型的一天</translation>
    </message>
    <message>
        <source>Median, half of the days (25–75 %), nine of ten days (5–95 %)</source>
        <translation>中位数；半数日子（25–75%）；九成日子（5–95%）</translation>
    </message>
    <message>
        <source>{time}: too few days with readings</source>
        <translation>{time}：有读数的天数太少</translation>
    </message>
    <message>
        <source>{time}: median {p50} {unit}, half of the days {p25}–{p75}, nine of ten {p05}–{p95} ({days} days)</source>
        <translation>{time}：中位数 {p50} {unit}，半数日子 {p25}–{p75}，九成日子 {p05}–{p95}（{days} 天）</translation>
    </message>
</context>
<context>
    <name>Stack</name>
    <message>
        <source>{hours} h {minutes} min a day</source>
        <translation>每天 {hours} 小时 {minutes} 分</translation>
    </message>
</context>
<context>
    <name>Verdict</name>
    <message>
        <source>met</source>
        <translation>达标</translation>
    </message>
    <message>
        <source>not met</source>
        <translation>未达标</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>now</source>
        <translation>现在</translation>
    </message>
    <message>
        <source>Walking</source>
        <translation>步行</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>跑步</translation>
    </message>
    <message>
        <source>Cycling</source>
        <translation>骑行</translation>
    </message>
    <message>
        <source>Swimming</source>
        <translation>游泳</translation>
    </message>
    <message>
        <source>Strength training</source>
        <translation>力量训练</translation>
    </message>
    <message>
        <source>Tai chi, yoga</source>
        <translation>太极、瑜伽</translation>
    </message>
    <message>
        <source>Housework</source>
        <translation>家务劳动</translation>
    </message>
    <message>
        <source>Exercise</source>
        <translation>运动</translation>
    </message>
    <message>
        <source>rapid-acting</source>
        <translation>速效</translation>
    </message>
    <message>
        <source>short-acting</source>
        <translation>短效</translation>
    </message>
    <message>
        <source>intermediate-acting</source>
        <translation>中效</translation>
    </message>
    <message>
        <source>long-acting</source>
        <translation>长效</translation>
    </message>
    <message>
        <source>premixed</source>
        <translation>预混</translation>
    </message>
    <message>
        <source>mg</source>
        <translation>毫克</translation>
    </message>
    <message>
        <source>µg</source>
        <translation>微克</translation>
    </message>
    <message>
        <source>tablets</source>
        <translation>片</translation>
    </message>
    <message>
        <source>ml</source>
        <translation>毫升</translation>
    </message>
    <message>
        <source>en_GB</source>
        <comment>the locale of this language: en_GB or zh_CN</comment>
        <translation>zh_CN</translation>
    </message>
    <message>
        <source>ddd d MMM</source>
        <comment>a date, by Qt&apos;s letters</comment>
        <translation>M月d日 ddd</translation>
    </message>
    <message>
        <source>{amount} g</source>
        <translation>{amount} 克</translation>
    </message>
    <message>
        <source>{amount} U</source>
        <translation>{amount} U</translation>
    </message>
    <message>
        <source>{count} min</source>
        <translation>{count} 分钟</translation>
    </message>
    <message>
        <source>Meal</source>
        <translation>进餐</translation>
    </message>
    <message>
        <source>Insulin</source>
        <translation>胰岛素</translation>
    </message>
    <message>
        <source>Ketones</source>
        <translation>血酮</translation>
    </message>
    <message>
        <source>Weight</source>
        <translation>体重</translation>
    </message>
    <message>
        <source>Blood pressure</source>
        <translation>血压</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Alerts</source>
        <translation>警报</translation>
    </message>
    <message>
        <source>Meals</source>
        <translation>饮食</translation>
    </message>
    <message>
        <source>Medicines</source>
        <translation>药物</translation>
    </message>
    <message>
        <source>Notes, other</source>
        <translation>备注及其他</translation>
    </message>
    <message>
        <source>Not shared with you</source>
        <translation>未向您共享</translation>
    </message>
    <message>
        <source>Sensor</source>
        <translation>传感器</translation>
    </message>
    <message>
        <source>Fingerstick</source>
        <translation>指尖血</translation>
    </message>
    <message>
        <source>still active</source>
        <translation>仍在持续</translation>
    </message>
    <message>
        <source>resolved after {age}</source>
        <translation>{age} 后解除</translation>
    </message>
</context>
</TS>
