"""Which reason each exception of the domain and the store becomes."""

from apricot.errors.v1.reason_pb2 import Reason

from kit.chain import DomainErrors
from kit.pictures import NotAPictureError, TooManyPixelsError
from services.consult.domain import calls
from services.consult.domain.attachments import NotSupportedError
from services.consult.domain.talk import BadWindowError, CannotSayError

ERRORS: DomainErrors = {
    BadWindowError: Reason.REASON_INVALID_FIELD,
    CannotSayError: Reason.REASON_NOT_ALLOWED,
    calls.WrongStateError: Reason.REASON_WRONG_STATE,
    calls.NoSuchCallsError: Reason.REASON_WRONG_STATE,
    calls.InCallError: Reason.REASON_ALREADY_EXISTS,
    NotAPictureError: Reason.REASON_MEDIA_NOT_SUPPORTED,
    NotSupportedError: Reason.REASON_MEDIA_NOT_SUPPORTED,
    TooManyPixelsError: Reason.REASON_TOO_LARGE,
}
