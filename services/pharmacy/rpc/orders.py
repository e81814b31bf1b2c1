"""`apricot.pharmacy.v1.OrderService`."""

from apricot.pharmacy.v1 import order_pb2 as pb

from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from services.pharmacy.events import Telling
from services.pharmacy.rpc.seeing import require_order
from services.pharmacy.store.order_bodies import bodies_of


class Orders:
    """Orders, for those who have to do with them."""

    def __init__(self, database: Database, telling: Telling, clock: Clock) -> None:
        self._database = database
        self._telling = telling
        self._clock = clock

    async def GetOrder(self, request: pb.GetOrderRequest, call: Call) -> pb.GetOrderResponse:
        async with self._database.transaction() as session:
            seen = await require_order(session, call, request.order_id, self._clock())
            (order,) = await bodies_of(session, [seen.order])
        await self._telling.wake()
        return pb.GetOrderResponse(order=order)
