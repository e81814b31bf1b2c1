"""The Python services as programs."""

import os
import sys
from pathlib import Path

from stack import probe
from stack.program import Program

SERVICES = ("identity", "glucose", "consult", "pharmacy")
CALLERS = ("glucose", "consult", "pharmacy")
"""Services that sign in at identity."""
WORKERS = ("glucose", "consult", "pharmacy")
"""Services that have a second program, `worker`, behind their calls."""
LATER = ("consult", "pharmacy")
"""Services that the ward does without: where they would hold it up, they are started behind it."""


class Service(Program):
    """One replica of one service's program: `python -m services.NAME.main`, told everything by its environment."""

    def __init__(
        self,
        service: str,
        replica: str,
        host: str,
        grpc_port: int,
        http_port: int,
        program: str = "main",
        tls: tuple[Path, int] | None = None,
    ) -> None:
        """`tls`: its certificate's folder and its HTTPS port."""
        super().__init__(replica, f"{host}:{grpc_port}")
        self.service = service
        self.program = program
        """`main` answers calls; `worker` does what follows from them."""
        self.http_address = f"{host}:{http_port}"
        """Metrics and health."""
        self.called_at = f"https://{host}:{tls[1]}" if tls else f"http://{self.http_address}"
        """Where what it serves beside the contract is: identity's public keys, the pharmacy's callbacks."""
        self.variables = {
            "APRICOT_HOST": host,
            "APRICOT_GRPC_PORT": str(grpc_port),
            "APRICOT_HTTP_PORT": str(http_port),
            "APRICOT_REPLICA": replica,
        }
        if tls:
            self.variables |= {"APRICOT_TLS_FOLDER": str(tls[0]), "APRICOT_HTTPS_PORT": str(tls[1])}
        self._host, self._http_port = host, http_port

    async def command(self) -> list[str]:
        return [sys.executable, "-m", f"services.{self.service}.{self.program}"]

    def environment(self) -> dict[str, str]:
        return python_environment() | self.variables

    async def ready(self) -> bool:
        return await probe.http_ok(self._host, self._http_port, "/readyz")


def python_environment() -> dict[str, str]:
    """Unbuffered: the last lines before a crash are those one wants in the log."""
    return os.environ | {"PYTHONUNBUFFERED": "1"}
