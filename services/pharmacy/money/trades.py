"""What a provider tells of a payment, taken in: first, again, late, or in any order."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy import life
from services.pharmacy.domain import ledger as accounts
from services.pharmacy.domain.ledger import Event
from services.pharmacy.domain.orders import State as OrderState
from services.pharmacy.domain.payments import TRANSITIONS, Act, Cause, State
from services.pharmacy.money.news import News, misfit, park
from services.pharmacy.providers.port import Trade, TradeState
from services.pharmacy.store import ledger, orders, payments, refunds
from services.pharmacy.store.disputes import Kind
from services.pharmacy.store.order_tables import OrderRow
from services.pharmacy.store.payment_tables import PaymentRow


async def take_trade(session: AsyncSession, provider: str, trade: Trade, now: datetime) -> News:
    """One telling. What does not fit is no payment: it is parked for an operator."""
    if trade.state is TradeState.WAITING:
        return News()
    owner = await payments.owner_of(session, trade.payment_id)
    if owner is None:
        return News(dispute=await _park_money(session, provider, trade, Kind.UNKNOWN, now))
    patient_id, order_id = owner
    order = await orders.lock_order(session, order_id)
    payment = await payments.find(session, patient_id, trade.payment_id, lock=True)
    assert order is not None, "a payment has its order"  # noqa: S101
    assert payment is not None, "payments stay"  # noqa: S101
    if payment.provider != provider:
        return News(dispute=await _park_money(session, provider, trade, Kind.WRONG_PROVIDER, now))
    if trade.state is TradeState.CLOSED:
        return _close(payment, now)
    return await _take_money(session, order, payment, trade, now)


async def _park_money(session: AsyncSession, provider: str, trade: Trade, kind: Kind, now: datetime) -> Kind | None:
    """Where no money moved there is nothing to look into."""
    return await park(session, provider, trade, kind, now) if trade.state is TradeState.PAID else None


def _close(payment: PaymentRow, now: datetime) -> News:
    """Of one that is paid this is old news."""
    if (State(payment.state), Act.CLOSE) not in TRANSITIONS:
        return News()
    payments.move(payment, Act.CLOSE, now)
    return News(order_id=payment.order_id)


async def _take_money(session: AsyncSession, order: OrderRow, payment: PaymentRow, trade: Trade, now: datetime) -> News:
    kind = misfit(payment, trade)
    if kind is None and payment.state == State.PAID:
        kind = Kind.CONTRADICTION if trade.reference not in ("", payment.reference) else None
    elif kind is None:
        return await _capture(session, order, payment, trade, now)
    if kind is None:
        return News()
    if (State(payment.state), Act.DISPUTE) in TRANSITIONS:
        payments.move(payment, Act.DISPUTE, now)
    return News(order_id=order.order_id, dispute=await park(session, payment.provider, trade, kind, now))


async def _capture(session: AsyncSession, order: OrderRow, payment: PaymentRow, trade: Trade, now: datetime) -> News:
    """The order moves on when it waited for this; otherwise the money goes back at once."""
    payments.move(payment, Act.CAPTURE, now)
    payment.reference, payment.pay_time = trade.reference, trade.pay_time or now
    entries = accounts.captured(ledger.sale_of(order), payment.provider, payment.amount_minor)
    await ledger.post(session, Event.CAPTURE, str(payment.payment_id), entries, payment.currency, order, now)
    if order.state == OrderState.AWAITING_PAYMENT:
        payment.counted = True
        await payments.give_up_open(session, order.patient_id, order.order_id, now)
        await life.paid(session, order, now)
        return News(order_id=order.order_id, capture="counted")
    paid = await payments.of_order(session, order.patient_id, order.order_id, State.PAID)
    cause = Cause.PAID_TWICE if any(other.counted for other in paid) else Cause.TOO_LATE
    await refunds.request(session, order, payment, payment.amount_minor, cause, now)
    return News(order_id=order.order_id, capture="twice" if cause is Cause.PAID_TWICE else "late")
