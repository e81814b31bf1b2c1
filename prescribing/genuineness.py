"""Whether a prescription is genuine: signed, as it is, by a doctor's key of identity's that was the doctor's then."""

import time
from abc import ABC, abstractmethod
from datetime import timedelta
from typing import override

import grpc
from apricot.consult.v1.prescription_pb2 import (
    GENUINENESS_GENUINE,
    GENUINENESS_KEY_UNKNOWN,
    GENUINENESS_SIGNATURE_INVALID,
    GENUINENESS_WRONG_KEY,
    Genuineness,
    PrescriptionContent,
)
from apricot.identity.v1.signing_pb2 import ListPublicKeysRequest, PublicKey
from apricot.identity.v1.signing_pb2_grpc import SigningServiceStub
from google.protobuf.message import DecodeError

from kit.signatures import is_signed
from kit.times import to_datetime

PURPOSE = "prescription"
_CLOCK_SKEW = timedelta(minutes=5)
"""Between the clock that dates a prescription and the one that dates a key."""
_TIMEOUT_SECONDS = 3.0
_KEEP_SECONDS = 60.0
_KEEP_AT_MOST = 10_000


class Keys(ABC):
    """Identity's public keys, and what they say of prescriptions."""

    async def judge(self, signed_content: bytes, signature: bytes, key_id: str) -> Genuineness.ValueType:
        """What these bytes are worth. Errors: an outage."""
        key = await self.find(key_id)
        if key is None:
            return GENUINENESS_KEY_UNKNOWN
        content = _parsed(signed_content)
        if content is None or not is_signed(PURPOSE, signed_content, signature, key.public_key):
            return GENUINENESS_SIGNATURE_INVALID
        return GENUINENESS_GENUINE if _was_the_doctors(key, content) else GENUINENESS_WRONG_KEY

    @abstractmethod
    async def find(self, key_id: str) -> PublicKey | None:
        """The key of that id. Errors: an outage."""


class DoctorKeys(Keys):
    """As identity answers, kept for a minute."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._signing = SigningServiceStub(channel)
        self._keys: dict[str, tuple[float, PublicKey]] = {}

    @override
    async def find(self, key_id: str) -> PublicKey | None:
        kept = self._keys.get(key_id)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        request = ListPublicKeysRequest(key_ids=[key_id])
        found = (await self._signing.ListPublicKeys(request, timeout=_TIMEOUT_SECONDS)).keys
        if not found:
            return None
        if len(self._keys) >= _KEEP_AT_MOST:
            self._keys.clear()
        self._keys[key_id] = time.monotonic() + _KEEP_SECONDS, found[0]
        return found[0]


def _was_the_doctors(key: PublicKey, content: PrescriptionContent) -> bool:
    issued = to_datetime(content.issue_time)
    started = to_datetime(key.start_time) - _CLOCK_SKEW <= issued
    ended = key.HasField("end_time") and to_datetime(key.end_time) + _CLOCK_SKEW < issued
    return key.account_id == content.doctor_id and started and not ended


def _parsed(signed_content: bytes) -> PrescriptionContent | None:
    try:
        return PrescriptionContent.FromString(signed_content)
    except DecodeError:
        return None
