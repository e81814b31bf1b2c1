"""What glucose publishes: the contract's messages of `events.proto`, on `apricot.glucose.<noun>.<event>.<patient>`."""

from collections.abc import Sequence
from uuid import UUID

from apricot.glucose.v1 import events_pb2
from apricot.identity.v1.events_pb2 import AccessUsed

from kit import wire
from kit.bus import Event

ENTRY_LOGGED = "entry.logged"
ENTRY_AMENDED = "entry.amended"
ENTRY_DELETED = "entry.deleted"

type EntryEvent = events_pb2.EntriesLogged | events_pb2.EntryAmended | events_pb2.EntryDeleted

_ENTRIES = events_pb2.EntriesLogged.ENTRIES_FIELD_NUMBER
_MESSAGES: dict[str, type[EntryEvent]] = {
    ENTRY_LOGGED: events_pb2.EntriesLogged,
    ENTRY_AMENDED: events_pb2.EntryAmended,
    ENTRY_DELETED: events_pb2.EntryDeleted,
}


def subject(kind: str, patient: UUID | str) -> str:
    """Where events of a kind about a patient go."""
    return f"apricot.glucose.{kind}.{patient}"


def entry_subjects(patient: UUID | str) -> str:
    """All entry events of a patient."""
    return f"apricot.glucose.entry.*.{patient}"


def entries_logged(patient: UUID, bodies: Sequence[bytes]) -> tuple[str, bytes]:
    """The event of a patient's new entries, from the bodies as stored."""
    event = events_pb2.EntriesLogged(patient_id=str(patient)).SerializeToString()
    return subject(ENTRY_LOGGED, patient), event + wire.repeated(_ENTRIES, bodies)


def access_used(use: AccessUsed) -> tuple[str, bytes]:
    """The event of somebody else's use of a patient's data; identity chains it into the audit."""
    return f"apricot.glucose.access.used.{use.patient_id}", use.SerializeToString()


def read_entry_event(event: Event) -> EntryEvent:
    """The message of an entry event."""
    return _MESSAGES[event.kind].FromString(event.payload)
