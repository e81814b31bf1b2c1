"""How long calls wait for a processor: an M/G/c queue by Allen and Cunneen's approximation.

`cores` servers, Poisson arrivals. The probability of waiting is Erlang's C; who waits does so for an exponentially
distributed time of mean `service · (1 + cv²) / (2 · (cores − load))`. Exact for exponential service (M/M/c).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf


def erlang_c(servers: int, load: float) -> float:
    """The probability that an arrival waits; `load` in servers. 1 where there are too few."""
    if load >= servers:
        return 1.0
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return servers * blocked / (servers - load * (1 - blocked))


@dataclass(frozen=True)
class Wait:
    """The time that an arrival waits."""

    probability: float
    """Of waiting at all."""
    mean: float
    """Of those who wait, in the unit of the service times."""

    def longer(self, time: float) -> float:
        """The probability of more than this."""
        if time < 0:
            return 1.0
        return self.probability * exp(-time / self.mean) if self.mean else 0.0

    def quantile(self, share: float, alone: Sequence[float]) -> float:
        """Of what calls take in all, if these are the times of calls that do not wait. Infinite on a full machine."""
        if self.mean == inf:
            return inf
        low, high = 0.0, max(alone) + 50 * self.mean
        for _ in range(60):
            middle = (low + high) / 2
            beyond = sum(self.longer(middle - time) for time in alone) / len(alone)
            low, high = (middle, high) if beyond > 1 - share else (low, middle)
        return high


def wait(servers: int, services: Sequence[tuple[float, float]]) -> Wait:
    """For kinds of calls, each with its rate and its mean service time, exponentially distributed."""
    rate = sum(each for each, _ in services)
    load = sum(each * service for each, service in services)
    if not load:
        return Wait(0.0, 0.0)
    if load >= servers:
        return Wait(1.0, inf)
    mean = load / rate
    variation = sum(each * 2 * service**2 for each, service in services) / rate / mean**2 - 1
    return Wait(erlang_c(servers, load), mean * (1 + variation) / (2 * (servers - load)))
