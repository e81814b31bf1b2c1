"""`kill -9` in the middle of every step of an order, to the pharmacy and to each thing that it stands on: each step is
done once, money and stock agree, and the ledger sums to zero."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
import pytest
from apricot.pharmacy.v1.order_pb2 import (
    ORDER_STATE_CANCELLED,
    ORDER_STATE_DELIVERED,
    ORDER_STATE_PREPARING,
    CancelOrderRequest,
    Order,
    OrderState,
    WantedItem,
)
from apricot.pharmacy.v1.payment_pb2 import PAYMENT_PROVIDER_SANDBOX, StartPaymentRequest

from clients.sdk import Apricot
from clients.sdk.pace import Pace
from kit.schema import service_url
from stack.platform import Platform
from tests.e2e.market import Market, named, place, request_id, see, tablets
from tests.faults.load import PATIENCE, until
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


@pytest.fixture(scope="module")
async def patient_folk(wounded: Platform) -> AsyncIterator[People]:
    """Their phones ask again until the part that was killed is back."""
    async with Apricot(wounded.gateway_address.removeprefix("http://"), pace=Pace(call=PATIENCE)) as client:
        yield People(client, wounded.part("identity").log.path)


@pytest.fixture(scope="module")
async def market(wounded: Platform, patient_folk: People) -> Market:
    return await Market.open(wounded, patient_folk, (40.0, 100.0))


@pytest.mark.timeout(240)
@pytest.mark.parametrize("victims", VICTIMS, ids="+".join)
async def test_every_step_to_the_door_is_done_once(
    market: Market, patient_folk: People, victims: Sequence[str]
) -> None:
    errand = await _errand(market, patient_folk)
    for step in TO_THE_DOOR:
        await _wounded(errand, step, victims)
    await errand.stands_at(ORDER_STATE_DELIVERED)
    await until(lambda: _agrees(errand, sold=QUANTITY, refunded=0))


@pytest.mark.timeout(240)
@pytest.mark.parametrize("victims", VICTIMS, ids="+".join)
async def test_to_give_an_order_up_is_done_once(market: Market, patient_folk: People, victims: Sequence[str]) -> None:
    errand = await _packed(market, patient_folk)
    await _wounded(errand, Errand.cancel, victims)
    await _has_given_everything_back(errand)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("victims", VICTIMS[1:3] + VICTIMS[4:], ids="+".join)
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_money_goes_back_once(market: Market, patient_folk: People, victims: Sequence[str], moment: str) -> None:
    """The refund hangs at the provider, not done yet or done without an answer."""
    errand = await _packed(market, patient_folk)
    await _control(market, "hold", kind="refund", moment=moment)
    await errand.cancel()

    async def hangs() -> bool:
        return bool((await _control(market, "held"))["waiting"])

    await until(hangs)
    _kill(market.platform, victims)
    await _are_back(market.platform, victims)
    await _control(market, "release")
    await _has_given_everything_back(errand)


async def _packed(market: Market, patient_folk: People) -> Errand:
    errand = await _errand(market, patient_folk)
    for step in TO_THE_DOOR[:4]:
        await step(errand)
    return errand


async def _has_given_everything_back(errand: Errand) -> None:
    await errand.stands_at(ORDER_STATE_CANCELLED)
    await until(lambda: _agrees(errand, sold=0, refunded=errand.order.total.minor_units))


async def _errand(market: Market, patient_folk: People) -> Errand:
    buyer = await named(await patient_folk.patient())
    product = tablets("对乙酰氨基酚片", "paracetamol", "N02BE01", "500", on_prescription=False)
    return Errand(market, buyer, await market.sell(product, PRICE, PACKS))


async def _wounded(errand: Errand, step: Step, victims: Sequence[str]) -> None:
    """The step, with the victims killed while its transaction waits for a row that we hold."""
    platform = errand.market.platform
    async with _rows_held(errand) as somebody_waits:
        task = asyncio.create_task(step(errand))
        await until(somebody_waits)
        _kill(platform, victims)
    await _are_back(platform, victims)
    await task


def _kill(platform: Platform, victims: Sequence[str]) -> None:
    for victim in victims:
        platform.part(victim).kill()


async def _are_back(platform: Platform, victims: Sequence[str]) -> None:
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


async def _control(market: Market, what: str, **wanted: str) -> dict[str, int]:
    address = market.platform.part("cashier").program.address
    async with aiohttp.ClientSession(f"http://{address}") as http:
        asked = http.get("/control/held") if what == "held" else http.post(f"/control/{what}", json=wanted)
        async with asked as answer:
            answer.raise_for_status()
            found: dict[str, int] = await answer.json()
            return found


async def _agrees(errand: Errand, *, sold: int, refunded: int) -> bool:
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
