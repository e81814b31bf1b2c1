"""What a provider tells of a refund, taken in."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy import events
from services.pharmacy.domain.payments import REFUND_TRANSITIONS, RefundAct, RefundState
from services.pharmacy.money.news import News, misfit, park
from services.pharmacy.providers import port
from services.pharmacy.store import orders, payments, refunds
from services.pharmacy.store.disputes import Kind

_MEANS: Mapping[port.RefundState, RefundAct] = {
    port.RefundState.UNDER_WAY: RefundAct.BEGIN,
    port.RefundState.DONE: RefundAct.FINISH,
    port.RefundState.FAILED: RefundAct.FAIL,
}

_CONTRADICTIONS = {(RefundState.DONE, RefundAct.FAIL), (RefundState.SETTLED, RefundAct.FINISH)}
"""What was done failed; what an operator gave back by another way went back by the provider's too."""


async def take_refund(session: AsyncSession, provider: str, heard: port.Refund, now: datetime) -> News:
    """One telling; one that is done stays done. What does not fit is parked for an operator."""
    owner = await refunds.owner_of(session, heard.refund_id)
    if owner is None or owner[1] != heard.payment_id:
        return News(dispute=await park(session, provider, heard, Kind.UNKNOWN, now))
    patient_id, payment_id = owner
    payment = await payments.find(session, patient_id, payment_id)
    assert payment is not None, "a refund has its payment"  # noqa: S101
    order = await orders.find(session, patient_id, payment.order_id)
    assert order is not None, "a payment has its order"  # noqa: S101
    refund = await refunds.lock(session, patient_id, heard.refund_id)
    kind = Kind.WRONG_PROVIDER if payment.provider != provider else misfit(refund, heard)
    state, act = RefundState(refund.state), _MEANS[heard.state]
    if kind is None and (state, act) in _CONTRADICTIONS:
        kind = Kind.CONTRADICTION
    if kind is not None:
        return News(dispute=await park(session, provider, heard, kind, now))
    if (state, act) not in REFUND_TRANSITIONS:
        return News()
    refund.reference = heard.reference or refund.reference
    await refunds.move(session, order, payment, refund, act, now)
    if act is RefundAct.FINISH:
        events.push(session, order, [patient_id], now)
    failed = await park(session, provider, heard, Kind.REFUND_FAILED, now) if act is RefundAct.FAIL else None
    return News(order_id=order.order_id, refund=RefundState(refund.state).name.lower(), dispute=failed)
