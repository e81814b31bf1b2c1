"""Products: found, shown, and taken into the catalogue."""

import asyncio
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1 import catalog_pb2 as pb
from apricot.pharmacy.v1.product_pb2 import ProductContent

from kit.call import Call
from kit.database import raw_connection
from kit.errors import not_found
from kit.idempotency import answer_once
from services.pharmacy.rpc import product_file
from services.pharmacy.rpc.desk import Desk
from services.pharmacy.rpc.finding import find_products
from services.pharmacy.rpc.finding_anywhere import find_anywhere
from services.pharmacy.rpc.places import position_of
from services.pharmacy.rpc.product_intake import Refusal, refusal_of, take_in
from services.pharmacy.rpc.showing import show_found, show_offers, show_products
from services.pharmacy.store import catalogue, products
from services.pharmacy.store.nearby import find_nearby
from services.pharmacy.store.shown import approved_atc_codes, product_message

_PROFESSIONALS = ("clinician", "pharmacist", "admin")
"""Who sees all that is told of a prescription medicine."""


class Products(Desk):
    """See the module."""

    async def SearchProducts(self, request: pb.SearchProductsRequest, call: Call) -> pb.SearchProductsResponse:
        if not request.HasField("position"):
            anywhere = await find_anywhere(self._database, request)
            async with self._database.transaction() as session:
                shown = await show_products(session, anywhere.product_ids, call.caller.account_id)
            return pb.SearchProductsResponse(products=shown, next_page_token=anywhere.next_page_token)
        found = await find_products(self._database, request, self._clock())
        async with self._database.transaction() as session:
            shown = await show_found(session, found, call.caller.account_id)
        return pb.SearchProductsResponse(products=shown, next_page_token=found.next_page_token)

    async def GetProduct(self, request: pb.GetProductRequest, call: Call) -> pb.GetProductResponse:
        wanted, caller = UUID(request.product_id), call.caller.account_id
        async with self._database.transaction() as session:
            row = (await catalogue.products(session, [wanted])).get(wanted)
            if row is None:
                raise not_found("product")
            approved = await approved_atc_codes(session, caller) if row.prescription_only else frozenset[str]()
            shown = product_message(row, approved, for_professional=call.caller.has(*_PROFESSIONALS))
            response = pb.GetProductResponse(product=shown)
            if request.HasField("position"):
                connection = await raw_connection(session)
                nearby = await find_nearby(connection, position_of(request.position), self._clock())
                response.offers.extend(await show_offers(session, wanted, nearby))
        return response

    async def UpsertProducts(self, request: pb.UpsertProductsRequest, call: Call) -> pb.UpsertProductsResponse:
        async with self._database.transaction() as session:

            async def upsert() -> pb.UpsertProductsResponse:
                return pb.UpsertProductsResponse(results=await take_in(session, request.products, self._clock()))

            return await answer_once(session, call, request, pb.UpsertProductsResponse, upsert)

    async def ImportProducts(self, request: pb.ImportProductsRequest, call: Call) -> pb.ImportProductsResponse:
        async with self._database.transaction() as session:

            async def take() -> pb.ImportProductsResponse:
                good, refused = await asyncio.to_thread(_sorted_out, request.csv)  # a second's work
                is_new = await products.write(session, good, self._clock())
                created = sum(is_new.values())
                return pb.ImportProductsResponse(
                    created_count=created, updated_count=len(is_new) - created, refused=refused
                )

            return await answer_once(session, call, request, pb.ImportProductsResponse, take)


def _sorted_out(file: bytes) -> tuple[list[ProductContent], list[pb.RefusedLine]]:
    """The products of a file, and why each other line is none, or one that an earlier line is already. Errors:
    INVALID_FIELD."""
    good: list[ProductContent] = []
    refused: list[pb.RefusedLine] = []
    lines: dict[UUID, int] = {}
    for line in product_file.read(file):
        found = line.content if isinstance(line.content, Refusal) else refusal_of(line.content) or line.content
        if isinstance(found, ProductContent):
            before = lines.setdefault(products.id_of(found), line.number)
            if before == line.number:
                good.append(found)
                continue
            found = Refusal(Reason.REASON_ALREADY_EXISTS, "approval_number", f"the product of line {before}")
        refused.append(pb.RefusedLine(line=line.number, reason=found.reason, field=found.field, message=found.message))
    return good, refused
