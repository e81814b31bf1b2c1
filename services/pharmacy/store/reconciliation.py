"""What our books tell of a day at a provider, and what was found when they were compared with its statement."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from apricot.pharmacy.v1.ledger_pb2 import ReconciliationReport
from sqlalchemy import ARRAY, BindParameter, Uuid, and_, any_, func, literal, or_, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.domain.payments import RefundState, State
from services.pharmacy.domain.reconciliation import Amount, Key, span
from services.pharmacy.store.payment_tables import PaymentRow, ReconciliationRow, RefundRow

_IDS = ARRAY(Uuid())
"""One parameter, however many movements a statement tells of."""


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that moved, by our books."""

    key: Key
    amount: Amount
    time: datetime
    statement_day: date | None
    """Of the statement that told of it."""


async def movements(session: AsyncSession, provider: str, day: date, told: Collection[Key]) -> Sequence[Movement]:
    """What moved at a provider, of every patient_id: on that day, or as its statement tells."""
    start, end = span(day)
    paid = select(PaymentRow).where(
        PaymentRow.provider == provider,
        PaymentRow.state == State.PAID,
        or_(
            col(PaymentRow.payment_id) == any_(_payments(told)),
            and_(col(PaymentRow.pay_time) >= start, col(PaymentRow.pay_time) < end),
        ),
    )
    done = (
        select(RefundRow)
        .join(PaymentRow, col(PaymentRow.payment_id) == col(RefundRow.payment_id))
        .where(
            PaymentRow.provider == provider,
            RefundRow.state == RefundState.DONE,
            or_(
                col(RefundRow.refund_id) == any_(_refunds(told)),
                and_(col(RefundRow.end_time) >= start, col(RefundRow.end_time) < end),
            ),
        )
    )
    came = [_movement(row, None, row.pay_time) for row in (await session.exec(paid)).all()]
    went = [_movement(row, row.refund_id, row.end_time) for row in (await session.exec(done)).all()]
    return came + went


def _movement(row: PaymentRow | RefundRow, refund_id: UUID | None, time: datetime | None) -> Movement:
    assert time is not None, "what is done has its time"  # noqa: S101
    return Movement(Key(row.payment_id, refund_id), Amount(row.amount_minor, row.currency), time, row.statement_day)


async def mark_told(session: AsyncSession, day: date, told: Collection[Key]) -> None:
    """A statement tells of these, of every patient_id; the first one that does counts."""
    connection = await session.connection()
    await connection.execute(
        update(PaymentRow)
        .where(col(PaymentRow.payment_id) == any_(_payments(told)), col(PaymentRow.statement_day).is_(None))
        .values(statement_day=day)
    )
    await connection.execute(
        update(RefundRow)
        .where(col(RefundRow.refund_id) == any_(_refunds(told)), col(RefundRow.statement_day).is_(None))
        .values(statement_day=day)
    )


async def look_again(session: AsyncSession, missing: Collection[Key], now: datetime) -> None:
    """The provider is asked at once about what is missing here, of every patient_id."""
    connection = await session.connection()
    unpaid, undone = (State.STARTED, State.CLOSING, State.CLOSED), (RefundState.REQUESTED, RefundState.UNDER_WAY)
    await connection.execute(
        update(PaymentRow)
        .where(col(PaymentRow.payment_id) == any_(_payments(missing)), col(PaymentRow.state).in_(unpaid))
        .values(next_look_time=now)
    )
    await connection.execute(
        update(RefundRow)
        .where(col(RefundRow.refund_id) == any_(_refunds(missing)), col(RefundRow.state).in_(undone))
        .values(next_try_time=now)
    )


async def keep(session: AsyncSession, provider: str, day: date, report: ReconciliationReport, now: datetime) -> None:
    """What was found, in place of what was found before."""
    found = {"report": report.SerializeToString(), "create_time": now}
    statement = insert(ReconciliationRow).values(provider=provider, day=day, **found)
    await (await session.connection()).execute(
        statement.on_conflict_do_update(index_elements=["provider", "day"], set_=found)
    )


async def find(session: AsyncSession, provider: str, day: date) -> ReconciliationReport | None:
    """What was found when a day was last compared; None: it was not."""
    row = await session.get(ReconciliationRow, (provider, day))
    return None if row is None else ReconciliationReport.FromString(row.report)


@dataclass(frozen=True, slots=True)
class Compared:
    """A day that was compared."""

    differences: int
    time: datetime


async def days_compared(session: AsyncSession, provider: str, since: date) -> dict[date, Compared]:
    """What was found of each day from that one on."""
    query = select(ReconciliationRow).where(ReconciliationRow.provider == provider, col(ReconciliationRow.day) >= since)
    return {row.day: _compared(row) for row in (await session.exec(query)).all()}


def _compared(row: ReconciliationRow) -> Compared:
    return Compared(len(ReconciliationReport.FromString(row.report).differences), row.create_time)


async def first_payment_time(session: AsyncSession, provider: str) -> datetime | None:
    """When money, of any patient_id, first came through a provider; None: none did."""
    query = select(func.min(PaymentRow.pay_time)).where(PaymentRow.provider == provider, PaymentRow.state == State.PAID)
    return (await session.exec(query)).one()


def _payments(keys: Collection[Key]) -> BindParameter[list[UUID]]:
    return literal([key.payment_id for key in keys if key.refund_id is None], _IDS)


def _refunds(keys: Collection[Key]) -> BindParameter[list[UUID]]:
    return literal([key.refund_id for key in keys if key.refund_id is not None], _IDS)
