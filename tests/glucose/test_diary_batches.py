"""Batches: each entry answered by itself, uploads with totals, many calls in one commit."""

import asyncio
from datetime import timedelta

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.diary_pb2 import (
    ENTRY_OUTCOME_CONFLICT,
    ENTRY_OUTCOME_CREATED,
    ENTRY_OUTCOME_DUPLICATE,
    ENTRY_OUTCOME_REJECTED,
)
from apricot.glucose.v1.entry_pb2 import DOSE_UNIT_MG, GLUCOSE_UNIT_MMOL_PER_L, Entry

from clients.sdk import ApricotError
from stack.platform import Platform
from tests.faults.metrics import total
from tests.glucose.diaries import HAND, ago, amend, ids, listed, log
from tests.people import People, Person


@pytest.fixture
async def patient(people: People) -> Person:
    return await people.patient()


async def test_bad_entries_are_named_and_the_good_ones_stored(patient: Person) -> None:
    good = [HAND.note(ago(1), "one"), HAND.note(ago(2), "two")]
    no_zone, no_unit, nul = HAND.note(ago(3), "x"), HAND.sensor_reading(ago(4), 100), HAND.note(ago(5), "x")
    no_zone.time_zone, nul.device = "Mars/Olympus", "a\0b"
    no_unit.sensor_reading.glucose.unit = 0  # type: ignore[assignment]
    bad = [
        (HAND.sensor_reading(ago(6), 5.5), Reason.REASON_VALUE_IMPOSSIBLE, "sensor_reading"),
        (HAND.sensor_reading(ago(6), 100, GLUCOSE_UNIT_MMOL_PER_L), Reason.REASON_VALUE_IMPOSSIBLE, "sensor_reading"),
        (HAND.note(ago(-30), "tomorrow"), Reason.REASON_TIME_IMPOSSIBLE, "time"),
        (no_zone, Reason.REASON_ZONE_UNKNOWN, "time_zone"),
        (no_unit, Reason.REASON_INVALID_FIELD, "sensor_reading.glucose.unit"),
        (nul, Reason.REASON_INVALID_FIELD, "device"),
        (HAND.medicine_dose(ago(7), "a\0", "1", DOSE_UNIT_MG), Reason.REASON_INVALID_FIELD, "medicine_dose.name"),
        (Entry(entry_id="no id"), Reason.REASON_INVALID_FIELD, "content"),
    ]
    results = await log(patient, good[0], *(entry for entry, *_ in bad), good[1])
    assert [result.outcome for result in results[1:-1]] == [ENTRY_OUTCOME_REJECTED] * len(bad)
    assert [(result.reason, result.field) for result in results[1:-1]] == [(reason, field) for _, reason, field in bad]
    assert (results[0].outcome, results[-1].outcome) == (ENTRY_OUTCOME_CREATED, ENTRY_OUTCOME_CREATED)
    assert ids(await listed(patient)) == ids(good)


async def test_a_note_with_nul_is_an_invalid_field(patient: Person) -> None:
    entry = HAND.note(ago(1), "one")
    await log(patient, entry)
    with pytest.raises(ApricotError) as caught:
        await amend(patient, entry, 1, "a\0b")
    assert caught.value.reason == Reason.REASON_INVALID_FIELD


async def test_an_upload_counts_everything(patient: Person) -> None:
    start = ago(3000)
    history = [HAND.sensor_reading(start + timedelta(minutes=n), 100) for n in range(2500)]
    progress: list[tuple[int, int]] = []
    totals = await patient.session.upload(patient.account_id, history, on_progress=lambda *done: progress.append(done))
    assert (totals.received_count, totals.created_count, len(totals.problems)) == (2500, 2500, 0)
    assert progress[-1] == (2500, 2500)
    impossible = HAND.sensor_reading(ago(1), 5)
    other = HAND.sensor_reading(start, 101)
    totals = await patient.session.upload(patient.account_id, [*history[:1000], impossible, other])
    counts = totals.received_count, totals.created_count, totals.duplicate_count, totals.conflict_count
    assert (*counts, totals.rejected_count) == (1002, 0, 1000, 1, 1)
    assert [problem.entry_id for problem in totals.problems] == [impossible.entry_id, other.entry_id]
    assert [problem.outcome for problem in totals.problems] == [ENTRY_OUTCOME_REJECTED, ENTRY_OUTCOME_CONFLICT]
    assert len(await listed(patient)) == 2500


async def test_two_uploaders_at_once_store_each_entry_once(patient: Person) -> None:
    start = ago(3000)
    history = [HAND.sensor_reading(start + timedelta(minutes=n), 100) for n in range(1000)]
    both = await asyncio.gather(
        *(patient.session.upload(patient.account_id, entries, batch_size=50) for entries in (history, history[::-1]))
    )
    assert sum(totals.created_count for totals in both) == 1000
    assert sum(totals.duplicate_count for totals in both) == 1000
    assert len(await listed(patient)) == 1000


async def test_calls_at_once_share_commits(platform: Platform, people: People) -> None:
    patients = [await people.patient() for _ in range(4)]
    commits, entries = "apricot_commit_batch_entries_count", "apricot_commit_batch_entries_sum"
    before = await total(platform, commits), await total(platform, entries)
    logged = [HAND.sensor_reading(ago(n / 60), 100) for n in range(400)]
    results = await asyncio.gather(*(log(patients[n % 4], entry) for n, entry in enumerate(logged)))
    assert {result.outcome for (result,) in results} == {ENTRY_OUTCOME_CREATED}
    assert await total(platform, entries) - before[1] == 400
    assert await total(platform, commits) - before[0] < 200
    assert sum([len(await listed(patient)) for patient in patients]) == 400


async def test_neighbours_in_a_commit_do_not_disturb_each_other(people: People) -> None:
    """Duplicates, conflicts and new entries of many calls, in the same commits."""
    patient, when = await people.patient(), ago(1)
    there = HAND.sensor_reading(when, 100)
    await log(patient, there)
    fresh = [HAND.note(ago(n), "new") for n in range(100)]
    duplicates, conflicts = [there] * 50, [HAND.sensor_reading(when, 101) for _ in range(50)]
    calls = [*fresh, *duplicates, *conflicts]
    results = [result for (result,) in await asyncio.gather(*(log(patient, entry) for entry in calls))]
    expected = [ENTRY_OUTCOME_CREATED] * 100 + [ENTRY_OUTCOME_DUPLICATE] * 50 + [ENTRY_OUTCOME_CONFLICT] * 50
    assert [result.outcome for result in results] == expected
    assert len(await listed(patient)) == 101
