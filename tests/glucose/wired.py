"""The live path wired in this process, with a clock that the test moves: PostgreSQL and NATS are real."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from apricot.glucose.v1.entry_pb2 import Entry
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest, WatchPatientsResponse

from kit.bus import Bus, Event
from kit.clock import utc_now
from kit.database import Database
from kit.feed import Feed
from kit.hub import Hub
from kit.outbox import Relay
from services.glucose import events
from services.glucose.rpc.intake import Intake
from services.glucose.rpc.live import LiveStream, Sources
from services.glucose.rpc.receipts import Receipts
from services.glucose.rpc.resume import Position
from services.glucose.rpc.rights import Rights
from services.glucose.rpc.vigil import Vigil
from services.glucose.store.group import NewEntry
from services.glucose.store.journal import Journal
from stack.platform import Platform


class Wired:
    """One replica's parts behind the RPCs."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self.database = database
        self.bus = bus
        self.ahead = timedelta(0)
        """How far the streams' clock runs ahead."""
        self.relay = Relay(database.url, bus, "glucose")
        self.hub = Hub(events.WATCHED)
        began = utc_now()
        self.vigil = Vigil(lambda: began)
        """Its clock stands: no worker looks for alerts here, and no watch is to be interrupted by that."""
        self.feed = Feed(bus, "glucose", self._on_event)
        self.receipts = Receipts(database, self.relay, utc_now)
        self.journal = Journal(database, events.entries_logged, self.relay.wake)

    def _on_event(self, event: Event) -> None:
        self.vigil.hear(event)
        self.hub.dispatch(event)

    def clock(self) -> datetime:
        return utc_now() + self.ahead

    async def log(self, patient: UUID, *entries: Entry) -> None:
        intake = Intake(patient, patient, utc_now())
        admitted = [intake.admit(entry) for entry in entries]
        await self.journal.write([found for found in admitted if isinstance(found, NewEntry)])

    async def watch(
        self, patient: UUID, resume_token: str = "", token_minutes: float = 10, rights: Rights | None = None
    ) -> AsyncGenerator[WatchPatientsResponse]:
        """A watch's messages: the patient's own, or what these rights show."""
        subscription = self.hub.subscribe([str(patient)])
        token_end = utc_now() + timedelta(minutes=token_minutes)
        sources = Sources(self.database, self.bus, self.feed, self.hub, self.clock, self.vigil, self.receipts)
        stream = LiveStream(sources, subscription, rights or Rights(patient), token_end)
        request = WatchPatientsRequest(patient_ids=[str(patient)])
        for part in stream.begin(request, Position.decode(resume_token) if resume_token else None), stream.go_on():
            async for update in part:
                yield WatchPatientsResponse.FromString(update) if isinstance(update, bytes) else update


@asynccontextmanager
async def wired(engines: Platform) -> AsyncIterator[Wired]:
    database = Database(engines.database_url, "glucose", engines.sealing_keys("glucose"))
    bus = await Bus.connect(engines.nats_url, f"test-{uuid4()}")
    made = Wired(database, bus)
    await made.feed.start()
    tasks = [asyncio.create_task(task) for task in (made.relay.run(), made.feed.run())]
    yield made
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
    await bus.close()
    await database.close()
