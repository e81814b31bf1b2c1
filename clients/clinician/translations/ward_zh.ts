<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>Narrowing</name>
    <message>
        <source>No groups</source>
        <translation>不分组</translation>
    </message>
    <message>
        <source>By level</source>
        <translation>按血糖水平</translation>
    </message>
    <message>
        <source>By acknowledgement</source>
        <translation>按警报负责人</translation>
    </message>
    <message>
        <source>Groups (G goes on to the next)</source>
        <translation>分组（按 G 切换）</translation>
    </message>
    <message>
        <source>Search a name ( / )</source>
        <translation>搜索姓名（ / ）</translation>
    </message>
    <message>
        <source>Search a name</source>
        <translation>搜索姓名</translation>
    </message>
    <message>
        <source>Search a name ( / or Ctrl+F; Esc leaves)</source>
        <translation>搜索姓名（按 / 或 Ctrl+F，Esc 退出）</translation>
    </message>
</context>
<context>
    <name>RowList</name>
    <message>
        <source>Patients</source>
        <translation>患者</translation>
    </message>
</context>
<context>
    <name>Summary</name>
    <message>
        <source>Not live</source>
        <translation>已断开</translation>
    </message>
    <message>
        <source>not live</source>
        <translation>已断开</translation>
    </message>
</context>
<context>
    <name>WardPage</name>
    <message>
        <source>Show all patients</source>
        <translation>显示全部患者</translation>
    </message>
    <message>
        <source>Show all patients, or some</source>
        <translation>显示全部或部分患者</translation>
    </message>
    <message>
        <source>Order the patients by name</source>
        <translation>按姓名排序</translation>
    </message>
    <message>
        <source>Order the patients by value</source>
        <translation>按血糖值排序</translation>
    </message>
    <message>
        <source>Order the patients by the time of measurement</source>
        <translation>按测量时间排序</translation>
    </message>
    <message>
        <source>Group the patients</source>
        <translation>患者分组</translation>
    </message>
    <message>
        <source>Find a patient by name</source>
        <translation>按姓名查找患者</translation>
    </message>
    <message>
        <source>No patient matches</source>
        <translation>没有符合条件的患者</translation>
    </message>
    <message>
        <source>No patient in this filter has this name.</source>
        <translation>在当前筛选条件下，没有患者符合此姓名。</translation>
    </message>
    <message>
        <source>No patients yet</source>
        <translation>还没有患者</translation>
    </message>
    <message>
        <source>Patients appear here as soon as they open their data to you or to your organization.</source>
        <translation>患者向您或您的机构开放数据后，会立即显示在这里。</translation>
    </message>
    <message>
        <source>Loading your patients</source>
        <translation>正在获取您的患者</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>Level</source>
        <translation>水平</translation>
    </message>
    <message>
        <source>By the newest reading, as long as it is at most 15 minutes old (Battelino 2019)</source>
        <translation>依据最新读数判定，且读数距今不超过 15 分钟（Battelino 2019）</translation>
    </message>
    <message>
        <source>Patient</source>
        <translation>患者</translation>
    </message>
    <message>
        <source>The newest reading, its trend over 15 minutes, and the change since the reading before</source>
        <translation>最新读数、15 分钟趋势，以及与上一次读数的差值</translation>
    </message>
    <message>
        <source>3 hours</source>
        <translation>近 3 小时</translation>
    </message>
    <message>
        <source>A sensor&apos;s readings as a line, fingersticks as rings; the band is the target range, 70–180 mg/dL</source>
        <translation>曲线为传感器读数，圆圈为指尖血糖；色带为目标范围 3.9–10.0 mmol/L（70–180 mg/dL）</translation>
    </message>
    <message>
        <source>Measured</source>
        <translation>测量时间</translation>
    </message>
    <message>
        <source>Alert</source>
        <translation>警报</translation>
    </message>
    <message>
        <source>24 hours in range</source>
        <translation>24 小时目标范围内时间</translation>
    </message>
    <message>
        <source>The platform&apos;s share of readings in each band, from 24 hours ago until now, at most five minutes old; paler where less than 70 % of a sensor&apos;s readings came. A dash: there is no reading, or the patient does not share reports with you.</source>
        <translation>平台统计的近 24 小时各区间读数占比，最多滞后 5 分钟；传感器读数不足应有的 70 % 时颜色变浅。短横线表示没有读数，或患者未向您开放报告。</translation>
    </message>
    <message>
        <source>Low</source>
        <translation>偏低</translation>
    </message>
    <message>
        <source>High</source>
        <translation>偏高</translation>
    </message>
    <message>
        <source>Not acknowledged</source>
        <translation>无人处理</translation>
    </message>
    <message>
        <source>You acknowledged</source>
        <translation>您在处理</translation>
    </message>
    <message>
        <source>Colleague acknowledged</source>
        <translation>同事在处理</translation>
    </message>
    <message>
        <source>Family acknowledged</source>
        <translation>家属在处理</translation>
    </message>
    <message>
        <source>Patient acknowledged</source>
        <translation>患者本人在处理</translation>
    </message>
    <message>
        <source>No alert</source>
        <translation>无警报</translation>
    </message>
    <message>
        <source>escalated to the clinic</source>
        <translation>已转至诊所</translation>
    </message>
    <message>
        <source>escalated to the family</source>
        <translation>已转至家属</translation>
    </message>
    <message>
        <source>Urgent, not acknowledged</source>
        <translation>紧急，无人处理</translation>
    </message>
    <message>
        <source>Old reading</source>
        <translation>读数陈旧</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Needs attention</source>
        <translation>需要关注</translation>
    </message>
    <message>
        <source>Urgent</source>
        <translation>紧急</translation>
    </message>
    <message>
        <source>Old</source>
        <translation>陈旧</translation>
    </message>
    <message>
        <source>No data</source>
        <translation>无数据</translation>
    </message>
    <message>
        <source>Every patient who has opened their data to you</source>
        <translation>所有向您开放数据的患者</translation>
    </message>
    <message>
        <source>An alert that is not acknowledged; low, very low or very high now, or low when last seen</source>
        <translation>有无人处理的警报；当前偏低、极低或极高，或最后一次读数偏低</translation>
    </message>
    <message>
        <source>An urgent alert is active, acknowledged or not</source>
        <translation>有紧急警报，无论由谁处理</translation>
    </message>
    <message>
        <source>Low or very low now</source>
        <translation>当前偏低或极低</translation>
    </message>
    <message>
        <source>High or very high now</source>
        <translation>当前偏高或极高</translation>
    </message>
    <message>
        <source>The last reading is more than 15 minutes old</source>
        <translation>最后一次读数距今超过 15 分钟</translation>
    </message>
    <message>
        <source>No reading at all, or none that you may see</source>
        <translation>没有任何读数，或没有您可查看的读数</translation>
    </message>
    <message>
        <source>Not shared</source>
        <translation>未开放</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>waiting for data</source>
        <translation>等待数据</translation>
    </message>
    <message>
        <source>was: {level}</source>
        <translation>此前：{level}</translation>
    </message>
    <message>
        <source>Not live</source>
        <translation>已断开</translation>
    </message>
    <message>
        <source>steady</source>
        <translation>平稳</translation>
    </message>
    <message>
        <source>rising very fast</source>
        <translation>急速上升</translation>
    </message>
    <message>
        <source>measured: {age}</source>
        <translation>测量距今：{age}</translation>
    </message>
    <message>
        <source>rising</source>
        <translation>上升</translation>
    </message>
    <message>
        <source>rising fast</source>
        <translation>快速上升</translation>
    </message>
    <message>
        <source>falling</source>
        <translation>下降</translation>
    </message>
    <message>
        <source>falling fast</source>
        <translation>快速下降</translation>
    </message>
    <message>
        <source>falling very fast</source>
        <translation>急速下降</translation>
    </message>
    <message>
        <source>fingerstick</source>
        <translation>指尖血糖</translation>
    </message>
    <message>
        <source>sensor silent</source>
        <translation>传感器无信号</translation>
    </message>
    <message>
        <source>{change} since the last reading</source>
        <translation>较上次读数 {change}</translation>
    </message>
    <message>
        <source>urgent alert</source>
        <translation>紧急警报</translation>
    </message>
    <message>
        <source>alert</source>
        <translation>警报</translation>
    </message>
    <message>
        <source>{count} more alerts</source>
        <translation>另有 {count} 条警报</translation>
    </message>
    <message>
        <source>in range {percent} of 24 hours</source>
        <translation>24 小时目标范围内时间 {percent}</translation>
    </message>
</context>
</TS>
