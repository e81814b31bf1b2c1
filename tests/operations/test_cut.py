"""One instant for all databases, while events run in a circle between them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
import pytest
from google.protobuf.empty_pb2 import Empty
from sqlmodel.ext.asyncio.session import AsyncSession

import operations.cut
from kit.bus import Bus, Event
from kit.consumer import Consumer
from kit.database import Database
from kit.outbox import Relay, add_event
from operations.cut import CALLERS_FIRST, Snapshot, cut
from stack.platform import Platform
from tests.kit.running import running, until

CUTS = 3
BALLS = 40
PAUSE_SECONDS = 0.3
"""Between the snapshots of one cut: long enough for an event to go from one database to the next."""


class Court:
    """A service that answers each event of the one before it in the circle with one of its own."""

    def __init__(self, platform: Platform, bus: Bus, service: str, before: str) -> None:
        self.service = service
        self.database = Database(platform.database_url, service, platform.sealing_keys(service))
        self.handled = 0
        self._relay = Relay(self.database.url, bus, service)
        self._consumer = Consumer(
            bus,
            self.database,
            f"{service}-court",
            before,
            [f"apricot.{before}.ball.>"],
            self._on_balls,
            self._relay.wake,
        )

    async def serve(self, balls: int) -> None:
        async with self.database.transaction() as session:
            for _ in range(balls):
                self._hit(session)

    async def run(self) -> None:
        async with running(self._relay.run()):
            await self._consumer.run()

    async def _on_balls(self, session: AsyncSession, balls: Sequence[Event]) -> None:
        for _ in balls:
            self._hit(session)
        self.handled += len(balls)

    def _hit(self, session: AsyncSession) -> None:
        add_event(session, f"apricot.{self.service}.ball.hit.all", Empty())


@asynccontextmanager
async def circle(platform: Platform) -> AsyncIterator[list[Court]]:
    """Balls go round and round."""
    bus = await Bus.connect(platform.nats_url, "circle")
    befores = (*CALLERS_FIRST[-1:], *CALLERS_FIRST[:-1])
    courts = [Court(platform, bus, *pair) for pair in zip(CALLERS_FIRST, befores, strict=True)]
    async with running(*(court.run() for court in courts)):
        await courts[0].serve(BALLS)
        yield courts
    for court in courts:
        await court.database.close()
    await bus.close()


async def heard(snapshot: Snapshot) -> int:
    """How many balls the database has answered."""
    found = await snapshot.connection.fetchval("select count(*) from handled_event where consumer like '%-court'")
    return int(found)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Snapshots of one cut are far apart."""
    take = operations.cut._take

    async def take_slowly(url: str, connection: asyncpg.Connection) -> Snapshot:
        taken = await take(url, connection)
        await asyncio.sleep(PAUSE_SECONDS)
        return taken

    monkeypatch.setattr(operations.cut, "_take", take_slowly)


@pytest.mark.usefixtures("slow")
async def test_no_database_knows_of_an_event_that_its_own_does_not(engines: Platform) -> None:
    async with circle(engines) as courts:
        await until(lambda: all(court.handled > BALLS for court in courts))
        for _ in range(CUTS):
            async with cut(engines.database_url) as snapshots:
                answered = [await heard(snapshot) for snapshot in snapshots.values()]
            # Each court has hit as often as it has answered; the first one has served besides.
            hit = [answered[0] + BALLS, *answered[1:]]
            assert all(told <= before for told, before in zip(answered, [hit[-1], *hit[:-1]], strict=True))


async def test_events_go_on_behind_it(engines: Platform) -> None:
    async with circle(engines) as courts, cut(engines.database_url):
        before = [court.handled for court in courts]
        await until(lambda: all(court.handled > had for court, had in zip(courts, before, strict=True)))


async def test_a_snapshot_knows_what_was_committed_before_it(engines: Platform) -> None:
    database = Database(engines.database_url, "glucose", engines.sealing_keys("glucose"))
    number = "select pg_current_xact_id()::text::bigint"
    async with database.connection() as early, database.connection() as late:
        committed = await early.fetchval(number)
        rolled_back = early.transaction()
        await rolled_back.start()
        aborted = await early.fetchval(number)
        await rolled_back.rollback()
        under_way = late.transaction()
        await under_way.start()
        open_ = await late.fetchval(number)
        async with cut(engines.database_url) as snapshots:
            await under_way.commit()
            after = await early.fetchval(number)
            found = await snapshots["glucose"].known([0, committed, aborted, open_, after])
    assert found == {0, committed}
    await database.close()
