"""The readings that predictors are held against."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from services.glucose.domain.prediction import Reading

VIRTUAL = Path(__file__).parent / "data" / "readings.csv.gz"
HALL = Path(__file__).parents[2] / "stack" / "demo" / "data" / "source" / "hall2018_cgm.csv.gz"
DAY_MINUTES = 24 * 60
STEP_MINUTES = 5


class Series(NamedTuple):
    """What one person's sensor showed, in order of time."""

    person: str
    readings: list[Reading]


def training(sensor: str) -> list[Series]:
    """The odd-numbered virtual patients: thresholds and coefficients come from these alone."""
    return [series for series in _virtual(sensor) if int(series.person[-3:]) % 2 == 1]


def testing(sensor: str) -> list[Series]:
    """The even-numbered ones: the table comes from these alone."""
    return [series for series in _virtual(sensor) if int(series.person[-3:]) % 2 == 0]


def real() -> list[Series]:
    """The 19 people of Hall 2018; `stack/demo/data/README.md` tells of them."""
    series: defaultdict[str, list[Reading]] = defaultdict(list)
    with gzip.open(HALL, "rt", newline="") as file:
        for row in csv.DictReader(file):
            minutes = datetime.fromisoformat(row["time_local"]).replace(tzinfo=UTC).timestamp() / 60
            series[row["person"]].append((minutes, float(row["glucose_mgdl"])))
    return [Series(person, readings) for person, readings in series.items()]


def every_15_minutes(series: Series) -> Series:
    """What a 15-minute sensor would have shown."""
    return Series(series.person, series.readings[::3])


def _virtual(sensor: str) -> Iterator[Series]:
    series: defaultdict[str, list[Reading]] = defaultdict(list)
    with gzip.open(VIRTUAL, "rt", newline="") as file:
        for row in csv.DictReader(file):
            if row["sensor"] != sensor:
                continue
            begin = int(row["day"]) * DAY_MINUTES
            for step, shown in enumerate(row["mg_per_dl"].split()):
                if shown != "-":
                    series[row["patient"]].append((begin + step * STEP_MINUTES, float(shown)))
    return (Series(person, readings) for person, readings in series.items())
