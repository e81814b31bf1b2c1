"""Pushes to devices: what waits in the `push` table is posted to a webhook, again and again with longer pauses. A push
says that there is something, never what."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy import BigInteger, DateTime, Identity, Index, delete, or_, text
from sqlmodel import Column, Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.clock import Clock
from kit.database import Database
from kit.figures import Figure
from kit.retention import WORKING
from kit.rounds import every
from kit.webhook import Webhook

log = structlog.get_logger()

PUSHES = Counter("apricot_pushes", "Tries to push, by outcome.", ["outcome"])
for _outcome in ("delivered", "failed", "given up"):
    PUSHES.labels(_outcome)  # a counter that begins with its first failure hides it from every rate
FIGURES = (
    Figure(
        Gauge("apricot_pushes_waiting", "Pushes that no device has yet."),
        "select count(*) from push where state = 'waiting'",
    ),
    Figure(
        Gauge("apricot_urgent_push_lag_seconds", "Age of the oldest urgent push that no device has yet."),
        "select coalesce(extract(epoch from clock_timestamp() - min(create_time)), 0)::float"
        " from push where state = 'waiting' and urgent",
    ),
)

MOST_TRIES = 8
FIRST_PAUSE = timedelta(seconds=5)
"""After the first failure; each one doubles it."""
_LOOK_SECONDS = 0.5
_BATCH = 50
_DISCARD_SECONDS = 60.0
_KEEP = timedelta(days=7)


class PushRow(SQLModel, table=True):
    """Something to be pushed to an account's devices. It says that there is something, never what."""

    __tablename__ = "push"
    __retention__ = WORKING
    __table_args__ = (Index("push_waiting", "next_try_time", postgresql_where=text("state = 'waiting'")),)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    patient_id: UUID
    account_id: UUID
    kind: str
    """What it is about, such as `alert` or `plan`: the app knows where to look."""
    reference_id: UUID
    """What to look at: the alert, the plan, the consultation."""
    urgent: bool
    state: str = "waiting"
    """`waiting`, `delivered` or `failed`."""
    tries: int = 0
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    next_try_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


def add_pushes(
    session: AsyncSession,
    accounts: Iterable[UUID],
    *,
    patient: UUID,
    kind: str,
    reference: UUID,
    urgent: bool,
    now: datetime,
) -> None:
    """Push to each account's devices if, and only if, the session's transaction commits."""
    for account in accounts:
        session.add(
            PushRow(
                patient_id=patient,
                account_id=account,
                kind=kind,
                reference_id=reference,
                urgent=urgent,
                create_time=now,
                next_try_time=now,
            )
        )


async def take_waiting(session: AsyncSession, now: datetime, most: int) -> Sequence[PushRow]:
    """Pushes whose time has come, held until the transaction ends; those that another worker holds are left out."""
    statement = (
        select(PushRow)
        .where(col(PushRow.state) == "waiting", col(PushRow.next_try_time) <= now)
        .order_by(col(PushRow.next_try_time))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return (await session.exec(statement)).all()


async def forget_old(session: AsyncSession, before: datetime) -> None:
    """Drop what was delivered or given up by then."""
    statement = delete(PushRow).where(col(PushRow.state) != "waiting", col(PushRow.create_time) < before)
    await (await session.connection()).execute(statement)


async def forget_waiting(session: AsyncSession, before: datetime) -> None:
    """Drop what waits since before then, of every patient_id."""
    statement = delete(PushRow).where(col(PushRow.state) == "waiting", col(PushRow.create_time) < before)
    await (await session.connection()).execute(statement)


async def drop_pushes(session: AsyncSession, account: UUID) -> None:
    """Push nothing more to an account, nor about it."""
    await session.exec(
        delete(PushRow).where(
            col(PushRow.state) == "waiting", or_(col(PushRow.account_id) == account, col(PushRow.patient_id) == account)
        )
    )


class Pushes:
    """Sends what waits. Any number of workers share it; a push that a dying worker had sent is sent again."""

    def __init__(
        self,
        database: Database,
        webhook: Webhook,
        clock: Clock,
        on_settled: Callable[[AsyncSession, Sequence[PushRow]], Awaitable[None]] | None = None,
        after_commit: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`on_settled` takes in what became of pushes, in the transaction that notes it."""
        self._database = database
        self._webhook = webhook
        self._clock = clock
        self._on_settled = on_settled
        self._after_commit = after_commit

    async def run(self) -> None:
        """Push until cancelled; an outage is waited out."""
        await every(_LOOK_SECONDS, self._push_all_waiting, "the sender of pushes")

    async def _push_all_waiting(self) -> None:
        while await self.push_waiting():
            pass

    async def push_waiting(self) -> bool:
        """One batch; whether there may be more."""
        async with self._database.transaction() as session:
            rows = await take_waiting(session, self._clock(), _BATCH)
            if not rows:
                return False
            taken = await asyncio.gather(*(self._webhook.post(_message(row)) for row in rows))
            now = self._clock()
            for row, is_taken in zip(rows, taken, strict=True):
                _settle(row, is_taken, now)
            if self._on_settled is not None:
                await self._on_settled(session, rows)
            await forget_old(session, now - _KEEP)
        if self._after_commit is not None:
            await self._after_commit()
        return len(rows) == _BATCH


async def discard(database: Database, clock: Clock) -> None:
    """Where nothing is pushed, drop what waits, until cancelled."""

    async def forget() -> None:
        async with database.transaction() as session:
            await forget_waiting(session, clock())

    await every(_DISCARD_SECONDS, forget, "the discarding of pushes")


def _message(row: PushRow) -> dict[str, object]:
    return {
        "push_id": row.id,
        "account_id": str(row.account_id),
        "patient_id": str(row.patient_id),
        "kind": row.kind,
        "reference_id": str(row.reference_id),
        "urgent": row.urgent,
    }


def _settle(row: PushRow, is_taken: bool, now: datetime) -> None:
    """What becomes of a push after a try."""
    row.tries += 1
    if is_taken:
        row.state = "delivered"
    elif row.tries >= MOST_TRIES:
        row.state = "failed"
    else:
        row.next_try_time = now + FIRST_PAUSE * 2 ** (row.tries - 1)
    PUSHES.labels("delivered" if is_taken else "given up" if row.state == "failed" else "failed").inc()
    if not is_taken:
        log.warning("a push failed", push_id=row.id, tries=row.tries, given_up=row.state == "failed")
