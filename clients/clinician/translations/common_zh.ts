<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>AlertRules</name>
    <message>
        <source>Urgent low</source>
        <translation>紧急低血糖</translation>
    </message>
    <message>
        <source>Urgent low soon</source>
        <translation>即将紧急低血糖</translation>
    </message>
    <message>
        <source>Low</source>
        <translation>低血糖</translation>
    </message>
    <message>
        <source>High</source>
        <translation>高血糖</translation>
    </message>
    <message>
        <source>Urgent high</source>
        <translation>紧急高血糖</translation>
    </message>
    <message>
        <source>Falling fast</source>
        <translation>快速下降</translation>
    </message>
    <message>
        <source>Rising fast</source>
        <translation>快速上升</translation>
    </message>
    <message>
        <source>No readings</source>
        <translation>无读数</translation>
    </message>
    <message>
        <source>Alert</source>
        <translation>警报</translation>
    </message>
</context>
<context>
    <name>Pages</name>
    <message>
        <source>Ward</source>
        <translation>病区</translation>
    </message>
    <message>
        <source>Alerts</source>
        <translation>警报</translation>
    </message>
    <message>
        <source>Consult</source>
        <translation>问诊</translation>
    </message>
    <message>
        <source>Back to the patient</source>
        <translation>返回患者信息</translation>
    </message>
    <message>
        <source>The consultation has ended. This prescription was not signed. What you wrote is kept as a draft.</source>
        <translation>问诊已结束。这张处方没有签发，已写的内容保存为草稿。</translation>
    </message>
    <message>
        <source>Not signed</source>
        <translation>未签发</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>No reading</source>
        <translation>无读数</translation>
    </message>
    <message>
        <source>Very low</source>
        <translation>极低</translation>
    </message>
    <message>
        <source>Low</source>
        <translation>偏低</translation>
    </message>
    <message>
        <source>In range</source>
        <translation>达标</translation>
    </message>
    <message>
        <source>High</source>
        <translation>偏高</translation>
    </message>
    <message>
        <source>Very high</source>
        <translation>极高</translation>
    </message>
    <message>
        <source>now</source>
        <translation>刚刚</translation>
    </message>
    <message>
        <source>{count} s</source>
        <translation>{count} 秒</translation>
    </message>
    <message>
        <source>{count} min</source>
        <translation>{count} 分钟</translation>
    </message>
    <message>
        <source>{count} h</source>
        <translation>{count} 小时</translation>
    </message>
    <message>
        <source>{count} d</source>
        <translation>{count} 天</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>刚刚</translation>
    </message>
    <message>
        <source>{age} ago</source>
        <translation>{age}前</translation>
    </message>
    <message>
        <source>The platform cannot be reached just now. Try again in a moment.</source>
        <translation>暂时无法连接平台，请稍后重试。</translation>
    </message>
    <message>
        <source>Too many tries. Wait a little, then try again.</source>
        <translation>尝试次数过多，请稍候再试。</translation>
    </message>
    <message>
        <source>Your session has ended. Sign in again.</source>
        <translation>登录已失效，请重新登录。</translation>
    </message>
    <message>
        <source>The patient has not opened this to you.</source>
        <translation>患者未向您开放此项内容。</translation>
    </message>
    <message>
        <source>The patient has ended your access.</source>
        <translation>患者已终止您的访问权限。</translation>
    </message>
    <message>
        <source>It does not exist any more.</source>
        <translation>该内容已不存在。</translation>
    </message>
    <message>
        <source>It has changed meanwhile.</source>
        <translation>内容已发生变化。</translation>
    </message>
    <message>
        <source>The safety check found a danger. It was not sent.</source>
        <translation>安全检查发现风险，计划未发送。</translation>
    </message>
    <message>
        <source>The patient&apos;s birth date is not known. Without it no medicine is planned.</source>
        <translation>患者出生日期不详，无法安排用药。</translation>
    </message>
    <message>
        <source>You are not allowed to do this.</source>
        <translation>您没有此操作的权限。</translation>
    </message>
    <message>
        <source>Somebody has changed it meanwhile. Look at the new one first.</source>
        <translation>期间已有他人修改，请先查看最新版本。</translation>
    </message>
    <message>
        <source>Unnamed patient, no. {number}</source>
        <translation>未填姓名的患者，编号 {number}</translation>
    </message>
    <message>
        <source>birth date unknown</source>
        <translation>出生日期不详</translation>
    </message>
    <message>
        <source>born {date}</source>
        <translation>{date} 出生</translation>
    </message>
    <message>
        <source>female</source>
        <translation>女</translation>
    </message>
    <message>
        <source>male</source>
        <translation>男</translation>
    </message>
    <message>
        <source>other sex</source>
        <translation>其他性别</translation>
    </message>
    <message>
        <source>sex unknown</source>
        <translation>性别不详</translation>
    </message>
    <message>
        <source>no. {number}</source>
        <translation>编号 {number}</translation>
    </message>
    <message>
        <source>Folder:</source>
        <translation>文件夹：</translation>
    </message>
    <message>
        <source>File name:</source>
        <translation>文件名：</translation>
    </message>
    <message>
        <source>File type:</source>
        <translation>文件类型：</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
</context>
</TS>
