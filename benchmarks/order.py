"""`order`: orders of one hot product placed/s through the gateway, by 64 buyers at once ÷ bare PostgreSQL row-lock
decrements/s of one row, each committed, by 16 connections.

Every order holds a pack of the same lot; each repeat has buyers of its own. Behind it one sees that as many packs are
held as orders were answered, none twice.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
from apricot.money.v1.money_pb2 import Money
from apricot.pharmacy.v1.order_pb2 import OrderItem, Quote
from apricot.pharmacy.v1.place_pb2 import Address, Position

from benchmarks.harness import Bench, bench
from benchmarks.load import Job
from benchmarks.options import Options, say
from benchmarks.requests import ORDER, quote_id
from benchmarks.results import STRANGERS, Goal, Line, Repeat, ratio_of
from kit.schema import service_url

BUYERS, REPLICAS, CONNECTIONS, QUOTES_A_SECOND = 64, 2, 16, 60
"""Quotes for each buyer and second; more than are ordered."""
PRICE, FEE = 1990, 500
PHARMACY = """
insert into pharmacy (pharmacy_id, name, name_en, licence_number, licence_expiry_date, address, phone, latitude,
  longitude, delivery_area, hours, time_zone, preparing_minutes, delivery_base_minor, delivery_per_km_minor, currency,
  open_for_orders, rating_sum, rating_count, update_time)
values ($1, '杏林药房', 'Bench', 'bench', '2099-12-31', '', '', 31.2, 121.5, polygon(box '((121,31),(122,32))'), '',
  'Asia/Shanghai', 10, $2, 0, 'CNY', true, 0, 0, now())
"""
PRODUCT = """
insert into product (product_id, approval_number, atc_code, name_zh, name_en, pack, prescription_only, cold_chain,
  content, update_time)
values ($1, '', 'A10BA02', '二甲双胍', 'metformin', '500 mg × 60', false, false, '', now())
"""
OFFER = "insert into offer (pharmacy_id, product_id, price_minor, update_time) values ($1, $2, $3, now())"
LOT = """
insert into stock_lot (lot_id, pharmacy_id, product_id, lot_number, expiry_date, on_hand, held, update_time)
values ($1, $2, $3, '1', '2099-12-31', 1000000000, 0, now())
"""
COUNTED = """
select (select count(*) from medicine_order) as orders, (select held from stock_lot) as held,
       (select count(*) from stock_hold) as holds, (select count(*) from order_item) as items
"""


async def run(options: Options) -> list[Line]:
    """Measure it."""
    repeats: list[Repeat] = []
    async with bench(pharmacy_replicas=REPLICAS) as running, pharmacy_database(running) as database:
        pharmacy, product = await arrange(database)
        acknowledged = 0
        for _ in range(options.repeats):
            people = [(one.id, one.token) for one in await running.patients(BUYERS)]
            job = Job(running.address, ORDER, "order", people, options.seconds(5), callers=BUYERS)
            await write_quotes(
                database, [patient for patient, _ in people], pharmacy, product, job.seconds + job.warm_up
            )
            ours = await running.load(job)
            acknowledged += ours["acknowledged"]
            counted = await database.fetchrow(COUNTED)
            assert set(counted) == {acknowledged}, f"{acknowledged} answered, {dict(counted)} stored"
            await _settled(database)
            limit, strangers = await _decrements(running, database, options.seconds(5))
            repeat = {"placed /s": ours["per_second"], "decrements /s": limit}
            repeat |= {"p50 ms": ours["p50_ms"], "p99 ms": ours["p99_ms"]}
            repeats.append(repeat | {STRANGERS: max(ours[STRANGERS], strangers)})
            notes = {"microseconds of processor an order": ours["cpu"]}
            say(f"order {repeats[-1]}; {notes}")
    what = f"orders/s, {BUYERS} buyers of one product ÷ committed decrements/s of one row"
    ratio = ratio_of(repeats, "placed /s", "decrements /s")
    return [Line("order", what, ratio, "", Goal("least", 0.3), repeats, notes)]


@asynccontextmanager
async def pharmacy_database(running: Bench) -> AsyncIterator[asyncpg.Connection]:
    """The pharmacy's."""
    connection = await asyncpg.connect(service_url(running.platform.database_url, "pharmacy"))
    try:
        yield connection
    finally:
        await connection.close()


async def arrange(database: asyncpg.Connection) -> tuple[UUID, UUID]:
    """A pharmacy with one product; and the limit's row."""
    pharmacy, product = uuid4(), uuid4()
    await database.execute(PHARMACY, pharmacy, FEE)
    await database.execute(PRODUCT, product)
    await database.execute(OFFER, pharmacy, product, PRICE)
    await database.execute(LOT, uuid4(), pharmacy, product)
    await database.execute("create table shelf (on_hand bigint not null, held bigint not null)")
    await database.execute("insert into shelf values (1000000000, 0)")
    return pharmacy, product


async def write_quotes(
    database: asyncpg.Connection, patients: list[str], pharmacy: UUID, product: UUID, seconds: float
) -> None:
    """Quotes of one pack for everybody."""
    money = {minor: Money(currency_code="CNY", minor_units=minor) for minor in (PRICE, FEE, PRICE + FEE)}
    item = OrderItem(
        product_id=str(product),
        quantity=1,
        price=money[PRICE],
        name_zh="二甲双胍",
        name_en="metformin",
        atc_code="A10BA02",
        pack="500 mg × 60",
    )
    quote = Quote(
        pharmacy_id=str(pharmacy),
        items=[item],
        goods=money[PRICE],
        delivery_fee=money[FEE],
        total=money[PRICE + FEE],
        address=Address(recipient="Bench", phone="+8613800000000", lines="1", position=Position(latitude=31.2)),
    )
    expire_time = datetime.now(UTC) + timedelta(hours=1)
    records = []
    for patient in patients:
        for number in range(1, round(QUOTES_A_SECOND * seconds)):
            quote.quote_id = str(one := quote_id(patient, number))
            records.append((one, UUID(patient), pharmacy, [product], "Bench", quote.SerializeToString(), expire_time))
    columns = "quote_id", "patient_id", "pharmacy_id", "product_ids", "buyer_name", "content", "expire_time"
    await database.copy_records_to_table("quote", records=records, columns=columns)
    await database.execute("vacuum analyze quote, offer, pharmacy, product, stock_lot")


async def _settled(database: asyncpg.Connection) -> None:
    """Every event is out."""
    while await database.fetchval("select exists (select from outbox)"):
        await asyncio.sleep(0.02)


async def _decrements(running: Bench, database: asyncpg.Connection, seconds: float) -> tuple[float, float]:
    """A second; and the cores that strangers kept busy."""
    before = await database.fetchval("select held from shelf")
    async with AsyncExitStack() as stack:
        connections = [await stack.enter_async_context(pharmacy_database(running)) for _ in range(CONNECTIONS)]
        meter, began = running.meter(), time.perf_counter()

        async def hold(connection: asyncpg.Connection) -> None:
            while time.perf_counter() - began < seconds:
                await connection.execute("update shelf set held = held + 1 where on_hand > held")

        await asyncio.gather(*map(hold, connections))
        took, strangers = time.perf_counter() - began, meter.read().strangers
    return (await database.fetchval("select held from shelf") - before) / took, strangers
