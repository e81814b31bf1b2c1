"""What time makes of appointments, once for each, whoever dies meanwhile."""

import asyncio
import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from apricot.consult.v1 import booking_pb2 as pb
from apricot.consult.v1.consultation_pb2 import FEE_STATE_EARNED, FEE_STATE_REFUNDED
from apricot.errors.v1.reason_pb2 import Reason

from kit.bus import Event
from kit.times import to_datetime
from services.consult import events
from services.consult.store.next_slots import doctors_to_tell, next_free_slot
from services.consult.work import appointments as work
from services.consult.work.accounts import on_accounts_deleted
from tests.consult.booking.practice import FEE, NINE, ZONE, Practice, refused


async def test_reminded_a_day_and_an_hour_before(practice: Practice) -> None:
    (made,) = await practice.publish(
        single=pb.SingleSlots(starts=[pb.LocalStart(date="2026-11-26", start_minute=NINE)])
    )
    start = to_datetime(made.slot.start_time)
    await practice.book(made.slot)
    for before, pushed in (
        (timedelta(hours=24, seconds=1), 0),
        (timedelta(hours=24), 1),
        (timedelta(hours=23), 1),
        (timedelta(hours=1, seconds=1), 1),
        (timedelta(hours=1), 2),
        (timedelta(0), 2),
    ):
        practice.clock.now = start - before
        await practice.timer.do_due()
        await practice.timer.do_due()
        assert await practice.pushed() == ["appointment"] * pushed, before


@pytest.mark.parametrize(
    ("looked", "pushed"),
    [(timedelta(minutes=30), 1), (timedelta(minutes=-1), 0)],
    ids=["both late: one push", "begun: none"],
)
async def test_a_worker_that_was_away_does_not_flood(practice: Practice, looked: timedelta, pushed: int) -> None:
    (made,) = await practice.publish(
        single=pb.SingleSlots(starts=[pb.LocalStart(date="2026-11-26", start_minute=NINE)])
    )
    await practice.book(made.slot)
    practice.clock.now = to_datetime(made.slot.start_time) - looked
    await practice.timer.do_due()
    assert len(await practice.pushed()) == pushed


async def test_what_is_cancelled_does_not_remind(practice: Practice) -> None:
    slot = await practice.slot(18 * 60)
    mine = await practice.book(slot)
    await practice.cancel(mine)
    practice.clock.now = to_datetime(slot.start_time) - timedelta(minutes=30)
    await practice.timer.do_due()
    assert await practice.pushed() == []


async def test_missed_fifteen_minutes_after_the_end(practice: Practice) -> None:
    slot = await practice.slot(capacity=2, fee=FEE)
    missed = await practice.book(slot)
    there = await practice.book(slot, patient := uuid4())
    practice.clock.now = to_datetime(slot.start_time)
    await practice.check_in(there, patient)
    practice.clock.now = to_datetime(slot.end_time) + timedelta(minutes=15, seconds=-1)
    await practice.timer.do_due()
    assert (await practice.get(missed)).state == pb.APPOINTMENT_STATE_BOOKED
    practice.clock.advance(seconds=1)
    await practice.timer.do_due()
    found = await practice.get(missed)
    assert (found.state, found.fee_state) == (pb.APPOINTMENT_STATE_NO_SHOW, FEE_STATE_EARNED)
    assert (await practice.changes())[-1].actor_id == ""
    assert (await practice.get(there, patient)).state == pb.APPOINTMENT_STATE_CHECKED_IN


async def test_a_doctor_s_next_free_slot(practice: Practice) -> None:
    async def found() -> datetime | None:
        async with practice.database.transaction() as session:
            return await next_free_slot(session, practice.doctor, practice.clock.now)

    assert await found() is None
    slots = [await practice.slot(minute) for minute in (NINE, NINE + 30, NINE + 60)]
    starts = [to_datetime(slot.start_time) for slot in slots]
    assert await found() == starts[0]
    mine = await practice.book(slots[0])
    assert await found() == starts[1]
    await practice.withdraw_slot(slots[1])
    assert await found() == starts[2]
    await practice.cancel(mine)
    assert await found() == starts[0]
    practice.clock.now = starts[0]
    assert await found() == starts[2]


async def test_who_is_told_of_as_slots_pass_and_places_go(practice: Practice) -> None:
    slot = await practice.slot()
    start = to_datetime(slot.start_time)

    async def told(since: datetime, now: datetime) -> bool:
        async with practice.database.transaction() as session:
            return practice.doctor in await doctors_to_tell(session, since, now)

    assert not await told(practice.clock.now, start - timedelta(seconds=1))
    assert await told(practice.clock.now, start)
    await practice.book(slot)
    assert await told(practice.clock.now - timedelta(seconds=1), practice.clock.now)


async def test_places_of_a_deleted_account_go_to_others(practice: Practice) -> None:
    slot, other = await practice.slot(), await practice.slot(NINE + 60)
    mine = await practice.book(slot)
    entry = await practice.join(other)
    await practice.join(slot, next_one := uuid4())
    async with practice.database.transaction() as session:
        await work.give_up_places(session, practice.patient, practice.clock.now)
    assert (await practice.get(mine)).state == pb.APPOINTMENT_STATE_CANCELLED_BY_PATIENT
    assert [(one.entry_id, one.state) for one in await practice.waits()] == [(entry.entry_id, pb.WAITING_STATE_LEFT)]
    assert [one.state for one in await practice.waits(next_one)] == [pb.WAITING_STATE_OFFERED]


async def test_checked_in_patient_who_is_deleted_leaves_the_queue(practice: Practice) -> None:
    mine = await practice.book(slot := await practice.slot(fee=FEE))
    practice.clock.now = to_datetime(slot.start_time) - timedelta(minutes=5)
    await practice.check_in(mine)
    await deleted(practice, practice.patient)
    left = await practice.get(mine)
    assert (left.state, left.fee_state) == (pb.APPOINTMENT_STATE_CANCELLED_BY_PATIENT, FEE_STATE_REFUNDED)
    with refused(Reason.REASON_NOT_FOUND):
        await practice.call_next(day_of(mine))


async def test_deleted_doctor_cancels_what_is_booked_and_tells_patients(practice: Practice) -> None:
    first, later, free = [await practice.slot(minute, fee=FEE) for minute in (NINE, NINE + 60, NINE + 120)]
    mine, others = await practice.book(first), await practice.book(later, other := uuid4())
    entry = await practice.join(later)
    practice.clock.now = to_datetime(first.start_time) - timedelta(minutes=5)
    await practice.check_in(mine)
    practice.clock.now = to_datetime(first.start_time) + timedelta(minutes=1)
    await deleted(practice, practice.doctor)
    for booked, patient in (mine, practice.patient), (others, other):
        left = await practice.get(booked, patient)
        assert (left.state, left.fee_state) == (pb.APPOINTMENT_STATE_CANCELLED_BY_DOCTOR, FEE_STATE_REFUNDED)
        assert "appointment" in await practice.pushed(patient)
        assert (await practice.changes(patient))[-1].appointment.state == left.state
    assert [(one.entry_id, one.state) for one in await practice.waits()] == [(entry.entry_id, pb.WAITING_STATE_LAPSED)]
    await practice.execute("update doctor set listed = true where doctor_id = $1", practice.doctor)
    assert not (await practice.list_slots()).slots
    with refused(Reason.REASON_NOT_FOUND):
        await practice.book(free)
    with refused(Reason.REASON_SESSION_ENDED):
        await practice.publish([NINE + 300])
    (row,) = await practice.fetch("select next_slot_time from doctor where doctor_id = $1", practice.doctor)
    assert row["next_slot_time"] is None


async def test_deleted_doctor_ends_what_is_in_progress_with_a_refund(practice: Practice) -> None:
    mine = await practice.book(slot := await practice.slot(fee=FEE))
    practice.clock.now = to_datetime(slot.start_time)
    await practice.check_in(mine)
    await practice.call_next(day_of(mine))
    for _ in range(2):  # told twice, done once
        await deleted(practice, practice.doctor)
    assert (await practice.get(mine)).fee_state == FEE_STATE_REFUNDED
    assert len(await practice.changes()) == 4


def day_of(booked: pb.Appointment) -> str:
    return to_datetime(booked.start_time).astimezone(ZoneInfo(ZONE)).date().isoformat()


async def deleted(practice: Practice, account: UUID) -> None:
    """What identity tells of a deleted account, handled at the practice's time."""
    async with practice.database.transaction() as session:
        await on_accounts_deleted(
            session, [Event(1, str(uuid4()), "account", "deleted", str(account), b"", 0)], practice.clock
        )


async def test_everything_comes_once_whoever_dies(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four workers at once, each of whom may die at any push or event, before its commit: twenty are reminded, twenty
    others' offers lapse to twenty more, and twenty have not come."""
    reminded, lapsing, waiting, missing = ([uuid4() for _ in range(20)] for _ in range(4))
    early, soon, held = [await practice.slot(minute, capacity=20) for minute in (NINE, NINE + 100, NINE + 130)]
    for number in range(20):
        await practice.book(soon, reminded[number])
        await practice.book(early, missing[number])
        booked = await practice.book(held, uuid4())
        await practice.join(held, lapsing[number])
        await practice.cancel(booked, UUID(booked.patient_id))
    for patient in waiting:
        await practice.join(held, patient)
    practice.clock.now = to_datetime(early.end_time) + timedelta(minutes=15)
    chance, deaths = random.Random(1), 0

    def perhaps_dying(method: Any) -> Any:
        def wrapped(*arguments: Any, **named: Any) -> None:
            method(*arguments, **named)
            if chance.random() < 0.1:
                raise asyncio.CancelledError

        return wrapped

    monkeypatch.setattr(work, "_BATCH", 3)
    for name in "push_patient", "appointment_changed", "waiting_changed":
        monkeypatch.setattr(events, name, perhaps_dying(getattr(events, name)))

    async def is_done() -> bool:
        (row,) = await practice.fetch(
            "select (select count(*) from push where account_id = any($1))"
            " + (select count(*) from appointment where patient_id = any($2) and state = 5) as count",
            reminded + waiting,
            missing,
        )
        return bool(row["count"] >= 60)

    while not await is_done():
        workers = [asyncio.create_task(practice.timer.do_due()) for _ in range(4)]
        outcomes = await asyncio.gather(*workers, return_exceptions=True)
        assert all(outcome is None or isinstance(outcome, asyncio.CancelledError) for outcome in outcomes), outcomes
        deaths += sum(outcome is not None for outcome in outcomes)
    assert deaths > 3
    for patient in reminded:
        assert await practice.pushed(patient) == ["appointment"]
    for patient in waiting:
        assert await practice.pushed(patient) == ["offer"]
    for patient in lapsing:
        assert [one.entry.state for one in await practice.waiting_changes(patient)] == [1, 2, 4]
    for patient in missing:
        assert [one.appointment.state for one in await practice.changes(patient)] == [1, 5]
