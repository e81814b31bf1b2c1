"""The outbox: an event is a row, written in the transaction of what it tells; one relay per database publishes the rows
in their order.

Order: of two transactions that follow one another, the first one's rows are published first. A row that commits late
beside a concurrent one is published late, never lost: the relay asks for the rows that are there, not for "the next".
"""

import asyncio
import time
from contextlib import aclosing
from datetime import datetime, timedelta

import asyncpg
import structlog
from google.protobuf.message import Message
from prometheus_client import Gauge
from sqlalchemy import BigInteger, Identity, func, text
from sqlmodel import Column, DateTime, Field, LargeBinary, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.bus import TICK_EVENT, Bus, Publication
from kit.feed import replay_since
from kit.figures import Figure
from kit.outages import is_outage
from kit.retention import WORKING
from kit.times import to_timestamp

log = structlog.get_logger()

_LOCK = 4_871_205  # the advisory lock that makes one relay the active one of its database
_BATCH = 500
_TICK_SECONDS = 1.0
_HUNG_SECONDS = 15
"""An active relay asks its database every second."""
_CLOCK_SKEW = timedelta(seconds=10)
"""How far the clock of NATS may lie behind the database's."""


FIGURES = (
    Figure(Gauge("apricot_outbox_events", "Events not yet published."), "select count(*) from outbox"),
    Figure(
        Gauge("apricot_relay_lag_seconds", "Age of the oldest event not yet published."),
        "select coalesce(extract(epoch from clock_timestamp() - min(create_time)), 0)::float from outbox",
    ),
)


class OutboxRow(SQLModel, table=True):
    """One event not yet published; published ones are deleted."""

    __tablename__ = "outbox"
    __retention__ = WORKING

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    subject: str
    payload: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    transaction_id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, server_default=text("pg_current_xact_id()::text::bigint"), nullable=False),
    )
    create_time: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), server_default=func.now(), nullable=False)
    )


def add_event(session: AsyncSession, subject: str, event: Message) -> None:
    """Publish this event if, and only if, the session's transaction commits. Wake the relay after the commit."""
    session.add(OutboxRow(subject=subject, payload=event.SerializeToString()))


class Relay:
    """Publishes the outbox. Every replica runs one; the advisory lock lets one at a time work."""

    def __init__(self, database_url: str, bus: Bus, service: str) -> None:
        self._url = database_url
        self._bus = bus
        self._service = service
        self._wake = asyncio.Event()
        self._active = False

    async def wake(self) -> None:
        """Say that a commit wrote rows: to this relay, or over the bus to the one that is active."""
        self._wake.set()
        if not self._active:
            try:
                await self._bus.ping(f"apricot-wake.{self._service}")
            except Exception as error:
                if not is_outage(error):
                    raise
                # The rows are safe; the active relay looks for them every second without being woken.
                log.debug("the relay was not woken", error=type(error).__name__)

    async def run(self) -> None:
        """Relay until cancelled; an outage of PostgreSQL or NATS is waited out."""
        await self._bus.on_ping(f"apricot-wake.{self._service}", self._wake.set)
        while True:
            try:
                await self._run_connected()
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("the relay waits for a part", error=type(error).__name__)
                await asyncio.sleep(0.2)
            finally:
                self._active = False

    async def _run_connected(self) -> None:
        await self._bus.ensure_stream(self._service)
        connection = await asyncpg.connect(self._url, timeout=5, command_timeout=10)
        try:
            # A deletion lost in a crash is found again by `_left_over`.
            await connection.execute("set synchronous_commit = off")
            # A relay that hangs loses its connection, and with it the lock: another one goes on.
            await connection.execute(f"set idle_session_timeout = '{_HUNG_SECONDS}s'")
            while not await connection.fetchval("select pg_try_advisory_lock($1)", _LOCK):
                await asyncio.sleep(0.25)
            self._active = True
            await self._relay(connection)
        finally:
            connection.terminate()

    async def _relay(self, connection: asyncpg.Connection) -> None:
        published = await self._left_over(connection)
        ticked = 0.0
        while True:
            self._wake.clear()
            tick_due = time.monotonic() - ticked >= _TICK_SECONDS
            now = await connection.fetchval("select clock_timestamp()") if tick_due else None
            rows = await connection.fetch(
                "with gone as (delete from outbox where id = any($1)) "
                "select id, subject, payload, transaction_id, create_time from outbox "
                "where id <> all($1) order by id limit $2",
                published,
                _BATCH,
            )
            if rows:
                await self._bus.publish([self._publication(row) for row in rows])
            published = [row["id"] for row in rows]
            if now is not None and len(rows) < _BATCH:
                await self._tick(now)
                ticked = time.monotonic()
            if not rows:
                await self._rest()

    async def _left_over(self, connection: asyncpg.Connection) -> list[int]:
        """The rows that were published but not deleted before an outage; JetStream knows their ids for two minutes."""
        oldest = await connection.fetchval("select min(create_time) from outbox")
        if oldest is None:
            return []
        published = []
        async with aclosing(replay_since(self._bus, self._service, oldest - _CLOCK_SKEW)) as events:
            async for event in events:
                number = event.event_id.removeprefix(f"{self._service}-")
                if number.isdecimal():  # a tick is no row
                    published.append(int(number))
        return published

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(_TICK_SECONDS):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _tick(self, complete_until: datetime) -> None:
        """Say through the stream itself that everything committed before this instant is in it."""
        instant = to_timestamp(complete_until)
        await self._bus.publish(
            [
                Publication(
                    event_id=f"{self._service}-tick-{instant.ToMicroseconds()}",
                    subject=f"apricot.{self._service}.{TICK_EVENT}.all",
                    payload=instant.SerializeToString(),
                )
            ]
        )

    def _publication(self, row: asyncpg.Record) -> Publication:
        return Publication(
            event_id=f"{self._service}-{row['id']}",
            subject=row["subject"],
            payload=row["payload"],
            transaction_id=row["transaction_id"],
        )
