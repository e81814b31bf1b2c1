"""What a plan is followed by, out of stored messages: its own lines, and the diary's doses and checks."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from apricot.glucose.v1.entry_pb2 import Entry, MedicineDose
from apricot.glucose.v1.plan_pb2 import PlanContent, PlannedMedicine
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.glucose.domain.adherence import PADDING, TOLERANCE, Amount, Line, Logged
from services.glucose.domain.entries import zone
from services.glucose.domain.schedule import Times
from services.glucose.store.tables import EntryRow

CHECK = "check"
MEAL, EXERCISE = 12, 13
_DOSES_AND_CHECKS = 11, 14, 15
"""Kinds (`EntryKind`): a check is a fingerstick; a sensor measures without being asked."""
MOST_FOLLOWED = 20_000


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
    query = (
        select(EntryRow.entry_id, EntryRow.time, EntryRow.body)
        .where(
            col(EntryRow.patient_id) == patient,
            ~col(EntryRow.deleted),
            col(EntryRow.kind).in_(_DOSES_AND_CHECKS),
            col(EntryRow.time) >= start - reach,
            col(EntryRow.time) < end + reach,
        )
        .order_by(col(EntryRow.time))
        .limit(MOST_FOLLOWED + 1)
    )
    return [_logged(entry_id, time, Entry.FromString(body)) for entry_id, time, body in await session.exec(query)]


async def find_daily(session: AsyncSession, patient: UUID, start: datetime, end: datetime) -> Daily:
    """Meals and exercise of a window and a day around it; at most `MOST_FOLLOWED` and one."""
    query = (
        select(EntryRow.time, EntryRow.utc_offset_minutes, EntryRow.body)
        .where(
            col(EntryRow.patient_id) == patient,
            ~col(EntryRow.deleted),
            col(EntryRow.kind).in_((MEAL, EXERCISE)),
            col(EntryRow.time) >= start - PADDING,
            col(EntryRow.time) < end + PADDING,
        )
        .limit(MOST_FOLLOWED + 1)
    )
    daily = Daily([], [])
    for time, offset, body in await session.exec(query):
        entry, day = Entry.FromString(body), (time + timedelta(minutes=offset)).date()
        if entry.HasField("meal"):
            daily.meals.append((day, entry.meal.carbohydrate_g))
        else:
            daily.exercises.append((day, entry.exercise.duration_minutes))
    return daily


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
