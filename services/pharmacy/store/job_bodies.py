"""Jobs and deliveries as the contract has them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from apricot.money.v1.money_pb2 import Money
from apricot.pharmacy.v1.delivery_pb2 import Delivery, FailureReason, Job, JobState, PickUpPlace
from apricot.pharmacy.v1.order_pb2 import OrderState
from apricot.pharmacy.v1.place_pb2 import Address
from apricot.pharmacy.v1.place_pb2 import Position as PositionMessage
from google.protobuf.timestamp_pb2 import Timestamp
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.times import to_timestamp
from services.pharmacy.domain.geography import Position, about
from services.pharmacy.domain.jobs import State
from services.pharmacy.store.job_tables import JobRow
from services.pharmacy.store.order_tables import OrderRow
from services.pharmacy.store.pharmacy_tables import PharmacyRow


async def deliveries_of(session: AsyncSession, rows: Sequence[JobRow]) -> list[Delivery]:
    """As their courier sees them, in the same order: the address of those alone that are not over."""
    orders, places = await _orders_of(session, rows), await _places(session, {row.pharmacy_id for row in rows})
    return [_delivery(row, orders[row.order_id], places[row.pharmacy_id]) for row in rows]


async def offers_of(session: AsyncSession, found: Sequence[tuple[int, JobRow]]) -> list[Job]:
    """As couriers are offered them, each with how far away it is, in the same order."""
    rows = [row for _, row in found]
    orders, places = await _orders_of(session, rows), await _places(session, {row.pharmacy_id for row in rows})
    return [
        Job(
            order_id=str(row.order_id),
            pick_up=places[row.pharmacy_id],
            distance_metres=distance,
            drop_off_area=_position(about(door_of(orders[row.order_id]))),
            delivery_distance_metres=row.distance_metres,
            fee=Money(currency_code=row.currency, minor_units=row.fee_minor),
            cold_chain=row.cold_chain,
            offer_time=to_timestamp(row.offer_time),
        )
        for distance, row in found
    ]


def _delivery(row: JobRow, order: OrderRow, place: PickUpPlace) -> Delivery:
    return Delivery(
        order_id=str(row.order_id),
        state=JobState.ValueType(row.state),
        order_state=OrderState.ValueType(order.state),
        pick_up=place,
        drop_off=Address.FromString(order.address) if State(row.state).is_open else None,
        delivery_distance_metres=row.distance_metres,
        fee=Money(currency_code=row.currency, minor_units=row.fee_minor),
        cold_chain=row.cold_chain,
        cold_chain_break_time=_timestamp(row.break_time),
        failure_reason=FailureReason.ValueType(row.failure),
        failed_unseen=row.failed_unseen,
        accept_time=_timestamp(row.accept_time),
        pick_up_time=_timestamp(row.pick_up_time),
        end_time=_timestamp(row.end_time),
    )


async def _orders_of(session: AsyncSession, rows: Sequence[JobRow]) -> dict[UUID, OrderRow]:
    query = select(OrderRow).where(
        col(OrderRow.order_id).in_([row.order_id for row in rows]),
        col(OrderRow.patient_id).in_({row.patient_id for row in rows}),
    )
    return {order.order_id: order for order in (await session.exec(query)).all()}


async def _places(session: AsyncSession, pharmacies: Collection[UUID]) -> dict[UUID, PickUpPlace]:
    query = select(PharmacyRow).where(col(PharmacyRow.pharmacy_id).in_(pharmacies))
    return {
        row.pharmacy_id: PickUpPlace(
            pharmacy_id=str(row.pharmacy_id),
            name=row.name,
            name_en=row.name_en,
            address=row.address,
            phone=row.phone,
            position=_position(Position(row.latitude, row.longitude)),
        )
        for row in (await session.exec(query)).all()
    }


def door_of(order: OrderRow) -> Position:
    """Where it goes: its sealed address alone tells."""
    place = Address.FromString(order.address).position
    return Position(place.latitude, place.longitude)


def _position(place: Position) -> PositionMessage:
    return PositionMessage(latitude=place.latitude, longitude=place.longitude)


def _timestamp(instant: datetime | None) -> Timestamp | None:
    return to_timestamp(instant) if instant else None
