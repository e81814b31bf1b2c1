"""Which reason each exception of the domain becomes."""

from apricot.errors.v1.reason_pb2 import Reason

from kit.chain import DomainErrors
from services.pharmacy.domain import orders

ERRORS: DomainErrors = {
    orders.WrongStateError: Reason.REASON_WRONG_STATE,
}
