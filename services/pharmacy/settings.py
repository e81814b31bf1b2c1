"""What the pharmacy reads from its environment."""

from typing import Literal, Self

from pydantic import Field, model_validator

from kit.settings import CallerSettings
from services.pharmacy.domain.holding import UNPAID_PER_BUYER


class PharmacySettings(CallerSettings):
    """Read once, in `main.py` and in `worker.py`."""

    glucose_address: str
    """Of glucose's gRPC server: what patients logged of their doses."""
    consult_address: str
    """Of consult's gRPC server: prescriptions as they now stand."""
    unpaid_orders_per_buyer: int = Field(default=UNPAID_PER_BUYER, ge=1)
    """So many wait for payment at a time, and hold their packs."""
    push_webhook_url: str = ""
    """Where it is posted that there is something for an account's devices; empty: nothing is pushed."""
    push_webhook_secret: str = Field(default="", repr=False)
    """Signs what is posted; at least 16 characters where there is a URL."""
    payment_providers: tuple[Literal["sandbox", "alipay", "wechat"], ...] = ()
    """Whom buyers can pay by; a list in JSON. The sandbox takes no money: not for the public."""
    payment_notify_url: str = ""
    """The gateway's public address, where providers call."""
    sandbox_url: str = ""
    sandbox_secret: str = Field(default="", repr=False)
    """Signs what the sandbox and the pharmacy say to each other; at least 16 characters."""
    alipay_url: str = "https://openapi.alipay.com/gateway.do"
    alipay_app_id: str = ""
    alipay_seller_id: str = ""
    """The account that is paid, `2088…`."""
    alipay_private_key: str = Field(default="", repr=False)
    """The app's own, PKCS #1."""
    alipay_public_key: str = ""
    """Alipay's."""
    wechat_url: str = "https://api.mch.weixin.qq.com"
    wechat_appid: str = ""
    wechat_mchid: str = ""
    wechat_apiv3_key: str = Field(default="", repr=False)
    """Encrypts what WeChat tells; 32 characters."""
    wechat_certificate_serial: str = ""
    """The serial number of the merchant's certificate."""
    wechat_private_key: str = Field(default="", repr=False)
    """The merchant's, PKCS #8."""
    wechat_public_key_id: str = ""
    wechat_public_key: str = ""
    """WeChat's, and its id; or else its platform certificates are used."""
    wechat_certificates: str = ""
    """A folder with WeChat's platform certificates, for a merchant without its public key; new ones are added."""
    demo: bool = False
    """Plants the demo's pharmacies and their catalogue."""

    @model_validator(mode="after")
    def _webhook_is_signed(self) -> Self:
        if self.push_webhook_url and len(self.push_webhook_secret) < 16:
            raise ValueError("a webhook needs a secret of at least 16 characters")
        return self

    @model_validator(mode="after")
    def _providers_are_whole(self) -> Self:
        for name in self.payment_providers:
            if missing := [key for key in _WANTED[name] if not getattr(self, key)]:
                raise ValueError(f"{name} needs {', '.join(missing)}")
        if "sandbox" in self.payment_providers and len(self.sandbox_secret) < 16:
            raise ValueError("the sandbox needs a secret of at least 16 characters")
        if "wechat" in self.payment_providers:
            if len(self.wechat_apiv3_key) != 32:
                raise ValueError("wechat_apiv3_key has 32 characters")
            if bool(self.wechat_public_key) != bool(self.wechat_public_key_id):
                raise ValueError("wechat_public_key and wechat_public_key_id belong together")
            if not (self.wechat_public_key or self.wechat_certificates):
                raise ValueError("wechat needs wechat_public_key or wechat_certificates")
        return self

    def of_providers(self) -> dict[str, str]:
        """What the adapters are made of; see `providers.choose`."""
        return {key: getattr(self, key) for key in type(self).model_fields if key.startswith(_PREFIXES)}


_PREFIXES = "sandbox_", "alipay_", "wechat_"
_WANTED = {
    "sandbox": ("payment_notify_url", "sandbox_url"),
    "alipay": ("payment_notify_url", "alipay_app_id", "alipay_seller_id", "alipay_private_key", "alipay_public_key"),
    "wechat": (
        *("payment_notify_url", "wechat_appid", "wechat_mchid"),
        *("wechat_certificate_serial", "wechat_private_key"),
    ),
}
