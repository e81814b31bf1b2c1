"""What a plan asks for: told each day, pushed once, and held against the diary."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apricot.access.v1.access_pb2 import Scope
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.entry_pb2 import (
    DOSE_UNIT_MG,
    DOSE_UNIT_TABLET,
    EXERCISE_KIND_WALKING,
    INSULIN_KIND_LONG,
    INSULIN_KIND_RAPID,
    Decimal,
)
from apricot.glucose.v1.plan_pb2 import AdherenceLine, PlannedCheck, PlannedMedicine

from clients.sdk import Recorder
from kit.pushes import add_pushes
from kit.times import to_datetime, to_timestamp
from kit.views import View, Window
from services.glucose.work import reminders
from tests.glucose.plans.planned import PHONE, Clinic, content, refused


def medicine(*minutes: int, units: str = "4") -> PlannedMedicine:
    return PlannedMedicine(
        name="insulin aspart", insulin_kind=INSULIN_KIND_RAPID, amount=Decimal(value=units), minutes_of_day=minutes
    )


def shanghai(day: int, hour: int, minute: int = 0) -> datetime:
    """In November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def shown(line: AdherenceLine) -> tuple[str, int, int, int, int]:
    kind = line.WhichOneof("line") or ""
    return kind, int(getattr(line, kind)), line.planned_count, line.kept_count, line.other_amount_count


async def test_a_plan_s_adherence_line_by_line(clinic: Clinic) -> None:
    """Accepted on Tuesday the 3rd at eight; looked at on Tuesday the 24th at eight, over the last 14 days."""
    clinic.clock.now = shanghai(3, 8)
    await clinic.in_force()
    clinic.clock.now = shanghai(24, 8)
    for day in range(10, 24):
        await clinic.log(
            PHONE.insulin_dose(shanghai(day, 12, 30), INSULIN_KIND_RAPID, "4"),
            PHONE.insulin_dose(shanghai(day, 18, 30), INSULIN_KIND_RAPID, "6"),
            PHONE.insulin_dose(shanghai(day, 22), INSULIN_KIND_LONG, "12.50"),
            PHONE.medicine_dose(shanghai(day, 18), "METFORMIN ", "500", DOSE_UNIT_MG),
            PHONE.fingerstick_reading(shanghai(day, 6, 45), 100),
            PHONE.sensor_reading(shanghai(day, 22), 100),  # no check: nobody asked it to
            PHONE.meal(shanghai(day, 12), 150 if day % 2 else 250),
            PHONE.exercise(shanghai(day, 19), EXERCISE_KIND_WALKING, 30 if day < 16 else 20),
        )
    await clinic.log(PHONE.medicine_dose(shanghai(23, 7), "metformin", "1", DOSE_UNIT_TABLET))
    answer = await clinic.adherence()
    assert (to_datetime(answer.start_time), to_datetime(answer.end_time)) == (shanghai(10, 8), shanghai(24, 8))
    assert answer.plan == (await clinic.active()).active
    assert [shown(line) for line in answer.lines] == [
        # At 7, 12 and 18 from the 10th at eight on: 13 mornings (that of the 24th is due until eight, and past), …
        ("medicine", 0, 14 + 14 + 14, 14, 14),
        ("medicine", 1, 14, 14, 0),
        ("medicine", 2, 14 + 14, 14, 1),
        ("check", 0, 14, 13, 0),  # each morning from the 11th to the 24th; none on the 24th
        ("check", 1, 4, 0, 0),  # two weekends
        ("carbohydrate", 1, 13, 7, 0),  # the whole days from the 11th to the 23rd, the odd ones within 200 g
        ("exercise", 1, 1, 0, 0),  # the one whole week, 16th to 22nd: 140 minutes
    ]
    assert answer.lines[1].kept_percent == 100
    assert answer.lines[4].kept_percent == 0


async def test_adherence_is_that_of_the_revision_in_force(clinic: Clinic) -> None:
    clinic.clock.now = shanghai(2, 0)
    first = await clinic.in_force(content(medicines=[medicine(8 * 60)]))
    clinic.clock.now = shanghai(12, 0)
    await clinic.answer(await clinic.revise(first, content(medicines=[medicine(20 * 60)])))
    clinic.clock.now = shanghai(14, 0)
    await clinic.log(
        PHONE.insulin_dose(shanghai(11, 8), INSULIN_KIND_RAPID, "4"),
        PHONE.insulin_dose(shanghai(12, 8), INSULIN_KIND_RAPID, "4"),
        PHONE.insulin_dose(shanghai(12, 20), INSULIN_KIND_RAPID, "4"),
    )
    now = await clinic.adherence()
    assert (now.plan.revision, to_datetime(now.start_time)) == (2, shanghai(12, 0))
    assert shown(now.lines[0]) == ("medicine", 0, 2, 1, 0)
    before = await clinic.adherence(start_time=to_timestamp(shanghai(10, 0)), end_time=to_timestamp(shanghai(12, 0)))
    assert (before.plan.revision, shown(before.lines[0])) == (1, ("medicine", 0, 2, 1, 0))
    with refused(Reason.REASON_NOT_FOUND):
        await clinic.adherence(start_time=to_timestamp(shanghai(1, 0)), end_time=to_timestamp(shanghai(2, 0)))


async def test_windows_that_are_none(clinic: Clinic) -> None:
    with refused(Reason.REASON_NOT_FOUND):
        await clinic.adherence()
    await clinic.in_force()
    now = clinic.clock.now
    for start, end in (
        (now, now),
        (now + timedelta(days=1), now + timedelta(days=2)),
        (now - timedelta(days=367), now),
        (now, now - timedelta(days=1)),
    ):
        with refused(Reason.REASON_INVALID_FIELD):
            await clinic.adherence(start_time=to_timestamp(start), end_time=to_timestamp(end))


async def test_a_window_may_hold_too_much(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in "store.plan_lines", "rpc.following":
        monkeypatch.setattr(f"services.glucose.{module}.MOST_FOLLOWED", 2)
    begin = clinic.clock.now
    await clinic.in_force()
    clinic.clock.advance(days=1)
    await clinic.log(*(PHONE.fingerstick_reading(begin + timedelta(hours=n), 100) for n in range(2)))
    assert (await clinic.adherence()).lines
    await clinic.log(PHONE.fingerstick_reading(begin + timedelta(hours=3), 100))
    with refused(Reason.REASON_TOO_LARGE):
        await clinic.adherence()


async def test_adherence_stays_within_the_caller_s_range(clinic: Clinic) -> None:
    clinic.clock.now = shanghai(2, 0)
    await clinic.in_force(content(medicines=[medicine(8 * 60)]))
    clinic.clock.now = shanghai(14, 0)
    view = View(frozenset({Window(Scope.SCOPE_PLAN_READ, shanghai(5, 0), shanghai(7, 0))}))
    answer = await clinic.adherence(view)
    assert (to_datetime(answer.start_time), to_datetime(answer.end_time)) == (shanghai(5, 0), shanghai(7, 0))
    assert answer.lines[0].planned_count == 2
    assert len(await clinic.on_day("2026-11-06", view)) == 2  # a medicine and the one check of a Friday
    assert await clinic.on_day("2026-11-08", view) == []


async def test_adherence_on_the_nights_the_clocks_change(clinic: Clinic) -> None:
    """Berlin, 25 October 2026: the first 2:30 is 0:30 UTC. 29 March 2026: 2:30 is 3:30, 1:30 UTC."""
    hand = Recorder.by_hand("phone", "Europe/Berlin")
    clinic.clock.now = datetime(2026, 3, 1, tzinfo=UTC)
    await clinic.in_force(content(time_zone="Europe/Berlin", medicines=[medicine(150)], checks=[]))
    for night, due, late in (
        ("2026-03-29", datetime(2026, 3, 29, 1, 30, tzinfo=UTC), 1),
        ("2026-10-25", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 61),
    ):
        clinic.clock.now = due + timedelta(hours=9)
        (open_,) = await clinic.on_day(night)
        assert (to_datetime(open_.due_time), open_.entry_id) == (due, "")
        entry = hand.insulin_dose(due + timedelta(minutes=late), INSULIN_KIND_RAPID, "4")
        await clinic.log(entry)
        answer = await clinic.adherence(start_time=to_timestamp(due - timedelta(hours=2)))
        assert shown(answer.lines[0]) == ("medicine", 0, 1, int(late <= 60), 0)
        assert (await clinic.on_day(night))[0].entry_id == (entry.entry_id if late <= 60 else "")


async def test_a_day_s_reminders_and_what_was_done(clinic: Clinic) -> None:
    with refused(Reason.REASON_NOT_FOUND):
        await clinic.on_day()
    clinic.clock.now = shanghai(23, 20)
    await clinic.in_force()
    clinic.clock.now = shanghai(24, 13)
    dose, check = (
        PHONE.insulin_dose(shanghai(24, 12, 5), INSULIN_KIND_RAPID, "5"),
        PHONE.fingerstick_reading(shanghai(24, 6, 40), 100),
    )
    await clinic.log(dose, check)
    today = [(to_datetime(each.due_time), each.WhichOneof("line"), each.entry_id) for each in await clinic.on_day()]
    assert today == [
        (shanghai(24, 6, 30), "check", check.entry_id),
        (shanghai(24, 7), "medicine", ""),
        (shanghai(24, 7), "medicine", ""),
        (shanghai(24, 12), "medicine", dose.entry_id),  # of another amount, but done
        (shanghai(24, 18), "medicine", ""),
        (shanghai(24, 18), "medicine", ""),
        (shanghai(24, 22), "medicine", ""),
    ]
    assert [to_datetime(each.due_time) for each in await clinic.on_day("2026-11-23")] == [shanghai(23, 22)]
    assert len(await clinic.on_day("2026-11-28")) == 8  # a Saturday
    for none in "2026-02-30", "1999-12-31":
        with refused(Reason.REASON_INVALID_FIELD):
            await clinic.on_day(none)
    with refused(Reason.REASON_NOT_FOUND):
        await clinic.on_day("2026-11-22")


async def test_a_reminder_is_pushed_when_it_is_due(clinic: Clinic) -> None:
    clinic.clock.now = shanghai(24, 8)
    await clinic.in_force(content(medicines=[medicine(9 * 60, 10 * 60)], checks=[PlannedCheck(minute_of_day=9 * 60)]))
    clinic.clock.now = shanghai(24, 8, 59)
    await clinic.reminders.send_due()
    assert await clinic.pushed() == ["plan"]
    clinic.clock.now = shanghai(24, 9)
    for _ in range(3):
        await clinic.reminders.send_due()
    assert await clinic.pushed() == ["plan", "reminder"]  # one for the instant, whatever is due at it
    clinic.clock.now = shanghai(24, 10)
    await clinic.log(PHONE.insulin_dose(shanghai(24, 9, 55), INSULIN_KIND_RAPID, "4"))
    await clinic.reminders.send_due()
    assert await clinic.pushed() == ["plan", "reminder"]  # it is logged already
    clinic.clock.now = shanghai(25, 9, 30)
    await clinic.reminders.send_due()
    assert await clinic.pushed() == ["plan", "reminder", "reminder"]


async def test_a_reminder_comes_while_another_of_its_instant_is_open(clinic: Clinic) -> None:
    clinic.clock.now = shanghai(24, 8)
    await clinic.in_force(content(medicines=[medicine(9 * 60)], checks=[PlannedCheck(minute_of_day=9 * 60)]))
    clinic.clock.now = shanghai(24, 9)
    await clinic.log(PHONE.insulin_dose(shanghai(24, 8, 55), INSULIN_KIND_RAPID, "4"))
    await clinic.reminders.send_due()
    assert await clinic.pushed() == ["plan", "reminder"]


@pytest.mark.parametrize(("minutes", "sent"), [(30, 1), (31, 0)])
async def test_what_is_late_by_more_than_half_an_hour_is_left_out(clinic: Clinic, minutes: int, sent: int) -> None:
    """The worker was down for two days: no flood of what lies behind."""
    clinic.clock.now = shanghai(22, 8)
    await clinic.in_force(content(medicines=[medicine(9 * 60, 15 * 60)], checks=[]))
    clinic.clock.now = shanghai(24, 9, minutes)
    await clinic.reminders.send_due()
    assert (await clinic.pushed()).count("reminder") == sent
    clinic.clock.now = shanghai(24, 15)
    await clinic.reminders.send_due()
    assert (await clinic.pushed()).count("reminder") == sent + 1


async def test_the_plan_in_force_alone_reminds(clinic: Clinic) -> None:
    clinic.clock.now = shanghai(24, 8)
    first = await clinic.in_force(content(medicines=[medicine(9 * 60)], checks=[]))
    second = await clinic.revise(first, content(medicines=[medicine(10 * 60)], checks=[]))
    clinic.clock.now = shanghai(24, 9)
    await clinic.reminders.send_due()
    assert (await clinic.pushed()).count("reminder") == 1  # what waits does not remind, the old one does
    await clinic.answer(second)
    clinic.clock.now = shanghai(24, 10)
    await clinic.reminders.send_due()
    assert (await clinic.pushed()).count("reminder") == 2
    clinic.clock.now = shanghai(25, 9, 30)
    await clinic.reminders.send_due()
    assert (await clinic.pushed()).count("reminder") == 2
    third = await clinic.revise(second, content(medicines=[], checks=[]))
    await clinic.answer(third)
    clinic.clock.now = shanghai(25, 10)
    await clinic.reminders.send_due()
    assert (await clinic.pushed()).count("reminder") == 2


async def test_each_reminder_comes_once_whoever_dies(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four workers at once, each of whom may die at any push, before its commit."""
    chance = random.Random(1)

    def add_and_perhaps_die(*arguments: Any, **named: Any) -> None:
        add_pushes(*arguments, **named)
        if chance.random() < 0.3:
            raise asyncio.CancelledError

    monkeypatch.setattr(reminders, "_BATCH", 3)
    monkeypatch.setattr(reminders, "add_pushes", add_and_perhaps_die)
    patients = [Clinic(clinic.database) for _ in range(20)]
    for each in patients:
        each.clock.now = shanghai(24, 8)
        await each.in_force(content(medicines=[medicine(9 * 60)], checks=[]))
    deaths, told = 0, 0
    while told < len(patients):
        workers = [reminders.Reminders(clinic.database, lambda: shanghai(24, 9)).send_due() for _ in range(4)]
        outcomes = await asyncio.gather(*map(asyncio.ensure_future, workers), return_exceptions=True)
        deaths += sum(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
        rows = await clinic.fetch(
            "select count(*) from push where kind = 'reminder' and patient_id = any($1::uuid[]) group by patient_id",
            [each.patient for each in patients],
        )
        assert {row["count"] for row in rows} <= {1}
        told = len(rows)
    assert deaths > 3
