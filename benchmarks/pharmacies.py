"""A synthetic catalogue: products, pharmacies and offers as search meets them, written into the pharmacy's tables by
COPY. Names are those of the demo's catalogue, with brands, makers and strengths of their own."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import batched
from typing import Any
from uuid import UUID

import asyncpg
from apricot.money.v1.money_pb2 import Money
from apricot.pharmacy.v1.product_pb2 import PRODUCT_CLASS_PRESCRIPTION, ProductContent

from services.pharmacy.demo import read_catalogue
from services.pharmacy.domain.geography import Position, distance_metres, ring_around
from services.pharmacy.domain.hours import DAY_MINUTES, Interval
from services.pharmacy.store.documents import lexemes
from services.pharmacy.store.opening import opening_hours
from services.pharmacy.store.pharmacy_tables import PharmacyRow
from services.pharmacy.store.products import product_row

HERE = Position(30.27, 120.16)
"""An address to which most of the pharmacies deliver."""
PHARMACIES, OFFERS_PER_PRODUCT = 250, 10
_RADIUS_METRES = 12_000
_SPREAD_DEGREES = 0.105
_SYLLABLES = "康健安宁华瑞福泰仁和美舒欣达维力克诺奇乐迪普信立天元百灵济民"
_SYLLABLES_EN = ("xin", "kang", "tai", "rui", "nova", "vita", "medi", "lux", "cor", "gen", "pro", "zen", "sano", "bio")
MAKERS = [f"{one}{other}药业" for one in _SYLLABLES[:14] for other in _SYLLABLES[14:]]
_OFFER = ("pharmacy_id", "product_id", "price_minor", "in_stock_until", "update_time")
_LOT = ("lot_id", "pharmacy_id", "product_id", "lot_number", "expiry_date", "on_hand", "held", "update_time")
_BATCH = 20_000
_NOW = datetime.now(UTC)


async def fill(connection: asyncpg.Connection, how_many: int) -> int:
    """Write so many products and their offers, and have PostgreSQL look at them; how many pharmacies deliver here."""
    chance = random.Random(7)
    pharmacies = [_pharmacy(number, chance) for number in range(PHARMACIES)]
    for row in pharmacies:
        ring = asyncpg.Polygon(*row["delivery_area"])
        await _copy(connection, "pharmacy", [row | {"delivery_area": ring}])
    await connection.execute("create temporary table arrival (like product, lexemes text[])")
    await connection.execute("alter table arrival drop column document")
    products: list[UUID] = []
    for batch in batched(_contents(how_many, chance), _BATCH):
        rows = [product_row(content, _NOW).model_dump(exclude={"document"}) for content in batch]
        found_by = [{"lexemes": lexemes(content)} for content in batch]
        await _copy(connection, "arrival", [row | more for row, more in zip(rows, found_by, strict=True)])
        kept = ", ".join(rows[0])
        await connection.execute(
            f"insert into product ({kept}, document) select {kept}, array_to_tsvector(lexemes) from arrival",  # noqa: S608  fixed words
            timeout=600,
        )
        await connection.execute("truncate arrival")
        products += [row["product_id"] for row in rows]
    for table in "offer", "stock_lot":  # whose triggers would look at each of a million
        await connection.execute(f"alter table {table} disable trigger user")
    for some in batched(products, _BATCH):
        await _stock(connection, some, [row["pharmacy_id"] for row in pharmacies], chance)
    for table in "offer", "stock_lot":
        await connection.execute(f"alter table {table} enable trigger user")
    for table in "product", "pharmacy", "offer", "stock_lot":
        await connection.execute(f"vacuum analyze {table}", timeout=600)
    places = [Position(row["latitude"], row["longitude"]) for row in pharmacies]
    return sum(distance_metres(HERE, place) <= _RADIUS_METRES for place in places)


async def _stock(
    connection: asyncpg.Connection, products: tuple[UUID, ...], pharmacies: list[UUID], chance: random.Random
) -> None:
    """Offers of these products, each with a lot."""
    offers, lots = [], []
    for product in products:
        usual = chance.randint(500, 20_000)
        for pharmacy in chance.sample(pharmacies, chance.randint(1, 2 * OFFERS_PER_PRODUCT - 1)):
            expiry_date, on_hand = _NOW.date() + timedelta(days=chance.randint(-20, 900)), chance.randint(0, 5) * 10
            price_minor = usual * chance.randint(80, 120) // 100
            offers.append((pharmacy, product, price_minor, expiry_date if on_hand else None, _NOW))
            lot_id = UUID(int=chance.getrandbits(128), version=4)
            lots.append((lot_id, pharmacy, product, "1", expiry_date, on_hand, 0, _NOW))
    await connection.copy_records_to_table("stock_lot", records=lots, columns=_LOT)
    await connection.copy_records_to_table("offer", records=offers, columns=_OFFER)


def _contents(how_many: int, chance: random.Random) -> Iterator[ProductContent]:
    known = read_catalogue()
    for number in range(how_many):
        content = ProductContent()
        content.CopyFrom(chance.choice(known))
        content.approval_number = f"国药准字H{number:08d}"
        content.brand = "".join(chance.sample(_SYLLABLES, 3))
        if chance.random() < 0.4:
            content.brand += f" {''.join(chance.sample(_SYLLABLES_EN, 2))}"
        content.manufacturer = chance.choice(MAKERS)
        content.recommended_price.CopyFrom(Money(currency_code="CNY", minor_units=chance.randint(500, 20_000)))
        if content.product_class == PRODUCT_CLASS_PRESCRIPTION and chance.random() < 0.9:
            _rename(content, number, chance)
        yield content


def _rename(content: ProductContent, number: int, chance: random.Random) -> None:
    """Most medicines are none of the hundred commonest: a name among two thousand, a code in the same group."""
    which = random.Random(number % 2000)
    content.name_zh = "".join(which.sample(_SYLLABLES, 3)) + content.name_zh[-1:]
    content.name_en = "".join(which.sample(_SYLLABLES_EN, 3))
    content.atc_code = f"{chance.choice('ACDGHJLMNRS')}{which.randint(1, 20):02d}AB{which.randint(1, 20):02d}"


def _pharmacy(number: int, chance: random.Random) -> dict[str, Any]:
    place = Position(
        HERE.latitude + chance.uniform(-_SPREAD_DEGREES, _SPREAD_DEGREES),
        HERE.longitude + chance.uniform(-_SPREAD_DEGREES, _SPREAD_DEGREES),
    )
    opens, closes = chance.choice(((0, DAY_MINUTES), (8 * 60, 22 * 60), (7 * 60, 26 * 60)))
    rated = chance.randint(0, 500)
    row = PharmacyRow(
        pharmacy_id=UUID(int=chance.getrandbits(128), version=4),
        name=f"第{number}大药房",
        name_en=f"Pharmacy No. {number}",
        licence_number=f"BENCH-{number:05d}",
        licence_expiry_date=date(2099, 12, 31),
        address=f"文三路 {number} 号",
        phone="+8657112345678",
        latitude=place.latitude,
        longitude=place.longitude,
        delivery_area=[(corner.longitude, corner.latitude) for corner in ring_around(place, _RADIUS_METRES)],
        hours=opening_hours([Interval(day, opens, closes) for day in range(1, 8)]).SerializeToString(),
        time_zone="Asia/Shanghai",
        preparing_minutes=chance.randint(5, 30),
        delivery_base_minor=chance.choice((0, 300, 500)),
        delivery_per_km_minor=100,
        currency="CNY",
        rating_count=rated,
        rating_sum=round(rated * chance.uniform(3.5, 5)),
        update_time=_NOW,
    )
    return row.model_dump()


async def _copy(connection: asyncpg.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    records = [tuple(row.values()) for row in rows]
    await connection.copy_records_to_table(table, records=records, columns=list(rows[0]))
