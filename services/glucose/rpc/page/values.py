"""How values are written: glucose in the unit asked for, percents, durations, dates."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime

from apricot.glucose.v1.entry_pb2 import GlucoseUnit
from apricot.glucose.v1.report_pb2 import GlucoseBand, TargetPreset

from glycemia.units import MG_PER_DL_PER_MMOL_PER_L
from services.glucose.rpc.page.style import BAND_ORDER
from services.glucose.rpc.page.words import Words

DASH = "–"
"""For what cannot be told."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A unit with the edges of the bands in it."""

    name: str
    decimals: int
    mg_per_dl: float
    very_low: float
    low: float
    high: float
    very_high: float
    limits_mg_per_dl: tuple[float, float, float, float]
    """Where a band ends and the next begins, between the values that either unit can show: 10.0 mmol/L (180.2 mg/dL) is
    in range, 181 mg/dL is not."""

    @classmethod
    def of(cls, unit: int, preset: int) -> "Scale":
        """That of a unit (mg/dL unless mmol/L is asked for) and a preset."""
        pregnancy = preset == TargetPreset.TARGET_PRESET_PREGNANCY
        low, high = (63.0, 140.0) if pregnancy else (70.0, 180.0)
        limits = (53.5, low - 0.5, high + 0.6, 250.6)
        if unit != GlucoseUnit.GLUCOSE_UNIT_MMOL_PER_L:
            return cls("mg/dL", 0, 1.0, 54.0, low, high, 250.0, limits)
        low, high = (3.5, 7.8) if pregnancy else (3.9, 10.0)
        return cls("mmol/L", 1, MG_PER_DL_PER_MMOL_PER_L, 3.0, low, high, 13.9, limits)

    def band_of(self, mg_per_dl: float) -> int:
        """The band of a value, to colour it."""
        return BAND_ORDER[bisect_right(self.limits_mg_per_dl, mg_per_dl)]

    @property
    def top_mg_per_dl(self) -> float:
        """Where every axis ends: 400 mg/dL, 22 mmol/L."""
        return 400.0 if self.decimals == 0 else 22 * self.mg_per_dl

    def value(self, mg_per_dl: float) -> float:
        """In this unit."""
        return mg_per_dl / self.mg_per_dl

    def edge(self, value: float) -> str:
        """A value that is in this unit already."""
        return f"{value:.{self.decimals}f}"

    def written(self, mg_per_dl: float | None, signed: bool = False) -> str:
        """A concentration or a difference."""
        if mg_per_dl is None:
            return DASH
        number = f"{self.value(mg_per_dl):{'+' if signed else ''}.{self.decimals}f}"
        return number.replace("-", "−")

    def band(self, band: int) -> str:
        """The span of a band, both ends inside."""
        step = 10**-self.decimals
        match band:
            case GlucoseBand.GLUCOSE_BAND_VERY_LOW:
                return f"< {self.edge(self.very_low)}"
            case GlucoseBand.GLUCOSE_BAND_LOW:
                return f"{self.edge(self.very_low)}–{self.edge(self.low - step)}"
            case GlucoseBand.GLUCOSE_BAND_IN_RANGE:
                return f"{self.edge(self.low)}–{self.edge(self.high)}"
            case GlucoseBand.GLUCOSE_BAND_HIGH:
                return f"{self.edge(self.high + step)}–{self.edge(self.very_high)}"
            case _:
                return f"> {self.edge(self.very_high)}"


def number(value: float | None, decimals: int = 0) -> str:
    """A number, or the dash."""
    return DASH if value is None else f"{value:.{decimals}f}".replace("-", "−")


def amount(value: float) -> str:
    """A dose or a mass: to a tenth below a hundred, without a trailing zero."""
    text = f"{value:.1f}" if value < 100 else f"{value:.0f}"
    return text.removesuffix(".0")


def percent(value: float | None, goal: float | None = None) -> str:
    """To a tenth below ten and near a hundred; as exact as it takes not to contradict its goal."""
    if value is None:
        return DASH
    if 0 < value < 0.05:
        return "<0.1%"
    for decimals in range(0 if 10 <= value <= 99 or value in (0, 100) else 1, 4):
        text = f"{value:.{decimals}f}"
        if goal is None or (float(text) < goal, float(text) > goal) == (value < goal, value > goal):
            break
    return f"{text}%"


def duration(minutes: float, words: Words) -> str:
    """Hours and minutes."""
    hours, rest = divmod(round(minutes), 60)
    if not hours:
        return words.minutes.format(minutes=rest)
    return words.hours_and_minutes.format(hours=hours, minutes=rest) if rest else words.hours.format(hours=hours)


def day(value: date, words: Words) -> str:
    """A date."""
    return words.date.format(
        year=value.year, month=value.month, month_name=words.months[value.month - 1], day=value.day
    )


def moment(value: datetime, words: Words) -> str:
    """A date and a time."""
    return f"{day(value.date(), words)} {value:%H:%M}"
