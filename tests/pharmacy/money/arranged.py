"""Rows that other parts of the pharmacy write: a pharmacy with somebody who works there, and an order."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from apricot.pharmacy.v1.place_pb2 import Address, Position

from kit.database import Database
from services.pharmacy.domain.orders import PAYMENT_TIME, State
from services.pharmacy.store.order_tables import OrderItemRow, OrderRow
from services.pharmacy.store.pharmacy_tables import PharmacyRow, StaffRow

GOODS, DELIVERY = 8_999, 620
TOTAL = GOODS + DELIVERY


async def add_pharmacy(database: Database, pharmacy_id: UUID, pharmacist: UUID, now: datetime) -> None:
    pharmacy = PharmacyRow(
        pharmacy_id=pharmacy_id,
        name="杏林大药房",
        name_en="Apricot Pharmacy",
        licence_number=uuid4().hex,
        licence_expiry_date=(now + timedelta(days=365)).date(),
        address="南京西路 1 号",
        phone="+862160000000",
        latitude=31.23,
        longitude=121.47,
        delivery_area=[(121.0, 31.0), (122.0, 31.0), (122.0, 32.0), (121.0, 32.0)],
        hours=b"",
        time_zone="Asia/Shanghai",
        preparing_minutes=15,
        delivery_base_minor=500,
        delivery_per_km_minor=100,
        currency="CNY",
        update_time=now,
    )
    staff = StaffRow(pharmacy_id=pharmacy_id, account_id=pharmacist, add_time=now)
    async with database.transaction() as session:
        session.add(pharmacy)
        await session.flush()
        session.add(staff)


async def add_order(
    database: Database, pharmacy_id: UUID, buyer: UUID, goods_minor: int, delivery_minor: int, now: datetime
) -> UUID:
    """One that waits for payment."""
    order_id = uuid4()
    position = Position(latitude=31.22, longitude=121.44)
    address = Address(recipient="李小杏", phone="+8613800000000", lines="愚园路 2 号", position=position)
    order = OrderRow(
        order_id=order_id,
        patient_id=buyer,
        pharmacy_id=pharmacy_id,
        state=State.AWAITING_PAYMENT,
        needs_review=False,
        goods_minor=goods_minor,
        delivery_minor=delivery_minor,
        currency="CNY",
        buyer_name="李小杏",
        address=address.SerializeToString(),
        latitude=position.latitude,
        longitude=position.longitude,
        distance_metres=1_200,
        cold_chain=False,
        last_sequence=0,
        create_time=now,
        update_time=now,
        due_time=now + PAYMENT_TIME,
    )
    item = OrderItemRow(
        order_id=order_id,
        line=1,
        patient_id=buyer,
        product_id=uuid4(),
        quantity=1,
        price_minor=goods_minor,
        name_zh="二甲双胍",
        name_en="Metformin",
        atc_code="A10BA02",
        pack="500 mg × 60",
        prescription_only=False,
    )
    async with database.transaction() as session:
        session.add(order)
        await session.flush()
        session.add(item)
    return order_id
