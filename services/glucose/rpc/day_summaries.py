"""`DaySummary` of each local day, and what the diary's meals, doses and exercise add up to. Imported by the pool's
workers alone."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from apricot.glucose.v1.entry_pb2 import Entry, InsulinKind
from apricot.glucose.v1.report_pb2 import BandShare, DaySummary, DayTotals, GlucoseBand

from services.glucose.domain.metrics import Ints, bands
from services.glucose.domain.metrics.days import Day, local_days
from services.glucose.domain.metrics.readings import Readings

_FIRST_DAY = date(1970, 1, 1)


def day_summaries(
    readings: Readings, bands_of: Ints, treatments: Iterable[tuple[int, bytes]], *, of_time: bool
) -> list[DaySummary]:
    """Every local day that has readings or treatments, oldest first. `of_time`: whether readings stand for time, as a
    sensor's do and fingersticks do not."""
    summaries = {day.number: _day(day, readings, bands_of, of_time) for day in local_days(readings)}
    by_day: defaultdict[int, list[Entry]] = defaultdict(list)
    for number, body in treatments:
        by_day[number].append(Entry.FromString(body))
    for number, entries in by_day.items():
        summary = summaries.setdefault(number, DaySummary(local_date=local_date(number)))
        summary.totals.CopyFrom(_totals(entries))
    return [summaries[number] for number in sorted(summaries)]


def local_date(number: int) -> str:
    """The date that is so many days after 1970-01-01."""
    return (_FIRST_DAY + timedelta(days=number)).isoformat()


def share_messages(found: Iterable[bands.Share], *, of_time: bool) -> list[BandShare]:
    """Shares as the contract carries them."""
    return [
        BandShare(
            band=GlucoseBand.ValueType(share.band),
            readings_count=share.readings_count,
            percent=share.percent,
            minutes_per_day=share.minutes_per_day if of_time else 0,
        )
        for share in found
    ]


def sum_totals(days: Sequence[DaySummary]) -> DayTotals:
    """The days' totals together."""
    insulin: defaultdict[InsulinKind.ValueType, Decimal] = defaultdict(Decimal)
    for day in days:
        for dose in day.totals.insulin:
            insulin[dose.kind] += Decimal(dose.amount_units.value)
    summed = DayTotals(
        carbohydrate_g=sum(day.totals.carbohydrate_g for day in days),
        exercise_minutes=sum(day.totals.exercise_minutes for day in days),
        meals_count=sum(day.totals.meals_count for day in days),
    )
    _add_insulin(summed, insulin)
    return summed


def _day(day: Day, readings: Readings, bands_of: Ints, of_time: bool) -> DaySummary:
    own = readings[day.chosen]
    return DaySummary(
        local_date=local_date(day.number),
        readings_count=len(own),
        active_percent=own.active_percent(day.seconds) if of_time else 0,
        mean_mg_per_dl=float(own.mg_per_dl.mean()),
        min_mg_per_dl=float(own.mg_per_dl.min()),
        max_mg_per_dl=float(own.mg_per_dl.max()),
        bands=share_messages(bands.shares(bands_of[day.chosen]), of_time=of_time),
        totals=DayTotals(),
    )


def _totals(entries: Iterable[Entry]) -> DayTotals:
    totals = DayTotals()
    insulin: defaultdict[InsulinKind.ValueType, Decimal] = defaultdict(Decimal)
    for entry in entries:
        match entry.WhichOneof("content"):
            case "meal":
                totals.meals_count += 1
                totals.carbohydrate_g += entry.meal.carbohydrate_g
            case "exercise":
                totals.exercise_minutes += entry.exercise.duration_minutes
            case "insulin_dose":
                insulin[entry.insulin_dose.kind] += Decimal(entry.insulin_dose.amount_units.value)
    _add_insulin(totals, insulin)
    return totals


def _add_insulin(totals: DayTotals, amounts: dict[InsulinKind.ValueType, Decimal]) -> None:
    for kind, amount in sorted(amounts.items()):
        totals.insulin.add(kind=kind).amount_units.value = f"{amount:f}"
