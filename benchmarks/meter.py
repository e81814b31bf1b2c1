"""Who used the processor."""

import time
from collections.abc import Mapping

import psutil


class Meter:
    """Counts from its making on."""

    def __init__(self, parts: Mapping[str, psutil.Process]) -> None:
        self._parts = parts
        self._used = self._parts_used()
        # Last here and first in `read`: so the meter's own looks are in nobody's time.
        self._bench = time.process_time()
        self._busy, self._idle = _machine()

    def read(self) -> "Reading":
        """What was used until now."""
        busy, idle = _machine()
        busy, idle = busy - self._busy, idle - self._idle
        bench = time.process_time() - self._bench  # its children are all the others
        used = {name: seconds - self._used[name] for name, seconds in self._parts_used().items()} | {"bench": bench}
        cores = psutil.cpu_count() or 1
        strangers = max(0.0, busy - sum(used.values())) * cores / max(busy + idle, 0.001)
        return Reading(used, strangers)

    def _parts_used(self) -> dict[str, float]:
        return {name: _seconds(process) for name, process in self._parts.items()}


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
