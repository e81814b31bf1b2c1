"""Orders in the background, one after the other: a patient finds a medicine, orders and pays it, the pharmacist packs
it, the courier brings it, and it is rated. What is done goes by the gateway; what is shown is what the order's watch
tells."""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import aiohttp
from apricot.pharmacy.v1.catalog_pb2 import FoundProduct, SearchProductsRequest
from apricot.pharmacy.v1.delivery_pb2 import (
    FAILURE_REASON_OTHER,
    AcceptJobRequest,
    BringBackRequest,
    CompleteDeliveryRequest,
    FailDeliveryRequest,
    GiveBackJobRequest,
    ListMyDeliveriesRequest,
    PickUpOrderRequest,
    ReportLocationRequest,
    SetAvailabilityRequest,
)
from apricot.pharmacy.v1.fulfilment_pb2 import PackOrderRequest
from apricot.pharmacy.v1.order_pb2 import (
    ORDER_STATE_ON_THE_WAY,
    ORDER_STATE_PREPARING,
    ORDER_STATE_READY,
    Order,
    PlaceOrderRequest,
    QuoteOrderRequest,
    RateOrderRequest,
    WantedItem,
)
from apricot.pharmacy.v1.payment_pb2 import PAYMENT_PROVIDER_SANDBOX, StartPaymentRequest
from apricot.pharmacy.v1.place_pb2 import Address, Position

from clients.sdk import ApricotError
from stack.demo.accounts import PHARMACY_ID, PHARMACY_PLACE
from stack.demo.parcel import Parcel
from stack.demo.people import SignedIn
from stack.demo.screen import Lines

_WANTED = ("布洛芬", "loratadine", "蒙脱石", "vitamin C", "对乙酰氨基酚")
"""What somebody looks for, in either language."""
_DOOR_DEGREES = 0.012
"""North and east of the pharmacy: some 1.8 km."""
_METRES_PER_DEGREE = 111_195.0
_THINKING_SECONDS = 2.0
_RIDE_SECONDS = 20
_PAUSE_SECONDS = 20.0


@dataclass(frozen=True)
class Crew:
    """Who serves the buyers."""

    pharmacist: SignedIn
    courier: SignedIn
    cashier: str
    """The URL where the buyer's phone pays."""


async def order_medicine(buyers: Sequence[SignedIn], crew: Crew, parcel: Parcel, screen: Lines) -> None:
    """For ever; a buyer each."""
    number = 0
    while True:
        buyer, wanted = buyers[number % len(buyers)], _WANTED[number % len(_WANTED)]
        try:
            await _take_back(crew.courier)
            await _order(buyer, wanted, crew, _Shown(parcel, screen))
        except* (ApricotError, aiohttp.ClientError) as broken:  # a group: it was watched meanwhile
            for error in broken.exceptions:
                screen.say(f"the order broke off: {error}")
                if isinstance(error, ApricotError):
                    for person in buyer, crew.pharmacist, crew.courier:
                        await person.recover(error)
        number += 1
        await asyncio.sleep(_PAUSE_SECONDS)


class _Shown:
    """The order as its watch tells it."""

    def __init__(self, parcel: Parcel, screen: Lines) -> None:
        self._parcel = parcel
        self._screen = screen
        self._codes: asyncio.Queue[str] = asyncio.Queue()

    def begin(self, order: Order, buyer: str, pharmacy: str) -> None:
        self._parcel.begin(order, buyer, pharmacy)
        self._screen.moved()

    def rated(self, stars: int) -> None:
        self._parcel.rated(stars)
        self._screen.moved()

    async def code(self) -> str:
        """What the buyer tells the courier at the door."""
        return await self._codes.get()

    async def follow(self, buyer: SignedIn, order_id: str, door: Position) -> None:
        """To the order's end, where there is no code any more."""
        async with buyer.session.watch_order(order_id) as watch:
            async for update in watch:
                match update.WhichOneof("update"):
                    case "step":
                        self._parcel.stepped(update.step)
                    case "position":
                        self._parcel.metres_left = round(_metres(update.position.position, door))
                    case "hand_over_code":
                        self._codes.put_nowait(update.hand_over_code)
                self._screen.moved()
        self._codes.put_nowait("")


async def _order(buyer: SignedIn, wanted: str, crew: Crew, shown: _Shown) -> None:
    latitude, longitude = PHARMACY_PLACE
    door = Position(latitude=latitude + _DOOR_DEGREES, longitude=longitude + _DOOR_DEGREES)
    found = await _find(buyer, wanted, door)
    order = await _place(buyer, found, door)
    shown.begin(order, buyer.name, found.offer.pharmacy_name)
    async with asyncio.TaskGroup() as group:
        group.create_task(shown.follow(buyer, order.order_id, door))
        await asyncio.sleep(_THINKING_SECONDS)
        await _pay(buyer, order, crew.cashier)
        await _pack(crew.pharmacist, order)
        await _bring(crew.courier, order, door, shown)
    await asyncio.sleep(_THINKING_SECONDS)
    rate = RateOrderRequest(request_id=str(uuid4()), order_id=order.order_id, pharmacy_stars=5, courier_stars=5)
    await buyer.session.orders.RateOrder(rate)
    shown.rated(5)


async def _find(buyer: SignedIn, wanted: str, door: Position) -> FoundProduct:
    request = SearchProductsRequest(
        position=door, query=wanted, otc_only=True, in_stock_only=True, pharmacy_id=PHARMACY_ID, page_size=1
    )
    (found,) = (await buyer.session.catalog.SearchProducts(request)).products
    return found


async def _place(buyer: SignedIn, found: FoundProduct, door: Position) -> Order:
    address = Address(recipient=buyer.name, phone="+8613900000000", lines="文三路 1 号 2 单元 301", position=door)
    wanted = WantedItem(product_id=found.offer.product_id, quantity=1)
    ask = QuoteOrderRequest(request_id=str(uuid4()), pharmacy_id=PHARMACY_ID, items=[wanted], address=address)
    quote = (await buyer.session.orders.QuoteOrder(ask)).quote
    place = PlaceOrderRequest(request_id=str(uuid4()), quote_id=quote.quote_id)
    return (await buyer.session.orders.PlaceOrder(place)).order


async def _pay(buyer: SignedIn, order: Order, cashier: str) -> None:
    """As the payment app on the buyer's phone does."""
    start = StartPaymentRequest(request_id=str(uuid4()), order_id=order.order_id, provider=PAYMENT_PROVIDER_SANDBOX)
    handoff = (await buyer.session.payments.StartPayment(start)).handoff
    async with aiohttp.ClientSession() as http:
        paid = await http.post(f"{cashier}/pay", json={"provider": "sandbox", "order": handoff})
        paid.raise_for_status()


async def _pack(pharmacist: SignedIn, order: Order) -> None:
    """Once it is paid."""
    async with pharmacist.session.watch_order(order.order_id) as watch:
        async for update in watch:
            if ORDER_STATE_PREPARING in (update.order.state, update.step.state):
                break
    await asyncio.sleep(_THINKING_SECONDS)
    await pharmacist.session.fulfilment.PackOrder(PackOrderRequest(request_id=str(uuid4()), order_id=order.order_id))


async def _take_back(courier: SignedIn) -> None:
    """He is at the pharmacy again, and what broke off or an earlier run left with him is no more his."""
    delivery = courier.session.delivery
    for one in (await delivery.ListMyDeliveries(ListMyDeliveriesRequest())).deliveries:
        order = one.order_id
        if one.order_state == ORDER_STATE_READY:
            await delivery.GiveBackJob(GiveBackJobRequest(request_id=str(uuid4()), order_id=order))
            continue
        if one.order_state == ORDER_STATE_ON_THE_WAY:
            failed = FailDeliveryRequest(request_id=str(uuid4()), order_id=order, reason=FAILURE_REASON_OTHER)
            await delivery.FailDelivery(failed)
        back = BringBackRequest(request_id=str(uuid4()), order_id=order, position=one.pick_up.position)
        await delivery.BringBack(back)
    latitude, longitude = PHARMACY_PLACE
    at_pharmacy = Position(latitude=latitude, longitude=longitude)
    on_duty = SetAvailabilityRequest(request_id=str(uuid4()), position=at_pharmacy, has_cold_box=True)
    await delivery.SetAvailability(on_duty)


async def _bring(courier: SignedIn, order: Order, door: Position, shown: _Shown) -> None:
    await asyncio.sleep(_THINKING_SECONDS)
    latitude, longitude = PHARMACY_PLACE
    start = Position(latitude=latitude, longitude=longitude)
    jobs = courier.session.delivery
    await jobs.AcceptJob(AcceptJobRequest(request_id=str(uuid4()), order_id=order.order_id))
    await asyncio.sleep(_THINKING_SECONDS)
    await jobs.PickUpOrder(PickUpOrderRequest(request_id=str(uuid4()), order_id=order.order_id, position=start))
    await courier.session.report_location(_ride(start, door))
    code = await shown.code()
    await jobs.CompleteDelivery(CompleteDeliveryRequest(request_id=str(uuid4()), order_id=order.order_id, code=code))


async def _ride(start: Position, door: Position) -> AsyncIterator[ReportLocationRequest]:
    for second in range(_RIDE_SECONDS + 1):
        part = second / _RIDE_SECONDS
        place = ReportLocationRequest(
            position=Position(
                latitude=start.latitude + part * (door.latitude - start.latitude),
                longitude=start.longitude + part * (door.longitude - start.longitude),
            )
        )
        place.time.FromDatetime(datetime.now(UTC))
        yield place
        await asyncio.sleep(1)


def _metres(a: Position, b: Position) -> float:
    """Over so short a way the earth is flat."""
    east = (b.longitude - a.longitude) * math.cos(math.radians(a.latitude))
    return math.hypot(b.latitude - a.latitude, east) * _METRES_PER_DEGREE
