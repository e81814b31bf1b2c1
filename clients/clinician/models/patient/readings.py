"""A patient's readings as columns, in order of time; a hundred thousand of them are one array of a few megabytes."""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
from apricot.glucose.v1.entry_pb2 import Entry, FingerstickReading, Glucose, SensorReading
from google.protobuf.timestamp_pb2 import Timestamp
from numpy.typing import NDArray

from clients.readings.levels import Level, level_of, mg_per_dl
from clients.readings.trend import glucose_of

ROW = np.dtype(
    [
        ("time", "i8"),  # microseconds since 1970, UTC
        ("mg_per_dl", "f8"),
        ("level", "i1"),  # its place in `Level`
        ("fingerstick", "?"),
        ("value", "f8"),  # as measured, with its unit and bound
        ("unit", "i1"),
        ("bound", "i1"),
        ("device", "i4"),  # its place in `Readings.devices`
        ("id", "V16"),
    ]
)
_BYTES = np.dtype((np.void, ROW.itemsize))
KINDS = {"sensor_reading", "fingerstick_reading"}
LEVELS = list(Level)
_PLACES = {level: place for place, level in enumerate(LEVELS)}

type Rows = NDArray[np.void]
type Seconds = NDArray[np.float64]


def microseconds(instant: datetime) -> int:
    """Of an instant, since 1970."""
    return round(instant.timestamp() * 1_000_000)


class Readings:
    """Sensor and fingerstick readings, each once."""

    def __init__(self) -> None:
        self.rows: Rows = np.empty(0, ROW)
        self.devices: list[str] = []
        self._places: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def rows_of(self, entries: Iterable[Entry]) -> Rows:
        """Made of entries, in order of time."""
        rows = np.array([self._row(entry) for entry in entries], ROW)
        return rows[np.argsort(rows["time"], kind="stable")]

    def put(self, rows: Rows) -> None:
        """Add these, each in the place of the one with its id and instant."""
        if not len(rows):
            return
        first, last = np.searchsorted(self.rows["time"], [rows["time"][0], rows["time"][-1] + 1])
        among = self.rows[first:last]
        ids = {bytes(one) for one in rows["id"]}
        meeting = np.flatnonzero(np.isin(among["time"], rows["time"]))
        doubles = [place for place in meeting if bytes(among["id"][place]) in ids]
        merged = np.concatenate([np.delete(among, doubles), rows])
        self._splice(int(first), int(last), merged[np.argsort(merged["time"], kind="stable")])

    def replace(self, start: int, end: int | None, rows: Rows) -> None:
        """These are all there are from `start` (included) to `end` (excluded; None: without end), microseconds. One
        that lies at `end` itself comes in too."""
        first = int(np.searchsorted(self.rows["time"], start))
        last = len(self.rows) if end is None else int(np.searchsorted(self.rows["time"], end))
        within = len(rows) if end is None else int(np.searchsorted(rows["time"], end))
        self._splice(first, last, rows[:within])
        self.put(rows[within:])

    def remove(self, entry_id: str, time: int) -> None:
        """It is there no more."""
        first, last = np.searchsorted(self.rows["time"], [time, time + 1])
        wanted = UUID(entry_id).bytes
        kept = [place for place in range(first, last) if bytes(self.rows["id"][place]) != wanted]
        self._splice(int(first), int(last), self.rows[kept])

    def _splice(self, first: int, last: int, rows: Rows) -> None:
        # As mere bytes: numpy would copy a hundred thousand rows field by field.
        parts = self.rows[:first], rows, self.rows[last:]
        self.rows = np.concatenate([part.view(_BYTES) for part in parts]).view(ROW)

    def entry(self, place: int) -> Entry:
        """One of them as it was measured."""
        row = self.rows[place]
        glucose = Glucose(value=float(row["value"]), unit=int(row["unit"]), bound=int(row["bound"]))  # type: ignore[arg-type]
        entry = Entry(
            entry_id=str(UUID(bytes=bytes(row["id"]))),
            time=Timestamp(seconds=int(row["time"]) // 1_000_000, nanos=int(row["time"]) % 1_000_000 * 1000),
            device=self.devices[int(row["device"])],
        )
        if row["fingerstick"]:
            entry.fingerstick_reading.CopyFrom(FingerstickReading(glucose=glucose))
        else:
            entry.sensor_reading.CopyFrom(SensorReading(glucose=glucose))
        return entry

    def newest(self, minutes: int = 0) -> list[Entry]:
        """The newest one and those of the minutes before it, in order of time; empty where there is none."""
        if not len(self.rows):
            return []
        first = int(np.searchsorted(self.rows["time"], self.rows["time"][-1] - minutes * 60_000_000))
        return [self.entry(place) for place in range(first, len(self.rows))]

    def time(self, place: int) -> datetime:
        """When one of them was measured."""
        return datetime.fromtimestamp(int(self.rows["time"][place]) / 1_000_000, UTC)

    def _row(self, entry: Entry) -> tuple[object, ...]:
        glucose = glucose_of(entry)
        if (device := self._places.get(entry.device)) is None:
            device = self._places[entry.device] = len(self.devices)
            self.devices.append(entry.device)
        return (
            entry.time.seconds * 1_000_000 + entry.time.nanos // 1000,
            mg_per_dl(glucose),
            _PLACES[level_of(glucose)],
            entry.WhichOneof("content") == "fingerstick_reading",
            glucose.value,
            glucose.unit,
            glucose.bound,
            device,
            bytes.fromhex(entry.entry_id.replace("-", "")),
        )
