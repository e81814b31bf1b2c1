"""`apricot.pharmacy.v1.FulfilmentService`."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from apricot.pharmacy.v1 import fulfilment_pb2 as pb
from google.protobuf.message import Message
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import not_found
from kit.idempotency import answer_once
from services.pharmacy import events, life
from services.pharmacy.domain.orders import Act, State
from services.pharmacy.events import Telling
from services.pharmacy.rpc.pages import KEY, behind, key_of
from services.pharmacy.rpc.refusals import out_of_stock, require_licence
from services.pharmacy.rpc.seeing import require_order
from services.pharmacy.rpc.staff import require_staff
from services.pharmacy.store import catalogue, orders, stock
from services.pharmacy.store.nearby import zone
from services.pharmacy.store.order_bodies import bodies_of
from services.pharmacy.store.order_tables import OrderRow

type Deed = pb.PackOrderRequest | pb.RefuseOrderRequest | pb.AcceptReturnRequest | pb.DeclineReturnRequest
type Addition[M: Message] = Callable[[AsyncSession, OrderRow, datetime, M], Awaitable[None]]
"""What an answer tells beside the order."""


class Fulfilment:
    """A pharmacy's orders, for its staff."""

    def __init__(self, database: Database, telling: Telling, clock: Clock) -> None:
        self._database = database
        self._telling = telling
        self._clock = clock

    async def ListPharmacyOrders(
        self, request: pb.ListPharmacyOrdersRequest, call: Call
    ) -> pb.ListPharmacyOrdersResponse:
        size, place = paging.page_size(request.page_size), behind(paging.decode(request.page_token, request, KEY))
        state = State(request.state) if request.state else None
        async with self._database.transaction() as session:
            pharmacy_id = await require_staff(session, call, request.pharmacy_id)
            found = await orders.list_of_pharmacy(session, pharmacy_id, size + 1, place, state)
            response = pb.ListPharmacyOrdersResponse(orders=await bodies_of(session, found[:size]))
            for patient_id in {row.patient_id for row in found[:size]}:
                events.access_used(session, call, patient_id, self._clock())
        await self._telling.wake()
        if len(found) > size:
            response.next_page_token = paging.encode(key_of(found[size - 1]), request)
        return response

    async def PackOrder(self, request: pb.PackOrderRequest, call: Call) -> pb.PackOrderResponse:
        return await self._move(request, call, pb.PackOrderResponse, Act.PACK, also=_add_picks)

    async def RefuseOrder(self, request: pb.RefuseOrderRequest, call: Call) -> pb.RefuseOrderResponse:
        return await self._move(request, call, pb.RefuseOrderResponse, Act.REFUSE, request.note)

    async def AcceptReturn(self, request: pb.AcceptReturnRequest, call: Call) -> pb.AcceptReturnResponse:
        return await self._move(request, call, pb.AcceptReturnResponse, Act.ACCEPT_RETURN)

    async def DeclineReturn(self, request: pb.DeclineReturnRequest, call: Call) -> pb.DeclineReturnResponse:
        return await self._move(request, call, pb.DeclineReturnResponse, Act.DECLINE_RETURN, request.note)

    async def _move[M: Message](
        self, request: Deed, call: Call, answer_type: type[M], act: Act, note: str = "", also: Addition[M] | None = None
    ) -> M:
        """What the staff does about an order, answered with the order as it then stands."""
        now = self._clock()
        async with self._database.transaction() as session:

            async def answer() -> M:
                seen = await require_order(session, call, request.order_id, now, lock=True)
                if not seen.is_staff:
                    raise not_found("order")
                await life.move(session, seen.order, act, call.caller.account_id, now, note=note)
                await session.flush()
                (order,) = await bodies_of(session, [seen.order])
                response = answer_type(order=order)
                if also is not None:
                    await also(session, seen.order, now, response)
                return response

            response = await answer_once(session, call, request, answer_type, answer)
        await self._telling.changed(UUID(request.order_id))
        return response


async def _add_picks(session: AsyncSession, row: OrderRow, now: datetime, response: pb.PackOrderResponse) -> None:
    """Which packs it is. Errors: LICENCE_EXPIRED; OUT_OF_STOCK: some of them have expired since they were held."""
    pharmacy = await catalogue.find_pharmacy(session, row.pharmacy_id)
    assert pharmacy is not None  # noqa: S101
    today = now.astimezone(zone(pharmacy.time_zone)).date()
    require_licence(pharmacy.licence_expiry_date, today)
    items = {item.line: item for item in await orders.items_of(session, row)}
    for hold, lot in await stock.picks(session, row):
        if lot.expiry_date < today:
            raise out_of_stock(lot.product_id, 0)
        item = items[hold.line]
        response.picks.add(
            product_id=str(lot.product_id),
            name_zh=item.name_zh,
            name_en=item.name_en,
            pack=item.pack,
            lot_number=lot.lot_number,
            expiry_date=lot.expiry_date.isoformat(),
            quantity=hold.quantity,
        )
