"""The state folder: data, logs, secrets, and the lock that lets one platform at a time use it."""

import base64
import fcntl
import json
import os
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TextIO

from stack.files import write_private
from stack.leftovers import recall, remember
from stack.log import Log
from stack.services import CALLERS, SERVICES


class StateInUse(Exception):
    """Another platform runs on this state."""


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _passwords() -> dict[str, str]:
    return {service: secrets.token_urlsafe(24) for service in SERVICES}


@dataclass(frozen=True)
class Secrets:
    """Made at the first start; they stay as long as the data they open."""

    postgres_password: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    nats_password: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    service_secrets: dict[str, str] = field(default_factory=lambda: {one: _key() for one in CALLERS})
    """By which each service signs in at identity."""
    service_sealing_keys: dict[str, str] = field(default_factory=lambda: {one: f"{one}-1:{_key()}" for one in SERVICES})
    """By service, as `APRICOT_SEALING_KEYS`."""
    sealing_keys: str = ""
    """Of a state older than the services' own keys: what all of them sealed. The workers seal it anew."""
    role_passwords: dict[str, str] = field(default_factory=_passwords)
    """Of each service's role in PostgreSQL."""
    user_passwords: dict[str, str] = field(default_factory=_passwords)
    """Of each service's user in NATS."""
    identity_key: str = field(default_factory=lambda: _key())

    def sealing_keys_of(self, *services: str) -> str:
        """Return the keys that open what these services sealed; the first service's seals."""
        rings = [self.service_sealing_keys[one] for one in services] + [self.sealing_keys]
        return ",".join(ring for ring in rings if ring)


@dataclass(frozen=True)
class Running:
    """What a running platform tells other commands about itself."""

    pid: int
    gateway_address: str | None
    database_url: str | None
    nats_url: str | None
    addresses: dict[str, str]
    """Each part's address."""
    gateway_ca: str | None = None
    """The file of whom to trust for the gateway's certificate."""
    demo: bool = False
    """Whether the demo's people are on it."""


class StateFolder:
    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._lock: TextIO | None = None

    def acquire(self) -> None:
        """Take the folder for this process, until `release` or its end."""
        # PostgreSQL's account may have to pass through; every secret in here has a mode of its own.
        self.path.mkdir(mode=0o711, parents=True, exist_ok=True)
        for folder in self.logs, self.pids, self.objects:
            folder.mkdir(mode=0o700, exist_ok=True)
            folder.chmod(0o700)  # patients' pictures once lay open to the machine
        lock = self._lock_file.open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            holder = recall(self._lock_file)
            raise StateInUse(f"{self.path} is in use by process {holder.pid if holder else '?'}") from None
        remember(self._lock_file, os.getpid())
        self._lock = lock

    def release(self) -> None:
        if self._lock:
            self._running_file.unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    @property
    def certificates(self) -> Path:
        return self.path / "tls"

    @property
    def objects(self) -> Path:
        """Where photos and attachments are, unless the settings name another store."""
        return self.path / "objects"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def pids(self) -> Path:
        return self.path / "pids"

    def log(self, part: str) -> Log:
        return Log(self.logs / f"{part}.log")

    def pid_file(self, part: str) -> Path:
        return self.pids / part

    def secrets(self) -> Secrets:
        file = self.path / "secrets.json"
        kept = json.loads(file.read_text()) if file.exists() else {}
        known = {one.name for one in fields(Secrets)}
        all_of_them = Secrets(**{name: value for name, value in kept.items() if name in known})
        if asdict(all_of_them) != kept:
            write_private(file, json.dumps(asdict(all_of_them), indent=2))
        return all_of_them

    def announce(self, running: Running) -> None:
        write_private(self._running_file, json.dumps(asdict(running), indent=2))

    def running(self) -> Running | None:
        """The platform that runs on this state, asked from another process."""
        if recall(self._lock_file) is None or not self._running_file.exists():
            return None
        return Running(**json.loads(self._running_file.read_text()))

    @property
    def _lock_file(self) -> Path:
        return self.path / "lock"

    @property
    def _running_file(self) -> Path:
        return self.path / "running.json"
