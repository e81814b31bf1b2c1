"""Payments and refunds as the contract has them."""

from collections.abc import Sequence

from apricot.money.v1.money_pb2 import Money
from apricot.pharmacy.v1.payment_pb2 import Payment, PaymentProvider, PaymentState, Refund, RefundCause, RefundState
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.times import to_timestamp
from services.pharmacy.store import refunds
from services.pharmacy.store.payment_tables import PaymentRow, RefundRow

_PREFIX = "PAYMENT_PROVIDER_"


def provider_name(provider: PaymentProvider.ValueType) -> str:
    """A provider as in `providers/port.py` and in the tables."""
    return PaymentProvider.Name(provider).removeprefix(_PREFIX).lower()


def provider_value(name: str) -> PaymentProvider.ValueType:
    """A provider as in the contract."""
    return PaymentProvider.Value(_PREFIX + name.upper())


async def payment_bodies(session: AsyncSession, rows: Sequence[PaymentRow]) -> list[Payment]:
    """Whole payments of one patient_id, in the same order."""
    if not rows:
        return []
    found = await refunds.of_payments(session, rows[0].patient_id, [row.payment_id for row in rows])
    return [_payment_message(row, [each for each in found if each.payment_id == row.payment_id]) for row in rows]


def _payment_message(row: PaymentRow, refunded: Sequence[RefundRow]) -> Payment:
    return Payment(
        payment_id=str(row.payment_id),
        order_id=str(row.order_id),
        provider=provider_value(row.provider),
        state=PaymentState.ValueType(row.state),
        amount=Money(currency_code=row.currency, minor_units=row.amount_minor),
        counted=row.counted,
        refunded=Money(currency_code=row.currency, minor_units=row.refunded_minor),
        refunds=[refund_message(each) for each in refunded],
        create_time=to_timestamp(row.create_time),
        expire_time=to_timestamp(row.expire_time),
        pay_time=to_timestamp(row.pay_time) if row.pay_time else None,
    )


def refund_message(row: RefundRow) -> Refund:
    """One refund."""
    return Refund(
        refund_id=str(row.refund_id),
        payment_id=str(row.payment_id),
        state=RefundState.ValueType(row.state),
        cause=RefundCause.ValueType(row.cause),
        amount=Money(currency_code=row.currency, minor_units=row.amount_minor),
        create_time=to_timestamp(row.create_time),
        end_time=to_timestamp(row.end_time) if row.end_time else None,
    )
