"""Orders carried by real couriers, through the gateway."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

from apricot.pharmacy.v1 import delivery_pb2 as pb
from apricot.pharmacy.v1.delivery_pb2 import ReportLocationRequest
from apricot.pharmacy.v1.order_pb2 import GetOrderRequest, Order, OrderState

from kit.clock import utc_now
from kit.database import Database
from kit.times import to_timestamp
from services.pharmacy.domain.orders import Act
from tests.people import Person
from tests.pharmacy.delivery import arranged
from tests.pharmacy.delivery.arranged import SHOP, north_of, position


@dataclass(frozen=True)
class Carried:
    """An order with its buyer and its courier."""

    order_id: str
    buyer: Person
    courier: Person

    async def failed(self) -> None:
        request = pb.FailDeliveryRequest(
            request_id=str(uuid4()), order_id=self.order_id, reason=pb.FAILURE_REASON_NOBODY_THERE
        )
        await self.courier.session.delivery.FailDelivery(request)

    async def tried_again(self) -> None:
        request = pb.RetryDeliveryRequest(request_id=str(uuid4()), order_id=self.order_id)
        await self.courier.session.delivery.RetryDelivery(request)

    async def completed(self, code: str) -> OrderState.ValueType:
        request = pb.CompleteDeliveryRequest(request_id=str(uuid4()), order_id=self.order_id, code=code)
        return (await self.courier.session.delivery.CompleteDelivery(request)).delivery.order_state

    async def seen(self) -> Order:
        return (await self.buyer.session.orders.GetOrder(GetOrderRequest(order_id=self.order_id))).order


async def ready(database: Database, buyer: str) -> str:
    """A packed order at a pharmacy of its own."""
    now = utc_now()
    pharmacy = await arranged.add_pharmacy(database, now)
    order = await arranged.add_order(database, pharmacy, UUID(buyer), now)
    await arranged.move(database, order, Act.PACK, now)
    return str(order)


async def carried(database: Database, buyer: Person, courier: Person) -> Carried:
    """On its way."""
    order, delivery = await ready(database, buyer.account_id), courier.session.delivery
    await delivery.SetAvailability(pb.SetAvailabilityRequest(request_id=str(uuid4()), position=position(SHOP)))
    await delivery.AcceptJob(pb.AcceptJobRequest(request_id=str(uuid4()), order_id=order))
    await delivery.PickUpOrder(pb.PickUpOrderRequest(request_id=str(uuid4()), order_id=order, position=position(SHOP)))
    return Carried(order, buyer, courier)


async def walk(seconds: float = 1.0) -> AsyncIterator[ReportLocationRequest]:
    """Where a courier is, for ever."""
    metres = 0
    while True:
        yield ReportLocationRequest(position=position(north_of(SHOP, metres)), time=to_timestamp(utc_now()))
        await asyncio.sleep(seconds)  # a step of the walk, not a wait for anything
        metres += 10


async def positions_of(database: Database, order: str) -> int:
    async with database.connection() as connection:
        return int(await connection.fetchval("select count(*) from courier_position where order_id = $1", UUID(order)))
