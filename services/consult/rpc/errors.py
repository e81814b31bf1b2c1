"""Which reason each exception of the domain and the store becomes."""

from apricot.errors.v1.reason_pb2 import Reason

from kit.chain import DomainErrors
from services.consult.domain import prescriptions

ERRORS: DomainErrors = {
    prescriptions.WrongStateError: Reason.REASON_WRONG_STATE,
    prescriptions.NotEligibleError: Reason.REASON_NOT_ELIGIBLE,
    prescriptions.AgeUnknownError: Reason.REASON_AGE_UNKNOWN,
    prescriptions.GuardianRequiredError: Reason.REASON_GUARDIAN_REQUIRED,
    prescriptions.RevisionMismatchError: Reason.REASON_REVISION_MISMATCH,
}
