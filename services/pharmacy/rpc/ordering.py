"""An order made ready to be placed, of the quote that it comes from."""

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1 import order_pb2 as pb

from kit.call import Call
from kit.errors import ApricotError
from kit.idempotency import AnsweredRequest, digest
from services.pharmacy import events
from services.pharmacy.domain.delivery_terms import fee_minor
from services.pharmacy.domain.orders import Act, State, due_time
from services.pharmacy.domain.quotes import require_same_prices
from services.pharmacy.store.order_bodies import order_message
from services.pharmacy.store.order_tables import OrderItemRow, OrderRow, OrderStepRow
from services.pharmacy.store.placement import Placement
from services.pharmacy.store.quotes import QuoteNow


def require_as_quoted(found: QuoteNow, quote: pb.Quote, now: datetime) -> None:
    """The quote may still be ordered as it is. Errors: OUTSIDE_POLICY, `PriceChangedError`."""
    if now >= found.expire_time:
        until = {"until": found.expire_time.astimezone(UTC).isoformat()}
        raise ApricotError(Reason.REASON_OUTSIDE_POLICY, "the quote has expired", metadata=until)
    if not found.open_for_orders:
        raise ApricotError(Reason.REASON_OUTSIDE_POLICY, "the pharmacy takes no orders at present")
    fee = fee_minor(found.delivery_base_minor, found.delivery_per_km_minor, quote.distance_metres)
    require_same_prices(
        [*(item.price.minor_units for item in quote.items), quote.delivery_fee.minor_units], [*found.prices, fee]
    )


def make_ready(
    request: pb.PlaceOrderRequest, call: Call, found: QuoteNow, quote: pb.Quote, now: datetime
) -> tuple[Placement, pb.PlaceOrderResponse]:
    """The order with everything that is written with it, and what its buyer is answered."""
    order = _order(call.caller.account_id, found, quote, now)
    step = OrderStepRow(
        order_id=order.order_id,
        sequence=1,
        patient_id=order.patient_id,
        act=Act.PLACE,
        state=order.state,
        actor_id=order.patient_id,
        time=now,
    )
    items = [_item(order, line, item) for line, item in enumerate(quote.items, start=1)]
    response = pb.PlaceOrderResponse(order=order_message(order, items, [step]))
    answer = AnsweredRequest(
        caller_id=order.patient_id,
        request_id=UUID(request.request_id),
        digest=digest(call.method.path, request),
        answer=response.SerializeToString(),
    )
    day = now.astimezone(ZoneInfo(found.time_zone)).date()
    return Placement(order, items, step, events.order_event(order, step), answer, day), response


def _order(buyer: UUID, found: QuoteNow, quote: pb.Quote, now: datetime) -> OrderRow:
    position = quote.address.position
    return OrderRow(
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
        latitude=position.latitude,
        longitude=position.longitude,
        distance_metres=quote.distance_metres,
        cold_chain=quote.cold_chain,
        last_sequence=1,
        create_time=now,
        update_time=now,
        due_time=due_time(State.AWAITING_PAYMENT, now),
    )


def _item(order: OrderRow, line: int, item: pb.OrderItem) -> OrderItemRow:
    return OrderItemRow(
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
