"""The cashier as a part of the stack."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from stack import probe
from stack.cashier.keys import keep
from stack.program import Program
from stack.services import python_environment


class Cashier(Program):
    """Told everything by its folder: its book and its keys."""

    stop_seconds = 2.0

    def __init__(
        self, folder: Path, host: str, port: int, providers: Sequence[str], trusted: Path | None = None
    ) -> None:
        """`trusted`: the CA of whom it calls, where that is not a public one."""
        super().__init__("cashier", f"{host}:{port}")
        self.url = f"http://{host}:{port}"
        self._folder, self._host, self._port = folder, host, port
        self._providers, self._trusted = providers, trusted
        self._keys = keep(folder / "keys.json", providers)

    async def command(self) -> list[str]:
        return [sys.executable, "-m", "stack.cashier", str(self._folder), self._host, str(self._port)]

    def environment(self) -> dict[str, str]:
        return python_environment() | ({"SSL_CERT_FILE": str(self._trusted)} if self._trusted else {})

    async def ready(self) -> bool:
        return await probe.http_ok(self._host, self._port, "/readyz")

    def merchant(self, notify_url: str) -> dict[str, str]:
        """The environment of whoever takes payments by it, and is called at this URL."""
        keys = self._keys
        variables = {
            "APRICOT_PAYMENT_PROVIDERS": json.dumps(list(self._providers)),
            "APRICOT_PAYMENT_NOTIFY_URL": notify_url,
        }
        if keys.sandbox_secret:
            variables |= {"APRICOT_SANDBOX_URL": self.url, "APRICOT_SANDBOX_SECRET": keys.sandbox_secret}
        if alipay := keys.alipay:
            variables |= {
                "APRICOT_ALIPAY_URL": f"{self.url}/gateway.do",
                "APRICOT_ALIPAY_APP_ID": alipay.app_id,
                "APRICOT_ALIPAY_SELLER_ID": alipay.seller_id,
                "APRICOT_ALIPAY_PRIVATE_KEY": alipay.app_private_key,
                "APRICOT_ALIPAY_PUBLIC_KEY": alipay.alipay_public_key,
            }
        if wechat := keys.wechat:
            variables |= {
                "APRICOT_WECHAT_URL": self.url,
                "APRICOT_WECHAT_APPID": wechat.appid,
                "APRICOT_WECHAT_MCHID": wechat.mchid,
                "APRICOT_WECHAT_APIV3_KEY": wechat.apiv3_key,
                "APRICOT_WECHAT_CERTIFICATE_SERIAL": wechat.merchant_serial,
                "APRICOT_WECHAT_PRIVATE_KEY": wechat.merchant_private_key,
                "APRICOT_WECHAT_PUBLIC_KEY_ID": wechat.public_key_id,
                "APRICOT_WECHAT_PUBLIC_KEY": wechat.wechat_public_key,
            }
        return variables
