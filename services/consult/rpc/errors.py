"""Which reason each exception of the domain and the store becomes."""

from apricot.errors.v1.reason_pb2 import Reason

from kit.chain import DomainErrors
from services.consult.domain.practice import LicenceExpiredError, PracticeTooShortError

ERRORS: DomainErrors = {
    LicenceExpiredError: Reason.REASON_LICENCE_EXPIRED,
    PracticeTooShortError: Reason.REASON_PRACTICE_TOO_SHORT,
}
