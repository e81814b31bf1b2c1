<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="id_ID">
<context>
    <name>SignInWindow</name>
    <message>
        <source>Apricot 杏林</source>
        <translation>杏林 Apricot</translation>
    </message>
    <message>
        <source>Stay signed in on this computer</source>
        <translation>在此电脑上保持登录</translation>
    </message>
    <message>
        <source>It then opens locked and asks only for your authenticator&apos;s code.</source>
        <translation>再次打开时为锁定状态，只需输入身份验证器的验证码。</translation>
    </message>
    <message>
        <source>Use my password instead</source>
        <translation>改用密码登录</translation>
    </message>
    <message>
        <source>Another account</source>
        <translation>换一个账号</translation>
    </message>
    <message>
        <source>Send another code in {seconds} s</source>
        <translation>{seconds} 秒后可重新发送</translation>
    </message>
    <message>
        <source>Send another code</source>
        <translation>重新发送验证码</translation>
    </message>
    <message>
        <source>Your phone number</source>
        <translation>手机号码</translation>
    </message>
    <message>
        <source>Send a code</source>
        <translation>发送验证码</translation>
    </message>
    <message>
        <source>The code sent to {phone}</source>
        <translation>发送至 {phone} 的验证码</translation>
    </message>
    <message>
        <source>Sign in</source>
        <translation>登录</translation>
    </message>
    <message>
        <source>The password of {phone}</source>
        <translation>{phone} 的密码</translation>
    </message>
    <message>
        <source>The code of your authenticator app</source>
        <translation>身份验证器中的验证码</translation>
    </message>
    <message>
        <source>Signing in …</source>
        <translation>正在登录…</translation>
    </message>
    <message>
        <source>Your session has ended. Sign in again: your windows and drafts are kept.</source>
        <translation>登录已失效，请重新登录：窗口和草稿均已保留。</translation>
    </message>
    <message>
        <source>You are signed out.</source>
        <translation>您已退出登录。</translation>
    </message>
    <message>
        <source>A one-time code works once. The demo&apos;s next code comes in {seconds} s.</source>
        <translation>一次性验证码只能使用一次；{seconds} 秒后有下一个演示验证码。</translation>
    </message>
    <message>
        <source>The last time, this computer&apos;s keychain did not take your session. You can try again.</source>
        <translation>上次此电脑的钥匙串未能保存登录状态，可以再试一次。</translation>
    </message>
    <message>
        <source>This computer has no open keychain to keep your session in, so you sign in each time.</source>
        <translation>此电脑没有可用的钥匙串来保存登录状态，因此每次都需登录。</translation>
    </message>
    <message>
        <source>Not a valid phone number. Write it with the country code, such as +86 138 0013 8000.</source>
        <translation>手机号码格式不正确，请包含国家代码，例如 +86 138 0013 8000。</translation>
    </message>
    <message>
        <source>This account does not belong to a clinician. The app is for clinicians only.</source>
        <translation>此账号不是医生账号，本应用仅供医生使用。</translation>
    </message>
    <message>
        <source>This account has no second factor yet. Set one up first: without it you cannot treat.</source>
        <translation>此账号尚未设置两步验证。请先设置，否则无法接诊。</translation>
    </message>
    <message>
        <source>Phone and password do not match.</source>
        <translation>手机号与密码不匹配。</translation>
    </message>
    <message>
        <source>This code is wrong, or has expired.</source>
        <translation>验证码错误或已过期。</translation>
    </message>
    <message>
        <source>This code is wrong, or was used before. Wait for the next one.</source>
        <translation>验证码错误或已被使用，请等待下一个。</translation>
    </message>
    <message>
        <source>Too many tries. Wait {seconds} s, then try again.</source>
        <translation>尝试次数过多，请在 {seconds} 秒后重试。</translation>
    </message>
    <message>
        <source>You can try again now.</source>
        <translation>现在可以重试。</translation>
    </message>
</context>
</TS>
