"""Where on the chart an instant and a concentration are."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from clients.clinician.models.settings import Unit
from clients.readings.levels import EDGES
from glycemia.units import MG_PER_DL_PER_MMOL_PER_L

SHORTEST_SECONDS, LONGEST_SECONDS = 1800.0, 90 * 86400.0
AHEAD = 0.02
"""How much of the width lies behind now."""


@dataclass(frozen=True)
class Span:
    """What is in sight: from an instant, seconds since 1970, for so many seconds."""

    start: float
    seconds: float

    @property
    def end(self) -> float:
        return self.start + self.seconds

    @classmethod
    def until(cls, now: float, seconds: float) -> Self:
        """The last so many seconds, and a little ahead."""
        return cls(now + AHEAD * seconds - seconds, seconds)

    def moved(self, seconds: float, now: float) -> Self:
        """Later by so many seconds; not into the future."""
        return replace(self, start=min(self.start + seconds, now + AHEAD * self.seconds - self.seconds))

    def zoomed(self, factor: float, around: float, now: float) -> Self:
        """Wider by a factor; an instant stays where it is."""
        seconds = min(max(self.seconds * factor, SHORTEST_SECONDS), LONGEST_SECONDS)
        start = around - (around - self.start) * seconds / self.seconds
        return replace(self, start=start, seconds=seconds).moved(0, now)


@dataclass(frozen=True)
class Frame:
    """One picture's measures, in pixels of the widget."""

    span: Span
    plot: QRectF
    """Of the glucose."""
    lanes: QRectF
    """Of everything else, below it."""
    lowest: float
    """mg/dL at the bottom of the plot."""
    highest: float
    unit: Unit
    zone: ZoneInfo
    now: float

    @property
    def seconds_a_pixel(self) -> float:
        return self.span.seconds / self.plot.width()

    def x(self, seconds: float) -> float:
        return self.plot.left() + (seconds - self.span.start) / self.seconds_a_pixel

    def xs(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.plot.left() + (seconds - self.span.start) / self.seconds_a_pixel

    def y(self, mg_per_dl: float) -> float:
        return self.plot.bottom() - (mg_per_dl - self.lowest) / (self.highest - self.lowest) * self.plot.height()

    def ys(self, mg_per_dl: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.plot.bottom() - (mg_per_dl - self.lowest) / (self.highest - self.lowest) * self.plot.height()

    def seconds_at(self, x: float) -> float:
        return self.span.start + (x - self.plot.left()) * self.seconds_a_pixel

    @property
    def start(self) -> datetime:
        return datetime.fromtimestamp(self.span.start, UTC)

    @property
    def end(self) -> datetime:
        return datetime.fromtimestamp(self.span.end, UTC)


def edges(unit: Unit) -> tuple[float, float, float, float]:
    """Where the bands meet, in mg/dL: those of the unit that is shown."""
    of = EDGES[unit.of_contract]
    factor = 1.0 if unit is Unit.MG_PER_DL else MG_PER_DL_PER_MMOL_PER_L
    return of.very_low * factor, of.low * factor, of.high * factor, of.very_high * factor
