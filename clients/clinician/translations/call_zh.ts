<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>CallWindow</name>
    <message>
        <source>Hang up (asks first)</source>
        <translation>挂断（会先询问）</translation>
    </message>
    <message>
        <source>Answer, or close</source>
        <translation>接听或关闭</translation>
    </message>
    <message>
        <source>Call</source>
        <translation>通话</translation>
    </message>
    <message>
        <source>Call: {name}</source>
        <translation>通话：{name}</translation>
    </message>
    <message>
        <source>Hang up</source>
        <translation>挂断</translation>
    </message>
    <message>
        <source>Hang up (Enter)</source>
        <translation>挂断（回车）</translation>
    </message>
    <message>
        <source>Stay</source>
        <translation>继续通话</translation>
    </message>
    <message>
        <source>Stay in the call (Esc)</source>
        <translation>继续通话（Esc）</translation>
    </message>
    <message>
        <source>Hang up?</source>
        <translation>确定挂断？</translation>
    </message>
</context>
<context>
    <name>Controls</name>
    <message>
        <source>Keep on top</source>
        <translation>置顶</translation>
    </message>
    <message>
        <source>Unmute</source>
        <translation>取消静音</translation>
    </message>
    <message>
        <source>Mute</source>
        <translation>静音</translation>
    </message>
    <message>
        <source>Camera off</source>
        <translation>关闭摄像头</translation>
    </message>
    <message>
        <source>Camera on</source>
        <translation>打开摄像头</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>Answer with video</source>
        <translation>视频接听</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>接听</translation>
    </message>
    <message>
        <source>Voice only</source>
        <translation>语音接听</translation>
    </message>
    <message>
        <source>Decline</source>
        <translation>拒接</translation>
    </message>
    <message>
        <source>Hang up</source>
        <translation>挂断</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>DeviceChoice</name>
    <message>
        <source>Microphone</source>
        <translation>麦克风</translation>
    </message>
    <message>
        <source>Loudspeaker</source>
        <translation>扬声器</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>摄像头</translation>
    </message>
    <message>
        <source>With loudspeakers the other side may hear itself. A headset avoids it.</source>
        <translation>使用扬声器时，对方可能听到自己的回声；使用耳机可避免。</translation>
    </message>
    <message>
        <source>None on this computer</source>
        <translation>本机没有</translation>
    </message>
</context>
<context>
    <name>People</name>
    <message>
        <source>Length of the call</source>
        <translation>通话时长</translation>
    </message>
    <message>
        <source>Your own picture</source>
        <translation>您的画面</translation>
    </message>
    <message>
        <source>The patient</source>
        <translation>患者</translation>
    </message>
    <message>
        <source>A call rings. Unlock to answer.</source>
        <translation>有来电，解锁后可接听</translation>
    </message>
    <message>
        <source>You are muted.</source>
        <translation>您已静音。</translation>
    </message>
    <message>
        <source>Patient: {name} · {facts}</source>
        <translation>患者：{name} · {facts}</translation>
    </message>
    <message>
        <source>The picture is frozen</source>
        <translation>画面已停滞</translation>
    </message>
    <message>
        <source>Their camera is off</source>
        <translation>对方摄像头已关闭</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>Calling…</source>
        <translation>正在呼叫…</translation>
    </message>
    <message>
        <source>Video call for you</source>
        <translation>视频来电</translation>
    </message>
    <message>
        <source>Voice call for you</source>
        <translation>语音来电</translation>
    </message>
    <message>
        <source>Connecting…</source>
        <translation>正在连接…</translation>
    </message>
    <message>
        <source>Reconnecting…</source>
        <translation>正在重新连接…</translation>
    </message>
    <message>
        <source>This call is for more than two, which this app cannot join.</source>
        <translation>这是多人通话，本应用无法加入。</translation>
    </message>
    <message>
        <source>No answer</source>
        <translation>无人接听</translation>
    </message>
    <message>
        <source>Declined</source>
        <translation>对方已拒接</translation>
    </message>
    <message>
        <source>You cancelled the call</source>
        <translation>您已取消呼叫</translation>
    </message>
    <message>
        <source>In another call</source>
        <translation>对方正在通话中</translation>
    </message>
    <message>
        <source>Missed call</source>
        <translation>未接来电</translation>
    </message>
    <message>
        <source>You declined the call</source>
        <translation>您已拒接</translation>
    </message>
    <message>
        <source>Missed call: the caller hung up</source>
        <translation>未接来电：对方已取消</translation>
    </message>
    <message>
        <source>Missed call: you were in another one</source>
        <translation>未接来电：您当时正在通话</translation>
    </message>
    <message>
        <source>Call ended</source>
        <translation>通话已结束</translation>
    </message>
    <message>
        <source>The connection was lost</source>
        <translation>连接已中断</translation>
    </message>
    <message>
        <source>Hanging up…</source>
        <translation>正在挂断…</translation>
    </message>
    <message>
        <source>Good connection</source>
        <translation>网络良好</translation>
    </message>
    <message>
        <source>Fair connection</source>
        <translation>网络一般</translation>
    </message>
    <message>
        <source>Poor connection</source>
        <translation>网络较差</translation>
    </message>
    <message>
        <source>No microphone on this computer: you are not heard.</source>
        <translation>本机没有麦克风，对方听不到您。</translation>
    </message>
    <message>
        <source>No loudspeaker on this computer: you hear nothing.</source>
        <translation>本机没有扬声器，您听不到对方。</translation>
    </message>
    <message>
        <source>No camera on this computer: voice goes on.</source>
        <translation>本机没有摄像头，通话将以语音进行。</translation>
    </message>
</context>
</TS>
