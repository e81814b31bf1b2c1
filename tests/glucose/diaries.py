"""A patient's diary as a test writes and reads it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from apricot.glucose.v1.diary_pb2 import AmendEntryRequest, DeleteEntryRequest, EntryOutcome, EntryResult
from apricot.glucose.v1.entry_pb2 import Entry

from clients.sdk import Recorder
from tests.people import Person

ZONE = "Asia/Shanghai"
HAND = Recorder.by_hand("hand", ZONE)


def ago(minutes: float) -> datetime:
    """An instant that a phone would have: whole milliseconds."""
    now = datetime.now(UTC) - timedelta(minutes=minutes)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


async def log(person: Person, *entries: Entry, patient: Person | None = None) -> list[EntryResult]:
    return await person.session.log((patient or person).account_id, entries)


async def outcomes(person: Person, *entries: Entry) -> list[EntryOutcome.ValueType]:
    return [result.outcome for result in await log(person, *entries)]


async def listed(person: Person) -> list[Entry]:
    return [entry async for entry in person.session.entries(person.account_id)]


async def amend(person: Person, entry: Entry, revision: int, note: str = "") -> Entry:
    request = AmendEntryRequest(
        patient_id=person.account_id, entry=entry, expected_revision=revision, note=note, request_id=str(uuid4())
    )
    return (await person.session.diary.AmendEntry(request)).entry


async def delete(person: Person, entry_id: str, revision: int, note: str = "") -> int:
    request = DeleteEntryRequest(
        patient_id=person.account_id,
        entry_id=entry_id,
        expected_revision=revision,
        note=note,
        request_id=str(uuid4()),
    )
    return (await person.session.diary.DeleteEntry(request)).revision


def ids(entries: Sequence[Entry]) -> list[str]:
    return [entry.entry_id for entry in entries]
