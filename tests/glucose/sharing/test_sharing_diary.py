"""The diary as others read and write it by their grants."""

import random
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from apricot.access.v1.access_pb2 import (
    SCOPE_DOSE_READ,
    SCOPE_GLUCOSE_READ,
    SCOPE_GLUCOSE_WRITE,
    SCOPE_MEAL_READ,
    Scope,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1 import diary_pb2
from apricot.glucose.v1.entry_pb2 import EntryKind

from kit.views import View, Window
from services.glucose.domain.entries import RevisionMismatchError
from tests.glucose.diaries import HAND, ago, ids
from tests.glucose.sharing.diary import MAKERS, is_shown, shown_of
from tests.glucose.sharing.service import Service, one_of_each, refused


@pytest.mark.parametrize("scope", [SCOPE_GLUCOSE_READ, SCOPE_MEAL_READ, SCOPE_DOSE_READ])
async def test_a_scope_lists_its_kinds_alone(service: Service, scope: Scope.ValueType) -> None:
    entries = one_of_each()
    await service.log(*entries)
    service.grants.change(service.patient, scope)
    found = await service.listed(service.other)
    assert set(ids(found)) == set(shown_of(View(frozenset({Window(scope)})), entries))
    request = diary_pb2.ListEntriesRequest(patient_id=str(service.patient), kinds=set(EntryKind.values()) - {0})
    page = await service.diary.ListEntries(request, await service.call("ListEntries", service.other))
    assert ids(page.entries) == ids(found)


@pytest.mark.parametrize("seed", range(6))
async def test_pages_hold_what_a_view_opens_and_are_full_while_there_is_more(service: Service, seed: int) -> None:
    chance = random.Random(seed)
    entries = [chance.choice(MAKERS)(ago(minute + 1)) for minute in range(120)]
    await service.log(*entries[:60])
    await service.log(*entries[60:])
    windows = []
    for _ in range(chance.randrange(1, 6)):
        start = chance.randrange(120)
        scope = chance.choice([SCOPE_GLUCOSE_READ, SCOPE_MEAL_READ, SCOPE_DOSE_READ])
        windows.append(Window(scope, ago(start + chance.randrange(1, 60)), ago(start)))
    service.grants.change(service.patient, *windows)
    expected = [entry.entry_id for entry in entries if is_shown(View(frozenset(windows)), entry)]
    assert ids(await service.listed(service.other, page_size=chance.randrange(1, 20))) == expected
    assert ids(await service.listed(page_size=50)) == ids(entries)


async def test_a_page_goes_on_where_it_was_though_what_is_open_changes(service: Service) -> None:
    entries = [HAND.note(ago(minute), str(minute)) for minute in range(6)]
    await service.log(*entries)
    service.grants.change(service.patient, SCOPE_MEAL_READ)
    request = diary_pb2.ListEntriesRequest(patient_id=str(service.patient), page_size=2)
    page = await service.diary.ListEntries(request, await service.call("ListEntries", service.other))
    service.grants.change(service.patient, Window(SCOPE_MEAL_READ, ago(4.5), ago(2.5)))
    request.page_token = page.next_page_token
    page = await service.diary.ListEntries(request, await service.call("ListEntries", service.other))
    assert (ids(page.entries), page.next_page_token) == ([entries[3].entry_id, entries[4].entry_id], "")


async def test_revisions_are_shown_by_their_own_kind_and_time(service: Service) -> None:
    meal, hidden = HAND.meal(ago(60), 30), HAND.sensor_reading(ago(60), 100)
    await service.log(meal, hidden)
    moved = HAND.meal(ago(10), 40)
    moved.entry_id = meal.entry_id
    await service.amend(moved, 1)
    service.grants.change(service.patient, Window(SCOPE_MEAL_READ, ago(90), ago(30)))
    assert [found.entry.revision for found in await service.revisions(meal.entry_id, service.other)] == [1]
    service.grants.change(service.patient, SCOPE_MEAL_READ)
    assert [found.entry.revision for found in await service.revisions(meal.entry_id, service.other)] == [1, 2]
    for entry_id in hidden.entry_id, str(uuid4()):
        with refused(Reason.REASON_NOT_FOUND):
            await service.revisions(entry_id, service.other)


async def test_what_a_writer_does_not_see_is_not_there_to_change(service: Service) -> None:
    meal, reading = HAND.meal(ago(5), 30), HAND.sensor_reading(ago(5), 100)
    await service.log(meal, reading)
    service.grants.change(service.patient, SCOPE_GLUCOSE_WRITE, SCOPE_MEAL_READ)
    for revision in 1, 2:  # also when the revision is wrong
        with refused(Reason.REASON_NOT_FOUND):
            await service.amend(reading, revision, service.other)
        with refused(Reason.REASON_NOT_FOUND):
            await service.delete(reading.entry_id, revision, service.other)
    meal.meal.carbohydrate_g = 40
    assert (await service.amend(meal, 1, service.other)).author_id == str(service.other)
    with pytest.raises(RevisionMismatchError):
        await service.delete(meal.entry_id, 1, service.other)
    await service.delete(meal.entry_id, 2, service.other)
    assert ids(await service.listed()) == [reading.entry_id]


async def test_a_writer_who_reads_nothing_changes_what_they_wrote_themselves(service: Service) -> None:
    service.grants.change(service.patient, SCOPE_GLUCOSE_WRITE)
    mine = HAND.fingerstick_reading(ago(5), 100)
    await service.log(mine, by=service.other)
    mine.fingerstick_reading.glucose.value = 110
    await service.amend(mine, 1, service.other)
    mine.fingerstick_reading.glucose.value = 120
    await service.amend(mine, 2)  # the patient's own words now
    with refused(Reason.REASON_NOT_FOUND):
        await service.delete(mine.entry_id, 3, service.other)


async def test_writing_too_keeps_to_the_range_of_the_data_s_time(service: Service) -> None:
    service.grants.change(service.patient, Window(SCOPE_GLUCOSE_WRITE, ago(60), ago(30)), SCOPE_MEAL_READ)
    inside, before, after = (HAND.meal(ago(minutes), 30) for minutes in (45, 75, 15))
    results = await service.log(inside, before, after, by=service.other)
    assert [result.outcome for result in results] == [
        diary_pb2.ENTRY_OUTCOME_CREATED,
        diary_pb2.ENTRY_OUTCOME_REJECTED,
        diary_pb2.ENTRY_OUTCOME_REJECTED,
    ]
    assert {(result.reason, result.field) for result in results[1:]} == {(Reason.REASON_NOT_ALLOWED, "time")}
    moved = HAND.meal(ago(15), 30)
    moved.entry_id = inside.entry_id
    with refused(Reason.REASON_NOT_ALLOWED):
        await service.amend(moved, 1, service.other)
    await service.log(before)
    with refused(Reason.REASON_NOT_FOUND):
        await service.delete(before.entry_id, 1, service.other)
    assert ids(await service.listed()) == [inside.entry_id, before.entry_id]


@pytest.mark.parametrize("sees", [True, False])
async def test_no_answer_names_an_entry_that_the_writer_does_not_see(service: Service, sees: bool) -> None:
    time = ago(5)
    theirs = HAND.sensor_reading(time, 100)
    await service.log(theirs)
    service.grants.change(service.patient, SCOPE_GLUCOSE_WRITE, *([SCOPE_GLUCOSE_READ] if sees else []))
    same, different = HAND.sensor_reading(time, 100), HAND.sensor_reading(time, 101)
    by_id = HAND.sensor_reading(ago(3), 100)
    by_id.entry_id = theirs.entry_id
    results = await service.log(same, different, by_id, by=service.other)
    conflict, duplicate = diary_pb2.ENTRY_OUTCOME_CONFLICT, diary_pb2.ENTRY_OUTCOME_DUPLICATE
    assert [result.outcome for result in results] == [duplicate, conflict, conflict]
    known = theirs.entry_id if sees else ""
    assert [result.existing_entry_id for result in results] == [known, known, theirs.entry_id]

    async def batches() -> AsyncIterator[diary_pb2.UploadEntriesRequest]:
        yield diary_pb2.UploadEntriesRequest(patient_id=str(service.patient), entries=[different])

    totals = await service.diary.UploadEntries(batches(), await service.call("UploadEntries", service.other))
    assert [problem.existing_entry_id for problem in totals.problems] == [known]
