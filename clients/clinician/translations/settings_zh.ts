<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Glucose unit</source>
        <translation>血糖单位</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>System</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>外观</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>{minutes} min</source>
        <translation>{minutes} 分钟</translation>
    </message>
    <message>
        <source>Lock when idle</source>
        <translation>自动锁定</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>声音</translation>
    </message>
    <message>
        <source>Sign out</source>
        <translation>退出登录</translation>
    </message>
    <message>
        <source>Sign out everywhere</source>
        <translation>退出所有设备</translation>
    </message>
    <message>
        <source>Ends all your sessions, on every computer and phone</source>
        <translation>结束您在所有电脑和手机上的登录</translation>
    </message>
    <message>
        <source>Signed in as {name}</source>
        <translation>当前登录：{name}</translation>
    </message>
    <message>
        <source>Alerts sound; an urgent low always does</source>
        <translation>警报有声音；紧急低血糖始终有声音</translation>
    </message>
</context>
</TS>
