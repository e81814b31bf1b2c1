"""The journal: concurrent writes of one process share one transaction, and each waits for its commit."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from kit import telemetry
from kit.database import Database
from kit.outages import is_outage
from services.glucose.store.archive import old_months, thaw_ahead
from services.glucose.store.group import EventOf, NewEntry, RequestKey, Write, commit_group

MAX_GROUP_ENTRIES = 2_000
GATHER_SECONDS_A_WRITE, GATHER_SECONDS_AT_MOST = 0.0007, 0.010
"""Between the beginnings of two commits: the more writes come side by side, the longer the next ones are gathered. One
that comes alone waits for nothing."""
_COMMITTERS = 2


class Journal:
    """Commits writes in groups: whatever arrives while a commit is under way goes into the next."""

    def __init__(self, database: Database, event_of: EventOf, after_commit: Callable[[], Awaitable[None]]) -> None:
        self._database = database
        self._event_of = event_of
        self._after_commit = after_commit
        self._queue: deque[Write] = deque()
        self._queued_entries = 0
        self._committers: set[asyncio.Task[None] | None] = set()

    async def write(self, entries: Sequence[NewEntry], request: RequestKey | None = None) -> Write:
        """Store durably. Errors: REQUEST_ID_REUSED; an outage, after which the same ids may be sent again."""
        await thaw_ahead(self._database, old_months(entries))
        write = Write(entries, request)
        self._queue.append(write)
        self._queued_entries += len(entries)
        # One committer gathers the largest groups; a second one helps where one group cannot hold the queue.
        if len(self._committers) < (1 if self._queued_entries < MAX_GROUP_ENTRIES else _COMMITTERS):
            task = asyncio.create_task(self._commit_groups())
            self._committers.add(task)
        await write.done
        return write

    async def _commit_groups(self) -> None:
        try:
            while self._queue:
                await self._commit_next_group()
        finally:
            # In the same step that found the queue empty: a write that comes next must not count on this task.
            self._committers.discard(asyncio.current_task())

    async def _commit_next_group(self) -> None:
        began = time.monotonic()
        group = self._next_group()
        try:
            await self._commit(group)
        except Exception as error:  # noqa: BLE001  each write gets the error that is its own
            await self._commit_singly(group, error)
        for write in group:
            if not write.done.done():
                write.done.set_result(None)
        await self._after_commit()
        if len(group) > 1:
            gather_seconds = min(GATHER_SECONDS_A_WRITE * len(group), GATHER_SECONDS_AT_MOST)
            await asyncio.sleep(began + gather_seconds - time.monotonic())

    async def _commit_singly(self, group: Sequence[Write], group_error: Exception) -> None:
        """An outage is everybody's error; any other belongs to one write, or is gone at the second try (a race)."""
        for write in group:
            error: Exception | None = group_error
            if not is_outage(group_error):
                try:
                    await self._commit([write])
                    error = None
                except Exception as own:  # noqa: BLE001  handed to the call that caused it
                    error = own
            if error is not None and not write.done.done():
                write.done.set_exception(error)

    def _next_group(self) -> list[Write]:
        """As many as fit. A request that is in the group already waits, so that it finds the first one's answer."""
        group: list[Write] = []
        waiting: list[Write] = []
        entries = 0
        requests = set()
        while self._queue and (not group or entries + len(self._queue[0].entries) <= MAX_GROUP_ENTRIES):
            write = self._queue.popleft()
            if write.request is not None and write.request.id in requests:
                waiting.append(write)
                continue
            if write.request is not None:
                requests.add(write.request.id)
            group.append(write)
            entries += len(write.entries)
        self._queue.extendleft(reversed(waiting))
        self._queued_entries -= entries
        return group

    async def _commit(self, group: Sequence[Write]) -> None:
        async with self._database.connection() as connection:
            await commit_group(connection, self._database.sealing, group, self._event_of)
        telemetry.COMMIT_BATCH.observe(sum(len(write.entries) for write in group))
