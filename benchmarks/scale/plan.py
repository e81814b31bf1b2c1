"""What users need: cores, pods, cells, disks, by what one act costs and how many there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, inf, log10

from benchmarks.scale.costs import Costs, by_part
from benchmarks.scale.demand import DAY_SECONDS, YEAR_DAYS, Demand, demand

TARGET = 0.6
"""Of what a part can do is used in the busiest hour: the rest is for the loss of a zone, and for short waits."""
PRIMARY_CORES, PRIMARY_DISK_BYTES = 32, 8e12
"""Of one PostgreSQL primary: a machine that one can buy anywhere, and whose disk is restored within hours."""
HOT_DAYS, KEPT_YEARS = 2 * YEAR_DAYS, 15
"""How long entries are hot, and how long a clinical record is kept at least."""
CONNECTIONS_A_PROCESS = 21
"""To PostgreSQL at most: two pools of ten (`kit/database.py`) and the relay's."""
COPIES = 3
"""Of every database and stream in its cell."""
STREAM_BYTES, STREAM_SECONDS = 20 << 30, DAY_SECONDS
"""What a JetStream stream keeps (`kit/bus.py`): whichever ends first."""
MEASURED_REPLICAS = 2
"""Of glucose, when the costs were measured: each of them reads every event."""
SINGLE = frozenset({"postgres", "nats", "gateway"})
"""Parts that use many cores in one process."""


@dataclass(frozen=True)
class Storage:
    """Bytes of the diary, one copy."""

    a_day: float
    hot: float
    cold: float
    """The rest of the years kept, compressed."""


@dataclass(frozen=True)
class Plan:
    """For so many users."""

    demand: Demand
    cells: int
    cores: Mapping[str, float]
    """Busy in the busiest hour, by part; in all cells."""
    pods: Mapping[str, int]
    """Python processes, by part; in all cells."""
    memory: float
    """Bytes for open watches."""
    client_bits: float
    """A second, between clients and gateways."""
    wal_bytes: float
    """A second, of one copy."""
    storage: Storage

    @property
    def connections_a_cell(self) -> float:
        """To PostgreSQL, at most."""
        return CONNECTIONS_A_PROCESS * sum(self.pods.values()) / self.cells


def limits(costs: Costs) -> dict[str, float]:
    """How many users fill, up to `TARGET`, what a cell has once."""
    one = demand(1.0)
    events = one.rates["reading"]
    return {
        "feed": _ratio(TARGET / 2, costs.feed_seconds * events),
        "relay": TARGET * costs.relay_events_per_second / events,
        "primary's cores": TARGET * PRIMARY_CORES / _cores(one, costs)["postgres"],
        "primary's disk": _ratio(TARGET * PRIMARY_DISK_BYTES, storage(one, costs).hot),
    }


def cell_users(costs: Costs) -> float:
    """How many users a cell is for: the least of its limits, rounded down to one digit."""
    least = min(limits(costs).values())
    digit = 10.0 ** floor(log10(least))
    return floor(least / digit) * digit


def stream_users(costs: Costs) -> float:
    """How many users' events fill a stream's bytes just within its time."""
    a_day = demand(1.0).entries_a_day * costs.jetstream_event_bytes * STREAM_SECONDS / DAY_SECONDS
    return _ratio(STREAM_BYTES, a_day)


def storage(of: Demand, costs: Costs) -> Storage:
    """Linear in the users."""
    cold_days = KEPT_YEARS * YEAR_DAYS - HOT_DAYS
    return Storage(
        of.entries_a_day * costs.entry_bytes,
        of.entries_a_day * costs.entry_bytes * HOT_DAYS,
        of.entries_a_day * costs.frozen_entry_bytes * cold_days,
    )


def plan(users: float, costs: Costs) -> Plan:
    """For so many users, in as many cells as they need."""
    asked = demand(users)
    cells = ceil(users / cell_users(costs))
    cores = _cores(asked, costs)
    unit = costs.units
    measured = {kind: rate for kind, rate in asked.rates.items() if kind in unit}
    return Plan(
        asked,
        cells,
        cores,
        {part: cells * _pods(part, busy / cells, asked, cells, costs) for part, busy in cores.items() if _python(part)},
        asked.watches * sum(costs.watch_memory.values()),
        8 * sum(rate * unit[kind].client_bytes for kind, rate in measured.items()),
        sum(rate * unit[kind].wal_bytes for kind, rate in measured.items()),
        storage(asked, costs),
    )


def _cores(asked: Demand, costs: Costs) -> dict[str, float]:
    """What acts take by part; rest is not in it."""
    used: dict[str, float] = {}
    for kind, rate in asked.rates.items():
        for part, seconds in costs.units[kind].seconds.items():
            used[part] = used.get(part, 0.0) + rate * seconds
    for part, cores in by_part(costs.watch_cores).items():
        used[part] = used.get(part, 0.0) + asked.watches * cores
    return used


def _pods(part: str, busy: float, asked: Demand, cells: int, costs: Costs) -> int:
    """Of one cell, a core each; two at least. Glucose's also read every event of their cell."""
    room = TARGET
    if part == "glucose":
        feed = costs.feed_seconds * asked.rates["reading"] / cells
        busy, room = max(0.0, busy - MEASURED_REPLICAS * feed), room - feed
    return max(2, ceil(busy / room))


def _python(part: str) -> bool:
    return part not in SINGLE


def _ratio(room: float, of_one: float) -> float:
    return room / of_one if of_one else inf
