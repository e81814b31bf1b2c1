"""Quotes, and the orders that come of them."""

from uuid import UUID

from apricot.pharmacy.v1 import order_pb2 as pb

from kit.call import Call
from kit.clock import Clock
from kit.database import Database, raw_connection
from kit.errors import ApricotError, not_found
from kit.idempotency import answer_once, first_answer
from kit.profiles import OwnProfile
from prescribing.genuineness import DoctorKeys
from services.pharmacy.domain.holding import OutOfStockError
from services.pharmacy.events import Telling
from services.pharmacy.rpc.errors import ERRORS
from services.pharmacy.rpc.ordering import answered, claim, make_ready, require_as_quoted
from services.pharmacy.rpc.prescription_check import require_valid
from services.pharmacy.rpc.quoting import make_quote
from services.pharmacy.rpc.refusals import out_of_stock
from services.pharmacy.store.placement import Placement, place
from services.pharmacy.store.placing import Placing
from services.pharmacy.store.quotes import Quotes

_REFUSALS: tuple[type[Exception], ...] = (ApricotError, *ERRORS)


class Buying:
    """See the module."""

    def __init__(
        self,
        database: Database,
        telling: Telling,
        own_profile: OwnProfile,
        doctor_keys: DoctorKeys,
        clock: Clock,
        unpaid_per_buyer: int,
    ) -> None:
        self._database = database
        self._telling = telling
        self._own_profile = own_profile
        self._doctor_keys = doctor_keys
        self._clock = clock
        self._quotes = Quotes(database)
        self._unpaid_per_buyer = unpaid_per_buyer
        self._placing = Placing(
            database, unpaid_per_buyer, telling.wake
        )  # nobody watches an order yet that is being placed

    async def QuoteOrder(self, request: pb.QuoteOrderRequest, call: Call) -> pb.QuoteOrderResponse:
        buyer, now = await self._own_profile(call), self._clock()
        async with self._database.transaction() as session:

            async def quote() -> pb.QuoteOrderResponse:
                if request.prescription_id:
                    await require_valid(session, self._doctor_keys, call.caller.account_id, *_named(request), now)
                made = await make_quote(session, request, call.caller.account_id, buyer.display_name, now)
                return pb.QuoteOrderResponse(quote=made)

            return await answer_once(session, call, request, pb.QuoteOrderResponse, quote)

    async def PlaceOrder(self, request: pb.PlaceOrderRequest, call: Call) -> pb.PlaceOrderResponse:
        try:
            return await self._place(request, call)
        except _REFUSALS:
            # Whoever placed it before asks again, and is answered again, whatever has become of the quote since.
            async with self._database.transaction() as session:
                first = await first_answer(session, call, request, pb.PlaceOrderResponse)
            if first is None:
                raise
            return first

    async def _place(self, request: pb.PlaceOrderRequest, call: Call) -> pb.PlaceOrderResponse:
        now, keys = self._clock(), self._database.sealing
        found = await self._quotes.find(call.caller.account_id, UUID(request.quote_id))
        if found is None:
            raise not_found("quote")
        quote = pb.Quote.FromString(found.content)
        require_as_quoted(found, quote, now)
        placement, response = make_ready(call.caller.account_id, found, quote, keys, now)
        try:
            if placement.order.prescription_id is None:
                placement.answer = answered(request, call, response, keys)
                await self._placing.place(placement)
                return response
            return await self._place_on_prescription(request, call, placement, response)
        except OutOfStockError as error:
            raise out_of_stock(error.product_id, error.available) from error

    async def _place_on_prescription(
        self, request: pb.PlaceOrderRequest, call: Call, placement: Placement, response: pb.PlaceOrderResponse
    ) -> pb.PlaceOrderResponse:
        """One by one: the prescription is claimed in the same transaction."""
        async with self._database.transaction() as session:

            async def order() -> pb.PlaceOrderResponse:
                await place(await raw_connection(session), [placement], self._unpaid_per_buyer)
                if placement.error is not None:
                    raise placement.error
                await claim(session, placement)
                return response

            response = await answer_once(session, call, request, pb.PlaceOrderResponse, order)
        await self._telling.wake()
        return response


def _named(request: pb.QuoteOrderRequest) -> tuple[UUID, int]:
    """The prescription, and its revision."""
    return UUID(request.prescription_id), request.prescription_revision
