<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>ConnectionBadge</name>
    <message>
        <source>Live</source>
        <translation>实时</translation>
    </message>
    <message>
        <source>Catching up</source>
        <translation>正在同步</translation>
    </message>
    <message>
        <source>No connection</source>
        <translation>未连接</translation>
    </message>
    <message>
        <source>Not live since {time}</source>
        <translation>{time} 起已断开</translation>
    </message>
</context>
<context>
    <name>Cover</name>
    <message>
        <source>Six digits</source>
        <translation>六位数字</translation>
    </message>
    <message>
        <source>Code of your authenticator app</source>
        <translation>身份验证器中的验证码</translation>
    </message>
    <message>
        <source>Unlock</source>
        <translation>解锁</translation>
    </message>
    <message>
        <source>Use the demo&apos;s code</source>
        <translation>使用演示验证码</translation>
    </message>
    <message>
        <source>Sign out and sign in again</source>
        <translation>退出并重新登录</translation>
    </message>
    <message>
        <source>Signed in as {name}</source>
        <translation>当前登录：{name}</translation>
    </message>
    <message>
        <source>Locked</source>
        <translation>已锁定</translation>
    </message>
    <message>
        <source>The demo&apos;s next code comes in {seconds} s</source>
        <translation>{seconds} 秒后有下一个演示验证码</translation>
    </message>
    <message>
        <source>urgent alert waited when the connection was lost</source>
        <translation>条紧急警报在断开连接时待处理</translation>
    </message>
    <message>
        <source>urgent alerts waited when the connection was lost</source>
        <translation>条紧急警报在断开连接时待处理</translation>
    </message>
    <message>
        <source>urgent alerts waiting</source>
        <translation>条紧急警报待处理</translation>
    </message>
    <message>
        <source>urgent alert waiting</source>
        <translation>条紧急警报待处理</translation>
    </message>
    <message>
        <source>This code is wrong, or was used before. Wait for the next one.</source>
        <translation>验证码错误或已被使用，请等待下一个。</translation>
    </message>
    <message>
        <source>Too many tries. Wait {seconds} s, then try again.</source>
        <translation>尝试次数过多，请在 {seconds} 秒后重试。</translation>
    </message>
</context>
<context>
    <name>Help</name>
    <message>
        <source>Keys</source>
        <translation>快捷键</translation>
    </message>
    <message>
        <source>Esc closes</source>
        <translation>按 Esc 关闭</translation>
    </message>
</context>
<context>
    <name>QuickOpen</name>
    <message>
        <source>Patient or command</source>
        <translation>患者或命令</translation>
    </message>
    <message>
        <source>Found</source>
        <translation>查找结果</translation>
    </message>
    <message>
        <source>Neither a patient who shares data with you nor a command has this name.</source>
        <translation>没有向您开放数据的患者或命令符合此名称。</translation>
    </message>
    <message>
        <source>Enter opens · Ctrl+Enter in a window of its own · Esc closes</source>
        <translation>Enter 打开 · Ctrl+Enter 在新窗口打开 · Esc 关闭</translation>
    </message>
</context>
<context>
    <name>RailButton</name>
    <message>
        <source>{name}, {count} waiting</source>
        <translation>{name}，{count} 项待处理</translation>
    </message>
</context>
<context>
    <name>Toast</name>
    <message>
        <source>Dismiss (Esc)</source>
        <translation>关闭 (Esc)</translation>
    </message>
    <message>
        <source>Dismiss this notice</source>
        <translation>关闭此提示</translation>
    </message>
    <message>
        <source>Dismiss the notice</source>
        <translation>关闭提示</translation>
    </message>
</context>
<context>
    <name>Window</name>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Lock</source>
        <translation>锁定</translation>
    </message>
    <message>
        <source>Close the app?</source>
        <translation>关闭应用？</translation>
    </message>
    <message>
        <source>Alarms stop until you open it again.</source>
        <translation>再次打开之前不会有警报。</translation>
    </message>
    <message>
        <source>1 urgent alert is waiting.</source>
        <translation>有 1 条紧急警报待处理。</translation>
    </message>
    <message>
        <source>{count} urgent alerts are waiting.</source>
        <translation>有 {count} 条紧急警报待处理。</translation>
    </message>
    <message>
        <source>Close, without alarms</source>
        <translation>关闭，不再报警</translation>
    </message>
    <message>
        <source>Keep open</source>
        <translation>保持打开</translation>
    </message>
    <message>
        <source>Find a patient or a command</source>
        <translation>查找患者或命令</translation>
    </message>
    <message>
        <source>New window</source>
        <translation>新建窗口</translation>
    </message>
    <message>
        <source>Close this window</source>
        <translation>关闭此窗口</translation>
    </message>
    <message>
        <source>Show all keys</source>
        <translation>显示所有快捷键</translation>
    </message>
    <message>
        <source>Apricot 杏林</source>
        <translation>杏林 Apricot</translation>
    </message>
</context>
</TS>
