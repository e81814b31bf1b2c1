"""Which reason each exception of the domain and the store becomes."""

from apricot.errors.v1.reason_pb2 import Reason

from kit.chain import DomainErrors
from services.consult.domain import appointments, waiting

ERRORS: DomainErrors = {
    appointments.WrongStateError: Reason.REASON_WRONG_STATE,
    appointments.SlotFullError: Reason.REASON_SLOT_FULL,
    appointments.AlreadyBookedError: Reason.REASON_ALREADY_EXISTS,
    appointments.TimeConflictError: Reason.REASON_TIME_CONFLICT,
    waiting.WrongStateError: Reason.REASON_WRONG_STATE,
    waiting.AlreadyWaitingError: Reason.REASON_ALREADY_EXISTS,
}
