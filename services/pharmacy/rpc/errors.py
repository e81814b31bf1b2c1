"""Which reason each exception of the domain becomes."""

from apricot.errors.v1.reason_pb2 import Reason

from kit.chain import DomainErrors
from services.pharmacy.domain import (
    cold_chain,
    geography,
    holding,
    hours,
    jobs,
    offers,
    orders,
    prescriptions,
    quotes,
    reviews,
    stock,
)
from services.pharmacy.store import pharmacies
from services.pharmacy.store.placement import PlacedBeforeError

ERRORS: DomainErrors = {
    geography.NoAreaError: Reason.REASON_INVALID_FIELD,
    hours.BadHoursError: Reason.REASON_INVALID_FIELD,
    pharmacies.LicenceTakenError: Reason.REASON_ALREADY_EXISTS,
    stock.BelowHeldError: Reason.REASON_WRONG_STATE,
    orders.WrongStateError: Reason.REASON_WRONG_STATE,
    prescriptions.NotHeldError: Reason.REASON_PRESCRIPTION_REQUIRED,
    prescriptions.NotValidError: Reason.REASON_PRESCRIPTION_NOT_VALID,
    prescriptions.UsedError: Reason.REASON_PRESCRIPTION_USED,
    reviews.ChangedError: Reason.REASON_REVISION_MISMATCH,
    reviews.WrongStateError: Reason.REASON_WRONG_STATE,
    quotes.PriceChangedError: Reason.REASON_PRICE_CHANGED,
    holding.TooManyUnpaidError: Reason.REASON_TOO_MANY,
    PlacedBeforeError: Reason.REASON_ALREADY_EXISTS,
    jobs.WrongStateError: Reason.REASON_WRONG_STATE,
    jobs.TooManyTriesError: Reason.REASON_TOO_MANY,
    offers.TooManyJobsError: Reason.REASON_TOO_MANY,
    offers.TooFarError: Reason.REASON_OUTSIDE_POLICY,
    cold_chain.ColdChainError: Reason.REASON_OUTSIDE_POLICY,
    cold_chain.NoColdChainError: Reason.REASON_WRONG_STATE,
}
