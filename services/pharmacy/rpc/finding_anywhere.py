"""The search of a prescriber's: `CatalogService.SearchProducts` without a place."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from apricot.pharmacy.v1 import catalog_pb2 as pb

from kit import paging
from kit.database import Database
from services.pharmacy.rpc.finding import USUALLY, wanted_by
from services.pharmacy.store import search
from services.pharmacy.store.search import FIRST_CODED, Coded, searching


@dataclass(frozen=True, slots=True)
class FoundAnywhere:
    """A page of a search."""

    product_ids: Sequence[UUID]
    next_page_token: str


async def find_anywhere(database: Database, request: pb.SearchProductsRequest) -> FoundAnywhere:
    """Which products, in their order. Errors: INVALID_PAGE_TOKEN."""
    size = request.page_size or USUALLY
    first, behind = _behind(request)
    parts = search.parts(wanted_by(request, []))
    found: list[tuple[int, Coded]] = []
    async with searching(database) as connection:
        for number in range(first, len(parts)):
            start, left = behind if number == first else FIRST_CODED, size + 1 - len(found)
            found += [(number, each) for each in await search.by_code(connection, parts[number], start, left)]
            if len(found) > size:
                break
    token = ""
    if len(found) > size:
        part, last = found[size - 1]
        token = paging.encode([part, last.atc_code, str(last.product_id)], request)
    return FoundAnywhere([each.product_id for _, each in found[:size]], token)


def _behind(request: pb.SearchProductsRequest) -> tuple[int, Coded]:
    """What was shown already: the part of the order, and the place there. Errors: INVALID_PAGE_TOKEN."""
    key = paging.decode(request.page_token, request, (int, str, str))
    if key is None:
        return 0, FIRST_CODED
    part, atc_code, product_id = key
    if not (0 <= part <= 1 and atc_code.isalnum()):
        raise paging.invalid()
    try:
        return part, Coded(atc_code, UUID(product_id))
    except ValueError as error:
        raise paging.invalid() from error
