"""Orders are placed in groups: those that come side by side in one process share one transaction, and each waits for
its commit. Each succeeds or fails by itself."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from kit import telemetry
from kit.database import Database
from kit.outages import is_outage
from services.pharmacy.store.placement import Placement, place

_MOST_IN_GROUP = 200
_GATHER_SECONDS_AN_ORDER, _GATHER_SECONDS_AT_MOST = 0.0007, 0.010
"""Between the beginnings of two commits: the more orders come side by side, the longer the next ones are gathered. One
that comes alone waits for nothing."""


class Placing:
    """Whatever arrives while a commit is under way goes into the next."""

    def __init__(self, database: Database, unpaid_per_buyer: int, after_commit: Callable[[], Awaitable[None]]) -> None:
        self._database = database
        self._unpaid_per_buyer = unpaid_per_buyer
        self._after_commit = after_commit
        self._queue: deque[Placement] = deque()
        self._committer: asyncio.Task[None] | None = None

    async def place(self, placement: Placement) -> None:
        """Durably. Errors: those of `place`; an outage, after which it may be tried again."""
        self._queue.append(placement)
        if self._committer is None:
            self._committer = asyncio.create_task(self._commit_groups())
        await placement.done

    async def _commit_groups(self) -> None:
        try:
            while self._queue:
                await self._commit_next_group()
        finally:
            # In the same step that found the queue empty: one that comes next must not count on this task.
            self._committer = None

    async def _commit_next_group(self) -> None:
        began = time.monotonic()
        group = [self._queue.popleft() for _ in range(min(len(self._queue), _MOST_IN_GROUP))]
        try:
            await self._commit(group)
        except Exception as error:  # noqa: BLE001  each order gets the error that is its own
            await self._commit_singly(group, error)
        for placement in group:
            placement.settle()
        await self._after_commit()
        if len(group) > 1:
            gather_seconds = min(_GATHER_SECONDS_AN_ORDER * len(group), _GATHER_SECONDS_AT_MOST)
            await asyncio.sleep(began + gather_seconds - time.monotonic())

    async def _commit_singly(self, group: Sequence[Placement], group_error: Exception) -> None:
        """An outage is everybody's error; any other belongs to one order, or is gone at the second try (a race)."""
        for placement in group:
            if is_outage(group_error):
                placement.error = group_error
                continue
            try:
                await self._commit([placement])
            except Exception as error:  # noqa: BLE001  handed to the call that caused it
                placement.error = error

    async def _commit(self, group: Sequence[Placement]) -> None:
        async with self._database.connection() as connection, connection.transaction():
            await place(connection, group, self._unpaid_per_buyer)
        telemetry.COMMIT_BATCH.observe(len(group))
