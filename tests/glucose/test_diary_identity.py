"""Which entries are the same: ids, natural keys, amendments, deletions."""

from uuid import uuid4

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.diary_pb2 import (
    ENTRY_OUTCOME_CONFLICT,
    ENTRY_OUTCOME_CREATED,
    ENTRY_OUTCOME_DUPLICATE,
    ListEntryRevisionsRequest,
    LogEntriesRequest,
)
from apricot.glucose.v1.entry_pb2 import INSULIN_KIND_LONG, INSULIN_KIND_RAPID, Entry

from clients.sdk import ApricotError
from tests.glucose.diaries import HAND, ago, amend, delete, ids, listed, log, outcomes
from tests.people import People, Person


@pytest.fixture
async def patient(people: People) -> Person:
    return await people.patient()


async def test_the_same_id_with_the_same_content_is_a_duplicate(patient: Person) -> None:
    entry = HAND.fingerstick_reading(ago(1), 100)
    assert await outcomes(patient, entry) == [ENTRY_OUTCOME_CREATED]
    assert await outcomes(patient, entry, entry) == [ENTRY_OUTCOME_DUPLICATE] * 2
    assert ids(await listed(patient)) == [entry.entry_id]


async def test_twice_in_one_call(patient: Person) -> None:
    entry = HAND.fingerstick_reading(ago(1), 100)
    assert await outcomes(patient, entry, entry) == [ENTRY_OUTCOME_CREATED, ENTRY_OUTCOME_DUPLICATE]


async def test_another_uploader_of_the_same_reading_makes_no_duplicate(patient: Person) -> None:
    when = ago(1)
    entry, again = HAND.sensor_reading(when, 100), HAND.sensor_reading(when, 100)
    (await log(patient, entry))
    (result,) = await log(patient, again)
    assert result.outcome == ENTRY_OUTCOME_DUPLICATE
    assert (result.entry_id, result.existing_entry_id) == (again.entry_id, entry.entry_id)


async def test_another_value_in_its_place_is_a_conflict(patient: Person) -> None:
    when = ago(1)
    entry = HAND.sensor_reading(when, 100)
    await log(patient, entry)
    other_id, other_time = HAND.sensor_reading(when, 101), HAND.sensor_reading(ago(2), 100)
    other_time.entry_id = entry.entry_id
    for result in await log(patient, other_id, other_time):
        assert result.outcome == ENTRY_OUTCOME_CONFLICT
        assert result.reason == Reason.REASON_ENTRY_CONFLICT
        assert result.existing_entry_id == entry.entry_id
    (kept,) = await listed(patient)
    assert kept.sensor_reading.glucose.value == 100


async def test_two_kinds_of_insulin_at_one_instant_are_two_entries(patient: Person) -> None:
    when = ago(1)
    doses = HAND.insulin_dose(when, INSULIN_KIND_RAPID, "4"), HAND.insulin_dose(when, INSULIN_KIND_LONG, "4")
    assert await outcomes(patient, *doses) == [ENTRY_OUTCOME_CREATED] * 2


async def test_one_id_may_stand_in_two_diaries(people: People, patient: Person) -> None:
    other, entry = await people.patient(), HAND.note(ago(1), "mine")
    assert await outcomes(patient, entry) == [ENTRY_OUTCOME_CREATED]
    assert await outcomes(other, entry) == [ENTRY_OUTCOME_CREATED]


async def test_uploading_again_does_not_bring_back_what_was_deleted(patient: Person) -> None:
    entry = HAND.sensor_reading(ago(1), 100)
    await log(patient, entry)
    assert await delete(patient, entry.entry_id, 1, "typo") == 2
    assert await outcomes(patient, entry) == [ENTRY_OUTCOME_DUPLICATE]
    assert await listed(patient) == []


async def test_a_corrected_reading_may_follow_a_deleted_one(patient: Person) -> None:
    when = ago(1)
    wrong, right = HAND.sensor_reading(when, 300), HAND.sensor_reading(when, 100)
    await log(patient, wrong)
    await delete(patient, wrong.entry_id, 1)
    assert await outcomes(patient, right) == [ENTRY_OUTCOME_CREATED]
    assert await outcomes(patient, wrong) == [ENTRY_OUTCOME_DUPLICATE]
    assert ids(await listed(patient)) == [right.entry_id]


async def test_amending_keeps_what_was(patient: Person) -> None:
    entry = HAND.meal(ago(5), 40)
    await log(patient, entry)
    changed = Entry.FromString(entry.SerializeToString())
    changed.meal.carbohydrate_g = 60
    assert (await amend(patient, changed, 1, "it was more")).revision == 2
    await delete(patient, entry.entry_id, 2, "another day")
    request = ListEntryRevisionsRequest(patient_id=patient.account_id, entry_id=entry.entry_id)
    kept = (await patient.session.diary.ListEntryRevisions(request)).revisions
    assert [(one.entry.meal.carbohydrate_g, one.deleted, one.note) for one in kept] == [
        (40, False, ""),
        (60, False, "it was more"),
        (60, True, "another day"),
    ]
    assert await outcomes(patient, entry) == [ENTRY_OUTCOME_DUPLICATE]


async def test_an_amendment_may_not_take_anothers_place(patient: Person) -> None:
    when = ago(3)
    first, second = HAND.sensor_reading(when, 100), HAND.sensor_reading(ago(2), 110)
    await log(patient, first, second)
    second.time.FromDatetime(when)
    with pytest.raises(ApricotError) as caught:
        await amend(patient, second, 1)
    assert caught.value.reason == Reason.REASON_ENTRY_CONFLICT
    await delete(patient, first.entry_id, 1)
    assert (await amend(patient, second, 1)).revision == 2


async def test_an_amendment_names_the_revision_it_saw(patient: Person) -> None:
    entry = HAND.note(ago(1), "one")
    await log(patient, entry)
    entry.note.text = "two"
    await amend(patient, entry, 1)
    for act in (lambda: amend(patient, entry, 1), lambda: delete(patient, entry.entry_id, 1)):
        with pytest.raises(ApricotError) as caught:
            await act()
        assert caught.value.reason == Reason.REASON_REVISION_MISMATCH


async def test_there_is_nothing_to_amend_or_delete(people: People, patient: Person) -> None:
    entry, other = HAND.note(ago(1), "mine"), await people.patient()
    await log(other, entry)
    for act in (lambda: amend(patient, entry, 1), lambda: delete(patient, entry.entry_id, 1)):
        with pytest.raises(ApricotError) as caught:
            await act()
        assert caught.value.reason == Reason.REASON_NOT_FOUND


async def test_a_repeated_request_gets_the_first_answer(patient: Person) -> None:
    entry, other = HAND.note(ago(1), "one"), HAND.note(ago(2), "two")
    request = LogEntriesRequest(patient_id=patient.account_id, request_id=str(uuid4()), entries=[entry])
    for _ in range(2):
        answer = await patient.session.diary.LogEntries(request)
        assert [result.outcome for result in answer.results] == [ENTRY_OUTCOME_CREATED]
    request.entries[0].CopyFrom(other)
    with pytest.raises(ApricotError) as caught:
        await patient.session.diary.LogEntries(request)
    assert caught.value.reason == Reason.REASON_REQUEST_ID_REUSED
