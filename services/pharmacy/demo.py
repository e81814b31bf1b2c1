"""The demo's pharmacies: invented, on streets that there are, open around the clock so that the demo always works. The
medicines of their catalogue there are; approval numbers and prices are invented. What is there already stays."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

from apricot.pharmacy.v1.product_pb2 import ProductContent
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, func, select

from kit.clock import Clock
from kit.database import Database
from services.pharmacy.domain.geography import Position, ring_around
from services.pharmacy.domain.hours import ALWAYS
from services.pharmacy.rpc import product_file
from services.pharmacy.store import products
from services.pharmacy.store.catalog_tables import LotRow, OfferRow
from services.pharmacy.store.opening import opening_hours
from services.pharmacy.store.pharmacy_tables import PharmacyRow, StaffRow

CATALOGUE = Path(__file__).parent / "store" / "data" / "catalogue.csv"
_PHARMACIES = (
    ("杭州杏林大药房", "Apricot Grove Pharmacy", "杭州市西湖区文三路 388 号", Position(30.2769, 120.1316), 100),
    ("杭州武林路药房", "Wulin Road Pharmacy", "杭州市拱墅区武林路 120 号", Position(30.2652, 120.1592), 97),
    ("杭州滨江康民药房", "Binjiang Kangmin Pharmacy", "杭州市滨江区江南大道 3688 号", Position(30.2084, 120.2119), 103),
    ("上海静安云杏药房", "Jing'an Yunxing Pharmacy", "上海市静安区南京西路 1266 号", Position(31.2287, 121.4513), 105),
    ("上海徐汇杏和药房", "Xuhui Xinghe Pharmacy", "上海市徐汇区衡山路 700 号", Position(31.2044, 121.4400), 99),
)
"""Name in Chinese and English, address, place, and its prices in hundredths of the recommended ones."""
_RADIUS_METRES = 15_000
_LOTS = ("DEMO-A", 360), ("DEMO-B", 720)
"""Of each product: number, and days until it expires."""
_PACKS = 5000
"""Of each lot."""


def pharmacy_id(name: str) -> UUID:
    """The id of one of the demo's pharmacies."""
    return uuid5(NAMESPACE_URL, f"apricot:demo:{name}")


PHARMACY_IDS = tuple(pharmacy_id(name) for name, *_ in _PHARMACIES)
"""Of all of them; the first is in Hangzhou."""
PHARMACIST_ID = uuid5(NAMESPACE_URL, "apricot:demo:+8613900000300")
"""Identity's demo has this pharmacist, who works at all of them."""


def read_catalogue() -> list[ProductContent]:
    """What is told of the demo's products."""
    lines = product_file.read(CATALOGUE.read_bytes())
    return [line.content for line in lines if isinstance(line.content, ProductContent)]


async def plant_pharmacies(database: Database, clock: Clock) -> None:
    """Add them with catalogue, offers and stock, unless they are there."""
    now = clock()
    contents = read_catalogue()
    async with database.transaction() as session:
        await session.exec(select(func.pg_advisory_xact_lock(func.hashtext("apricot.pharmacy.demo"))))
        planted = select(PharmacyRow.pharmacy_id).where(col(PharmacyRow.pharmacy_id).in_(PHARMACY_IDS))
        if len((await session.exec(planted)).all()) == len(PHARMACY_IDS):
            return
        await products.write(session, contents, now)
        for rows in _pharmacies(now), _staff(now), _offers(contents, now), _lots(contents, now):
            values = [row.model_dump() for row in rows]
            await session.exec(insert(type(rows[0])).values(values).on_conflict_do_nothing())


def _pharmacies(now: datetime) -> list[PharmacyRow]:
    return [
        PharmacyRow(
            pharmacy_id=pharmacy_id(name),
            name=name,
            name_en=name_en,
            licence_number=f"DEMO-{number:04d}",
            licence_expiry_date=date(2099, 12, 31),
            address=address,
            phone=f"+8657100000{number:03d}",
            latitude=place.latitude,
            longitude=place.longitude,
            delivery_area=[(corner.longitude, corner.latitude) for corner in ring_around(place, _RADIUS_METRES)],
            hours=opening_hours(ALWAYS).SerializeToString(),
            time_zone="Asia/Shanghai",
            preparing_minutes=10,
            delivery_base_minor=300,
            delivery_per_km_minor=100,
            currency="CNY",
            update_time=now,
        )
        for number, (name, name_en, address, place, _) in enumerate(_PHARMACIES, start=1)
    ]


def _staff(now: datetime) -> list[StaffRow]:
    return [StaffRow(pharmacy_id=pharmacy, account_id=PHARMACIST_ID, add_time=now) for pharmacy in PHARMACY_IDS]


def _offers(contents: Sequence[ProductContent], now: datetime) -> list[OfferRow]:
    return [
        OfferRow(
            pharmacy_id=pharmacy_id(name),
            product_id=products.id_of(content),
            price_minor=content.recommended_price.minor_units * percent // 100,
            update_time=now,
        )
        for name, *_, percent in _PHARMACIES
        for content in contents
    ]


def _lots(contents: Sequence[ProductContent], now: datetime) -> list[LotRow]:
    return [
        LotRow(
            lot_id=uuid5(pharmacy, f"{product}:{number}"),
            pharmacy_id=pharmacy,
            product_id=product,
            lot_number=number,
            expiry_date=now.date() + timedelta(days=days),
            on_hand=_PACKS,
            update_time=now,
        )
        for pharmacy in PHARMACY_IDS
        for product in map(products.id_of, contents)
        for number, days in _LOTS
    ]
