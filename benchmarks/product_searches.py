"""What patients look for in the catalogue, as ready bytes: words in Chinese and English or none, and what they filter
and order by."""

import random
from collections.abc import Iterator

from apricot.consult.v1.prescription_pb2 import MedicineForm
from apricot.pharmacy.v1.catalog_pb2 import ProductOrder, SearchProductsRequest

from benchmarks.pharmacies import HERE, MAKERS
from services.pharmacy.demo import read_catalogue

SEARCH = "/apricot.pharmacy.v1.CatalogService/SearchProducts"
_KNOWN = read_catalogue()
_AILMENTS = sorted({ailment for content in _KNOWN for ailment in content.ailments})
_GROUPS = ("A10", "A10B", "A10BA02", "C10AA", "C09", "N02BE01", "A")


def search_requests(patient: str) -> Iterator[bytes]:
    """One after the other, others for each patient, from houses around one place."""
    chance = random.Random(patient)
    while True:
        yield _request(chance).SerializeToString()


def _request(chance: random.Random) -> SearchProductsRequest:
    order = ProductOrder.ValueType(chance.choice((0, 0, 0, 0, 0, 1, 1, 2, 3, 4)))
    request = SearchProductsRequest(query=_query(chance), order=order, in_stock_only=chance.random() < 0.6)
    request.position.latitude = HERE.latitude + chance.uniform(-0.01, 0.01)
    request.position.longitude = HERE.longitude + chance.uniform(-0.01, 0.01)
    if chance.random() < 0.2:
        request.otc_only = True
    if chance.random() < 0.05:
        request.cold_chain_only = True
    if chance.random() < 0.1:
        request.forms.append(MedicineForm.ValueType(chance.randint(1, 5)))
    if chance.random() < 0.1:
        request.atc_prefix = chance.choice(_GROUPS)
    if chance.random() < 0.15:
        request.maximum_price.currency_code = "CNY"
        request.maximum_price.minor_units = chance.choice((1000, 3000, 9900))
    return request


def _query(chance: random.Random) -> str:
    """What somebody types; a fifth type nothing."""
    content = chance.choice(_KNOWN)
    start = chance.randint(0, max(0, len(content.name_zh) - 3))
    return chance.choice(
        (
            "",
            "",
            content.name_zh,
            content.name_zh[start : start + 3],
            content.name_en,
            content.name_en,
            chance.choice(_AILMENTS),
            chance.choice(_AILMENTS),
            chance.choice(MAKERS),
            f"{chance.choice(MAKERS)[:2]} {content.name_zh[:2]}",
        )
    )
