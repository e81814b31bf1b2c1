"""Two devices, each in a network of its own with two ways to the other; one way can be cut.

For real, with namespaces of Linux, where this process may make them:

    patient ── wlan ──┐                ┌── wlan ── doctor
                      ├ bridges in the ┤
    patient ── cell ──┘     router     └── cell ── doctor

Elsewhere on loopback, where the device itself drops what one address sends and gets.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

SIDES = ("patient", "doctor")
_LINKS = {"wlan": "10.91.1", "cell": "10.91.2"}
_ADDRESSES = {"patient": ["127.0.0.2", "127.0.0.3"], "doctor": ["127.0.0.4", "127.0.0.5"]}
"""Where there is loopback alone, all of which is of this machine."""


class Loopback:
    """Addresses of this machine alone."""

    def command(self, side: str) -> list[str]:
        """What stands before the device's command."""
        return []

    def arguments(self, side: str) -> list[str]:
        """What stands behind it."""
        return _ADDRESSES[side]

    def cut(self, side: str, address: str) -> dict[str, str]:
        """Take away the device's link with this address; what is to be told to the device."""
        return {"cut": address}


class Namespaces:
    """A namespace for each device, and one for the router."""

    def __init__(self, name: str) -> None:
        self._router = f"{name}-router"
        self._spaces = {side: f"{name}-{side}" for side in SIDES}

    def command(self, side: str) -> list[str]:
        return ["ip", "netns", "exec", self._spaces[side]]

    def arguments(self, side: str) -> list[str]:
        return []

    def cut(self, side: str, address: str) -> dict[str, str]:
        link = next(name for name, subnet in _LINKS.items() if address.startswith(f"{subnet}."))
        _ip(f"-n {self._spaces[side]} link set {link} down")
        return {}

    def make(self) -> None:
        for space in (self._router, *self._spaces.values()):
            _ip(f"netns add {space}")
        for link, subnet in _LINKS.items():
            _ip(f"-n {self._router} link add {link} type bridge")
            _ip(f"-n {self._router} link set {link} up")
            for number, (side, space) in enumerate(self._spaces.items(), start=1):
                port = f"{link}-{side}"
                _ip(f"link add {link} netns {space} type veth peer name {port} netns {self._router}")
                _ip(f"-n {self._router} link set {port} master {link} up")
                _ip(f"-n {space} address add {subnet}.{number}/24 dev {link}")
                _ip(f"-n {space} link set {link} up")

    def remove(self) -> None:
        """With their links; whatever of it there is."""
        for space in (*self._spaces.values(), self._router):
            subprocess.run(["ip", "netns", "del", space], check=False, capture_output=True)


def may_make_namespaces() -> bool:
    """Whether this process may, tried once."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    name = f"apricot-{uuid4().hex[:8]}"
    made = subprocess.run(["ip", "netns", "add", name], check=False, capture_output=True).returncode == 0
    subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
    return made


@contextmanager
def network(kind: str) -> Iterator[Loopback | Namespaces]:
    """`loopback` or `namespaces`; nothing of it is left behind."""
    if kind == "loopback":
        yield Loopback()
        return
    made = Namespaces(f"apricot-{uuid4().hex[:8]}")
    try:
        made.make()
        yield made
    finally:
        made.remove()


def _ip(arguments: str) -> None:
    subprocess.run(["ip", *arguments.split()], check=True, capture_output=True)
