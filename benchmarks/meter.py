"""Who used the processor."""

import time
from collections.abc import Mapping

import psutil


class Meter:
    """Counts from its making on."""

    def __init__(self, parts: Mapping[str, psutil.Process]) -> None:
        self._parts = parts
        self._used = self._all_used()
        self._busy, self._idle = _machine()

    def read(self) -> "Reading":
        """What was used until now."""
        used = {name: seconds - self._used[name] for name, seconds in self._all_used().items()}
        busy, idle = _machine()
        busy, idle = busy - self._busy, idle - self._idle
        cores = psutil.cpu_count() or 1
        strangers = max(0.0, busy - sum(used.values())) * cores / max(busy + idle, 0.001)
        return Reading(used, strangers)

    def _all_used(self) -> dict[str, float]:
        used = {name: _seconds(process) for name, process in self._parts.items()}
        return used | {"bench": time.process_time()}  # whose children all the others are


class Reading:
    """What a meter has counted."""

    def __init__(self, used: Mapping[str, float], strangers: float) -> None:
        self._used = used
        self.strangers = strangers
        """Cores that others kept busy meanwhile: how far to trust the rest."""

    def per(self, count: int) -> dict[str, float]:
        """Microseconds for each of so many, by part."""
        return {name: round(seconds / count * 1e6, 1) for name, seconds in self._used.items()}


def _seconds(process: psutil.Process) -> float:
    """Of a process and those it started, whether or not they still run."""
    return sum(_own_seconds(one) for one in (process, *process.children(recursive=True)))


def _own_seconds(process: psutil.Process) -> float:
    """With what those have used that it started and that have ended."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:  # it ended just now: its parent has its time from here on
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def _machine() -> tuple[float, float]:
    """Seconds of all processors, busy and idle."""
    times = psutil.cpu_times()
    busy = times.user + times.nice + times.system + times.irq + times.softirq + times.steal
    return float(busy), float(times.idle + times.iowait)
