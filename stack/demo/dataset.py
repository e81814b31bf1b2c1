"""The demo's six patients and their diaries, as `data/README.md` describes them.

The people are invented; four of them wear the published readings of a real person.
"""

import csv
import gzip
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

DATA = Path(__file__).parent / "data"
DAY = timedelta(days=1)


class Kind(StrEnum):
    """What an entry is about."""

    SENSOR = "sensor"
    MEAL = "meal"
    INSULIN = "insulin"


class Bound(StrEnum):
    """Whether a sensor's value is a bound: at LOW glucose is below it, at HIGH above it."""

    NONE = ""
    LOW = "LOW"
    HIGH = "HIGH"


@dataclass(frozen=True)
class DemoEntry:
    """One line of a diary.

    `value` is glucose in mg/dL or mmol/L, carbohydrate in g or insulin in U, as `unit` says.
    `time_local` is naive, a whole minute on the patient's clock.
    """

    kind: Kind
    time_local: datetime
    value: Decimal
    unit: str
    bound: Bound
    detail: str


@dataclass(frozen=True)
class DemoPatient:
    """An invented person, and the diary in order of time."""

    key: str
    name: str
    birth_year: int
    zone: str
    story: str
    source: str
    entries: list[DemoEntry]


@dataclass(frozen=True)
class TimedEntry:
    """A diary's line moved to an instant (UTC); `entry.time_local` stays the recorded time."""

    at: datetime
    entry: DemoEntry


HALL = "Hall et al. 2018, doi 10.1371/journal.pbio.2005143, CC BY 4.0, person"
PADOVA = "simglucose 0.2.11, UVA/Padova model"
# key, name, birth year, story, source
PEOPLE = (
    (
        "chen-guoqiang",
        "陈国强 Chen Guoqiang",
        1961,
        "Diabetes, mostly in range; long highs on three days of the week.",
        f"{HALL} 2133-004",
    ),
    (
        "wang-jianhua",
        "王建华 Wang Jianhua",
        1968,
        "Diabetes; high every day but the first, never low.",
        f"{HALL} 2133-018",
    ),
    (
        "zhao-meiling",
        "赵美玲 Zhao Meiling",
        1975,
        "Pre-diabetes; low on most days without knowing, once down to 41.",
        f"{HALL} 2133-024",
    ),
    (
        "sun-liping",
        "孙丽萍 Sun Liping",
        1957,
        "Diabetes; low on most days, and a sensor that often loses its signal.",
        f"{HALL} 2133-039",
    ),
    (
        "lin-xiaowen",
        "林晓雯 Lin Xiaowen",
        1999,
        "Type 1 on a pump, reads mmol/L; steady, now and then a bolus forgotten.",
        f"{PADOVA}, adult#003",
    ),
    (
        "li-haoran",
        "李浩然 Li Haoran",
        2010,
        "Type 1 on a pump, at school; guesses carbohydrate and swings from LOW to HIGH.",
        f"{PADOVA}, adolescent#005",
    ),
)


def load() -> list[DemoPatient]:
    """The six patients with their diaries."""
    diaries: defaultdict[str, list[DemoEntry]] = defaultdict(list)
    with gzip.open(DATA / "entries.csv.gz", "rt", newline="") as file:
        for row in csv.DictReader(file):
            entry = DemoEntry(
                kind=Kind(row["kind"]),
                time_local=datetime.fromisoformat(row["time_local"]),
                value=Decimal(row["value"]),
                unit=row["unit"],
                bound=Bound(row["bound"]),
                detail=row["detail"],
            )
            diaries[row["patient"]].append(entry)
    return [
        DemoPatient(key, name, birth_year, "Asia/Shanghai", story, source, diaries[key])
        for key, name, birth_year, story, source in PEOPLE
    ]


def split(patient: DemoPatient, now: datetime) -> tuple[list[TimedEntry], list[TimedEntry]]:
    """Move a diary so that its past ends at `now` and its last day is still to come.

    `now` is an aware instant. History's last reading falls on the minute of `now`; the live part is the 24 h
    after it, on time's own scale: a replayer may run through it faster, and then decides which instants
    the entries get.

    The time of day is kept rather than the very end of the diary, so that breakfast stays in the morning: we
    cut at the reading, with a day to follow, nearest to the present time of day, and leave out what
    comes after the live day. Sensors have gaps, so an hour on the clock counts as much as a day of data.
    """
    clock = now.astimezone(ZoneInfo(patient.zone)).replace(tzinfo=None)
    readings = [entry.time_local for entry in patient.entries if entry.kind is Kind.SENSOR]
    cut = min(
        (time for time in readings if time <= readings[-1] - DAY),
        key=lambda time: apart(time, clock) + (readings[-1] - time) / 24,
    )
    anchor = now.astimezone(UTC).replace(second=0, microsecond=0)
    timed = [TimedEntry(anchor + (entry.time_local - cut), entry) for entry in patient.entries]
    history = [entry for entry in timed if entry.at <= anchor]
    live = [entry for entry in timed if anchor < entry.at <= anchor + DAY]
    return history, live


def apart(one: datetime, other: datetime) -> timedelta:
    """How far two times of day lie apart, 0 to 12 h."""
    ahead = (one - other) % DAY
    return min(ahead, DAY - ahead)
