"""The audit chain: each event's hash covers the event and the hash before it, so that what is changed, taken out or
moved breaks the chain from there on."""

import hashlib
import hmac
import json
from collections.abc import Iterable
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


def follow(head: Head, links: Iterable[Link]) -> tuple[Head, int | None]:
    """Go along links that should continue the chain behind `head`: the last that holds, and the place of the first
    that does not, if any."""
    for found in links:
        expected = link(head, found.event)
        if found.sequence != expected.sequence or not hmac.compare_digest(found.hash, expected.hash):
            return head, head.sequence + 1
        head = Head(found.sequence, found.hash)
    return head, None


def seal(key: bytes, head: Head) -> bytes:
    """What is kept beside the chain's end: without the key nobody shortens the chain or writes it anew unseen."""
    return hmac.digest(key, head.sequence.to_bytes(8) + head.hash, hashlib.sha256)


def broken_end(key: bytes, reached: Head, end: Head, sealed: bytes) -> int | None:
    """Where a chain that holds as far as it goes differs from the end on record: the first event that is missing there
    or here, the last event if it is another, or, when the record's seal is not ours, what it no longer speaks of."""
    if reached.sequence != end.sequence:
        return min(reached.sequence, end.sequence) + 1
    if not hmac.compare_digest(reached.hash, end.hash):
        return reached.sequence
    if not hmac.compare_digest(sealed, seal(key, end)):
        return reached.sequence + 1
    return None


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
