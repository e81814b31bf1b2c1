"""What one act costs: measured by `benchmarks.capacity`, kept in `results.json`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pydantic import TypeAdapter

OTHER_LINES = {
    "booking": ("book", "microseconds of processor a booking"),
    "product search": ("catalog, 8 clients", "microseconds of processor a call"),
}
"""What other lines of the benchmarks measured, on a full machine."""

BENCH_ONLY = frozenset({"bare", "bench", "cashier", "crowd", "generator"})
"""Processes that are no part of a platform."""


@dataclass(frozen=True)
class Point:
    """Cores that an act takes above rest, by process, when it is done so many times a second."""

    rate: float
    cores: Mapping[str, float]


@dataclass(frozen=True)
class Unit:
    """One kind of act, alone on the machine."""

    points: Sequence[Point]
    """By rising rate."""
    milliseconds: Sequence[float] = ()
    """How long it took at the lowest rate: a hundred calls that stand for all, the quickest first."""
    client_bytes: float = 0
    """Of request and answer."""
    wal_bytes: float = 0
    jetstream_bytes: float = 0

    def cores(self, rate: float) -> dict[str, float]:
        """At any rate, by process: straight from rest to the first point, from point to point, and on."""
        first, *_ = self.points
        known = [Point(0.0, dict.fromkeys(first.cores, 0.0)), *self.points]
        below, above = next((pair for pair in pairwise(known) if rate <= pair[1].rate), (known[-2], known[-1]))
        share = (rate - below.rate) / (above.rate - below.rate)
        return {
            name: max(0.0, start + share * max(0.0, above.cores.get(name, 0.0) - start))
            for name, start in below.cores.items()
        }

    @property
    def seconds(self) -> dict[str, float]:
        """Of processor for one, by part, at the highest rate measured."""
        busiest = self.points[-1]
        return by_part({name: cores / busiest.rate for name, cores in busiest.cores.items()})


@dataclass(frozen=True)
class Costs:
    """Of everything."""

    machine_cores: int
    idle: Mapping[str, float]
    """Cores at rest, by process."""
    units: Mapping[str, Unit]
    watch_cores: Mapping[str, float]
    """Of one open watch at rest, by process."""
    watch_memory: Mapping[str, float]
    """Bytes of one open watch on a connection of its own, by process."""
    entry_bytes: float
    """Of one diary entry with its indexes."""
    frozen_entry_bytes: float
    """Of one in a frozen month."""
    relay_events_per_second: float
    """That one relay publishes, the rows waiting."""
    feed_seconds: float
    """Of processor for an event of a service in each of its processes, watched or not."""
    jetstream_event_bytes: float


def by_part(by_process: Mapping[str, float]) -> dict[str, float]:
    """Replicas together, without what is only the bench's."""
    parts: dict[str, float] = {}
    for name, value in by_process.items():
        stem, _, number = name.rpartition("-")
        part = stem if number.isdecimal() else name
        if part not in BENCH_ONLY:
            parts[part] = parts.get(part, 0.0) + value
    return parts


def read(results: Mapping[str, Any]) -> Costs:
    """From `results.json`. Errors: KeyError when `capacity` was never measured."""
    found = results["capacity"]["notes"]["costs"]
    if not measures_frozen(results):
        found = {**found, "frozen_entry_bytes": found["packed_entry_bytes"]}
    costs = TypeAdapter(Costs).validate_python(found)
    others = {kind: _other(results[line]["notes"][note]) for kind, (line, note) in OTHER_LINES.items()}
    return TypeAdapter(Costs).validate_python({**vars(costs), "units": {**costs.units, **others}})


def measures_frozen(results: Mapping[str, Any]) -> bool:
    """Whether they hold what a frozen entry takes. Those of before months were frozen estimate it, by zlib."""
    return "frozen_entry_bytes" in results["capacity"]["notes"]["costs"]


def _other(microseconds: Mapping[str, float]) -> Unit:
    return Unit([Point(1.0, {name: value / 1e6 for name, value in microseconds.items()})])
