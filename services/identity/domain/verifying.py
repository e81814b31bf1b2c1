"""Whether an audit chain holds: how far, and what is wrong with the first event that does not."""

import base64
import binascii
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.identity.domain.audit import GENESIS, Head, Link, is_sealed, link, seal

_SEQUENCE_BYTES = 8


class Fault(StrEnum):
    """What is wrong, as far as the rows tell."""

    ALTERED = "altered"
    """The event is not what its hash covers, or does not follow on the one before."""
    MISSING = "missing"
    """The event is not there."""
    INSERTED = "inserted"
    """An event is there that the chain never had."""
    REORDERED = "reordered"
    """The event stands in another place."""
    UNSEALED = "unsealed"
    """The record of the chain's end is missing, or not sealed with our key for this end."""


@dataclass(frozen=True)
class Break:
    """Where a chain stops to hold."""

    sequence: int
    fault: Fault


class CheckpointInvalid(Exception):
    """It was not made here."""


def follow(head: Head, links: Iterable[Link]) -> tuple[Head, bool]:
    """Go along links that should continue the chain behind `head`: the last that holds, and whether all do."""
    for found in links:
        if found.sequence != head.sequence + 1 or not _follows(head, found):
            return head, False
        head = Head(found.sequence, found.hash)
    return head, True


def fault(head: Head, found: Sequence[Link]) -> Fault:
    """What is wrong with the first of the links found behind the last that holds; the others help to tell."""
    wrong, rest = found[0], found[1:]
    reached = head
    for later in rest:
        if not _follows(reached, later):
            break
        reached = Head(reached.sequence + 1, later.hash)
    if reached != head:  # the chain goes on without it
        return Fault.REORDERED if _follows(reached, wrong) else Fault.INSERTED
    if any(_follows(head, later) for later in rest):
        return Fault.REORDERED
    if wrong.sequence <= head.sequence:
        return Fault.INSERTED
    return Fault.MISSING if wrong.sequence > head.sequence + 1 else Fault.ALTERED


def broken_end(key: bytes | None, reached: Head, end: Head, sealed: bytes) -> Break | None:
    """Where a chain that holds as far as it goes differs from the end on record: the first event that is missing there
    or here, the last event if it is another, or, when the record's seal is not ours, what it no longer speaks of.
    Without a key the seal is believed."""
    unsealed = key is not None and not is_sealed(key, end, sealed)
    if reached.sequence != end.sequence:
        named = Fault.MISSING if reached.sequence < end.sequence else Fault.INSERTED
        return Break(min(reached.sequence, end.sequence) + 1, Fault.UNSEALED if unsealed else named)
    if not hmac.compare_digest(reached.hash, end.hash):
        return Break(reached.sequence, Fault.UNSEALED if unsealed else Fault.ALTERED)
    return Break(reached.sequence + 1, Fault.UNSEALED) if unsealed else None


def checkpoint(key: bytes, head: Head) -> str:
    """Up to where a chain was found to hold, signed: whoever keeps it can have the rest verified later."""
    packed = head.sequence.to_bytes(_SEQUENCE_BYTES) + head.hash + seal(key, head)
    return base64.urlsafe_b64encode(packed).decode()


def open_checkpoint(key: bytes, text: str) -> Head:
    """Where to go on; of an empty one, the beginning. Errors: CheckpointInvalid."""
    if not text:
        return Head()
    try:
        packed = base64.urlsafe_b64decode(text)
    except (binascii.Error, ValueError) as error:
        raise CheckpointInvalid from error
    hashed, sealed = packed[_SEQUENCE_BYTES:][: len(GENESIS)], packed[_SEQUENCE_BYTES + len(GENESIS) :]
    head = Head(int.from_bytes(packed[:_SEQUENCE_BYTES]), hashed)
    if not is_sealed(key, head, sealed):
        raise CheckpointInvalid
    return head


def _follows(head: Head, found: Link) -> bool:
    """Whether the chain goes on with it, whatever place it has."""
    return hmac.compare_digest(found.hash, link(head, found.event).hash)
