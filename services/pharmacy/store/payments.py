"""Payments: found, locked, and moved from state to state. Whoever locks an order and its payments locks the order
first."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.domain.payments import AFTER_THE_END, LAST_LOOKS, Act, State, after, next_look
from services.pharmacy.store.payment_tables import PaymentRow


async def owner_of(session: AsyncSession, payment_id: UUID) -> tuple[UUID, UUID] | None:
    """Whose payment it is, and of which order: the patient_id under which everything else of it is asked for."""
    query = select(PaymentRow.patient_id, PaymentRow.order_id).where(PaymentRow.payment_id == payment_id)
    return (await session.exec(query)).one_or_none()


async def find(session: AsyncSession, patient_id: UUID, payment_id: UUID, *, lock: bool = False) -> PaymentRow | None:
    """A payment of the patient's; locked, nobody else changes it until the transaction ends."""
    query = select(PaymentRow).where(PaymentRow.patient_id == patient_id, PaymentRow.payment_id == payment_id)
    return (await session.exec(query.with_for_update() if lock else query)).one_or_none()


async def of_order(
    session: AsyncSession, patient_id: UUID, order_id: UUID, *states: State, lock: bool = False
) -> Sequence[PaymentRow]:
    """The attempts to pay an order, oldest first: those in these states, without any all."""
    query = (
        select(PaymentRow)
        .where(PaymentRow.patient_id == patient_id, PaymentRow.order_id == order_id)
        .order_by(col(PaymentRow.create_time), col(PaymentRow.payment_id))
    )
    if states:
        query = query.where(col(PaymentRow.state).in_(states))
    return (await session.exec(query.with_for_update() if lock else query)).all()


def move(row: PaymentRow, act: Act, now: datetime) -> None:
    """A locked payment as it stands behind an act, and when the provider is next asked about it. Errors:
    `WrongStateError`."""
    state = after(State(row.state), act)
    row.state, row.looks = state, 0
    if state is State.CLOSING:
        row.next_look_time = now
    elif state is State.CLOSED and row.expire_time + AFTER_THE_END > now:
        # Some providers learn of a payment only when the buyer opens it, so that there is nothing to close before.
        row.next_look_time = row.expire_time + AFTER_THE_END
    else:
        row.next_look_time = None


async def give_up_open(session: AsyncSession, patient_id: UUID, order_id: UUID, now: datetime) -> None:
    """Nobody shall pay the order any more; its payment may stand locked already."""
    for row in await of_order(session, patient_id, order_id, State.STARTED, lock=True):
        move(row, Act.GIVE_UP, now)


async def claim_looks(session: AsyncSession, now: datetime, most: int) -> Sequence[PaymentRow]:
    """Payments, of every patient_id, about which the provider is to be asked now. When it is asked next is set at once:
    a worker that dies delays the look, and two never make the same one."""
    query = (
        select(PaymentRow)
        .where(col(PaymentRow.next_look_time) <= now)
        .order_by(col(PaymentRow.next_look_time))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    rows = (await session.exec(query)).all()
    for row in rows:
        row.next_look_time = next_look(row.looks, row.expire_time, now)
        row.looks += 1
        if row.state == State.CLOSED and row.looks >= LAST_LOOKS:
            row.next_look_time = None
    return rows
