"""Listing: order, range, kinds, pages; and values as they were measured."""

import random
from datetime import timedelta

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.diary_pb2 import ENTRY_ORDER_NEWEST_FIRST, ENTRY_ORDER_OLDEST_FIRST, ListEntriesRequest
from apricot.glucose.v1.entry_pb2 import (
    DOSE_UNIT_MG,
    ENTRY_KIND_MEAL,
    ENTRY_KIND_NOTE,
    GLUCOSE_BOUND_HIGH,
    GLUCOSE_BOUND_LOW,
    GLUCOSE_UNIT_MG_PER_DL,
    GLUCOSE_UNIT_MMOL_PER_L,
    Entry,
)

from clients.sdk import ApricotError
from kit import paging
from tests.glucose.diaries import HAND, ago, ids, listed, log
from tests.people import People, Person


@pytest.fixture
async def patient(people: People) -> Person:
    return await people.patient()


async def test_both_orders(patient: Person) -> None:
    entries = [HAND.note(ago(minutes), str(minutes)) for minutes in (5, 3, 4)]
    await log(patient, *entries)
    newest = ids(await listed(patient))
    assert newest == [entries[1].entry_id, entries[2].entry_id, entries[0].entry_id]
    oldest = [entry.entry_id async for entry in patient.session.entries(patient.account_id, oldest_first=True)]
    assert oldest == newest[::-1]


async def test_the_range_holds_its_start_and_not_its_end(patient: Person) -> None:
    start = ago(10)
    entries = [HAND.note(start + timedelta(minutes=n), str(n)) for n in range(4)]
    await log(patient, *entries)
    found = patient.session.entries(patient.account_id, start + timedelta(minutes=1), start + timedelta(minutes=3))
    assert [entry.note.text async for entry in found] == ["2", "1"]


async def test_only_some_kinds(patient: Person) -> None:
    await log(patient, HAND.note(ago(1), "a"), HAND.meal(ago(2), 30), HAND.weight(ago(3), 70))
    found = patient.session.entries(patient.account_id, kinds=[ENTRY_KIND_MEAL, ENTRY_KIND_NOTE])
    assert [entry.WhichOneof("content") async for entry in found] == ["note", "meal"]


async def test_values_and_units_stay_as_measured(patient: Person) -> None:
    entries = [
        HAND.sensor_reading(ago(1), 5.55, GLUCOSE_UNIT_MMOL_PER_L),
        HAND.sensor_reading(ago(2), 40, GLUCOSE_UNIT_MG_PER_DL, GLUCOSE_BOUND_LOW),
        HAND.sensor_reading(ago(3), 400, GLUCOSE_UNIT_MG_PER_DL, GLUCOSE_BOUND_HIGH),
        HAND.sensor_reading(ago(4), 22.2, GLUCOSE_UNIT_MMOL_PER_L, GLUCOSE_BOUND_HIGH),
    ]
    await log(patient, *entries)
    found = await listed(patient)
    assert [entry.sensor_reading for entry in found] == [entry.sensor_reading for entry in entries]
    assert {(entry.time_zone, entry.author_id, entry.revision) for entry in found} == {
        ("Asia/Shanghai", patient.account_id, 1)
    }


@pytest.mark.parametrize("order", [ENTRY_ORDER_NEWEST_FIRST, ENTRY_ORDER_OLDEST_FIRST])
async def test_inserts_between_pages_neither_repeat_nor_hide(patient: Person, order: int) -> None:
    chance = random.Random(order)
    start = ago(200)

    def entries(count: int) -> list[Entry]:
        times = [start + timedelta(seconds=chance.randrange(120)) for _ in range(count)]  # many share an instant
        return [HAND.medicine_dose(time, f"m{chance.random()}", "1", DOSE_UNIT_MG) for time in times]

    first = entries(60)
    await log(patient, *first)
    request = ListEntriesRequest(patient_id=patient.account_id, order=order, page_size=7)  # type: ignore[arg-type]
    shown: list[Entry] = []
    inserted: list[Entry] = []
    while True:
        page = await patient.session.diary.ListEntries(request)
        shown += page.entries
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token
        inserted += (more := entries(chance.randrange(1, 6)))
        await log(patient, *more)
    assert len(set(ids(shown))) == len(shown)
    assert set(ids(first)) <= set(ids(shown)) <= set(ids(first + inserted))
    keys = [(entry.time.ToMicroseconds(), entry.entry_id) for entry in shown]
    assert keys == sorted(keys, reverse=order == ENTRY_ORDER_NEWEST_FIRST)


@pytest.mark.parametrize("key", [("no time", "no id"), ("2026-01-01", "no id"), ("0001-01-01T00:00:00", "")])
async def test_a_forged_page_token_is_refused(patient: Person, key: tuple[str, str]) -> None:
    request = ListEntriesRequest(patient_id=patient.account_id)
    for token in (paging.encode(key, request), "?", "bm8="):
        request.page_token = token
        with pytest.raises(ApricotError) as caught:
            await patient.session.diary.ListEntries(request)
        assert caught.value.reason == Reason.REASON_INVALID_PAGE_TOKEN


async def test_a_page_token_belongs_to_its_filters(patient: Person) -> None:
    await log(patient, *(HAND.note(ago(n), "x") for n in range(3)))
    request = ListEntriesRequest(patient_id=patient.account_id, page_size=1)
    request.page_token = (await patient.session.diary.ListEntries(request)).next_page_token
    request.kinds.append(ENTRY_KIND_NOTE)
    with pytest.raises(ApricotError) as caught:
        await patient.session.diary.ListEntries(request)
    assert caught.value.reason == Reason.REASON_INVALID_PAGE_TOKEN
