"""The double-entry ledger. What is booked stays, and each event is booked once: the database holds both."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.domain import ledger
from services.pharmacy.domain.ledger import Entries, Event, Kind, Sale
from services.pharmacy.domain.payments import State
from services.pharmacy.store import payments
from services.pharmacy.store.ledger_tables import LedgerEntryRow
from services.pharmacy.store.order_tables import OrderRow


def sale_of(row: OrderRow) -> Sale:
    """An order, as bookkeeping sees it."""
    return Sale(row.order_id, row.pharmacy_id, row.courier_id, row.goods_minor, row.delivery_minor)


async def settle(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """What was paid is the pharmacy's, the courier's and the platform's."""
    if await _is_paid(session, row):
        await post(session, Event.SETTLE, str(row.order_id), ledger.settled(sale_of(row)), row.currency, row, now)


async def settle_delivery(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """Of what was paid the delivery alone is earned."""
    if await _is_paid(session, row):
        await post(session, Event.SETTLE, str(row.order_id), ledger.tried(sale_of(row)), row.currency, row, now)


async def _is_paid(session: AsyncSession, row: OrderRow) -> bool:
    paid = await payments.of_order(session, row.patient_id, row.order_id, State.PAID)
    return any(payment.counted for payment in paid)


async def post(
    session: AsyncSession,
    event: Event,
    reference: str,
    entries: Entries,
    currency: str,
    order: OrderRow | None,
    now: datetime,
) -> None:
    """Book an event; one that is booked already is left alone."""
    lines = [
        {
            "event": event,
            "reference": reference,
            "line": line,
            "account": account.kind,
            "owner": account.owner,
            "amount_minor": amount,
            "currency": currency,
            "order_id": order.order_id if order else None,
            "time": now,
        }
        for line, (account, amount) in enumerate(entries.items(), 1)
    ]
    if lines:
        await (await session.connection()).execute(insert(LedgerEntryRow).values(lines).on_conflict_do_nothing())


async def is_booked(session: AsyncSession, event: Event, reference: str) -> bool:
    """Whether an event was booked."""
    query = select(LedgerEntryRow.entry_id).where(LedgerEntryRow.event == event, LedgerEntryRow.reference == reference)
    return (await session.exec(query.limit(1))).one_or_none() is not None


async def entries_of(session: AsyncSession, order_id: UUID, behind: int, limit: int) -> Sequence[LedgerEntryRow]:
    """What was booked of an order, behind an entry, oldest first."""
    query = (
        select(LedgerEntryRow)
        .where(LedgerEntryRow.order_id == order_id, col(LedgerEntryRow.entry_id) > behind)
        .order_by(col(LedgerEntryRow.entry_id))
    )
    return (await session.exec(query.limit(limit))).all()


async def balances(session: AsyncSession) -> Sequence[tuple[int, str, int]]:
    """Kind of account, currency, sum."""
    query = (
        select(LedgerEntryRow.account, LedgerEntryRow.currency, func.sum(LedgerEntryRow.amount_minor))
        .group_by(col(LedgerEntryRow.account), col(LedgerEntryRow.currency))
        .order_by(col(LedgerEntryRow.account), col(LedgerEntryRow.currency))
    )
    return [(kind, currency, int(total)) for kind, currency, total in (await session.exec(query)).all()]


async def balance_of(session: AsyncSession, kind: Kind, owner: str) -> Sequence[tuple[str, int]]:
    """What stands on one account in each currency."""
    query = (
        select(LedgerEntryRow.currency, func.sum(LedgerEntryRow.amount_minor))
        .where(LedgerEntryRow.account == kind, LedgerEntryRow.owner == owner)
        .group_by(col(LedgerEntryRow.currency))
        .order_by(col(LedgerEntryRow.currency))
    )
    return [(currency, int(total)) for currency, total in (await session.exec(query)).all()]
