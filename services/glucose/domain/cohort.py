"""Which patient needs a look first: figures from daily counts, the needs they show, and the order they give.

Shares are shares of readings (International Consensus on Time in Range, Battelino 2019, doi 10.2337/dci19-0028).
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from functools import cached_property
from math import sqrt
from uuid import UUID

from glycemia.units import MG_PER_DL_PER_MMOL_PER_L, Unit
from services.glucose.domain.entries import CLOCK_TOLERANCE, EARLIEST

_HALF_A_DIGIT = 0.0005
"""Of a value's third decimal: more than any device gives, and more than the stored four bytes lose."""


def _edges(very_low: float, low: float, high: float, very_high: float, unit_mg_per_dl: float) -> tuple[float, ...]:
    """The lower limits of the four upper bands. On the edge itself a value is in the inner band."""
    edges = very_low - _HALF_A_DIGIT, low - _HALF_A_DIGIT, high + _HALF_A_DIGIT, very_high + _HALF_A_DIGIT
    return tuple(edge * unit_mg_per_dl for edge in edges)


BAND_EDGES_MG_PER_DL = {
    Unit.MG_PER_DL: _edges(54, 70, 180, 250, unit_mg_per_dl=1),
    Unit.MMOL_PER_L: _edges(3.0, 3.9, 10.0, 13.9, unit_mg_per_dl=MG_PER_DL_PER_MMOL_PER_L),
}
"""For readings measured in a unit: where very low ends, low, in range and high."""

LONG_SILENCE = timedelta(days=2)
LONG_WITHOUT_CONTACT = timedelta(days=30)


class Need(IntEnum):
    """Why a patient needs a look, numbered as in the contract, the strongest first."""

    URGENT_ALERT = 1
    VERY_LOW = 2
    LOW = 3
    HIGH_RISK = 4
    OUT_OF_RANGE = 5
    MISSING_DATA = 6
    ALERT = 7
    NO_CONTACT = 8


@dataclass(frozen=True, slots=True)
class Totals:
    """What the days of a window add up to."""

    very_low_count: int = 0
    low_count: int = 0
    in_range_count: int = 0
    high_count: int = 0
    very_high_count: int = 0
    sum_mg_per_dl: float = 0.0
    sum_of_squares: float = 0.0
    covered_minutes: int = 0
    """For how long a sensor's readings stand; 0 where the readings are fingersticks."""

    @property
    def readings_count(self) -> int:
        return self.very_low_count + self.low_count + self.in_range_count + self.high_count + self.very_high_count

    def percent(self, count: int) -> float:
        """A count as percent of the readings, of which there is one at least."""
        return 100 * count / self.readings_count

    @property
    def gri(self) -> float:
        """Glycemia risk index, min(100, 3.0·%<54 + 2.4·%54–69 + 1.6·%>250 + 0.8·%181–250) (Klonoff 2022)."""
        weighted = 3.0 * self.very_low_count + 2.4 * self.low_count + 1.6 * self.very_high_count + 0.8 * self.high_count
        return min(100.0, 100 * weighted / self.readings_count)

    @property
    def mean_mg_per_dl(self) -> float:
        return self.sum_mg_per_dl / self.readings_count

    @property
    def cv_percent(self) -> float | None:
        """Coefficient of variation, 100·sd/mean with n − 1; none for a single reading."""
        count = self.readings_count
        if count < 2:
            return None
        mean = self.mean_mg_per_dl
        variance = (self.sum_of_squares - count * mean * mean) / (count - 1)
        return 100 * sqrt(max(0.0, variance)) / mean


@dataclass(frozen=True, slots=True)
class Days:
    """Local days, both included, and how long they are up to now."""

    first: date
    last: date
    minutes: int


def days_inside(start: datetime, end: datetime, utc_offset_minutes: int, last_days: int, now: datetime) -> Days | None:
    """Those of the last local days that lie wholly between two instants, the present day up to now; none: no such."""
    offset = timedelta(minutes=utc_offset_minutes)

    def local(instant: datetime) -> datetime:
        """On the wall clock, which has no summer time here: the newest offset counts for all days."""
        return (min(max(instant, EARLIEST), now + timedelta(days=2)) + offset).replace(tzinfo=None)

    today = local(now).date()
    begin, finish = local(start), local(end)
    first = begin.date() if begin.time() == time.min else begin.date() + timedelta(days=1)
    first = max(first, today - timedelta(days=last_days - 1))
    last = today if end > now + CLOCK_TOLERANCE else min(today, finish.date()) - timedelta(days=1)
    if first > last:
        return None
    until = min(datetime.combine(last + timedelta(days=1), time.min), local(now))
    return Days(first, last, (until - datetime.combine(first, time.min)) // timedelta(minutes=1))


@dataclass(frozen=True)
class Standing:
    """A patient as far as the caller may see."""

    patient_id: UUID
    totals: Totals = Totals()
    expected_minutes: int = 0
    """The length of the days that were asked for and may be seen."""
    last_reading_time: datetime | None = None
    silent: bool = False
    """Whether the last two days may be seen, and hold no reading."""
    alerts_count: int = 0
    """Active and acknowledged by nobody, urgent ones included."""
    urgent_alerts_count: int = 0
    last_contact_time: datetime | None = None
    without_contact: bool = False
    """Whether the last 30 days may be seen, and hold no word or plan by somebody else."""

    @property
    def active_percent(self) -> float:
        """Percent of the expected readings of a sensor."""
        if not self.expected_minutes:
            return 0.0
        return min(100.0, 100 * self.totals.covered_minutes / self.expected_minutes)

    @cached_property
    def needs(self) -> tuple[Need, ...]:
        """The strongest first."""
        totals, count = self.totals, self.totals.readings_count
        below = totals.very_low_count + totals.low_count
        # Of fingersticks no number is expected.
        sparse = self.active_percent < 70 and (totals.covered_minutes > 0 or count == 0)
        shown = {
            Need.URGENT_ALERT: self.urgent_alerts_count > 0,
            Need.VERY_LOW: count > 0 and 100 * totals.very_low_count >= count,
            Need.LOW: count > 0 and 100 * below >= 4 * count,
            Need.HIGH_RISK: count > 0 and totals.gri > 60,
            Need.OUT_OF_RANGE: count > 0 and 100 * totals.in_range_count < 70 * count,
            Need.MISSING_DATA: self.silent or (sparse and self.expected_minutes > 0),
            Need.ALERT: self.alerts_count > self.urgent_alerts_count,
            Need.NO_CONTACT: self.without_contact,
        }
        return tuple(need for need, is_shown in shown.items() if is_shown)

    @cached_property
    def rank_key(self) -> tuple[int, int, str]:
        """Sorts the neediest first: by the strongest need in which two patients differ, then by the glycemia risk index
        (in millionths, none below all), then by id."""
        weight = sum(1 << (len(Need) - need) for need in self.needs)
        risk = round(self.totals.gri * 1_000_000) if self.totals.readings_count else -1
        return -weight, -risk, str(self.patient_id)
