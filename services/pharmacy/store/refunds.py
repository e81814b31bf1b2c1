"""Money that goes back: what follows from an order's steps, and each refund from the decision to its end."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.domain import ledger as accounts
from services.pharmacy.domain.jobs import is_of_the_buyer
from services.pharmacy.domain.ledger import Event
from services.pharmacy.domain.payments import (
    Cause,
    RefundAct,
    RefundState,
    State,
    next_refund_try,
    refund_after,
)
from services.pharmacy.store import jobs, ledger, payments
from services.pharmacy.store.job_tables import JobRow
from services.pharmacy.store.order_tables import OrderRow
from services.pharmacy.store.payment_tables import PaymentRow, RefundRow


async def close_payment(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """Nobody shall pay the order any more."""
    await payments.give_up_open(session, row.patient_id, row.order_id, now)


async def refund_all(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """All that was paid goes back."""
    for payment in await payments.of_order(session, row.patient_id, row.order_id, State.PAID, lock=True):
        await request(session, row, payment, payment.amount_minor - payment.refunded_minor, Cause.ORDER_GIVEN_UP, now)


async def refund_undelivered(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """What was paid goes back: all of it, unless the delivery failed at the buyer's door. Then the way is paid."""
    job = await jobs.find(session, row.patient_id, row.order_id)
    if job is None or not _is_way_paid(job):
        await refund_all(session, row, now)
        return
    for payment in await payments.of_order(session, row.patient_id, row.order_id, State.PAID, lock=True):
        if payment.counted:
            await request(session, row, payment, row.goods_minor, Cause.NOT_DELIVERED, now)
    await ledger.settle_delivery(session, row, now)


def _is_way_paid(job: JobRow) -> bool:
    return is_of_the_buyer(job.failure, unseen=job.failed_unseen, cold_chain_broken=job.break_time is not None)


async def request(
    session: AsyncSession, order: OrderRow, payment: PaymentRow, amount_minor: int, cause: Cause, now: datetime
) -> None:
    """So much of a locked payment is to go back. The database refuses more than came, and the same cause twice."""
    if amount_minor == 0:
        return
    refund = RefundRow(
        refund_id=uuid4(),
        payment_id=payment.payment_id,
        order_id=payment.order_id,
        patient_id=payment.patient_id,
        cause=cause,
        state=RefundState.REQUESTED,
        amount_minor=amount_minor,
        currency=payment.currency,
        next_try_time=now,
        create_time=now,
    )
    payment.refunded_minor += amount_minor
    session.add(refund)
    await session.flush()
    sale = ledger.sale_of(order)
    is_earned = payment.counted and await ledger.is_booked(session, Event.SETTLE, str(order.order_id))
    requested = accounts.refund_requested_after_settling if is_earned else accounts.refund_requested
    entries = requested(sale, amount_minor)
    await ledger.post(session, Event.REFUND_REQUEST, str(refund.refund_id), entries, refund.currency, order, now)


async def move(
    session: AsyncSession, order: OrderRow, payment: PaymentRow, refund: RefundRow, act: RefundAct, now: datetime
) -> None:
    """A locked refund as it stands behind what the provider says of it; when it is done, that is booked. Errors:
    `WrongStateError`."""
    refund.state = refund_after(RefundState(refund.state), act)
    if refund.state in (RefundState.DONE, RefundState.FAILED):
        refund.end_time, refund.next_try_time = now, None
    if refund.state == RefundState.DONE:
        entries = accounts.refund_done(ledger.sale_of(order), payment.provider, refund.amount_minor)
        await ledger.post(session, Event.REFUND_DONE, str(refund.refund_id), entries, refund.currency, order, now)


def retry(refund: RefundRow, now: datetime) -> None:
    """A locked refund that failed is tried again. Errors: `WrongStateError`."""
    refund.state = refund_after(RefundState(refund.state), RefundAct.RETRY)
    refund.end_time, refund.next_try_time, refund.tries = None, now, 0


async def settle(
    session: AsyncSession,
    order: OrderRow,
    payment: PaymentRow,
    refund: RefundRow,
    reference: str,
    now: datetime,
    *,
    by_provider: bool,
) -> None:
    """A locked refund that failed went back by another way: in the provider's console, or past it. Errors:
    `WrongStateError`."""
    refund.state = refund_after(RefundState(refund.state), RefundAct.SETTLE)
    refund.end_time, refund.reference = now, reference
    sale, amount = ledger.sale_of(order), refund.amount_minor
    entries = (
        accounts.refund_done(sale, payment.provider, amount) if by_provider else accounts.refund_paid(sale, amount)
    )
    await ledger.post(session, Event.REFUND_DONE, str(refund.refund_id), entries, refund.currency, order, now)


async def owner_of(session: AsyncSession, refund_id: UUID) -> tuple[UUID, UUID] | None:
    """Whose refund it is, and of which payment: the patient_id under which everything else of it is asked for."""
    query = select(RefundRow.patient_id, RefundRow.payment_id).where(RefundRow.refund_id == refund_id)
    return (await session.exec(query)).one_or_none()


async def lock(session: AsyncSession, patient_id: UUID, refund_id: UUID) -> RefundRow:
    """A refund of the patient's that is known to be there; nobody else changes it until the transaction ends."""
    query = select(RefundRow).where(RefundRow.patient_id == patient_id, RefundRow.refund_id == refund_id)
    return (await session.exec(query.with_for_update())).one()


async def of_payments(session: AsyncSession, patient_id: UUID, payment_ids: Collection[UUID]) -> Sequence[RefundRow]:
    """What goes back of these payments of the patient's, oldest first."""
    query = (
        select(RefundRow)
        .where(RefundRow.patient_id == patient_id, col(RefundRow.payment_id).in_(payment_ids))
        .order_by(col(RefundRow.create_time), col(RefundRow.refund_id))
    )
    return (await session.exec(query)).all()


async def claim_tries(session: AsyncSession, now: datetime, most: int) -> Sequence[tuple[RefundRow, PaymentRow]]:
    """Refunds, of every patient_id, that the provider is to be asked for, or about, now. When it is asked next is set
    at once: a worker that dies delays it."""
    query = (
        select(RefundRow, PaymentRow)
        .join(PaymentRow, col(PaymentRow.payment_id) == col(RefundRow.payment_id))
        .where(col(RefundRow.next_try_time) <= now)
        .order_by(col(RefundRow.next_try_time))
        .limit(most)
        .with_for_update(of=RefundRow, skip_locked=True)
    )
    found = (await session.exec(query)).all()
    for refund, _ in found:
        refund.next_try_time = next_refund_try(refund.tries, now)
        refund.tries += 1
    return found


async def count_failed(session: AsyncSession) -> int:
    """How many refunds, of every patient_id, wait for an operator."""
    query = select(func.count()).select_from(RefundRow).where(RefundRow.state == RefundState.FAILED)
    return (await session.exec(query)).one()
