"""Which reason each exception of the domain becomes."""

from apricot.errors.v1.reason_pb2 import Reason

from kit.chain import DomainErrors
from services.pharmacy.domain import cold_chain, jobs, offers, orders

ERRORS: DomainErrors = {
    orders.WrongStateError: Reason.REASON_WRONG_STATE,
    jobs.WrongStateError: Reason.REASON_WRONG_STATE,
    offers.TooManyJobsError: Reason.REASON_TOO_MANY,
    offers.TooFarError: Reason.REASON_OUTSIDE_POLICY,
    cold_chain.ColdChainError: Reason.REASON_OUTSIDE_POLICY,
    cold_chain.NoColdChainError: Reason.REASON_WRONG_STATE,
}
