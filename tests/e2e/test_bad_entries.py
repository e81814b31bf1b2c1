"""Entries that break a rule: each is named with its reason, and harms none of its neighbours."""

from uuid import uuid4

import pytest
from apricot.glucose.v1.diary_pb2 import (
    ENTRY_OUTCOME_CREATED,
    ENTRY_OUTCOME_REJECTED,
    AmendEntryRequest,
    DeleteEntryRequest,
    LogEntriesRequest,
    LogEntriesResponse,
    UploadEntriesRequest,
    UploadEntriesResponse,
)
from apricot.glucose.v1.entry_pb2 import Entry

from kit.errors import status_of
from tests.e2e.bad_entries import REJECTED, reading, set_time
from tests.e2e.conftest import Doors
from tests.people import People, Person

DIARY = "/apricot.glucose.v1.DiaryService"
DOORS = ["gateway", "direct"]


@pytest.fixture(scope="module")
async def patient(people: People) -> Person:
    return await people.patient()


def good(hours: int) -> Entry:
    """One that is stored; each at its own hour."""
    entry = reading()
    set_time(entry, entry.time.seconds - 3600 * hours)
    return entry


@pytest.mark.parametrize("door", DOORS)
async def test_each_bad_entry_is_named_and_its_neighbours_are_stored(door: str, doors: Doors, patient: Person) -> None:
    """Bad and good in turn: one result for each, in order."""
    bad = list(REJECTED.values())
    neighbours = [good(hours) for hours in range(len(bad))]
    request = LogEntriesRequest(patient_id=patient.account_id, request_id=str(uuid4()))
    for (entry, _, _), neighbour in zip(bad, neighbours, strict=True):
        request.entries.extend([entry, neighbour])
    outcome = await doors.call(door, f"{DIARY}/LogEntries", request.SerializeToString(), await patient.token())
    results = LogEntriesResponse.FromString(outcome.answer).results
    assert [result.entry_id for result in results] == [entry.entry_id for entry in request.entries]
    named = {
        name: (result.outcome, result.reason, result.field) for name, result in zip(REJECTED, results[::2], strict=True)
    }
    assert named == {name: (ENTRY_OUTCOME_REJECTED, reason, field) for name, (_, reason, field) in REJECTED.items()}
    assert {result.outcome for result in results[1::2]} == {ENTRY_OUTCOME_CREATED}

    listed = {entry.entry_id async for entry in patient.session.entries(patient.account_id)}
    assert {entry.entry_id for entry in neighbours} <= listed
    assert not {entry.entry_id for entry, _, _ in bad if entry.entry_id not in ("", "42")} & listed
    for entry in neighbours:
        await delete(patient, entry)


async def delete(patient: Person, entry: Entry) -> None:
    await patient.session.diary.DeleteEntry(
        DeleteEntryRequest(
            patient_id=patient.account_id, request_id=str(uuid4()), entry_id=entry.entry_id, expected_revision=1
        )
    )


@pytest.mark.parametrize("door", DOORS)
async def test_an_upload_names_its_bad_entries(door: str, doors: Doors, people: People) -> None:
    patient = await people.patient()
    entries = [entry for entry, _, _ in REJECTED.values()] + [reading()]
    request = UploadEntriesRequest(patient_id=patient.account_id, entries=entries)
    outcome = await doors.call(door, f"{DIARY}/UploadEntries", request.SerializeToString(), await patient.token())
    totals = UploadEntriesResponse.FromString(outcome.answer)
    assert (totals.received_count, totals.created_count, totals.rejected_count) == (len(entries), 1, len(REJECTED))
    assert [problem.reason for problem in totals.problems] == [reason for _, reason, _ in REJECTED.values()]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("why", REJECTED)
async def test_an_amendment_keeps_the_same_rules(why: str, door: str, doors: Doors, patient: Person) -> None:
    stored, (bad, reason, field) = reading(), REJECTED[why]
    await patient.session.log(patient.account_id, [stored])
    amended = Entry()
    amended.CopyFrom(bad)
    if field != "entry_id":
        amended.entry_id = stored.entry_id
    request = AmendEntryRequest(
        patient_id=patient.account_id, request_id=str(uuid4()), entry=amended, expected_revision=1
    )
    outcome = await doors.call(door, f"{DIARY}/AmendEntry", request.SerializeToString(), await patient.token())
    assert outcome.code is status_of(reason)
    assert any(path.startswith(f"entry.{field}") for path in outcome.violations), outcome
    await delete(patient, stored)
