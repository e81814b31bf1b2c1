"""Which reason each exception of the domain becomes."""

from apricot.errors.v1.reason_pb2 import Reason

from kit.chain import DomainErrors
from services.pharmacy.domain import orders, quotes
from services.pharmacy.store.placement import PlacedBeforeError

ERRORS: DomainErrors = {
    orders.WrongStateError: Reason.REASON_WRONG_STATE,
    quotes.PriceChangedError: Reason.REASON_PRICE_CHANGED,
    PlacedBeforeError: Reason.REASON_ALREADY_EXISTS,
}
