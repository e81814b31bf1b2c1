"""One patient's readings of the last hours."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from sys import intern

from apricot.glucose.v1.entry_pb2 import Entry, Glucose

from clients.readings.levels import BOUNDS, Level, level_of, mg_per_dl
from clients.readings.trend import glucose_of

KEPT_NS = 180 * 60 * 10**9
"""What the board draws, and all of which a chart holds: three hours."""
_MOST = 200
"""The newest of them: more than a sensor of one-minute readings makes in three hours."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A sensor's or a fingerstick's value. Small, for there are hundreds of thousands."""

    time_ns: int
    entry_id: str
    device: str
    from_sensor: bool
    mg_per_dl: float
    """To draw and to compare."""
    value: float
    """As measured."""
    unit: int
    bound: int
    level: Level

    @property
    def bounded(self) -> bool:
        """Whether the device said LOW or HIGH."""
        return self.bound in BOUNDS

    @property
    def glucose(self) -> Glucose:
        """The contract's."""
        return Glucose(value=self.value, unit=self.unit, bound=self.bound)  # type: ignore[arg-type]  # came from one

    @property
    def place(self) -> tuple[int, str]:
        """Sorts as the platform does: by time, then by id."""
        return self.time_ns, self.entry_id


def reading_of(entry: Entry) -> Reading | None:
    """None: it is something else."""
    content = entry.WhichOneof("content")
    if content not in ("sensor_reading", "fingerstick_reading"):
        return None
    glucose = glucose_of(entry)
    return Reading(
        time_ns=entry.time.ToNanoseconds(),
        entry_id=entry.entry_id,
        device=intern(entry.device),  # one string for all of a device's
        from_sensor=content == "sensor_reading",
        mg_per_dl=mg_per_dl(glucose),
        value=glucose.value,
        unit=glucose.unit,
        bound=glucose.bound,
        level=level_of(glucose),
    )


@dataclass(slots=True, eq=False)
class Chart:
    """The readings from three hours ago on, each once; where there is none, the newest one, however old."""

    readings: list[Reading] = field(default_factory=list)
    """In order of time."""
    _known: dict[str, Reading] = field(default_factory=dict)

    def replace(self, entries: Iterable[Entry], now_ns: int) -> None:
        """These are all there are."""
        self.readings, self._known = [], {}
        self.put(entries, now_ns)

    def put(self, entries: Iterable[Entry], now_ns: int) -> None:
        """Add the readings among them; one that is known by its id is replaced."""
        for entry in entries:
            reading = reading_of(entry)
            self.remove(entry.entry_id)
            if reading is not None:
                self._known[reading.entry_id] = reading
                insort(self.readings, reading, key=lambda one: one.place)
        self.forget(now_ns)

    def remove(self, entry_id: str) -> bool:
        """Whether it was here."""
        reading = self._known.pop(entry_id, None)
        if reading is None:
            return False
        del self.readings[bisect_left(self.readings, reading.place, key=lambda one: one.place)]
        return True

    def forget(self, now_ns: int) -> None:
        """Let go of what is too old to be drawn."""
        old = bisect_left(self.readings, (now_ns - KEPT_NS, ""), key=lambda one: one.place)
        old = min(max(old, len(self.readings) - _MOST), len(self.readings) - 1)
        if old > 0:
            for reading in self.readings[:old]:
                del self._known[reading.entry_id]
            del self.readings[:old]

    def is_known_to_be_newest(self, now_ns: int) -> bool:
        """After a reading has left: whether nothing newer can have been forgotten before."""
        return bool(self.readings) and self.readings[-1].time_ns >= now_ns - KEPT_NS
