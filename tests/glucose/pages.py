"""Messages to draw pages from: the demo's diaries, summed up as plainly as can be.

Enough to look at a page; the figures that count are the reports' own, tested with them.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import mean, median, quantiles, stdev
from zoneinfo import ZoneInfo

from apricot.glucose.v1.entry_pb2 import Decimal, InsulinKind
from apricot.glucose.v1.report_pb2 import (
    BandShare,
    DayCurve,
    DaySummary,
    DayTotals,
    GlucoseBand,
    GlucoseEvent,
    InsulinTotal,
    Percentiles,
    ProfileBin,
    Sufficiency,
    Summary,
    TargetPreset,
    TargetResult,
)

from stack.demo.dataset import DemoPatient, Kind, load

ZONE = ZoneInfo("Asia/Shanghai")
_EDGES = (54, 70, 180.2, 250.5)
_BANDS = tuple(GlucoseBand.values())[1:]


@dataclass(frozen=True)
class Messages:
    """What a page is drawn from."""

    summary: Summary
    bins: Sequence[ProfileBin]
    days: Sequence[DayCurve]


@dataclass(frozen=True)
class Reading:
    """A value on the patient's clock."""

    time: datetime
    mg_per_dl: float


def demo(key: str, last: date | None = None, days: int = 14, every: int = 1) -> Messages:
    """The last days of a demo patient; `every` keeps one reading of so many."""
    patient = next(patient for patient in load() if patient.key == key)
    readings = _readings(patient)[::every]
    last = last or readings[-1].time.date()
    first = last - timedelta(days=days - 1)
    return messages([reading for reading in readings if first <= reading.time.date() <= last], first, days, patient)


def messages(
    readings: Sequence[Reading], first: date, days: int, patient: DemoPatient | None = None, fingersticks: bool = False
) -> Messages:
    """Sum up readings in order of time."""
    by_day: defaultdict[date, list[Reading]] = defaultdict(list)
    for reading in readings:
        by_day[reading.time.date()].append(reading)
    totals = _totals(patient) if patient else {}
    curves = []
    for day in (first + timedelta(days=n) for n in range(days)):
        if day in by_day or day in totals:
            curves.append(_curve(day, by_day[day], totals.get(day)))
    summary = _summary(readings, first, days, fingersticks)
    summary.days.extend(curve.summary for curve in curves)
    for kind in InsulinKind.values()[1:]:
        units = sum(float(t.amount_units.value) for c in curves for t in c.summary.totals.insulin if t.kind == kind)
        if units:
            summary.totals.insulin.append(InsulinTotal(kind=kind, amount_units=Decimal(value=f"{units:.2f}")))
    return Messages(summary, _bins(readings), curves[-31:])


def _readings(patient: DemoPatient) -> list[Reading]:
    return [
        Reading(entry.time_local, float(entry.value) * (18.0156 if entry.unit == "mmol/L" else 1))
        for entry in patient.entries
        if entry.kind is Kind.SENSOR
    ]


def _totals(patient: DemoPatient) -> dict[date, DayTotals]:
    found: defaultdict[date, DayTotals] = defaultdict(DayTotals)
    for entry in patient.entries:
        totals = found[entry.time_local.date()]
        if entry.kind is Kind.MEAL:
            totals.carbohydrate_g += float(entry.value)
            totals.meals_count += 1
        elif entry.kind is Kind.INSULIN:
            kind = InsulinKind.INSULIN_KIND_RAPID if "rapid" in entry.detail else InsulinKind.INSULIN_KIND_LONG
            total = next((total for total in totals.insulin if total.kind == kind), None)
            total = total or totals.insulin.add(kind=kind, amount_units=Decimal(value="0"))
            total.amount_units.value = f"{float(total.amount_units.value) + float(entry.value):.2f}"
    return dict(found)


def _curve(day: date, readings: Sequence[Reading], totals: DayTotals | None) -> DayCurve:
    values = [reading.mg_per_dl for reading in readings]
    summary = DaySummary(local_date=day.isoformat(), readings_count=len(values), bands=_shares(values), totals=totals)
    if values:
        summary.mean_mg_per_dl = mean(values)
    return DayCurve(
        local_date=day.isoformat(),
        summary=summary,
        minutes_of_day=[reading.time.hour * 60 + reading.time.minute for reading in readings],
        values_mg_per_dl=values,
    )


def _shares(values: Sequence[float]) -> list[BandShare]:
    counts = [0] * 5
    for value in values:
        counts[sum(value >= edge for edge in _EDGES)] += 1
    return [
        BandShare(band=band, readings_count=n, percent=100 * n / len(values), minutes_per_day=1440 * n / len(values))
        for band, n in zip(_BANDS, counts, strict=True)
        if values
    ]


def _summary(readings: Sequence[Reading], first: date, days: int, fingersticks: bool) -> Summary:
    start = datetime(first.year, first.month, first.day, tzinfo=ZONE)
    values = [reading.mg_per_dl for reading in readings]
    summary = Summary(
        time_zone=ZONE.key,
        preset=TargetPreset.TARGET_PRESET_ADULT,
        readings_count=len(values),
        interval_minutes=0 if fingersticks else 5,
        from_fingersticks=fingersticks,
        active_percent=100 * len(values) / (days * 288),
        recorded_minutes=0 if fingersticks else 5 * len(values),
        days_count=len({reading.time.date() for reading in readings}),
        bands=_shares(values),
    )
    summary.start_time.FromDatetime(start.astimezone(UTC))
    summary.end_time.FromDatetime((start + timedelta(days=days)).astimezone(UTC))
    summary.sufficiency = _sufficiency(summary, days)
    if values:
        summary.mean_mg_per_dl = mean(values)
        summary.median_mg_per_dl = median(values)
        summary.min_mg_per_dl, summary.max_mg_per_dl = min(values), max(values)
    if len(values) > 1:
        summary.sd_mg_per_dl = stdev(values)
        summary.cv_percent = 100 * summary.sd_mg_per_dl / summary.mean_mg_per_dl
        summary.gmi_percent = 3.31 + 0.02392 * summary.mean_mg_per_dl
        summary.ea1c_percent = (summary.mean_mg_per_dl + 46.7) / 28.7
        very_low, low, _, high, very_high = (share.percent for share in summary.bands)
        summary.gri = min(100, 3 * very_low + 2.4 * low + 1.6 * very_high + 0.8 * high)
        summary.lbgi, summary.hbgi = 1.1, 5.7
        summary.targets.extend(_targets([share.percent for share in summary.bands]))
        summary.events.extend(_events(readings))
    return summary


def _sufficiency(summary: Summary, days: int) -> Sufficiency.ValueType:
    if summary.readings_count < 2:
        return (Sufficiency.SUFFICIENCY_EMPTY, Sufficiency.SUFFICIENCY_SINGLE_READING)[summary.readings_count]
    if days >= 14 and summary.active_percent >= 70:
        return Sufficiency.SUFFICIENCY_SUFFICIENT
    return Sufficiency.SUFFICIENCY_SPARSE


def _targets(shares: Sequence[float]) -> list[TargetResult]:
    very_low, low, in_range, high, very_high = shares
    goals = (
        (_BANDS[2:3], False, 70, in_range),
        (_BANDS[:2], True, 4, very_low + low),
        (_BANDS[:1], True, 1, very_low),
        (_BANDS[3:], True, 25, high + very_high),
        (_BANDS[4:], True, 5, very_high),
    )
    return [
        TargetResult(
            bands=bands, at_most=most, goal_percent=goal, percent=share, met=share < goal if most else share > goal
        )
        for bands, most, goal, share in goals
    ]


def _events(readings: Sequence[Reading]) -> list[GlucoseEvent]:
    """Runs of lows and of very highs, 15 minutes and more."""
    found = []
    run: list[Reading] = []
    for before, after in pairwise([*readings, Reading(readings[-1].time + timedelta(minutes=5), 100)]):
        side = -1 if before.mg_per_dl < 70 else 1 if before.mg_per_dl > 250 else 0
        if side:
            run.append(before)
        after_side = -1 if after.mg_per_dl < 70 else 1 if after.mg_per_dl > 250 else 0
        if run and after_side != side:
            minutes = (after.time - run[0].time).total_seconds() / 60
            values = [reading.mg_per_dl for reading in run]
            band = _BANDS[4] if side > 0 else _BANDS[0] if min(values) < 54 else _BANDS[1]
            if minutes >= 15:
                found.append(
                    GlucoseEvent(
                        band=band,
                        duration_minutes=minutes,
                        unbroken_minutes=minutes,
                        extended=minutes > 120,
                        nocturnal=run[0].time.hour < 6,
                    )
                )
            run = []
    return found


def _bins(readings: Sequence[Reading]) -> list[ProfileBin]:
    by_quarter: list[list[Reading]] = [[] for _ in range(96)]
    for reading in readings:
        by_quarter[reading.time.hour * 4 + reading.time.minute // 15].append(reading)
    bins = []
    for quarter, held in enumerate(by_quarter):
        bin_ = ProfileBin(minute_of_day=quarter * 15, days_count=len({reading.time.date() for reading in held}))
        if bin_.days_count >= 5:
            cuts = quantiles([reading.mg_per_dl for reading in held], n=20, method="inclusive")
            percentiles = Percentiles(p05=cuts[0], p25=cuts[4], p50=cuts[9], p75=cuts[14], p95=cuts[18])
            bin_.raw.CopyFrom(percentiles)
            bin_.smoothed.CopyFrom(percentiles)
        bins.append(bin_)
    return bins
