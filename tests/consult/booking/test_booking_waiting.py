"""Waiting lists: who waits longest is offered what becomes free, and nobody else gets it meanwhile."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from apricot.consult.v1 import booking_pb2 as pb
from apricot.errors.v1.reason_pb2 import Reason

from kit.times import to_datetime
from tests.consult.booking.practice import NINE, Practice, new_id, refused

WAITING, OFFERED = pb.WAITING_STATE_WAITING, pb.WAITING_STATE_OFFERED


async def test_a_place_that_is_given_back_is_held_for_who_waits_longest(practice: Practice) -> None:
    slot = await practice.slot()
    mine = await practice.book(slot)
    first, second = uuid4(), uuid4()
    entry = await practice.join(slot, first)
    practice.clock.advance(minutes=1)
    await practice.join(by=second)  # for any of the doctor's
    await practice.cancel(mine)
    (found,) = await practice.waits(first)
    assert (found.state, found.offered_slot_id) == (OFFERED, slot.slot_id)
    assert to_datetime(found.offer_expire_time) == practice.clock.now + timedelta(minutes=30)
    assert await practice.pushed(first) == ["offer"]
    assert [one.entry.state for one in await practice.waiting_changes(first)] == [WAITING, OFFERED]
    assert await practice.free(slot) == 0
    for stranger in (uuid4(), second):
        with refused(Reason.REASON_SLOT_FULL):
            await practice.book(slot, stranger)
    with refused(Reason.REASON_NOT_FOUND):
        await practice.accept(entry, second)
    taken = await practice.accept(entry, first)
    assert (taken.slot_id, taken.state) == (slot.slot_id, pb.APPOINTMENT_STATE_BOOKED)
    (found,) = await practice.waits(first)
    assert (found.state, found.appointment_id) == (pb.WAITING_STATE_BOOKED, taken.appointment_id)
    with refused(Reason.REASON_WRONG_STATE):
        await practice.accept(entry, first)
    assert [one.state for one in await practice.waits(second)] == [WAITING]


async def test_an_offer_lapses_to_the_next(practice: Practice) -> None:
    slot = await practice.slot()
    mine = await practice.book(slot)
    patients = [uuid4() for _ in range(3)]
    entries = []
    for patient in patients:
        entries.append(await practice.join(slot, patient))
        practice.clock.advance(minutes=1)
    await practice.cancel(mine)
    practice.clock.advance(minutes=29, seconds=59)
    await practice.timer.do_due()
    assert [(await practice.waits(one))[0].state for one in patients] == [OFFERED, WAITING, WAITING]
    practice.clock.advance(seconds=1)
    with refused(Reason.REASON_WRONG_STATE):
        await practice.accept(entries[0], patients[0])  # though no worker has looked
    await practice.timer.do_due()
    lapsed = pb.WAITING_STATE_LAPSED
    assert [(await practice.waits(one))[0].state for one in patients] == [lapsed, OFFERED, WAITING]
    left = await practice.leave(entries[1], patients[1])
    assert left.state == pb.WAITING_STATE_LEFT
    assert (await practice.waits(patients[2]))[0].state == OFFERED
    await practice.leave(entries[2], patients[2])
    assert await practice.free(slot) == 1
    with refused(Reason.REASON_WRONG_STATE):
        await practice.leave(entries[2], patients[2])
    with refused(Reason.REASON_NOT_FOUND):
        await practice.leave(entries[1], patients[2])


async def test_new_slots_are_offered_to_who_waits_for_the_doctor(practice: Practice) -> None:
    await practice.join()
    slot = await practice.slot()
    await practice.timer.do_due()
    (entry,) = await practice.waits()
    assert (entry.state, entry.offered_slot_id) == (OFFERED, slot.slot_id)
    await practice.timer.do_due()
    assert await practice.pushed() == ["offer"]


async def test_a_range_ends_before_what_lies_behind_it(practice: Practice) -> None:
    await practice.join(days=1)
    await practice.publish([8 * 60 + 1], days=1)
    await practice.timer.do_due()
    assert (await practice.waits())[0].state == WAITING
    practice.clock.advance(days=1)
    await practice.timer.do_due()
    assert (await practice.waits())[0].state == pb.WAITING_STATE_LAPSED


async def test_nobody_is_offered_what_one_could_not_come_to(practice: Practice) -> None:
    other = await Practice(practice.database).open()
    busy, idle = practice.patient, uuid4()
    await other.book(await other.slot(NINE + 15), busy)
    slot = await practice.slot()
    held = await practice.book(slot, uuid4())
    await practice.join(slot, busy)
    practice.clock.advance(minutes=1)
    await practice.join(slot, idle)
    await practice.cancel(held, UUID(held.patient_id))
    assert [(await practice.waits(one))[0].state for one in (busy, idle)] == [WAITING, OFFERED]


async def test_an_offer_that_conflicts_by_now_stays(practice: Practice) -> None:
    other = await Practice(practice.database).open()
    await practice.join()
    await practice.slot()
    await practice.timer.do_due()
    conflict = await other.book(await other.slot(NINE + 15), practice.patient)
    (entry,) = await practice.waits()
    with refused(Reason.REASON_TIME_CONFLICT):
        await practice.accept(entry)
    await other.cancel(conflict, practice.patient)
    assert (await practice.accept(entry)).state == pb.APPOINTMENT_STATE_BOOKED


async def test_an_offer_ends_as_the_slot_begins(practice: Practice) -> None:
    await practice.join()
    slot = await practice.slot()
    practice.clock.now = to_datetime(slot.start_time) - timedelta(minutes=10)
    await practice.timer.do_due()
    (entry,) = await practice.waits()
    assert entry.offer_expire_time == slot.start_time


async def test_who_may_not_wait(practice: Practice) -> None:
    slot = await practice.slot(capacity=2)
    await practice.book(slot)
    with refused(Reason.REASON_ALREADY_EXISTS):
        await practice.join(slot)
    patient = uuid4()
    await practice.join(slot, patient)
    with refused(Reason.REASON_ALREADY_EXISTS):
        await practice.join(slot, patient)
    await practice.join(by=patient)
    with refused(Reason.REASON_ALREADY_EXISTS):
        await practice.join(by=patient)
    with refused(Reason.REASON_NOT_ALLOWED):
        await practice.join(slot, practice.doctor)
    with refused(Reason.REASON_NOT_FOUND):
        await practice.join(pb.Slot(slot_id=new_id()))
    for days in (0, 32):
        with refused(Reason.REASON_INVALID_FIELD):
            await practice.join(by=patient, days=days)
    practice.clock.now = to_datetime(slot.start_time)
    with refused(Reason.REASON_WRONG_STATE):
        await practice.join(slot, uuid4())


async def test_there_is_an_end_to_waiting_for_everything(practice: Practice) -> None:
    for number in range(20):
        await practice.join(await practice.slot(NINE + 30 * number))
    with refused(Reason.REASON_TOO_MANY):
        await practice.join()
    await practice.leave((await practice.waits())[0])
    await practice.join()


async def test_a_withdrawn_slot_offers_nothing(practice: Practice) -> None:
    slot = await practice.slot()
    mine = await practice.book(slot)
    waiting = uuid4()
    entry = await practice.join(slot, waiting)
    await practice.cancel(mine)
    await practice.withdraw_slot(slot)
    assert (await practice.waits(waiting))[0].state == pb.WAITING_STATE_LAPSED
    with refused(Reason.REASON_WRONG_STATE):
        await practice.accept(entry, waiting)
    await practice.timer.do_due()


async def test_the_platform_s_clock_and_the_patient_s_answer_at_once(practice: Practice) -> None:
    """Accepting, leaving, cancelling and the worker's look side by side: a place has one holder, whoever wins."""
    for number in range(8):
        slot = await practice.slot(NINE + 30 * number)
        mine = await practice.book(slot, first := uuid4())
        entries = [(await practice.join(slot, patient), patient) for patient in (uuid4(), uuid4())]
        await practice.cancel(mine, first)
        (entry, patient), (other, next_one) = entries
        await asyncio.gather(
            practice.accept(entry, patient),
            practice.leave(entry, patient),
            practice.leave(other, next_one),
            practice.timer.do_due(),
            practice.book(slot, uuid4()),
            practice.withdraw_slot(slot),
            return_exceptions=True,
        )
        seats = await practice.fetch("select holder_id from seat where slot_id = $1", slot.slot_id)
        live = await practice.fetch(
            "select appointment_id as id from appointment where slot_id = $1 and state <= 5 "
            "union all select entry_id from waiting_entry where offered_slot_id = $1 and state = 2",
            slot.slot_id,
        )
        assert [row["holder_id"] for row in seats if row["holder_id"]] == [row["id"] for row in live]
