"""Orders as the other parts of the pharmacy leave them to couriers, put into the tables."""

from datetime import datetime
from uuid import UUID, uuid4

from apricot.pharmacy.v1.place_pb2 import Address
from apricot.pharmacy.v1.place_pb2 import Position as PositionMessage

from kit.database import Database
from services.pharmacy import life
from services.pharmacy.domain.geography import Position, distance_metres
from services.pharmacy.domain.orders import Act, State, due_time
from services.pharmacy.store.order_tables import OrderRow, OrderStepRow
from services.pharmacy.store.orders import lock_order
from services.pharmacy.store.pharmacy_tables import PharmacyRow, StaffRow

SHOP = Position(31.2304, 121.4737)
"""People's Square, Shanghai."""
DOOR = Position(31.2100, 121.4500)
RECIPIENT = "李小明"


def north_of(place: Position, metres: float) -> Position:
    """So far away."""
    return Position(place.latitude + metres / 111_195, place.longitude)


def position(place: Position) -> PositionMessage:
    return PositionMessage(latitude=place.latitude, longitude=place.longitude)


async def add_pharmacy(database: Database, now: datetime, place: Position = SHOP) -> UUID:
    pharmacy = PharmacyRow(
        pharmacy_id=uuid4(),
        name="杏林大药房",
        name_en="Apricot Pharmacy",
        licence_number=uuid4().hex,
        licence_expiry_date=now.date().replace(year=2099),
        address="人民大道 1 号",
        phone="+862112345678",
        latitude=place.latitude,
        longitude=place.longitude,
        delivery_area=[(121.0, 31.0), (122.0, 31.0), (122.0, 32.0), (121.0, 32.0)],
        hours=b"",
        time_zone="Asia/Shanghai",
        preparing_minutes=10,
        delivery_base_minor=500,
        delivery_per_km_minor=100,
        currency="CNY",
        update_time=now,
    )
    async with database.transaction() as session:
        session.add(pharmacy)
    return pharmacy.pharmacy_id


async def add_staff(database: Database, pharmacy_id: UUID, account: UUID, now: datetime) -> None:
    async with database.transaction() as session:
        session.add(StaffRow(pharmacy_id=pharmacy_id, account_id=account, add_time=now))


async def add_order(
    database: Database,
    pharmacy_id: UUID,
    patient: UUID,
    now: datetime,
    *,
    cold_chain: bool = False,
    shop: Position = SHOP,
) -> UUID:
    """Placed and paid."""
    address = Address(recipient=RECIPIENT, phone="+8613800138000", lines="长乐路 1 号", position=position(DOOR))
    order = OrderRow(
        order_id=uuid4(),
        patient_id=patient,
        pharmacy_id=pharmacy_id,
        state=State.PREPARING,
        needs_review=False,
        goods_minor=4200,
        delivery_minor=800,
        currency="CNY",
        buyer_name=RECIPIENT,
        address=address.SerializeToString(),
        latitude=DOOR.latitude,
        longitude=DOOR.longitude,
        distance_metres=round(distance_metres(shop, DOOR)),
        cold_chain=cold_chain,
        last_sequence=2,
        create_time=now,
        update_time=now,
        due_time=due_time(State.PREPARING, now),
    )
    walked = [(1, Act.PLACE, State.AWAITING_PAYMENT), (2, Act.PAY, State.PREPARING)]
    async with database.transaction() as session:
        session.add(order)
        await session.flush()
        for sequence, act, state in walked:
            session.add(
                OrderStepRow(
                    order_id=order.order_id, sequence=sequence, patient_id=patient, act=act, state=state, time=now
                )
            )
    return order.order_id


async def move(database: Database, order_id: UUID, act: Act, now: datetime, actor: UUID | None = None) -> None:
    """One step of its life."""
    async with database.transaction() as session:
        order = await lock_order(session, order_id)
        assert order is not None
        await life.move(session, order, act, actor, now)
