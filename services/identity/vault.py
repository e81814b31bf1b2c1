"""Secrets at rest: sealed, derived and fingerprinted under one root key, a subkey for each purpose."""

import hashlib
import hmac
import secrets
from functools import cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.identity.domain.indexed import Indexed

_NONCE_BYTES = 12


class Vault:
    """Holds the root key (32 bytes)."""

    def __init__(self, root_key: bytes) -> None:
        if len(root_key) != 32:
            raise ValueError("the identity key has 32 bytes")
        self._root_key = root_key
        self.subkey = cache(self._subkey)
        """The key (32 bytes) of one purpose, by HKDF-SHA-256."""

    def seal(self, purpose: str, owner: str, secret: bytes) -> bytes:
        """Encrypt (AES-256-GCM). `owner` is bound in: what is sealed for one row does not open in another."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self.subkey(purpose)).encrypt(nonce, secret, owner.encode())

    def open(self, purpose: str, owner: str, sealed: bytes) -> bytes:
        """Decrypt. Errors: `cryptography.exceptions.InvalidTag` when key, purpose or owner differ."""
        nonce, encrypted = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        return AESGCM(self.subkey(purpose)).decrypt(nonce, encrypted, owner.encode())

    def derive(self, purpose: str, *parts: str) -> bytes:
        """A secret of 32 bytes that is the same whenever it is asked for with these parts (HMAC-SHA-256)."""
        return hmac.digest(self.subkey(purpose), "\0".join(parts).encode(), hashlib.sha256)

    def indexed(self, kind: str, value: str) -> Indexed:
        """With its blind index, which lasts as long as the root key."""
        return Indexed(value, self.derive(kind, value))

    def _subkey(self, purpose: str) -> bytes:
        return HKDF(SHA256(), 32, salt=None, info=f"apricot.identity.{purpose}".encode()).derive(self._root_key)
