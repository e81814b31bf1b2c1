"""Appointments: won once, given back within the policy, and the doctor's day."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from apricot.consult.v1 import booking_pb2 as pb
from apricot.consult.v1.consultation_pb2 import (
    FEE_STATE_EARNED,
    FEE_STATE_HELD,
    FEE_STATE_REFUNDED,
    FEE_STATE_UNSPECIFIED,
)
from apricot.errors.v1.reason_pb2 import Reason

from kit.times import to_datetime
from services.consult.domain.appointments import TRANSITIONS, Act, State, WrongStateError, after
from tests.consult.booking.practice import FEE, NINE, Practice, new_id, refused
from tests.patience import PATIENCE

DAY = "2026-11-25"


async def test_an_appointment_is_its_patient_s_and_its_doctor_s(practice: Practice) -> None:
    slot = await practice.slot(fee=FEE)
    mine = await practice.book(slot)
    assert (mine.slot_id, mine.doctor_id, mine.patient_id) == (slot.slot_id, slot.doctor_id, str(practice.patient))
    assert (mine.doctor_name, mine.patient_name, mine.place) == ("Dr. Test", "小杏", slot.place)
    assert (mine.state, mine.fee, mine.fee_state) == (pb.APPOINTMENT_STATE_BOOKED, FEE, FEE_STATE_HELD)
    assert await practice.get(mine) == mine
    assert await practice.audited() == 0
    assert await practice.get(mine, practice.doctor) == mine
    assert await practice.audited() == 1
    with refused(Reason.REASON_NOT_FOUND):
        await practice.get(mine, uuid4())
    (change,) = await practice.changes()
    assert (change.appointment, change.actor_id) == (mine, str(practice.patient))
    assert to_datetime(change.time) == practice.clock.now


async def test_the_last_place_is_given_once(practice: Practice) -> None:
    slot = await practice.slot(fee=None)
    first = await practice.book(slot)
    assert first.fee_state == FEE_STATE_UNSPECIFIED
    with refused(Reason.REASON_SLOT_FULL):
        await practice.book(slot, uuid4())
    with refused(Reason.REASON_ALREADY_EXISTS):
        await practice.book(slot)
    assert await practice.free(slot) == 0


async def test_two_at_once_for_the_last_place(practice: Practice) -> None:
    for minute in range(NINE, NINE + 300, 30):
        slot = await practice.slot(minute)
        found = await asyncio.gather(*(practice.book(slot, uuid4()) for _ in range(2)), return_exceptions=True)
        assert sorted(type(one).__name__ for one in found) == ["Appointment", "SlotFullError"]


async def test_a_place_that_somebody_failed_to_take_is_not_lost(practice: Practice) -> None:
    """Who waits for the last place, while somebody holds it who then fails, gets it."""
    slot = await practice.slot()
    async with practice.database.connection() as connection:
        failing = connection.transaction()
        await failing.start()
        await connection.execute("update seat set holder_id = $2 where slot_id = $1", slot.slot_id, uuid4())
        booking = asyncio.create_task(practice.book(slot))
        await _waits_for_a_lock(practice)
        await failing.rollback()
    assert (await booking).state == pb.APPOINTMENT_STATE_BOOKED


async def test_a_repeated_booking_is_one(practice: Practice) -> None:
    slot, request_id = await practice.slot(capacity=2), new_id()
    found = await asyncio.gather(*(practice.book(slot, request_id=request_id) for _ in range(5)))
    assert found == [found[0]] * 5
    assert await practice.free(slot) == 1
    other = await practice.slot(NINE + 60)
    with refused(Reason.REASON_REQUEST_ID_REUSED):
        await practice.book(other, request_id=request_id)
    await practice.book(slot, uuid4())
    assert await practice.book(slot, request_id=request_id) == found[0]  # though it is full by now


async def test_a_patient_is_at_one_place_at_a_time(practice: Practice) -> None:
    other = await Practice(practice.database).open()
    slot, overlapping = await practice.slot(), await other.slot(NINE + 15)
    adjoining = await other.slot(NINE + 45)
    mine = await practice.book(slot)
    with refused(Reason.REASON_TIME_CONFLICT):
        await other.book(overlapping, practice.patient)
    assert await other.free(overlapping) == 1
    await other.book(adjoining, practice.patient)
    await practice.cancel(mine)
    assert (await other.book(overlapping, practice.patient)).state == pb.APPOINTMENT_STATE_BOOKED


async def test_of_two_overlapping_bookings_at_once_one_wins(practice: Practice) -> None:
    other = await Practice(practice.database).open()
    for minute in range(NINE, NINE + 300, 30):
        patient = uuid4()
        slots = await practice.slot(minute), await other.slot(minute + 10)
        found = await asyncio.gather(*(practice.book(slot, patient) for slot in slots), return_exceptions=True)
        assert sorted(type(one).__name__ for one in found) == ["Appointment", "TimeConflictError"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("listed = false", Reason.REASON_DOCTOR_NOT_AVAILABLE),
        ("licence_end_time = '2026-11-24 00:00Z'", Reason.REASON_LICENCE_EXPIRED),  # it ended this morning
        ("licence_end_time = '2026-11-25 01:00Z'", Reason.REASON_LICENCE_EXPIRED),  # it ends as the slot begins
        ("licence_end_time = null", Reason.REASON_LICENCE_EXPIRED),
    ],
)
async def test_nobody_books_a_doctor_who_may_not_practise(
    practice: Practice, change: str, reason: Reason.ValueType
) -> None:
    slot = await practice.slot()
    await practice.execute(f"update doctor set {change} where doctor_id = $1", practice.doctor)  # noqa: S608
    with refused(reason):
        await practice.book(slot)


async def test_who_may_not_book(practice: Practice) -> None:
    slot = await practice.slot()
    with refused(Reason.REASON_NOT_ALLOWED):
        await practice.book(slot, practice.doctor)
    with refused(Reason.REASON_NOT_FOUND):
        await practice.book(pb.Slot(slot_id=new_id()))
    practice.clock.now = to_datetime(slot.start_time)
    with refused(Reason.REASON_WRONG_STATE):
        await practice.book(slot)


async def test_cancelled_until_two_hours_before(practice: Practice) -> None:
    slot = await practice.slot(fee=FEE)
    start = to_datetime(slot.start_time)
    mine = await practice.book(slot)
    for stranger, reason in (
        (uuid4(), Reason.REASON_NOT_FOUND),
        (practice.doctor, Reason.REASON_NOT_ALLOWED),
    ):
        with refused(reason):
            await practice.cancel(mine, stranger)
    practice.clock.now = until = start - timedelta(hours=2)
    with refused(Reason.REASON_OUTSIDE_POLICY, until=until.isoformat()):
        await practice.cancel(mine)
    practice.clock.advance(seconds=-1)
    gone = await practice.cancel(mine)
    assert (gone.state, gone.fee_state) == (pb.APPOINTMENT_STATE_CANCELLED_BY_PATIENT, FEE_STATE_REFUNDED)
    with refused(Reason.REASON_WRONG_STATE):
        await practice.cancel(mine)
    assert await practice.free(slot) == 1
    assert (await practice.book(slot)).appointment_id != mine.appointment_id  # and may be booked again


async def test_rescheduled_whole_or_not_at_all(practice: Practice) -> None:
    old, full, new = [await practice.slot(minute, fee=FEE) for minute in (NINE, NINE + 30, NINE + 60)]
    mine = await practice.book(old)
    await practice.book(full, uuid4())
    for slot, reason in (
        (full, Reason.REASON_SLOT_FULL),
        (old, Reason.REASON_ALREADY_EXISTS),
        (pb.Slot(slot_id=new_id()), Reason.REASON_NOT_FOUND),
    ):
        with refused(reason):
            await practice.reschedule(mine, slot)
        assert await practice.get(mine) == mine
        assert await practice.free(old) == 0
    with refused(Reason.REASON_NOT_FOUND):
        await practice.reschedule(mine, new, uuid4())
    moved = await practice.reschedule(mine, new)
    assert (moved.slot_id, moved.previous_appointment_id) == (new.slot_id, mine.appointment_id)
    assert (moved.state, moved.fee_state) == (pb.APPOINTMENT_STATE_BOOKED, FEE_STATE_HELD)
    gone = await practice.get(mine)
    assert (gone.state, gone.fee_state) == (pb.APPOINTMENT_STATE_RESCHEDULED, FEE_STATE_REFUNDED)
    assert (await practice.free(old), await practice.free(new)) == (1, 0)
    with refused(Reason.REASON_WRONG_STATE):
        await practice.reschedule(mine, full)
    practice.clock.now = until = to_datetime(new.start_time) - timedelta(hours=2)
    with refused(Reason.REASON_OUTSIDE_POLICY, until=until.isoformat()):
        await practice.reschedule(moved, old)


async def test_rescheduled_to_an_overlapping_slot_of_another_doctor(practice: Practice) -> None:
    """The old appointment is no conflict with the one that takes its place."""
    other = await Practice(practice.database).open()
    mine = await practice.book(await practice.slot())
    moved = await other.reschedule(mine, await other.slot(NINE + 10), practice.patient)
    assert moved.doctor_id == str(other.doctor)


async def test_two_swap_and_many_chase_one_place(practice: Practice) -> None:
    """Everybody who reschedules to the same place: one gets it, the others keep theirs."""
    slots = [await practice.slot(NINE + 30 * number) for number in range(6)]
    patients = [uuid4() for _ in range(5)]
    held = [await practice.book(slot, patient) for slot, patient in zip(slots[:5], patients, strict=True)]
    found = await asyncio.gather(
        *(practice.reschedule(mine, slots[5], who) for mine, who in zip(held, patients, strict=True)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in found) == ["Appointment"] + ["SlotFullError"] * 4
    assert sum([await practice.free(slot) for slot in slots]) == 1


async def test_a_patient_s_own_list(practice: Practice) -> None:
    made = [await practice.book(await practice.slot(NINE + 30 * number)) for number in range(3)]
    gone = await practice.cancel(made[1])

    async def listed(**fields: object) -> pb.ListAppointmentsResponse:
        request = pb.ListAppointmentsRequest(**fields)  # type: ignore[arg-type]
        return await practice.booking.ListAppointments(request, practice.call("ListAppointments"))

    assert list((await listed()).appointments) == [made[2], gone, made[0]]
    page = await listed(page_size=2)
    assert list((await listed(page_size=2, page_token=page.next_page_token)).appointments) == [made[0]]
    cancelled = await listed(state=pb.APPOINTMENT_STATE_CANCELLED_BY_PATIENT)
    assert list(cancelled.appointments) == [gone]


async def test_checked_in_from_an_hour_before_to_the_end(practice: Practice) -> None:
    slot = await practice.slot()
    start, end = to_datetime(slot.start_time), to_datetime(slot.end_time)
    mine = await practice.book(slot)
    practice.clock.now = start - timedelta(minutes=60, seconds=1)
    with refused(Reason.REASON_OUTSIDE_POLICY, **{"from": (start - timedelta(minutes=60)).isoformat()}):
        await practice.check_in(mine)
    practice.clock.now = end
    with refused(Reason.REASON_OUTSIDE_POLICY, until=end.isoformat()):
        await practice.check_in(mine)
    for stranger, reason in ((uuid4(), Reason.REASON_NOT_FOUND), (practice.doctor, Reason.REASON_NOT_ALLOWED)):
        with refused(reason):
            await practice.check_in(mine, stranger)
    practice.clock.now = start - timedelta(minutes=60)
    there = await practice.check_in(mine)
    assert (there.state, there.queue_number) == (pb.APPOINTMENT_STATE_CHECKED_IN, 1)
    assert to_datetime(there.check_in_time) == practice.clock.now
    with refused(Reason.REASON_WRONG_STATE):
        await practice.check_in(mine)
    with refused(Reason.REASON_WRONG_STATE):
        await practice.cancel(mine)


async def test_the_doctor_s_day(practice: Practice) -> None:
    slots = [await practice.slot(NINE + 30 * number, capacity=2, fee=FEE) for number in range(2)]
    patients = [uuid4() for _ in range(4)]
    made = [await practice.book(slots[number // 2], patient) for number, patient in enumerate(patients)]
    with refused(Reason.REASON_NOT_FOUND):
        await practice.call_next(DAY)
    practice.clock.now = to_datetime(slots[0].start_time)
    order = [2, 0, 3]  # who of the later slot comes first has the first number
    for number, index in enumerate(order, start=1):
        assert (await practice.check_in(made[index], patients[index])).queue_number == number

    async def queue(**fields: object) -> list[pb.Appointment]:
        request = pb.ListQueueRequest(**fields)  # type: ignore[arg-type]
        return list(
            (await practice.booking.ListQueue(request, practice.call("ListQueue", practice.doctor))).appointments
        )

    assert {one.patient_id: one.queue_number for one in await queue(date=DAY)} == {
        str(patients[2]): 1,
        str(patients[0]): 2,
        str(patients[3]): 3,
        str(patients[1]): 0,
    }
    assert {one.patient_id for one in await queue(slot_id=slots[1].slot_id)} == {str(one) for one in patients[2:]}
    assert await queue(date="2026-11-26") == []
    assert await practice.audited(patients[1]) == 1

    called = await practice.call_next(DAY)
    assert (called.patient_id, called.state) == (str(patients[2]), pb.APPOINTMENT_STATE_IN_PROGRESS)
    assert await practice.pushed(patients[2]) == ["appointment"]
    with refused(Reason.REASON_WRONG_STATE):
        await practice.complete(made[0])
    done = await practice.complete(called)
    assert (done.state, done.fee_state) == (pb.APPOINTMENT_STATE_COMPLETED, FEE_STATE_EARNED)
    assert (await practice.call_next(DAY)).patient_id == str(patients[0])
    missing = await practice.mark_no_show(made[0])  # called, and did not come
    assert (missing.state, missing.fee_state) == (pb.APPOINTMENT_STATE_NO_SHOW, FEE_STATE_EARNED)
    assert (await practice.mark_no_show(made[1])).state == pb.APPOINTMENT_STATE_NO_SHOW  # never came
    with refused(Reason.REASON_WRONG_STATE):
        await practice.mark_no_show(made[3])  # sits in the waiting room
    other = await Practice(practice.database).open()
    with refused(Reason.REASON_NOT_FOUND):
        await practice.complete(made[3], other.doctor)
    with refused(Reason.REASON_NOT_FOUND):
        await practice.call_next(DAY, other.doctor)
    with refused(Reason.REASON_INVALID_FIELD):
        await practice.call_next("2026-11-31")


async def test_nobody_has_missed_what_has_not_begun(practice: Practice) -> None:
    slot = await practice.slot()
    mine = await practice.book(slot)
    start = to_datetime(slot.start_time)
    with refused(Reason.REASON_OUTSIDE_POLICY, **{"from": start.isoformat()}):
        await practice.mark_no_show(mine)
    with refused(Reason.REASON_NOT_ALLOWED):
        await practice.mark_no_show(mine, practice.patient)


async def test_everybody_who_checks_in_at_once_has_a_number_of_one_s_own(practice: Practice) -> None:
    slot = await practice.slot(capacity=20)
    patients = [uuid4() for _ in range(20)]
    made = [await practice.book(slot, patient) for patient in patients]
    practice.clock.now = to_datetime(slot.start_time)
    found = await asyncio.gather(*map(practice.check_in, made, patients))
    assert sorted(one.queue_number for one in found) == list(range(1, 21))
    called = await asyncio.gather(*(practice.call_next(DAY) for _ in range(20)))
    assert len({one.appointment_id for one in called}) == 20


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("act", list(Act))
def test_what_is_over_stays_so(state: State, act: Act) -> None:
    """Acts lead on, never back; what has ended goes nowhere."""
    if (state, act) in TRANSITIONS:
        assert after(state, act) > state
        assert state <= State.IN_PROGRESS
    else:
        with pytest.raises(WrongStateError):
            after(state, act)


async def _waits_for_a_lock(practice: Practice) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await practice.fetch(
            "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        ):
            await asyncio.sleep(0.01)
