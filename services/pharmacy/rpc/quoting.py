"""What an order would be: whether it can be, what it costs, and when it would be there."""

from datetime import date, datetime
from uuid import UUID, uuid4

from apricot.errors.v1.reason_pb2 import Reason
from apricot.money.v1.money_pb2 import Money
from apricot.pharmacy.v1 import order_pb2 as pb
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.database import raw_connection
from kit.errors import ApricotError, invalid_field, not_found
from kit.times import to_timestamp
from services.pharmacy.domain import hours
from services.pharmacy.domain.geography import Position
from services.pharmacy.domain.orders import WrongStateError
from services.pharmacy.domain.quotes import QUOTE_TIME
from services.pharmacy.rpc.refusals import closed, out_of_stock, prescription_required, require_licence
from services.pharmacy.store import catalogue, stock
from services.pharmacy.store.catalog_tables import OfferRow, ProductRow
from services.pharmacy.store.nearby import Nearby, find_nearby, zone
from services.pharmacy.store.opening import intervals
from services.pharmacy.store.pharmacy_tables import PharmacyRow
from services.pharmacy.store.quote_tables import QuoteRow


async def make_quote(
    session: AsyncSession, request: pb.QuoteOrderRequest, buyer: UUID, buyer_name: str, now: datetime
) -> pb.Quote:
    """The quote, which is kept. Errors: those of `QuoteOrder`, but for its prescription's."""
    _require_whole(request)
    if not buyer_name:
        raise WrongStateError("medicine is sold to buyers by their real names")
    pharmacy = await catalogue.find_pharmacy(session, UUID(request.pharmacy_id))
    if pharmacy is None:
        raise not_found("pharmacy")
    _require_open(pharmacy, now)
    near = await _require_near(session, pharmacy, request, now)
    items, cold_chain = await _priced(session, request, pharmacy, near.today)
    goods = sum(item.price.minor_units * item.quantity for item in items)
    expire_time = now + QUOTE_TIME
    quote = pb.Quote(
        quote_id=str(uuid4()),
        pharmacy_id=request.pharmacy_id,
        items=items,
        goods=_money(pharmacy, goods),
        delivery_fee=_money(pharmacy, near.fee_minor),
        total=_money(pharmacy, goods + near.fee_minor),
        address=request.address,
        distance_metres=near.distance_metres,
        estimated_minutes=near.minutes,
        prescription_id=request.prescription_id,
        prescription_revision=request.prescription_revision,
        needs_review=bool(request.prescription_id),
        cold_chain=cold_chain,
        expire_time=to_timestamp(expire_time),
    )
    session.add(
        QuoteRow(
            quote_id=UUID(quote.quote_id),
            patient_id=buyer,
            pharmacy_id=pharmacy.pharmacy_id,
            product_ids=[UUID(item.product_id) for item in items],
            buyer_name=buyer_name,
            content=quote.SerializeToString(),
            expire_time=expire_time,
        )
    )
    return quote


def _require_whole(request: pb.QuoteOrderRequest) -> None:
    """What the contract cannot express. Errors: INVALID_FIELD."""
    if len({UUID(item.product_id) for item in request.items}) < len(request.items):
        raise invalid_field("items", "each product once")
    if bool(request.prescription_id) != any(item.prescription_item for item in request.items):
        raise invalid_field("prescription_id", "a prescription, and at least one item that is from it")
    if bool(request.prescription_id) != bool(request.prescription_revision):
        raise invalid_field("prescription_revision", "from 1 on with a prescription, and 0 without one")


def _require_open(pharmacy: PharmacyRow, now: datetime) -> None:
    """Errors: LICENCE_EXPIRED, OUTSIDE_POLICY."""
    where = zone(pharmacy.time_zone)
    require_licence(pharmacy.licence_expiry_date, now.astimezone(where).date())
    if not pharmacy.open_for_orders:
        raise closed()
    week = intervals(pharmacy.hours)
    if not hours.is_open(week, where, now):
        raise closed(hours.next_opening(week, where, now))


async def _require_near(
    session: AsyncSession, pharmacy: PharmacyRow, request: pb.QuoteOrderRequest, now: datetime
) -> Nearby:
    """What it takes from a pharmacy that is open to the door. Errors: OUTSIDE_DELIVERY_AREA."""
    position = Position(request.address.position.latitude, request.address.position.longitude)
    found = await find_nearby(await raw_connection(session), position, now, only=pharmacy.pharmacy_id)
    if not found:
        raise ApricotError(Reason.REASON_OUTSIDE_DELIVERY_AREA, "the pharmacy does not deliver there")
    return found[0]


async def _priced(
    session: AsyncSession, request: pb.QuoteOrderRequest, pharmacy: PharmacyRow, today: date
) -> tuple[list[pb.OrderItem], bool]:
    """The items with their prices, all of which are there at present; and whether one has to stay cold. Errors:
    NOT_FOUND, PRESCRIPTION_REQUIRED, OUT_OF_STOCK."""
    ids = [UUID(item.product_id) for item in request.items]
    products = await catalogue.products(session, ids)
    offers = await catalogue.offers(session, pharmacy.pharmacy_id, ids)
    available = await stock.available(session, pharmacy.pharmacy_id, ids, today)
    items = []
    for wanted, product_id in zip(request.items, ids, strict=True):
        if product_id not in products or product_id not in offers:
            raise not_found("product")
        if products[product_id].prescription_only and not wanted.prescription_item:
            raise prescription_required(product_id)
        if (there := available.get(product_id, 0)) < wanted.quantity:
            raise out_of_stock(product_id, there)
        items.append(_item(wanted, products[product_id], offers[product_id], pharmacy))
    return items, any(product.cold_chain for product in products.values())


def _item(wanted: pb.WantedItem, product: ProductRow, offer: OfferRow, pharmacy: PharmacyRow) -> pb.OrderItem:
    return pb.OrderItem(
        product_id=wanted.product_id,
        quantity=wanted.quantity,
        price=_money(pharmacy, offer.price_minor),
        name_zh=product.name_zh,
        name_en=product.name_en,
        atc_code=product.atc_code,
        pack=product.pack,
        prescription_only=product.prescription_only,
        prescription_item=wanted.prescription_item,
    )


def _money(pharmacy: PharmacyRow, minor: int) -> Money:
    return Money(currency_code=pharmacy.currency, minor_units=minor)
