"""What was typed and not sent: it survives a crash and a restart.

One file for each, sealed with a key from the keychain (`draft_key`) and named by it, so that neither a name nor a
word can be read by whoever takes the disk, two apps side by side do not write over each other, and what was sealed with
another key is simply not found.
"""

import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from PySide6.QtCore import QObject, QTimer

from clients.clinician.models.keychain import Keychain, NoKeychain

WRITE_MILLISECONDS = 500
"""What is typed within is written together."""
KEPT_SECONDS = 90 * 86400
_SUFFIX = ".draft"
_KEY_NAME = "drafts"


async def draft_key(keychain: Keychain, folder: Path) -> bytes:
    """The keychain's, made at the first use. Where there is no keychain it lies in a file beside the drafts, which only
    her account of this machine can read: then the disk has to be encrypted."""
    file = folder / "key"
    try:
        if found := await keychain.read(_KEY_NAME):
            return found.encode()
        made = file.read_bytes() if file.exists() else Fernet.generate_key()
        await keychain.write(_KEY_NAME, made.decode())
        file.unlink(missing_ok=True)
        return made
    except NoKeychain:
        if not file.exists():
            _write(file, Fernet.generate_key())
        return file.read_bytes()


class Drafts(QObject):
    """Of one account. What cannot be read is as if it were not there; what cannot be written is tried again."""

    def __init__(self, folder: Path, account_id: str, key: bytes, *, now: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._now = now
        self._names = hashlib.sha256(key).digest()
        self._seal = Fernet(key)
        self._folder = folder / self._name("account", account_id)
        self._waiting: dict[str, str | None] = {}
        """To be written by key; None: to be dropped."""
        self._timer = QTimer(self, singleShot=True, interval=WRITE_MILLISECONDS)
        self._timer.timeout.connect(self.flush)
        self._drop_old()

    def get(self, key: str) -> str | None:
        """What was typed there."""
        if key in self._waiting:
            return self._waiting[key]
        try:
            kept = json.loads(self._seal.decrypt_at_time(self._file(key).read_bytes(), KEPT_SECONDS, int(self._now())))
        except (OSError, InvalidToken, ValueError):
            return None
        text = kept.get("text") if isinstance(kept, dict) else None
        return text if isinstance(text, str) else None

    def put(self, key: str, text: str) -> None:
        """Keep it, on disk within a second."""
        if self.get(key) == text:
            return
        self._waiting[key] = text
        if not self._timer.isActive():
            self._timer.start()

    def drop(self, key: str) -> None:
        """It was sent, or thrown away."""
        self._waiting[key] = None
        self.flush()

    def flush(self) -> None:
        """Write what waits, now."""
        self._timer.stop()
        for key, text in list(self._waiting.items()):
            try:
                if text is None:
                    self._file(key).unlink(missing_ok=True)
                else:
                    sealed = self._seal.encrypt_at_time(json.dumps({"text": text}).encode(), int(self._now()))
                    _write(self._file(key), sealed)
            except OSError:  # a full disk, say: it stays in memory, and is tried again
                self._timer.start()
            else:
                del self._waiting[key]

    def _file(self, key: str) -> Path:
        return self._folder / f"{self._name('draft', key)}{_SUFFIX}"

    def _name(self, kind: str, text: str) -> str:
        return hmac.digest(self._names, f"{kind}\0{text}".encode(), "sha256").hex()[:32]

    def _drop_old(self) -> None:
        """Other keys' too: by when they were written."""
        for file in self._folder.parent.glob(f"*/*{_SUFFIX}"):
            with suppress(OSError):
                if file.stat().st_mtime < self._now() - KEPT_SECONDS:
                    file.unlink()


def _write(file: Path, content: bytes) -> None:
    """Whole or not at all, for its owner's eyes."""
    _make_private(file.parent)
    aside = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
            new.write(content)
            new.flush()
            os.fsync(new.fileno())
        aside.replace(file)
    except OSError:
        aside.unlink(missing_ok=True)
        raise


def _make_private(folder: Path) -> None:
    if not folder.exists():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
