"""`apricot.pharmacy.v1.OrderService`."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import datetime
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1 import order_pb2 as pb
from google.protobuf.message import Message
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError, not_allowed
from kit.idempotency import answer_once
from kit.profiles import OwnProfile
from prescribing.genuineness import DoctorKeys
from services.pharmacy import life
from services.pharmacy.domain.holding import UNPAID_PER_BUYER
from services.pharmacy.domain.orders import RETURN_TIME, Act, State, WrongStateError, after
from services.pharmacy.events import Telling
from services.pharmacy.rpc.buying import Buying
from services.pharmacy.rpc.hand_over import HandOver
from services.pharmacy.rpc.order_watches import OrderWatches
from services.pharmacy.rpc.pages import KEY, behind, key_of
from services.pharmacy.rpc.refusals import too_late
from services.pharmacy.rpc.seeing import require_order
from services.pharmacy.rpc.watch_order import OrderWatch
from services.pharmacy.store import orders, ratings
from services.pharmacy.store.order_bodies import bodies_of
from services.pharmacy.store.order_tables import OrderRow
from services.pharmacy.store.rating_tables import OrderRatingRow

type Change = Callable[[AsyncSession, OrderRow, datetime], Awaitable[None]]
"""What a buyer does about a locked order."""


class Orders(Buying):
    """Orders, for those who have to do with them."""

    def __init__(
        self,
        database: Database,
        telling: Telling,
        own_profile: OwnProfile,
        doctor_keys: DoctorKeys,
        hand_over: HandOver,
        watches: OrderWatches,
        clock: Clock,
        unpaid_per_buyer: int = UNPAID_PER_BUYER,
    ) -> None:
        super().__init__(database, telling, own_profile, doctor_keys, clock, unpaid_per_buyer)
        self._hand_over = hand_over
        self._watches = watches

    async def GetOrder(self, request: pb.GetOrderRequest, call: Call) -> pb.GetOrderResponse:
        async with self._database.transaction() as session:
            seen = await require_order(session, call, request.order_id, self._clock())
            (order,) = await bodies_of(session, [seen.order])
            seen.leave_out(order)
            order.hand_over_code = self._hand_over.shown(seen)
        await self._telling.wake()
        return pb.GetOrderResponse(order=order)

    async def ListOrders(self, request: pb.ListOrdersRequest, call: Call) -> pb.ListOrdersResponse:
        size, place = paging.page_size(request.page_size), behind(paging.decode(request.page_token, request, KEY))
        async with self._database.transaction() as session:
            found = await orders.list_of_patient(
                session, call.caller.account_id, size + 1, place, open_only=request.open_only
            )
            response = pb.ListOrdersResponse(orders=await bodies_of(session, found[:size]))
        if len(found) > size:
            response.next_page_token = paging.encode(key_of(found[size - 1]), request)
        return response

    async def CancelOrder(self, request: pb.CancelOrderRequest, call: Call) -> pb.CancelOrderResponse:
        async def cancel(session: AsyncSession, row: OrderRow, now: datetime) -> None:
            await life.move(session, row, Act.CANCEL, row.patient_id, now)

        return await self._change(request, call, pb.CancelOrderResponse, cancel)

    async def AskReturn(self, request: pb.AskReturnRequest, call: Call) -> pb.AskReturnResponse:
        async def ask(session: AsyncSession, row: OrderRow, now: datetime) -> None:
            after(State(row.state), Act.ASK_RETURN)
            delivered = await orders.time_of(session, row, Act.DELIVER)
            if delivered is None or now >= delivered + RETURN_TIME:
                raise too_late((delivered or row.update_time) + RETURN_TIME)
            row.return_reason = request.reason
            await life.move(session, row, Act.ASK_RETURN, row.patient_id, now, note=request.note)

        return await self._change(request, call, pb.AskReturnResponse, ask)

    async def RateOrder(self, request: pb.RateOrderRequest, call: Call) -> pb.RateOrderResponse:
        async def rate(session: AsyncSession, row: OrderRow, now: datetime) -> None:
            if State(row.state) is not State.DELIVERED:
                raise WrongStateError("only what was delivered is rated")
            if await ratings.find(session, row.patient_id, row.order_id) is not None:
                raise ApricotError(Reason.REASON_ALREADY_EXISTS, "the order is rated")
            await ratings.add(session, _rating(request, row, now))

        return await self._change(request, call, pb.RateOrderResponse, rate)

    async def WatchOrder(
        self, request: pb.WatchOrderRequest, call: Call
    ) -> AsyncGenerator[pb.WatchOrderResponse | bytes]:
        watch = OrderWatch(self._database, self._telling, self._hand_over, self._clock, request, call)
        async with aclosing(watch.responses(self._watches)) as responses:
            async for response in responses:
                yield response

    async def _change[M: Message](
        self,
        request: pb.CancelOrderRequest | pb.AskReturnRequest | pb.RateOrderRequest,
        call: Call,
        answer_type: type[M],
        change: Change,
    ) -> M:
        """Something of the buyer's own to do, answered with the order as it then stands."""
        now = self._clock()
        async with self._database.transaction() as session:

            async def answer() -> M:
                seen = await require_order(session, call, request.order_id, now, lock=True)
                if not seen.is_buyer:
                    raise not_allowed("the buyer alone may do this")
                await change(session, seen.order, now)
                await session.flush()
                (order,) = await bodies_of(session, [seen.order])
                return answer_type(order=order)

            response = await answer_once(session, call, request, answer_type, answer)
        await self._telling.changed(UUID(request.order_id))
        return response


def _rating(request: pb.RateOrderRequest, row: OrderRow, now: datetime) -> OrderRatingRow:
    return OrderRatingRow(
        order_id=row.order_id,
        patient_id=row.patient_id,
        pharmacy_id=row.pharmacy_id,
        courier_id=row.courier_id,
        pharmacy_stars=request.pharmacy_stars,
        courier_stars=request.courier_stars,
        words=request.words,
        create_time=now,
    )
