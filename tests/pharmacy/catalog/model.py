"""What a search finds, computed plainly in Python from what was arranged."""

from collections.abc import Sequence
from dataclasses import dataclass

from apricot.pharmacy.v1 import catalog_pb2 as pb
from apricot.pharmacy.v1.pharmacy_pb2 import NearbyPharmacy
from apricot.pharmacy.v1.product_pb2 import (
    PRODUCT_CLASS_PRESCRIPTION,
    PRODUCT_STORAGE_REFRIGERATED,
    ProductContent,
)

from kit.text_search import Token, tokens


@dataclass
class Offered:
    """An offer as it was arranged."""

    product_id: str
    pharmacy_id: str
    price_minor: int
    in_stock: bool


@dataclass
class Model:
    """All that was arranged."""

    contents: dict[str, ProductContent]
    offers: list[Offered]
    nearby: list[NearbyPharmacy]
    """As `ListPharmacies` answers, the nearest first."""

    def find(self, request: pb.SearchProductsRequest) -> list[tuple[str, str]]:
        """Products and the pharmacies of their offers, in order."""
        near = {one.pharmacy.pharmacy_id: one for one in self.nearby}
        by_pharmacy = request.order in (pb.PRODUCT_ORDER_DISTANCE, pb.PRODUCT_ORDER_TIME, pb.PRODUCT_ORDER_RATING)

        def standing(pharmacy_id: str) -> tuple[float, int, str]:
            one = near[pharmacy_id]
            measure: float = 0
            if request.order == pb.PRODUCT_ORDER_TIME:
                measure = one.terms.estimated_minutes + (0 if one.pharmacy.open_now else 10**9)
            if request.order == pb.PRODUCT_ORDER_RATING:
                measure = -round(one.pharmacy.rating_average * 1000)
            return measure, one.terms.distance_metres, pharmacy_id

        found: dict[str, tuple[object, ...]] = {}
        where: dict[str, str] = {}
        for offer in self.offers:
            if offer.pharmacy_id not in near or not self._is_wanted(offer, request):
                continue
            place = standing(offer.pharmacy_id)
            part = 0
            if request.order == pb.PRODUCT_ORDER_UNSPECIFIED and request.query:
                content = self.contents[offer.product_id]
                part = not _has(tokens(request.query), [content.name_zh, content.name_en, content.brand])
            key = (*place, offer.price_minor) if by_pharmacy else (part, offer.price_minor, *place)
            if offer.product_id not in found or key < found[offer.product_id]:
                found[offer.product_id], where[offer.product_id] = key, offer.pharmacy_id

        def order(product_id: str) -> tuple[object, ...]:
            key = found[product_id]
            return (*key, product_id) if by_pharmacy else (*key[:2], product_id)

        return [(product_id, where[product_id]) for product_id in sorted(found, key=order)]

    def find_anywhere(self, request: pb.SearchProductsRequest) -> list[str]:
        """Products in order, where no place is given."""

        def order(product_id: str) -> tuple[bool, str, str]:
            content = self.contents[product_id]
            named = _has(tokens(request.query), [content.name_zh, content.name_en, content.brand])
            return not named, content.atc_code, product_id

        return sorted((each for each, content in self.contents.items() if _fits(content, request)), key=order)

    def _is_wanted(self, offer: Offered, request: pb.SearchProductsRequest) -> bool:
        return (
            _fits(self.contents[offer.product_id], request)
            and request.pharmacy_id in ("", offer.pharmacy_id)
            and (not request.HasField("maximum_price") or offer.price_minor <= request.maximum_price.minor_units)
            and (not request.in_stock_only or offer.in_stock)
        )


def _fits(content: ProductContent, request: pb.SearchProductsRequest) -> bool:
    """Whether a product is wanted, whatever its offers."""
    texts = [content.name_zh, content.name_en, content.brand, content.manufacturer]
    return (
        _has(tokens(request.query), [*texts, *content.ingredients, *content.ailments])
        and (not request.otc_only or content.product_class != PRODUCT_CLASS_PRESCRIPTION)
        and (not request.cold_chain_only or content.storage == PRODUCT_STORAGE_REFRIGERATED)
        and (not request.forms or content.form in request.forms)
        and content.atc_code.startswith(request.atc_prefix)
    )


def _has(query: Sequence[Token], texts: Sequence[str]) -> bool:
    held = {token.text for text in texts for token in tokens(text)}

    def has(token: Token, *, may_go_on: bool) -> bool:
        if len(token.text) == 1 and not token.is_word:
            return any(token.text in text for text in held)
        if may_go_on and token.is_word and len(token.text) > 1:
            return any(text.startswith(token.text) for text in held)
        return token.text in held

    return all(has(token, may_go_on=token is query[-1]) for token in query)
