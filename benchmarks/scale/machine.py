"""What the model says of one machine under a mix of everything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.scale.costs import Costs
from benchmarks.scale.demand import demand
from benchmarks.scale.queueing import Wait, wait

MIXED = ("reading", "day", "other's day", "refresh", "search", "order", "message")
"""What the mix is made of, in the proportions of the demand."""
YIELDING = "-worker"
"""Processes that give way to calls: `nice`."""
MANY_THREADS = frozenset({"postgres", "nats"})
"""Processes that may use more than one core; Envoy has one worker here."""


@dataclass(frozen=True)
class Load:
    """A mix on the machine."""

    rates: Mapping[str, float]
    watches: int
    patients: int
    """Each watched by as many, whose readings come evenly."""

    @property
    def calls(self) -> float:
        """A second."""
        return sum(self.rates.values())

    @property
    def events(self) -> float:
        """That reach a watcher, a second."""
        return self.rates.get("reading", 0.0) * self.watches / self.patients


def mix(users: float, watches: int, patients: int) -> Load:
    """What so many users ask for, with a fixed number of watches."""
    rates = demand(users).rates
    return Load({kind: rates[kind] for kind in MIXED}, watches, patients)


def cores(load: Load, costs: Costs) -> dict[str, float]:
    """Busy, by process."""
    used = dict(costs.idle)
    kinds = {**load.rates, "event": load.events}
    parts = [costs.units[kind].cores(rate) for kind, rate in kinds.items()]
    parts.append({name: load.watches * each for name, each in costs.watch_cores.items()})
    for part in parts:
        for name, busy in part.items():
            used[name] = used.get(name, 0.0) + busy
    return used


def fullness(load: Load, costs: Costs) -> float:
    """Of the machine, or of the busiest of the processes that are one thread."""
    used = cores(load, costs)
    threads = [busy for name, busy in used.items() if name not in MANY_THREADS]
    return max(sum(used.values()) / costs.machine_cores, *threads)


def full_at(costs: Costs, watches: int, patients: int, share: float = 1.0) -> float:
    """How many users make it this full."""
    low, high = 0.0, 1e12
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if fullness(mix(middle, watches, patients), costs) < share else (low, middle)
    return low


def waiting(load: Load, costs: Costs) -> Wait:
    """Of a call for a processor, in milliseconds. What yields to calls does not delay them.

    What else is busy (rest, watches, events) makes every call that much longer, so that the load is the whole.
    """
    used = {kind: _foreground(costs.units[kind].cores(rate)) for kind, rate in load.rates.items()}
    longer = _foreground(cores(load, costs)) / sum(used.values())
    per_millisecond = {kind: rate / 1000 for kind, rate in load.rates.items()}
    services = [(rate, longer * used[kind] / rate) for kind, rate in per_millisecond.items()]
    return wait(costs.machine_cores, services)


def quantile(kind: str, share: float, load: Load, costs: Costs) -> float:
    """Milliseconds within which this share of a kind's calls are answered."""
    alone: Sequence[float] = costs.units[kind].milliseconds
    return waiting(load, costs).quantile(share, alone)


def _foreground(used: Mapping[str, float]) -> float:
    return sum(busy for name, busy in used.items() if not name.endswith(YIELDING))
