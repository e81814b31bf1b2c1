"""What a plan is followed by, out of stored messages: its own lines, and the diary's doses and checks."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
from apricot.glucose.v1.entry_pb2 import Entry, MedicineDose
from apricot.glucose.v1.plan_pb2 import PlanContent, PlannedMedicine
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.database import raw_connection
from services.glucose.domain.adherence import PADDING, TOLERANCE, Amount, Line, Logged
from services.glucose.domain.entries import zone
from services.glucose.domain.schedule import Times
from services.glucose.store.archive import Span, diary

CHECK = "check"
MEAL, EXERCISE = 12, 13
_DOSES_AND_CHECKS = 11, 14, 15
"""Kinds (`EntryKind`): a check is a fingerstick; a sensor measures without being asked."""
MOST_FOLLOWED = 20_000
_SPAN = Span("$1", "$2::timestamptz", "$3::timestamptz", "$4::int2[]")


class Followed(NamedTuple):
    """A plan's lines with times, the medicines first, then the checks, in its own order."""

    lines: list[Line]
    zone: ZoneInfo


class Daily(NamedTuple):
    """Meals and exercise by the patient's local day: carbohydrate in grams, and minutes."""

    meals: list[tuple[date, float]]
    exercises: list[tuple[date, int]]


def followed(content: PlanContent) -> Followed:
    """What of a plan has its times."""
    medicines = [_medicine(medicine) for medicine in content.medicines]
    checks = [Line(CHECK, None, Times((check.minute_of_day,), frozenset(check.weekdays))) for check in content.checks]
    return Followed(medicines + checks, zone(content.time_zone))


async def find_logged(session: AsyncSession, patient: UUID, start: datetime, end: datetime) -> list[Logged]:
    """The doses and checks that may belong to a window's planned times, in order; at most `MOST_FOLLOWED` and one."""
    reach = PADDING + TOLERANCE
    rows = await _entries(session, patient, _DOSES_AND_CHECKS, start - reach, end + reach)
    return [_logged(row["entry_id"], row["time"], Entry.FromString(row["body"])) for row in rows]


async def find_daily(session: AsyncSession, patient: UUID, start: datetime, end: datetime) -> Daily:
    """Meals and exercise of a window and a day around it; at most `MOST_FOLLOWED` and one."""
    daily = Daily([], [])
    for row in await _entries(session, patient, (MEAL, EXERCISE), start - PADDING, end + PADDING):
        entry, day = Entry.FromString(row["body"]), (row["time"] + timedelta(minutes=row["utc_offset_minutes"])).date()
        if entry.HasField("meal"):
            daily.meals.append((day, entry.meal.carbohydrate_g))
        else:
            daily.exercises.append((day, entry.exercise.duration_minutes))
    return daily


async def _entries(
    session: AsyncSession, patient: UUID, kinds: Sequence[int], start: datetime, end: datetime
) -> Sequence[asyncpg.Record]:
    entries = diary(("time", "entry_id", "utc_offset_minutes", "body"), _SPAN, since=start)
    connection = await raw_connection(session)
    found: Sequence[asyncpg.Record] = await connection.fetch(
        f"select * from ({entries}) as entry order by time, entry_id limit $5",  # noqa: S608  fixed words
        patient,
        start,
        end,
        kinds,
        MOST_FOLLOWED + 1,
    )
    return found


def _medicine(medicine: PlannedMedicine) -> Line:
    times = Times(tuple(medicine.minutes_of_day), frozenset(medicine.weekdays))
    amount = Amount(Decimal(medicine.amount.value), medicine.unit)
    if medicine.insulin_kind:
        return Line(_insulin(medicine.insulin_kind), amount, times)
    return Line(_other(medicine.name), amount, times)


def _logged(entry_id: UUID, time: datetime, entry: Entry) -> Logged:
    match entry.WhichOneof("content"):
        case "insulin_dose":
            dose = entry.insulin_dose
            return Logged(entry_id, time, _insulin(dose.kind), Amount(Decimal(dose.amount_units.value), 0))
        case "medicine_dose":
            return _taken(entry_id, time, entry.medicine_dose)
        case _:
            return Logged(entry_id, time, CHECK, None)


def _taken(entry_id: UUID, time: datetime, dose: MedicineDose) -> Logged:
    return Logged(entry_id, time, _other(dose.name), Amount(Decimal(dose.amount.value), dose.unit))


def _insulin(kind: int) -> str:
    return f"insulin of kind {kind}"


def _other(name: str) -> str:
    return f"medicine {' '.join(name.casefold().split())}"
