"""A quote on its way to become an order."""

from datetime import date, datetime
from uuid import UUID

from apricot.pharmacy.v1 import order_pb2 as pb
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.idempotency import digest
from kit.sealing import SealingKeys
from services.pharmacy import events
from services.pharmacy.domain.delivery_terms import fee_minor
from services.pharmacy.domain.geography import Position, about
from services.pharmacy.domain.orders import Act, State, due_time
from services.pharmacy.domain.quotes import require_same_prices
from services.pharmacy.rpc.refusals import closed, require_licence, too_late
from services.pharmacy.store import claims
from services.pharmacy.store.nearby import zone
from services.pharmacy.store.new_orders import NewAnswer, NewEvent, NewItem, NewOrder, NewStep, sealed
from services.pharmacy.store.order_bodies import order_message
from services.pharmacy.store.placement import Placement
from services.pharmacy.store.quotes import QuoteNow


def require_as_quoted(found: QuoteNow, quote: pb.Quote, now: datetime) -> None:
    """The quote may still be ordered as it is. Errors: OUTSIDE_POLICY, LICENCE_EXPIRED, `PriceChangedError`."""
    if now >= found.expire_time:
        raise too_late(found.expire_time)
    require_licence(found.licence_expiry_date, _day(found, now))
    if not found.open_for_orders:
        raise closed()
    fee = fee_minor(found.delivery_base_minor, found.delivery_per_km_minor, quote.distance_metres)
    require_same_prices(
        [*(item.price.minor_units for item in quote.items), quote.delivery_fee.minor_units], [*found.prices, fee]
    )


def make_ready(
    buyer: UUID, found: QuoteNow, quote: pb.Quote, keys: SealingKeys, now: datetime
) -> tuple[Placement, pb.PlaceOrderResponse]:
    """The order with everything that is written with it, as it is kept, and what its buyer is answered."""
    order = _order(buyer, found, quote, now)
    step = NewStep(
        order_id=order.order_id,
        sequence=1,
        patient_id=buyer,
        act=Act.PLACE,
        state=order.state,
        actor_id=buyer,
        time=now,
    )
    items = [_item(order, line, item) for line, item in enumerate(quote.items, start=1)]
    response = pb.PlaceOrderResponse(order=order_message(order, items, [step]))
    subject, event = events.order_event(order, step)
    kept = sealed(order, keys), items, sealed(step, keys)
    return Placement(*kept, NewEvent(subject, event.SerializeToString()), _day(found, now)), response


def answered(
    request: pb.PlaceOrderRequest, call: Call, response: pb.PlaceOrderResponse, keys: SealingKeys
) -> NewAnswer:
    """The answer as it is kept for whoever asks again."""
    answer = NewAnswer(
        caller_id=call.caller.account_id,
        request_id=UUID(request.request_id),
        digest=digest(call.method.path, request),
        answer=response.SerializeToString(),
    )
    return sealed(answer, keys)


async def claim(session: AsyncSession, placement: Placement) -> None:
    """The order uses its prescription. Errors: those of `claims.claim`."""
    order = placement.order
    assert order.prescription_id is not None  # noqa: S101
    items = [
        (item.prescription_item, item.product_id, item.quantity) for item in placement.items if item.prescription_item
    ]
    await claims.claim(
        session,
        order.patient_id,
        order.prescription_id,
        order.prescription_revision,
        items,
        order.order_id,
        order.create_time,
    )


def _day(found: QuoteNow, now: datetime) -> date:
    """The pharmacy's."""
    return now.astimezone(zone(found.time_zone)).date()


def _order(buyer: UUID, found: QuoteNow, quote: pb.Quote, now: datetime) -> NewOrder:
    place = about(Position(quote.address.position.latitude, quote.address.position.longitude))
    return NewOrder(
        order_id=UUID(quote.quote_id),
        patient_id=buyer,
        pharmacy_id=UUID(quote.pharmacy_id),
        state=State.AWAITING_PAYMENT,
        prescription_id=UUID(quote.prescription_id) if quote.prescription_id else None,
        prescription_revision=quote.prescription_revision,
        needs_review=quote.needs_review,
        goods_minor=quote.goods.minor_units,
        delivery_minor=quote.delivery_fee.minor_units,
        currency=quote.total.currency_code,
        buyer_name=found.buyer_name,
        address=quote.address.SerializeToString(),
        latitude=place.latitude,
        longitude=place.longitude,
        distance_metres=quote.distance_metres,
        cold_chain=quote.cold_chain,
        create_time=now,
        update_time=now,
        due_time=due_time(State.AWAITING_PAYMENT, now),
    )


def _item(order: NewOrder, line: int, item: pb.OrderItem) -> NewItem:
    return NewItem(
        order_id=order.order_id,
        line=line,
        patient_id=order.patient_id,
        product_id=UUID(item.product_id),
        quantity=item.quantity,
        price_minor=item.price.minor_units,
        name_zh=item.name_zh,
        name_en=item.name_en,
        atc_code=item.atc_code,
        pack=item.pack,
        prescription_only=item.prescription_only,
        prescription_item=item.prescription_item,
    )
