"""Offers and stock, by the pharmacists who work there."""

from datetime import date
from uuid import UUID

from apricot.pharmacy.v1 import catalog_pb2 as pb

from kit import paging
from kit.call import Call
from kit.errors import invalid_field, not_found
from kit.idempotency import answer_once
from services.pharmacy.rpc.desk import Desk, date_of
from services.pharmacy.rpc.places import minor_units
from services.pharmacy.rpc.staff import require_staff
from services.pharmacy.store import catalogue, shelves
from services.pharmacy.store.pharmacy_bodies import lot_message
from services.pharmacy.store.shelves import LotKey


class Shelves(Desk):
    """See the module."""

    async def PutOffers(self, request: pb.PutOffersRequest, call: Call) -> pb.PutOffersResponse:
        async with self._database.transaction() as session:

            async def put() -> pb.PutOffersResponse:
                pharmacy_id = await require_staff(session, call, request.pharmacy_id)
                prices = _prices(request)
                if len(await catalogue.products(session, prices)) < len(prices):
                    raise not_found("product")
                await shelves.put_offers(session, pharmacy_id, prices, self._clock())
                return pb.PutOffersResponse()

            return await answer_once(session, call, request, pb.PutOffersResponse, put)

    async def SetStock(self, request: pb.SetStockRequest, call: Call) -> pb.SetStockResponse:
        async with self._database.transaction() as session:

            async def set_stock() -> pb.SetStockResponse:
                pharmacy_id = await require_staff(session, call, request.pharmacy_id)
                product_id = UUID(request.product_id)
                if not await catalogue.products(session, [product_id]):
                    raise not_found("product")
                expiry = date_of(request.expiry_date, "expiry_date")
                lot = await shelves.set_lot(
                    session, pharmacy_id, product_id, request.lot_number, expiry, request.on_hand, self._clock()
                )
                return pb.SetStockResponse(lot=lot_message(lot))

            return await answer_once(session, call, request, pb.SetStockResponse, set_stock)

    async def ListStock(self, request: pb.ListStockRequest, call: Call) -> pb.ListStockResponse:
        size, behind = paging.page_size(request.page_size), _behind(request)
        product_id = UUID(request.product_id) if request.product_id else None
        async with self._database.transaction() as session:
            pharmacy_id = await require_staff(session, call, request.pharmacy_id)
            found = await shelves.lots_page(session, pharmacy_id, product_id, behind, size + 1)
        response = pb.ListStockResponse(lots=map(lot_message, found[:size]))
        if len(found) > size:
            last = found[size - 1]
            key = [str(last.product_id), last.expiry_date.isoformat(), str(last.lot_id)]
            response.next_page_token = paging.encode(key, request)
        return response


def _prices(request: pb.PutOffersRequest) -> dict[UUID, int | None]:
    """Errors: INVALID_FIELD."""
    prices = {
        UUID(offer.product_id): minor_units(offer.price, f"offers[{number}].price") if offer.HasField("price") else None
        for number, offer in enumerate(request.offers)
    }
    if len(prices) < len(request.offers):
        raise invalid_field("offers", "a product comes twice")
    if 0 in prices.values():
        raise invalid_field("offers", "nothing is given away: without a price it is not offered any more")
    return prices


def _behind(request: pb.ListStockRequest) -> LotKey | None:
    """The last lot already listed. Errors: INVALID_PAGE_TOKEN."""
    key = paging.decode(request.page_token, request, (str, str, str))
    try:
        return (UUID(key[0]), date.fromisoformat(key[1]), UUID(key[2])) if key else None
    except ValueError as error:
        raise paging.invalid() from error
