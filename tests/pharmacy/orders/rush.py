"""A crowd of buyers before one shelf, through the real gateway, each with a quote of one box."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import grpc
from apricot.errors.v1.reason_pb2 import Reason
from apricot.money.v1.money_pb2 import Money
from apricot.pharmacy.v1 import order_pb2 as pb
from apricot.pharmacy.v1.order_pb2_grpc import OrderServiceStub

from clients.sdk import ApricotError
from kit.clock import utc_now
from kit.database import Database
from services.pharmacy.store.quote_tables import QuoteRow
from services.pharmacy.store.stock import Hold
from stack.platform import Platform
from tests.consult.booking.crowd import CHANNELS, DEADLINE_SECONDS, PASSING, Somebody, gather_crowd
from tests.pharmacy.orders.shop import PRICE, Shop, address

if TYPE_CHECKING:
    from apricot.pharmacy.v1.order_pb2_grpc import OrderServiceAsyncStub

FEE = 500


@dataclass(frozen=True)
class Buyer:
    """Somebody with a quote."""

    who: Somebody
    quote_id: str


async def gather_buyers(platform: Platform, shop: Shop, how_many: int) -> list[Buyer]:
    """New patients, each with a quote."""
    return await quoted(shop, await gather_crowd(platform, how_many))


async def quoted(shop: Shop, crowd: Sequence[Somebody]) -> list[Buyer]:
    """Each with a quote of one box from an open shop whose delivery costs the same everywhere."""
    buyers = [Buyer(who, str(uuid4())) for who in crowd]
    async with shop.database.transaction() as session:
        session.add_all([_quote(shop, buyer) for buyer in buyers])
    return buyers


def _quote(shop: Shop, buyer: Buyer) -> QuoteRow:
    price, fee, total = (Money(currency_code="CNY", minor_units=minor) for minor in (PRICE, FEE, PRICE + FEE))
    item = pb.OrderItem(
        product_id=str(shop.product),
        quantity=1,
        price=price,
        name_zh="二甲双胍",
        name_en="metformin",
        atc_code="A10BA02",
        pack="500 mg × 60",
    )
    quote = pb.Quote(
        quote_id=buyer.quote_id,
        pharmacy_id=str(shop.pharmacy),
        items=[item],
        goods=price,
        delivery_fee=fee,
        total=total,
        address=address(),
    )
    return QuoteRow(
        quote_id=UUID(buyer.quote_id),
        patient_id=buyer.who.account_id,
        pharmacy_id=shop.pharmacy,
        product_ids=[shop.product],
        buyer_name="Patient",
        content=quote.SerializeToString(),
        expire_time=utc_now() + timedelta(minutes=10),
    )


@asynccontextmanager
async def doors(platform: Platform) -> AsyncIterator[Sequence["OrderServiceAsyncStub"]]:
    """Connections to the gateway, each of its own, so that both replicas serve."""
    address = platform.gateway_address.removeprefix("http://")
    options = [("grpc.use_local_subchannel_pool", 1)]
    async with AsyncExitStack() as stack:
        yield [
            OrderServiceStub(await stack.enter_async_context(grpc.aio.insecure_channel(address, options=options)))
            for _ in range(CHANNELS)
        ]


async def try_to_buy(stub: "OrderServiceAsyncStub", buyer: Buyer, request_id: str = "") -> str:
    """PLACED, or the reason; without one, the status."""
    request = pb.PlaceOrderRequest(request_id=request_id or str(uuid4()), quote_id=buyer.quote_id)
    try:
        await stub.PlaceOrder(request, metadata=buyer.who.metadata, timeout=DEADLINE_SECONDS)
    except grpc.aio.AioRpcError as error:
        refusal = ApricotError.of(error)
        return Reason.Name(refusal.reason).removeprefix("REASON_") if refusal.reason else refusal.code.name
    return "PLACED"


async def insist(stub: "OrderServiceAsyncStub", buyer: Buyer) -> str:
    """The same request again and again, until it is answered for good."""
    request_id = str(uuid4())
    while (found := await try_to_buy(stub, buyer, request_id)) in PASSING:
        await asyncio.sleep(0.05)
    return found


async def assert_only_these_hold(shop: Shop, buyers: Sequence[Buyer], outcomes: Sequence[str], boxes: int) -> None:
    """As many as there are boxes have one each; nothing is held for anybody else, and nothing is left."""
    assert Counter(outcomes) == {"PLACED": boxes, "OUT_OF_STOCK": len(buyers) - boxes}
    placed = {buyer.quote_id for buyer, outcome in zip(buyers, outcomes, strict=True) if outcome == "PLACED"}
    rows = await shop.fetch("select order_id from medicine_order where pharmacy_id = $1", shop.pharmacy)
    assert {str(row["order_id"]) for row in rows} == placed
    assert len(rows) == boxes
    holds = await shop.fetch(
        "select order_id, quantity, state from stock_hold join stock_lot using (lot_id) where pharmacy_id = $1",
        shop.pharmacy,
    )
    assert {str(row["order_id"]) for row in holds} == placed
    assert [(row["quantity"], row["state"]) for row in holds] == [(1, Hold.HELD)] * boxes
    assert await shop.held_packs() == (boxes, boxes)
    (books,) = await shop.fetch("select coalesce(sum(amount_minor), 0) as sum from ledger_entry")
    assert books["sum"] == 0


async def shop_with(database: Database, *lots: int) -> Shop:
    """A pharmacy with a shelf of these lots."""
    shop = Shop(database)
    shop.clock.now = utc_now()
    await shop.add_pharmacy(shop.pharmacy, delivery_base_minor=FEE, delivery_per_km_minor=0)
    await shop.sell(shop.product)
    for packs in lots:
        await shop.stock(packs)
    return shop
