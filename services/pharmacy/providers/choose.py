"""The providers that are configured. Each is imported only then: Alipay's and WeChat's own libraries take time and
memory."""

from collections.abc import Collection, Mapping

from kit.clock import Clock
from services.pharmacy.providers.port import Provider

CALLBACK_PATH = "/payments/{}/callback"
"""Where a provider calls, behind the gateway's public address."""


def build(names: Collection[str], settings: Mapping[str, str], notify_url: str, clock: Clock) -> dict[str, Provider]:
    """By name. `settings` has what each adapter is made of, prefixed by its name: "sandbox_url". The notify URL is the
    gateway's public address."""
    return {name: _build(name, _own(name, settings), notify_url, clock) for name in names}


def _own(name: str, settings: Mapping[str, str]) -> dict[str, str]:
    return {key.removeprefix(f"{name}_"): value for key, value in settings.items() if key.startswith(f"{name}_")}


def _build(name: str, own: Mapping[str, str], notify_url: str, clock: Clock) -> Provider:
    callback = notify_url.rstrip("/") + CALLBACK_PATH.format(name)
    match name:
        case "sandbox":
            from services.pharmacy.providers.sandbox import Sandbox

            return Sandbox(**own, notify_url=callback, clock=clock)
        case "alipay":
            from services.pharmacy.providers.alipay import Alipay

            return Alipay(**own, notify_url=callback, clock=clock)
        case "wechat":
            from services.pharmacy.providers.wechat import WeChat

            return WeChat(**own, notify_url=callback, clock=clock)
    raise ValueError(f"no payment provider is called {name}")
