"""What an account's owner is told by message when something sensitive happens to the account."""

from enum import StrEnum


class Act(StrEnum):
    """What happened."""

    PASSWORD_SET = "password_set"  # noqa: S105
    SECOND_FACTOR_CONFIRMED = "second_factor_confirmed"
    SECOND_FACTOR_REPLACED = "second_factor_replaced"
    RECOVERY_CODES_RENEWED = "recovery_codes_renewed"
    RECOVERY_CODE_USED = "recovery_code_used"
    SESSION_ENDED = "session_ended"
    DEVICE_REMOVED = "device_removed"
    PHONE_CHANGED = "phone_changed"
    RESET_PROPOSED = "reset_proposed"
    RESET_APPROVED = "reset_approved"
    SECOND_FACTOR_RESET = "second_factor_reset"
    ADMIN_PROPOSED = "admin_proposed"
    ADMIN_GIVEN = "admin_given"
    OPERATOR_ACTED = "operator_acted"
    ACCESS_GIVEN = "access_given"
    INVITE_CREATED = "invite_created"
    ACCOUNT_EXPORTED = "account_exported"
    ACCOUNT_DELETED = "account_deleted"


_TEXTS = {
    Act.PASSWORD_SET: ("您的账户密码已更改。", "The password of your account was changed."),
    Act.SECOND_FACTOR_CONFIRMED: (
        "您的账户已启用身份验证器。",
        "A second factor was set up for your account.",
    ),
    Act.SECOND_FACTOR_REPLACED: (
        "您账户的身份验证器已更换。",
        "The second factor of your account was replaced.",
    ),
    Act.RECOVERY_CODES_RENEWED: (
        "您账户的恢复码已重新生成，旧码作废。",
        "New recovery codes were made for your account; the old ones no longer work.",
    ),
    Act.RECOVERY_CODE_USED: (
        "有人使用恢复码验证了您的账户。",
        "A recovery code was used for your account.",
    ),
    Act.SESSION_ENDED: ("您账户的一台设备已被退出登录。", "One of your account's sessions was ended."),
    Act.DEVICE_REMOVED: (
        "您账户的一台设备将不再接收提醒。",
        "One of your devices no longer gets your account's messages and alarms.",
    ),
    Act.PHONE_CHANGED: ("您账户的手机号已更换。", "The phone number of your account was changed."),
    Act.RESET_PROPOSED: (
        "管理员申请重置您账户的身份验证器。如您仍可使用，请用其登录一次，申请即作废。",
        "An administrator asked to reset your second factor. If you still have it, sign in with it to stop this.",
    ),
    Act.RESET_APPROVED: (
        "您账户的身份验证器将在24小时后重置。如您仍可使用，请用其登录一次，重置即取消。",
        "Your second factor will be reset in 24 hours. If you still have it, sign in with it to stop this.",
    ),
    Act.SECOND_FACTOR_RESET: (
        "您账户的身份验证器已重置，所有设备已退出登录。",
        "The second factor of your account was reset, and all sessions were ended.",
    ),
    Act.ADMIN_PROPOSED: (
        "管理员申请将您的账户设为管理员。",
        "An administrator proposed to make your account an administrator's.",
    ),
    Act.ADMIN_GIVEN: ("您的账户已成为管理员账户。", "Your account is an administrator's now."),
    Act.OPERATOR_ACTED: (
        "运维人员以紧急方式更改了一个账户，请核对审计记录。",
        "The operator changed an account in an emergency. Check the audit.",
    ),
    Act.ACCESS_GIVEN: ("您的健康数据已授权他人查看。", "Somebody was given access to your health data."),
    Act.INVITE_CREATED: (
        "您的账户生成了一个邀请码，持码人可查看您的健康数据。",
        "An invite to your health data was created.",
    ),
    Act.ACCOUNT_EXPORTED: ("您的账户资料已被导出。", "The data of your account was exported."),
    Act.ACCOUNT_DELETED: ("您的账户已注销。", "Your account was deleted."),
}
_UNLESS_YOU = ("如非本人操作，请立即联系客服。", "If this was not you, contact support at once.")


def text(act: Act, language: str) -> str:
    """Return the message in Chinese, or in English for any other language; without a language, in Chinese."""
    chinese = not language or language.lower().startswith("zh")
    told, unless = (_TEXTS[act][0], _UNLESS_YOU[0]) if chinese else (_TEXTS[act][1], _UNLESS_YOU[1])
    return f"【杏林】{told}{unless}" if chinese else f"Apricot: {told} {unless}"
