"""Values that a stolen dump must not tell: sealed on their way into the database, opened on their way out.

A sealed value names the key that sealed it, so that keys change while everything goes on: the first key seals, every
key opens, and `kit.resealing` seals anew what an older key, or none, has sealed.
"""

import base64
import binascii
import re
import secrets
from functools import cache
from typing import Self

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from prometheus_client import Counter

PLAIN = "plain"
"""In the place of the first key: new values are not sealed. For a rollout beside a release that cannot open."""
MAGIC = b"\xffapr.seal"
"""How a sealed value begins, and no message of the contract can: its first byte would be a field of wire type 7."""
TEXT_MAGIC = base64.b64encode(MAGIC).decode()
"""How a sealed text begins."""
UNREADABLE = Counter("apricot_unreadable_values", "Sealed values that no key here opens, each time one is met.")
_NAME_BYTES, _NONCE_BYTES = 15, 12
_NAME_END = len(MAGIC) + _NAME_BYTES
_KEY = re.compile(rf"([a-z0-9-]{{1,{_NAME_BYTES}}}):(.+)")


class UnknownKeyError(Exception):
    """A value was sealed by a key that is not here."""


class SealingKeys:
    """A platform's keys."""

    def __init__(self, keys: dict[str, bytes] | None = None, *, seals: bool = True) -> None:
        """Keys of 32 bytes by name; the first seals, unless it is said not to. Without any, values are kept as they
        are."""
        self._keys = keys or {}
        self.first = next(iter(self._keys), "") if seals else ""
        """The name of the key that seals; empty: none does."""
        self._cipher = cache(self._new_cipher)

    @classmethod
    def parse(cls, text: str) -> Self:
        """`NAME:KEY`, with commas between: names of a-z, 0-9 and -, keys of 32 bytes in base64. `plain` may come first.

        Errors: ValueError.
        """
        parts = text.split(",")
        seals = parts[0] != PLAIN
        keys = dict[str, bytes]()
        for part in parts if seals else parts[1:]:
            match = _KEY.fullmatch(part)
            if match is None or match[1] in (PLAIN, *keys):
                raise ValueError("sealing keys are NAME:KEY with commas between, each name once")
            keys[match[1]] = _decoded(match[2])
        if not keys:
            raise ValueError("a sealing key is needed")
        return cls(keys, seals=seals)

    @property
    def prefix(self) -> bytes:
        """How a value begins that the first key has sealed, a multiple of 3 bytes; empty: none seals."""
        return MAGIC + self.first.encode().ljust(_NAME_BYTES, b"\0") if self.first else b""

    @property
    def text_prefix(self) -> str:
        """The same, of a text."""
        return base64.b64encode(self.prefix).decode()

    @property
    def fingerprints(self) -> dict[str, str]:
        """By name, what tells each key from others and tells nothing of it."""
        return {name: _derived(key, "fingerprint").hex()[:32] for name, key in self._keys.items()}

    def seal(self, column: str, value: bytes) -> bytes:
        """Encrypt (AES-256-GCM-SIV, RFC 8452) under a key of the column's own: in another column it does not open."""
        if not (self.first and value):
            return value  # nothing to hide
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return self.prefix + nonce + self._cipher(self.first, column).encrypt(nonce, value, None)

    def open(self, column: str, kept: bytes) -> bytes:
        """What was sealed, or what never was.

        Errors: `UnknownKeyError`; `cryptography.exceptions.InvalidTag` when it was altered, or is another column's.
        """
        if not kept.startswith(MAGIC):
            return kept
        name = kept[len(MAGIC) : _NAME_END].rstrip(b"\0").decode("ascii", "replace")
        nonce, sealed = kept[_NAME_END : _NAME_END + _NONCE_BYTES], kept[_NAME_END + _NONCE_BYTES :]
        with UNREADABLE.count_exceptions():
            if name not in self._keys:
                raise UnknownKeyError(f"a value of {column} was sealed by the key {name!r}, which is not here")
            return self._cipher(name, column).decrypt(nonce, sealed, None)

    def seal_text(self, column: str, value: str) -> str:
        """Encrypt a text into a text."""
        return base64.b64encode(self.seal(column, value.encode())).decode() if self.first and value else value

    def open_text(self, column: str, kept: str) -> str:
        """What was sealed, or what never was. Errors: as of `open`."""
        return self.open(column, base64.b64decode(kept)).decode() if kept.startswith(TEXT_MAGIC) else kept

    def _new_cipher(self, name: str, column: str) -> AESGCMSIV:
        return AESGCMSIV(_derived(self._keys[name], column))


NO_KEYS = SealingKeys()


def _decoded(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != 32:
        raise ValueError("a sealing key is 32 bytes in base64")
    return key


def _derived(key: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"apricot.sealing.{purpose}".encode()).derive(key)
