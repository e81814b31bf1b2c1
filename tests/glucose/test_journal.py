"""The journal's own scheduling, without a database."""

import asyncio
from collections.abc import Sequence

import pytest

from kit.database import Database
from services.glucose.store.group import Write
from services.glucose.store.journal import Journal
from tests.patience import PATIENCE


class Unstored(Journal):
    """Commits to nowhere."""

    def __init__(self) -> None:
        async def nothing() -> None:
            pass

        super().__init__(Database("postgresql://nowhere", "glucose"), lambda patient, bodies: ("", b""), nothing)

    async def _commit(self, group: Sequence[Write]) -> None:
        await asyncio.sleep(0)


@pytest.mark.parametrize("steps", range(8))
async def test_a_write_that_meets_the_end_of_the_last_commit_is_committed(steps: int) -> None:
    """However many steps of the loop lie between the two: none finds a committer that has just stopped looking."""
    journal = Unstored()

    async def later() -> None:
        for _ in range(steps):
            await asyncio.sleep(0)
        await journal.write([])

    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(journal.write([]), later())
