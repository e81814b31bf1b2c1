"""The audit chain: each event's hash covers the event and the hash before it, so that what is changed, taken out or
moved breaks the chain from there on."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

GENESIS = bytes(32)
"""The hash before the first event."""


@dataclass(frozen=True)
class Event:
    """Something that happened, without its place in the chain."""

    time: datetime
    actor_id: UUID
    action: str
    """A full method name such as "apricot.glucose.v1.DiaryService/ListEntries"."""
    patient_id: UUID | None = None
    """Whose data; none when nobody's."""
    object_id: UUID | None = None
    """What was changed: a grant, a licence, an organization, an account."""


@dataclass(frozen=True)
class Link:
    """An event in its place."""

    sequence: int
    """From 1, without gaps."""
    event: Event
    hash: bytes


@dataclass(frozen=True)
class Head:
    """The end of a chain."""

    sequence: int = 0
    hash: bytes = GENESIS


def link(head: Head, event: Event) -> Link:
    """The event as the chain's next link."""
    sequence = head.sequence + 1
    return Link(sequence, event, _hash(sequence, event, head.hash))


def seal(key: bytes, head: Head) -> bytes:
    """What is kept beside the chain's end: without the key nobody shortens the chain or writes it anew unseen."""
    return hmac.digest(key, head.sequence.to_bytes(8) + head.hash, hashlib.sha256)


def is_sealed(key: bytes, head: Head, seal_found: bytes) -> bool:
    """Whether a seal is ours, and of this end."""
    return hmac.compare_digest(seal_found, seal(key, head))


def _hash(sequence: int, event: Event, previous: bytes) -> bytes:
    canonical = json.dumps(
        [
            sequence,
            event.time.astimezone(UTC).isoformat(timespec="microseconds"),
            str(event.actor_id),
            event.action,
            str(event.patient_id or ""),
            str(event.object_id or ""),
            previous.hex(),
        ],
        separators=(",", ":"),
        ensure_ascii=True,
    )
    return hashlib.sha256(canonical.encode()).digest()
