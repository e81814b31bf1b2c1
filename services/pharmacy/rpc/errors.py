"""Which reason each exception of the domain becomes."""

from apricot.errors.v1.reason_pb2 import Reason

from kit.chain import DomainErrors
from services.pharmacy.domain import orders, prescriptions, quotes, reviews
from services.pharmacy.store.placement import PlacedBeforeError

ERRORS: DomainErrors = {
    orders.WrongStateError: Reason.REASON_WRONG_STATE,
    prescriptions.NotHeldError: Reason.REASON_PRESCRIPTION_REQUIRED,
    prescriptions.NotValidError: Reason.REASON_PRESCRIPTION_NOT_VALID,
    prescriptions.UsedError: Reason.REASON_PRESCRIPTION_USED,
    reviews.ChangedError: Reason.REASON_REVISION_MISMATCH,
    reviews.WrongStateError: Reason.REASON_WRONG_STATE,
    quotes.PriceChangedError: Reason.REASON_PRICE_CHANGED,
    PlacedBeforeError: Reason.REASON_ALREADY_EXISTS,
}
