"""What an attack costs: the most memory that each process held, and how ordinary calls were answered meanwhile."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from apricot.identity.v1.account_pb2 import GetMeRequest

from stack.platform import Platform
from tests.fuzz.health import MIB, Health, health, restarted
from tests.patience import PATIENCE
from tests.people import Person

LOG = logging.getLogger("siege")


@dataclass
class Siege:
    """Its figures, complete when it is over."""

    before: Health
    peak_mib: dict[str, int] = field(default_factory=dict)
    """By how much each process grew, at most."""
    answered: list[float] = field(default_factory=list)
    """Seconds that an ordinary user's calls took."""

    def take(self, now: Health) -> None:
        for name, (_, held) in now.items():
            grown = (held - self.before[name][1]) // MIB
            self.peak_mib[name] = max(self.peak_mib.get(name, 0), grown)

    def __str__(self) -> str:
        grown = {name: mib for name, mib in self.peak_mib.items() if mib}
        worst = max(self.answered, default=0)
        return f"grown by MiB at most {grown}; {len(self.answered)} ordinary calls, the slowest {worst:.2f} s"


@asynccontextmanager
async def siege(platform: Platform, bystander: Person, *, most_mib: int) -> AsyncIterator[Siege]:
    """As long as the block runs, an ordinary user calls. Behind it: every process lives, none grew by more than that,
    and each call was answered in time."""
    found = Siege(health(platform))
    over = asyncio.Event()

    async def call() -> None:
        while not over.is_set() or not found.answered:
            began = time.monotonic()
            async with asyncio.timeout(PATIENCE):
                await bystander.session.account.GetMe(GetMeRequest())
            found.answered.append(time.monotonic() - began)
            found.take(health(platform))
            await asyncio.sleep(0.1)

    async with asyncio.TaskGroup() as group:
        group.create_task(call())
        try:
            yield found
        finally:
            over.set()
    LOG.info("%s", found)
    assert not restarted(found.before, health(platform))
    assert max(found.peak_mib.values()) < most_mib, str(found)
