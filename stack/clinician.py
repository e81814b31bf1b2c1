"""`apricot clinician`: which platform the desktop app talks to, and as whom."""

import ipaddress
import logging
import sys
from pathlib import Path

from clients.clinician.app import Options, run
from clients.clinician.models.sign_in import Credentials
from stack.demo.accounts import CLINICIAN_PHONE, CODE
from stack.demo.lapse import measured_minutes
from stack.demo.people import TotpCodes
from stack.state import Running

_TLS_PORT = 443


def there(gateway: str, tls: bool | None, ca: Path | None) -> Options:
    """Anywhere: by TLS, unless it is this machine or the caller says otherwise."""
    host, port = _parted(gateway)
    wanted = not _is_loopback(host) if tls is None and ca is None else tls is not False
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return Options(address, tls=(ca.read_bytes() if ca else True) if wanted else False)


def here(running: Running, ca: Path | None) -> Options:
    """The platform that runs on this machine; a demo's is entered as its clinician."""
    scheme, _, address = (running.gateway_address or "").partition("://")
    ca = ca or (Path(running.gateway_ca) if running.gateway_ca else None)
    tls = scheme == "https" and (ca.read_bytes() if ca else True)
    if not running.demo:
        return Options(address, tls=tls)
    demo = Credentials(CLINICIAN_PHONE, CODE, TotpCodes())
    return Options(address, tls=tls, demo=demo, measured_minutes=measured_minutes)


def open_app(options: Options) -> int:
    """Until its last window is closed. A line says when it is live."""
    logging.basicConfig(stream=sys.stdout, level=logging.WARNING, format="%(message)s")
    logging.getLogger("clients.clinician").setLevel(logging.INFO)
    return run(options)


def _parted(gateway: str) -> tuple[str, int]:
    """Host and port; IPv6 in brackets, as in URLs."""
    if gateway.startswith("["):
        host, _, rest = gateway[1:].partition("]")
        return host, int(rest[1:] or _TLS_PORT)
    host, _, port = gateway.partition(":")
    return host, int(port or _TLS_PORT)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
