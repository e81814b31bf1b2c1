"""What the pharmacy itself holds of a review's case."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.domain.orders import State
from services.pharmacy.store import orders, prescriptions
from services.pharmacy.store.order_tables import OrderItemRow, OrderRow
from services.pharmacy.store.prescription_tables import PrescriptionRow
from services.pharmacy.store.review_tables import ReviewRow

_EARLIER = timedelta(days=90)
_ON_ITS_WAY = [state for state in State if state.is_open and state is not State.AWAITING_PAYMENT]


class Case(NamedTuple):
    """An order to be reviewed."""

    review: ReviewRow
    order: OrderRow
    prescription: PrescriptionRow
    items: Sequence[OrderItemRow]
    earlier_items: Sequence[OrderItemRow]
    """Of the patient's other orders, from any pharmacy, that are paid and on their way, or were delivered within the
    last 90 days."""


async def case_of(session: AsyncSession, review: ReviewRow, now: datetime) -> Case:
    """Of an order whose prescription is still in force. Errors: `NotValidError`."""
    patient_id = review.patient_id
    order = await orders.find(session, patient_id, review.order_id)
    assert order is not None, "a review is an order's"  # noqa: S101
    row = await prescriptions.require_newest(session, patient_id, review.prescription_id, review.prescription_revision)
    items = select(OrderItemRow).where(OrderItemRow.patient_id == patient_id, OrderItemRow.order_id == review.order_id)
    was_delivered = and_(col(OrderRow.state) == State.DELIVERED, col(OrderRow.end_time) > now - _EARLIER)
    others = (
        select(OrderItemRow)
        .join(OrderRow, col(OrderRow.order_id) == col(OrderItemRow.order_id))
        .where(
            OrderItemRow.patient_id == patient_id,
            OrderRow.patient_id == patient_id,
            OrderRow.order_id != review.order_id,
            or_(was_delivered, col(OrderRow.state).in_(_ON_ITS_WAY)),
        )
    )
    return Case(
        review,
        order,
        row,
        (await session.exec(items.order_by(col(OrderItemRow.line)))).all(),
        (await session.exec(others.order_by(col(OrderItemRow.order_id), col(OrderItemRow.line)))).all(),
    )
