"""What goes on while a part dies: an upload, log calls, and two watches that count what they see."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from apricot.glucose.v1.diary_pb2 import ENTRY_OUTCOME_CREATED, ENTRY_OUTCOME_DUPLICATE
from apricot.glucose.v1.watch_pb2 import WatchPatientsResponse

from clients.sdk import ApricotError, Recorder, Watch
from tests.patience import PATIENCE
from tests.people import Person

ZONE = "Asia/Shanghai"


class Seen:
    """A watch, and how often each entry came out of it."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.entries: Counter[str] = Counter()
        self.begun = asyncio.Event()
        self._more = asyncio.Condition()

    async def run(self) -> None:
        async for update in self.watch:
            assert update.WhichOneof("event") != "history_gap"
            self.entries.update(entry_ids(update))
            self.begun.set()
            async with self._more:
                self._more.notify_all()

    async def has(self, entry_id: str) -> None:
        """Wait until an entry was seen."""
        async with asyncio.timeout(PATIENCE), self._more:
            await self._more.wait_for(lambda: entry_id in self.entries)


class Load:
    """One patient's upload and log calls. What is acknowledged is kept in `acknowledged`."""

    def __init__(self, patient: Person, uploaded: int = 4000) -> None:
        self.patient = patient
        self.acknowledged: set[str] = set()
        self.under_way = asyncio.Event()
        self.failures: list[ApricotError] = []
        now, sensor = datetime.now(UTC), Recorder.by_hand("sensor", ZONE)
        self._history = [sensor.sensor_reading(now - timedelta(seconds=n), 100 + n % 50) for n in range(uploaded)]
        self._phone = Recorder.by_hand("phone", ZONE)
        self._stopped = False

    async def upload(self) -> None:
        totals = await self.patient.session.upload(
            self.patient.account_id, self._history, batch_size=25, on_progress=lambda *_: self.under_way.set()
        )
        assert totals.created_count + totals.duplicate_count == len(self._history)
        self.acknowledged.update(entry.entry_id for entry in self._history)

    async def log(self) -> None:
        """Call after call, until `stop`."""
        while not self._stopped:
            try:
                await self.log_one()
            except ApricotError as error:  # not acknowledged: it may be stored or not
                self.failures.append(error)

    async def log_one(self) -> str:
        entry = self._phone.note(datetime.now(UTC), "under way")
        (result,) = await self.patient.session.log(self.patient.account_id, [entry])
        assert result.outcome in (ENTRY_OUTCOME_CREATED, ENTRY_OUTCOME_DUPLICATE)
        self.acknowledged.add(entry.entry_id)
        return entry.entry_id

    def stop(self) -> None:
        self._stopped = True


@asynccontextmanager
async def watching(patient: Person, resume_token: str = "") -> AsyncIterator[Seen]:
    """A watch that is read all the time. One without a token has had its snapshot when the block begins."""
    async with patient.session.watch([patient.account_id], resume_token=resume_token) as watch:
        seen = Seen(watch)
        reading = asyncio.create_task(seen.run())
        if not resume_token:
            async with asyncio.timeout(PATIENCE):
                await seen.begun.wait()
        yield seen
    await reading


@asynccontextmanager
async def under_load(patient: Person) -> AsyncIterator[Load]:
    """The block runs while everything is under way; behind it nothing is lost and nothing doubled."""
    async with watching(patient) as early:
        token = early.watch.resume_token
    load = Load(patient)
    async with watching(patient) as fresh, watching(patient, token) as resumed, asyncio.TaskGroup() as group:
        calls = [group.create_task(call) for call in (load.upload(), load.log(), load.log(), load.log())]
        await load.under_way.wait()
        yield load
        load.stop()
        await asyncio.wait(calls)
        last = await load.log_one()
        for seen in fresh, resumed:
            await seen.has(last)
        listed = Counter([entry.entry_id async for entry in patient.session.entries(patient.account_id)])
        assert load.acknowledged <= listed.keys()
        assert set(listed.values()) == {1}
        assert fresh.entries == listed
        assert resumed.entries == listed


def entry_ids(update: WatchPatientsResponse) -> list[str]:
    """The new entries in one message."""
    return [entry.entry_id for entry in (*update.snapshot.entries, *update.entries_logged.entries)]


async def until(condition: Callable[[], Awaitable[bool] | bool]) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(PATIENCE):
        while not (found if isinstance(found := condition(), bool) else await found):
            await asyncio.sleep(0.02)
