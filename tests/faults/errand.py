"""An order on its way while parts are killed in the middle of its steps, and what has to agree afterwards."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
from apricot.pharmacy.v1.order_pb2 import (
    ORDER_STATE_PREPARING,
    CancelOrderRequest,
    Order,
    OrderState,
    WantedItem,
)
from apricot.pharmacy.v1.payment_pb2 import PAYMENT_PROVIDER_SANDBOX, StartPaymentRequest

from kit.schema import service_url
from stack.platform import Platform
from tests.e2e.market import Market, named, place, request_id, see, tablets
from tests.faults.load import until
from tests.people import People, Person

PRICE, QUANTITY, PACKS = 1990, 2, 10
VICTIMS = [("pharmacy-1", "pharmacy-2"), ("pharmacy-worker",), ("postgres",), ("nats",), ("cashier",)]


@dataclass
class Errand:
    """One order on its way; each step is what somebody does, and waits for what follows from it."""

    market: Market
    buyer: Person
    product_id: str
    order: Order = field(default_factory=Order)
    handoff: str = ""

    async def place(self) -> None:
        quote = await self.market.quote(self.buyer, WantedItem(product_id=self.product_id, quantity=QUANTITY))
        self.order = await place(self.buyer, quote)

    async def start_payment(self) -> None:
        request = StartPaymentRequest(
            request_id=request_id(), order_id=self.order.order_id, provider=PAYMENT_PROVIDER_SANDBOX
        )
        self.handoff = (await self.buyer.session.payments.StartPayment(request)).handoff

    async def pay(self) -> None:
        await self.market.pay_by_phone("sandbox", self.handoff)
        await self.stands_at(ORDER_STATE_PREPARING)

    async def pack(self) -> None:
        await self.market.pack(self.order.order_id)

    async def fetch(self) -> None:
        await self.market.fetch(self.order.order_id)

    async def hand_over(self) -> None:
        await self.market.hand_over(self.buyer, self.order.order_id)

    async def cancel(self) -> None:
        request = CancelOrderRequest(request_id=request_id(), order_id=self.order.order_id)
        await self.buyer.session.orders.CancelOrder(request)

    async def stands_at(self, state: OrderState.ValueType) -> None:
        async def there() -> bool:
            return (await see(self.buyer, self.order.order_id)).state == state

        await until(there)


type Step = Callable[[Errand], Coroutine[Any, Any, None]]

TO_THE_DOOR: list[Step] = [
    Errand.place,
    Errand.start_payment,
    Errand.pay,
    Errand.pack,
    Errand.fetch,
    Errand.hand_over,
]


async def begin(market: Market, patient_folk: People) -> Errand:
    buyer = await named(await patient_folk.patient())
    product = tablets("对乙酰氨基酚片", "paracetamol", "N02BE01", "500", on_prescription=False)
    return Errand(market, buyer, await market.sell(product, PRICE, PACKS))


async def interrupted(errand: Errand, step: Step, victims: Sequence[str]) -> None:
    """The step, with the victims killed while its transaction waits for a row that we hold."""
    platform = errand.market.platform
    async with _rows_held(errand) as somebody_waits:
        task = asyncio.create_task(step(errand))
        await until(somebody_waits)
        kill(platform, victims)
    await are_back(platform, victims)
    await task


def kill(platform: Platform, victims: Sequence[str]) -> None:
    for victim in victims:
        platform.part(victim).kill()


async def are_back(platform: Platform, victims: Sequence[str]) -> None:
    for victim in victims:
        await platform.part(victim).wait_ready()


@asynccontextmanager
async def _rows_held(errand: Errand) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
    """The product's lot, and the order once there is one; gives whether a statement waits for them."""
    url = service_url(errand.market.platform.database_url, "pharmacy")
    holding, looking = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        await holding.execute("begin")
        if errand.order.order_id:
            wanted = "select from medicine_order where order_id = $1 for update"
            await holding.execute(wanted, UUID(errand.order.order_id))
        else:
            await holding.execute("select from stock_lot where product_id = $1 for update", UUID(errand.product_id))

        async def somebody_waits() -> bool:
            return bool(
                await looking.fetchval(
                    "select exists(select from pg_stat_activity where datname = current_database()"
                    " and wait_event_type = 'Lock')"
                )
            )

        yield somebody_waits
    finally:
        for connection in holding, looking:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.close()


async def agrees(errand: Errand, *, sold: int, refunded: int) -> bool:
    """Whether stock, payments, refunds and the ledger say the same; a dead database says nothing yet."""
    order_id, paid = UUID(errand.order.order_id), errand.order.total.minor_units
    connection = await asyncpg.connect(service_url(errand.market.platform.database_url, "pharmacy"))
    try:
        stock = await connection.fetchrow(
            "select sum(on_hand) as on_hand, sum(held) as held from stock_lot where product_id = $1",
            UUID(errand.product_id),
        )
        captured = await connection.fetch(
            "select amount_minor from payment where order_id = $1 and state = 3", order_id
        )
        returned = await connection.fetchval(
            "select coalesce(sum(refund.amount_minor), 0) from refund join payment using (payment_id)"
            " where payment.order_id = $1 and refund.state = 3",
            order_id,
        )
        imbalance = await connection.fetchval("select coalesce(sum(amount_minor), 0) from ledger_entry")
    finally:
        await connection.close()
    assert imbalance == 0
    assert [row["amount_minor"] for row in captured] == [paid]
    return (stock["on_hand"], stock["held"], returned) == (PACKS - sold, 0, refunded)
