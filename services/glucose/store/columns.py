"""A diary's rows on their way to the reports' workers: a few bytes for each, no object. Imports nothing: the workers
stay small."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadingColumns:
    """Readings, each column as PostgreSQL sends an array (`array_send`); empty without rows."""

    time: bytes = b""
    """int8: microseconds since 2000, UTC."""
    utc_offset_minutes: bytes = b""
    """int2."""
    kind: bytes = b""
    """int2: `EntryKind`."""
    unit: bytes = b""
    """int2: `GlucoseUnit`."""
    mg_per_dl: bytes = b""
    """float4."""
    device: bytes = b""
    """int8: a hash of its name, which tells devices apart."""
    bound: bytes = b""
    """int2: `GlucoseBound`."""


@dataclass(frozen=True, slots=True)
class WindowEntries:
    """What a report adds up."""

    readings: ReadingColumns
    treatments: list[tuple[int, bytes]]
    """Meals, exercise and insulin doses: the local day (days since 1970) and the entry (`Entry`)."""
    sensors: tuple[str, ...] = ()
    """The sensors by name, the one with most readings first."""
