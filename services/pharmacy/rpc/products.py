"""Products: found, shown, and taken into the catalogue."""

from collections import Counter
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
from services.pharmacy.rpc.product_intake import Refusal, take_in
from services.pharmacy.rpc.showing import show_found, show_offers, show_products
from services.pharmacy.store import catalogue
from services.pharmacy.store.nearby import find_nearby
from services.pharmacy.store.shown import approved_atc_codes, product_message


class Products(Desk):
    """See the module."""

    async def SearchProducts(self, request: pb.SearchProductsRequest, call: Call) -> pb.SearchProductsResponse:
        if not request.HasField("position"):
            anywhere = await find_anywhere(self._database, request)
            async with self._database.transaction() as session:
                products = await show_products(session, anywhere.product_ids, call.caller.account_id)
            return pb.SearchProductsResponse(products=products, next_page_token=anywhere.next_page_token)
        found = await find_products(self._database, request, self._clock())
        async with self._database.transaction() as session:
            products = await show_found(session, found, call.caller.account_id)
        return pb.SearchProductsResponse(products=products, next_page_token=found.next_page_token)

    async def GetProduct(self, request: pb.GetProductRequest, call: Call) -> pb.GetProductResponse:
        wanted, caller = UUID(request.product_id), call.caller.account_id
        async with self._database.transaction() as session:
            row = (await catalogue.products(session, [wanted])).get(wanted)
            if row is None:
                raise not_found("product")
            approved = await approved_atc_codes(session, caller) if row.prescription_only else frozenset[str]()
            response = pb.GetProductResponse(product=product_message(row, approved))
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
                good, refused = _sorted_out(product_file.read(request.csv))
                results = await take_in(session, list(good.values()), self._clock())
                for number, result in zip(good, results, strict=True):
                    if result.outcome == pb.PRODUCT_OUTCOME_REFUSED:
                        refused.append(_refused_line(number, Refusal(result.reason, result.field, result.message)))
                outcomes = Counter(result.outcome for result in results)
                return pb.ImportProductsResponse(
                    created_count=outcomes[pb.PRODUCT_OUTCOME_CREATED],
                    updated_count=outcomes[pb.PRODUCT_OUTCOME_UPDATED],
                    refused=sorted(refused, key=lambda line: line.line),
                )

            return await answer_once(session, call, request, pb.ImportProductsResponse, take)


def _sorted_out(lines: list[product_file.Line]) -> tuple[dict[int, ProductContent], list[pb.RefusedLine]]:
    """The lines that are products, by their numbers, and those that are none, or one that another line was already."""
    good: dict[int, ProductContent] = {}
    refused: list[pb.RefusedLine] = []
    first: dict[tuple[str, str, str], int] = {}
    for line in lines:
        if isinstance(line.content, Refusal):
            refused.append(_refused_line(line.number, line.content))
            continue
        key = line.content.approval_number, line.content.pack.value, line.content.pack.unit
        before = first.setdefault(key, line.number)
        if before == line.number:
            good[line.number] = line.content
        else:
            again = Refusal(Reason.REASON_ALREADY_EXISTS, "approval_number", f"the product of line {before}")
            refused.append(_refused_line(line.number, again))
    return good, refused


def _refused_line(number: int, refusal: Refusal) -> pb.RefusedLine:
    return pb.RefusedLine(line=number, reason=refusal.reason, field=refusal.field, message=refusal.message)
