"""Slots: what is published, what is not and why, what is listed, and what a withdrawal takes with it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from apricot.consult.v1 import booking_pb2 as pb
from apricot.consult.v1.consultation_pb2 import CONSULTATION_MODE_VIDEO, FEE_STATE_REFUNDED
from apricot.errors.v1.reason_pb2 import Reason
from apricot.money.v1.money_pb2 import Money

from kit.database import Database
from kit.times import to_datetime, to_timestamp
from services.consult.rpc.errors import ERRORS
from tests.consult.booking.practice import FEE, NINE, Practice, refused
from tests.in_process import refused_by

PUBLISHED, OVERLAPS = pb.PUBLISH_OUTCOME_PUBLISHED, pb.PUBLISH_OUTCOME_OVERLAPS


def outcomes(results: list[pb.PublishedSlot]) -> list[int]:
    return [result.outcome for result in results]


async def test_a_slot_is_shown_as_published(practice: Practice) -> None:
    place = pb.SlotPlace(online=CONSULTATION_MODE_VIDEO)
    made = await practice.slot(capacity=3, place=place, fee=FEE)
    assert to_datetime(made.start_time) == datetime(2026, 11, 25, 1, tzinfo=UTC)
    assert to_datetime(made.end_time) == datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
    assert (made.capacity, made.free_count, made.place, made.fee) == (3, 3, place, FEE)
    assert list((await practice.list_slots()).slots) == [made]


async def test_what_could_not_be_made_says_why_and_keeps_nothing_else_from_being_made(practice: Practice) -> None:
    today = [
        pb.LocalStart(date="2026-11-23", start_minute=NINE),
        pb.LocalStart(date="2026-11-24", start_minute=8 * 60),  # this very instant
        pb.LocalStart(date="2026-11-24", start_minute=8 * 60 + 1),
        pb.LocalStart(date="2026-11-24", start_minute=8 * 60 + 30),  # the one before is not over
        pb.LocalStart(date="2026-11-24", start_minute=8 * 60 + 31),
        pb.LocalStart(date="2028-11-24", start_minute=8 * 60),  # the licence ends
    ]
    results = await practice.publish(single=pb.SingleSlots(starts=today))
    past, ended = pb.PUBLISH_OUTCOME_IN_THE_PAST, pb.PUBLISH_OUTCOME_LICENCE_EXPIRED
    assert outcomes(results) == [past, past, PUBLISHED, OVERLAPS, PUBLISHED, ended]
    assert [result.HasField("slot") for result in results] == [False, False, True, False, True, False]
    assert len((await practice.list_slots()).slots) == 2


async def test_slots_of_one_doctor_lie_apart(practice: Practice, booking_database: Database) -> None:
    assert outcomes(await practice.publish([NINE])) == [PUBLISHED]
    assert outcomes(await practice.publish([NINE - 29, NINE, NINE + 29])) == [OVERLAPS] * 3
    assert outcomes(await practice.publish([NINE - 30, NINE + 30])) == [PUBLISHED] * 2
    another = await Practice(booking_database).open()
    assert outcomes(await another.publish([NINE])) == [PUBLISHED]


async def test_a_weekly_session_is_cut_into_slots(practice: Practice) -> None:
    """Wednesday the 25th to Tuesday the 8th: Wednesdays and Fridays, 9:00 to 10:40, half an hour each."""
    weekly = pb.WeeklySlots(
        first_date="2026-11-25",
        last_date="2026-12-08",
        weekdays=[5, 3],
        session=pb.Session(start_minute=NINE, end_minute=NINE + 100),
    )
    results = await practice.publish(weekly=weekly)
    assert [(result.date, result.start_minute) for result in results] == [
        (day, NINE + minutes)
        for day in ("2026-11-25", "2026-11-27", "2026-12-02", "2026-12-04")
        for minutes in (0, 30, 60)
    ]
    assert set(outcomes(results)) == {PUBLISHED}
    assert set(outcomes(await practice.publish(weekly=weekly))) == {OVERLAPS}


@pytest.mark.parametrize(
    ("zone", "day", "skipped", "spread"),
    [
        ("Europe/Berlin", "2027-03-28", {120, 150}, 0),
        ("America/New_York", "2027-03-14", {120, 150}, 0),
        ("Europe/Berlin", "2027-10-31", set(), 60),
        ("America/New_York", "2027-11-07", set(), 60),
    ],
)
async def test_the_nights_when_the_clocks_change(
    practice: Practice, zone: str, day: str, skipped: set[int], spread: int
) -> None:
    """Half past midnight to four: forward, two local times do not exist; back, each happens once, the first time."""
    practice.clock.now = datetime(2027, 3, 1, tzinfo=UTC)
    session = pb.Session(start_minute=30, end_minute=4 * 60)
    weekly = pb.WeeklySlots(first_date=day, last_date=day, weekdays=[7], session=session)
    results = await practice.publish(weekly=weekly, time_zone=zone)
    missing = pb.PUBLISH_OUTCOME_NO_SUCH_LOCAL_TIME
    assert {result.start_minute for result in results if result.outcome == missing} == skipped
    starts = [to_datetime(result.slot.start_time) for result in results if result.outcome == PUBLISHED]
    assert len(starts) == 7 - len(skipped)
    assert starts[-1] - starts[0] == timedelta(minutes=180 + spread - (60 if skipped else 0))


@pytest.mark.parametrize(
    "fields",
    [
        {"time_zone": "Asia/Atlantis"},
        {"single": pb.SingleSlots(starts=[pb.LocalStart(date="2027-02-30", start_minute=NINE)])},
        {"weekly": pb.WeeklySlots(first_date="2026-12-01", last_date="2027-05-31", weekdays=[1], start_minutes=[0])},
        {"weekly": pb.WeeklySlots(first_date="2026-12-02", last_date="2026-12-01", weekdays=[1], start_minutes=[0])},
        {"weekly": pb.WeeklySlots(first_date="2026-12-01", last_date="2026-12-01", weekdays=[1], start_minutes=[0])},
        {"weekly": pb.WeeklySlots(first_date="2026-12-01", last_date="2026-12-08", weekdays=[1])},
        {
            "weekly": pb.WeeklySlots(
                first_date="2026-12-01", last_date="2026-12-08", weekdays=[1], session=pb.Session(end_minute=29)
            )
        },
        {
            "weekly": pb.WeeklySlots(
                first_date="2026-12-01",
                last_date="2027-04-30",
                weekdays=range(1, 8),
                session=pb.Session(end_minute=1440),
            )
        },
        {
            "capacity": 100,
            "weekly": pb.WeeklySlots(
                first_date="2026-12-01", last_date="2027-04-30", weekdays=range(1, 8), start_minutes=[60, 180]
            ),
        },
    ],
    ids=["zone", "day", "181 days", "backwards", "no such weekday", "no times", "too short", "7,248 slots", "places"],
)
async def test_what_is_no_recurrence(practice: Practice, fields: dict[str, Any]) -> None:
    with refused(Reason.REASON_INVALID_FIELD):
        await practice.publish(**fields)
    assert not (await practice.list_slots()).slots


async def test_a_thousand_slots_at_once(practice: Practice) -> None:
    weekly = pb.WeeklySlots(
        first_date="2026-12-01",
        last_date="2027-03-10",
        weekdays=range(1, 8),
        session=pb.Session(start_minute=NINE, end_minute=NINE + 300),
    )
    results = await practice.publish(weekly=weekly, capacity=20)
    assert outcomes(results) == [PUBLISHED] * 1000
    assert len(
        await practice.fetch("select from seat join slot using (slot_id) where doctor_id = $1", practice.doctor)
    ) == (20_000)


async def test_nobody_publishes_without_a_live_licence(practice: Practice) -> None:
    await practice.execute(
        "update doctor set licence_end_time = $2 where doctor_id = $1", practice.doctor, practice.clock.now
    )
    with refused(Reason.REASON_LICENCE_EXPIRED):
        await practice.publish()
    await practice.execute("delete from doctor where doctor_id = $1", practice.doctor)
    with refused(Reason.REASON_DOCTOR_NOT_AVAILABLE):
        await practice.publish()


async def test_a_repeated_publication_is_one(practice: Practice) -> None:
    request_id = str(uuid4())
    first = await practice.publish(request_id=request_id)
    assert await practice.publish(request_id=request_id) == first
    assert len((await practice.list_slots()).slots) == 1


async def test_lists_of_slots(practice: Practice, booking_database: Database) -> None:
    department = f"test-{uuid4().hex[:8]}"
    other = await Practice(booking_database).open(department)
    await practice.execute("update doctor set department_code = $2 where doctor_id = $1", practice.doctor, department)
    made = [result.slot for each in (practice, other) for result in await each.publish([NINE, NINE + 30], days=2)]
    made.sort(key=lambda slot: (slot.start_time.seconds, slot.slot_id))
    listed: list[pb.Slot] = []
    token = ""
    while not listed or token:
        page = await practice.list_slots(department_code=department, page_size=3, page_token=token)
        listed += page.slots
        token = page.next_page_token
    assert listed == made
    with refused(Reason.REASON_INVALID_PAGE_TOKEN):
        token = (await practice.list_slots(page_size=1)).next_page_token
        await practice.list_slots(page_token=token, free_only=True)

    own = list((await practice.list_slots()).slots)
    await practice.book(own[0])
    assert [slot.free_count for slot in (await practice.list_slots()).slots] == [0, 1, 1, 1]
    assert [slot.slot_id for slot in (await practice.list_slots(free_only=True)).slots] == [
        slot.slot_id for slot in own[1:]
    ]
    practice.clock.now = to_datetime(own[2].start_time)
    assert [slot.slot_id for slot in (await practice.list_slots()).slots] == [own[3].slot_id]
    ranged = await practice.list_slots(start_time=own[1].start_time, end_time=own[3].start_time)
    assert not ranged.slots  # what has begun is left out


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"fee": Money(currency_code="CNY", minor_units=1000_01)}, Reason.REASON_FEE_OUT_OF_BOUNDS),
        ({"fee": Money(currency_code="USD", minor_units=50_00)}, Reason.REASON_INVALID_FIELD),
        (
            {"place": pb.SlotPlace(in_person=pb.InPerson(room="微信 dr_li"))},
            Reason.REASON_CONTACT_DETAILS,
        ),
    ],
)
async def test_fees_and_words_of_slots_are_checked(
    practice: Practice, fields: dict[str, Any], reason: Reason.ValueType
) -> None:
    with refused_by(ERRORS, reason):
        await practice.publish(**fields)
    assert not (await practice.list_slots()).slots


@pytest.mark.parametrize("days", [0, -1, 32])
async def test_ranges_that_are_none(practice: Practice, days: int) -> None:
    start = practice.clock.now
    end = start + timedelta(days=days)
    with refused(Reason.REASON_INVALID_FIELD):
        await practice.list_slots(start_time=to_timestamp(start), end_time=to_timestamp(end))
    with refused(Reason.REASON_INVALID_FIELD):
        await practice.withdraw(start, end if days <= 0 else start + timedelta(days=181))


@pytest.mark.parametrize("change", ["listed = false", "licence_end_time = '2026-11-25'", "licence_end_time = null"])
async def test_slots_of_who_may_not_be_booked_are_not_listed(practice: Practice, change: str) -> None:
    await practice.slot()
    await practice.execute(f"update doctor set {change} where doctor_id = $1", practice.doctor)  # noqa: S608
    assert not (await practice.list_slots()).slots


async def test_a_withdrawal_cancels_refunds_tells_and_puts_in_line(practice: Practice) -> None:
    slot, later = await practice.slot(capacity=2, fee=FEE), await practice.slot(NINE + 60)
    mine = await practice.book(slot)
    practice.clock.advance(seconds=1)
    stranger = uuid4()
    await practice.book(slot, stranger)
    waiting = await practice.join(slot, third := uuid4())
    answer = await practice.withdraw_slot(slot, note="会议")
    assert (answer.withdrawn_count, answer.cancelled_count) == (1, 2)
    found = await practice.get(mine)
    assert (found.state, found.fee_state, found.note) == (
        pb.APPOINTMENT_STATE_CANCELLED_BY_DOCTOR,
        FEE_STATE_REFUNDED,
        "会议",
    )
    assert (await practice.changes())[-1].actor_id == str(practice.doctor)
    assert await practice.pushed() == ["appointment"]
    assert await practice.audited() == 1
    assert [(entry.entry_id, entry.state) for entry in await practice.waits(third)] == [
        (waiting.entry_id, pb.WAITING_STATE_LAPSED)
    ]
    assert [one.slot_id for one in (await practice.list_slots()).slots] == [later.slot_id]

    # Who booked first is offered the doctor's next place.
    await practice.timer.do_due()
    (entry,) = await practice.waits()
    assert (entry.state, entry.offered_slot_id) == (pb.WAITING_STATE_OFFERED, later.slot_id)
    assert [one.state for one in await practice.waits(stranger)] == [pb.WAITING_STATE_WAITING]


async def test_withdrawn_twice_there_is_nothing_left(practice: Practice) -> None:
    slot = await practice.slot()
    await practice.book(slot)
    assert (await practice.withdraw_slot(slot)).withdrawn_count == 1
    again = await practice.withdraw_slot(slot)
    assert (again.withdrawn_count, again.cancelled_count) == (0, 0)
    with refused(Reason.REASON_NOT_FOUND):
        await practice.book(slot, uuid4())
    assert outcomes(await practice.publish([NINE])) == [PUBLISHED]  # the time is free again


async def test_a_slot_that_has_begun_is_not_withdrawn(practice: Practice, booking_database: Database) -> None:
    slot = await practice.slot()
    other = await Practice(booking_database).open()
    theirs = await other.slot()
    practice.clock.now = to_datetime(slot.start_time)
    assert (await practice.withdraw_slot(slot)).withdrawn_count == 0
    practice.clock.advance(minutes=-1)
    assert (await practice.withdraw_slot(slot)).withdrawn_count == 1
    assert await other.free(theirs) == 1
