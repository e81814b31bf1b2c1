"""Bands, their shares and the targets (Battelino 2019, doi 10.2337/dci19-0028)."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from glycemia.units import Bound
from services.glucose.domain.metrics import Floats, Ints
from services.glucose.domain.metrics.readings import Readings

type Four = tuple[float, float, float, float]

DAY_MINUTES = 1440


class Band(IntEnum):
    """The disjoint bands, numbered as in the contract."""

    VERY_LOW = 1
    LOW = 2
    IN_RANGE = 3
    HIGH = 4
    VERY_HIGH = 5


@dataclass(frozen=True)
class Target:
    """A goal for the share of some bands together."""

    bands: tuple[Band, ...]
    at_most: bool
    """Below the goal is right; else above it."""
    goal_percent: float

    def met(self, percent: float) -> bool:
        """Whether a share reaches it."""
        return percent < self.goal_percent if self.at_most else percent > self.goal_percent


@dataclass(frozen=True)
class Preset:
    """Edges and targets of a group of people. A reading on an edge of the range is in range; one that equals the
    outer edges is not beyond them: bands are <e0, e0 to <e1, e1 to e2, >e2 to e3, >e3."""

    edges_mg_per_dl: Four
    edges_mmol_per_l: Four
    targets: tuple[Target, ...]


_IN_RANGE = (Band.IN_RANGE,)
_BELOW = (Band.VERY_LOW, Band.LOW)
_ABOVE = (Band.HIGH, Band.VERY_HIGH)
_VERY_LOW = (Band.VERY_LOW,)
_VERY_HIGH = (Band.VERY_HIGH,)

ADULT = Preset(
    (54, 70, 180, 250),
    (3.0, 3.9, 10.0, 13.9),
    (
        Target(_IN_RANGE, False, 70),
        Target(_BELOW, True, 4),
        Target(_VERY_LOW, True, 1),
        Target(_ABOVE, True, 25),
        Target(_VERY_HIGH, True, 5),
    ),
)
OLDER = Preset(
    ADULT.edges_mg_per_dl,
    ADULT.edges_mmol_per_l,
    (Target(_IN_RANGE, False, 50), Target(_BELOW, True, 1), Target(_VERY_HIGH, True, 10)),
)
PREGNANCY = Preset(
    (54, 63, 140, 250),
    (3.0, 3.5, 7.8, 13.9),
    (
        Target(_IN_RANGE, False, 70),
        Target(_BELOW, True, 4),
        Target(_VERY_LOW, True, 1),
        Target(_ABOVE, True, 25),
    ),
)
PRESETS = {1: ADULT, 2: OLDER, 3: PREGNANCY}
"""By the contract's `TargetPreset`."""


@dataclass(frozen=True)
class Share:
    """How much of the readings lies in one band."""

    band: Band
    readings_count: int
    percent: float

    @property
    def minutes_per_day(self) -> float:
        """The same of a day."""
        return self.percent / 100 * DAY_MINUTES


def classify(readings: Readings, preset: Preset) -> Ints:
    """Return the `Band` of each reading, by the edges in its own unit: 10.0 mmol/L is in range though it is 180.2
    mg/dL. LOW and HIGH are beyond every edge, whatever the device's limit, as they are for alerts."""
    measured = np.where(
        readings.in_mmol,
        _bands(readings.value, preset.edges_mmol_per_l),
        _bands(readings.value, preset.edges_mg_per_dl),
    )
    said = [readings.bound == Bound.LOW, readings.bound == Bound.HIGH]
    return np.select(said, [Band.VERY_LOW, Band.VERY_HIGH], measured)


def _bands(value: Floats, edges: Four) -> Ints:
    very_low, low, high, very_high = edges
    beyond = (value >= very_low, value >= low, value > high, value > very_high)
    return Band.VERY_LOW + np.sum(beyond, axis=0, dtype=np.int64)


def shares(bands: Ints) -> list[Share]:
    """Of all readings, one for each band; none without readings."""
    if not len(bands):
        return []
    counts = np.bincount(bands, minlength=len(Band) + 1)
    return [Share(band, int(counts[band]), 100 * float(counts[band]) / len(bands)) for band in Band]


def percent_in(found: list[Share], bands: tuple[Band, ...]) -> float:
    """The share of some bands together, in percent."""
    return sum(share.percent for share in found if share.band in bands)
