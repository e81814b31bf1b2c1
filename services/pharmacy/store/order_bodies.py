"""Orders as the contract has them."""

from collections.abc import Sequence
from uuid import UUID

from apricot.money.v1.money_pb2 import Money
from apricot.pharmacy.v1.order_pb2 import (
    Order,
    OrderAct,
    OrderItem,
    OrderRating,
    OrderState,
    OrderStep,
    ReturnReason,
)
from apricot.pharmacy.v1.place_pb2 import Address
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.times import to_timestamp
from services.pharmacy.store.new_orders import NewItem, NewOrder, NewStep
from services.pharmacy.store.order_tables import OrderItemRow, OrderRow, OrderStepRow
from services.pharmacy.store.rating_tables import OrderRatingRow


async def bodies_of(session: AsyncSession, rows: Sequence[OrderRow]) -> list[Order]:
    """Whole orders, in the same order; for one who may see the address, but without the hand-over code."""
    items: dict[UUID, list[OrderItemRow]] = {row.order_id: [] for row in rows}
    steps: dict[UUID, list[OrderStepRow]] = {row.order_id: [] for row in rows}
    patients = {row.patient_id for row in rows}
    item_query = (
        select(OrderItemRow)
        .where(col(OrderItemRow.order_id).in_(items), col(OrderItemRow.patient_id).in_(patients))
        .order_by(col(OrderItemRow.line))
    )
    for item in (await session.exec(item_query)).all():
        items[item.order_id].append(item)
    step_query = (
        select(OrderStepRow)
        .where(col(OrderStepRow.order_id).in_(steps), col(OrderStepRow.patient_id).in_(patients))
        .order_by(col(OrderStepRow.sequence))
    )
    for step in (await session.exec(step_query)).all():
        steps[step.order_id].append(step)
    rating_query = select(OrderRatingRow).where(
        col(OrderRatingRow.order_id).in_(items), col(OrderRatingRow.patient_id).in_(patients)
    )
    ratings = {rating.order_id: rating for rating in (await session.exec(rating_query)).all()}
    return [order_message(row, items[row.order_id], steps[row.order_id], ratings.get(row.order_id)) for row in rows]


def order_message(
    row: OrderRow | NewOrder,
    items: Sequence[OrderItemRow | NewItem],
    steps: Sequence[OrderStepRow | NewStep],
    rating: OrderRatingRow | None = None,
) -> Order:
    """One order."""

    def money(minor: int) -> Money:
        return Money(currency_code=row.currency, minor_units=minor)

    return Order(
        order_id=str(row.order_id),
        patient_id=str(row.patient_id),
        pharmacy_id=str(row.pharmacy_id),
        state=OrderState.ValueType(row.state),
        items=[item_message(item, row.currency) for item in items],
        goods=money(row.goods_minor),
        delivery_fee=money(row.delivery_minor),
        total=money(row.goods_minor + row.delivery_minor),
        address=Address.FromString(row.address),
        distance_metres=row.distance_metres,
        prescription_id=str(row.prescription_id or ""),
        prescription_revision=row.prescription_revision,
        needs_review=row.needs_review,
        approved=row.approved,
        cold_chain=row.cold_chain,
        courier_id=str(row.courier_id or ""),
        steps=[step_message(step) for step in steps],
        create_time=to_timestamp(row.create_time),
        update_time=to_timestamp(row.update_time),
        due_time=to_timestamp(row.due_time) if row.due_time else None,
        end_time=to_timestamp(row.end_time) if row.end_time else None,
        return_reason=ReturnReason.ValueType(row.return_reason),
        rating=_rating_message(rating) if rating else None,
    )


def _rating_message(row: OrderRatingRow) -> OrderRating:
    return OrderRating(
        pharmacy_stars=row.pharmacy_stars,
        courier_stars=row.courier_stars,
        words=row.words,
        create_time=to_timestamp(row.create_time),
    )


def item_message(item: OrderItemRow | NewItem, currency: str) -> OrderItem:
    """One medicine of an order."""
    return OrderItem(
        product_id=str(item.product_id),
        quantity=item.quantity,
        price=Money(currency_code=currency, minor_units=item.price_minor),
        name_zh=item.name_zh,
        name_en=item.name_en,
        atc_code=item.atc_code,
        pack=item.pack,
        prescription_only=item.prescription_only,
        prescription_item=item.prescription_item,
    )


def step_message(row: OrderStepRow | NewStep) -> OrderStep:
    """One step."""
    return OrderStep(
        sequence=row.sequence,
        act=OrderAct.ValueType(row.act),
        state=OrderState.ValueType(row.state),
        actor_id=str(row.actor_id or ""),
        time=to_timestamp(row.time),
        note=row.note,
    )
