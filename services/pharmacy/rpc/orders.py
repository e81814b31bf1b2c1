"""`apricot.pharmacy.v1.OrderService`."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from apricot.pharmacy.v1 import order_pb2 as pb

from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from services.pharmacy.events import Telling
from services.pharmacy.rpc.hand_over import HandOver
from services.pharmacy.rpc.order_watches import OrderWatches
from services.pharmacy.rpc.seeing import require_order
from services.pharmacy.rpc.watch_order import OrderWatch
from services.pharmacy.store.order_bodies import bodies_of


class Orders:
    """Orders, for those who have to do with them."""

    def __init__(
        self, database: Database, telling: Telling, hand_over: HandOver, watches: OrderWatches, clock: Clock
    ) -> None:
        self._database = database
        self._telling = telling
        self._hand_over = hand_over
        self._watches = watches
        self._clock = clock

    async def GetOrder(self, request: pb.GetOrderRequest, call: Call) -> pb.GetOrderResponse:
        async with self._database.transaction() as session:
            seen = await require_order(session, call, request.order_id, self._clock())
            (order,) = await bodies_of(session, [seen.order])
            order.hand_over_code = self._hand_over.shown(seen)
        await self._telling.wake()
        return pb.GetOrderResponse(order=order)

    async def WatchOrder(
        self, request: pb.WatchOrderRequest, call: Call
    ) -> AsyncGenerator[pb.WatchOrderResponse | bytes]:
        watch = OrderWatch(self._database, self._telling, self._hand_over, self._clock, request, call)
        async with aclosing(watch.responses(self._watches)) as responses:
            async for response in responses:
                yield response
