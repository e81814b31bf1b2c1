"""Which reason each exception of the domain and the store becomes."""

from apricot.errors.v1.reason_pb2 import Reason

from kit.chain import DomainErrors
from services.consult.domain.practice import LicenceExpiredError, PracticeTooShortError

ERRORS: DomainErrors = {
    LicenceExpiredError: Reason.REASON_LICENCE_EXPIRED,
    PracticeTooShortError: Reason.REASON_PRACTICE_TOO_SHORT,
from services.consult.domain import ages, consultations, diagnoses, fees, practice, ratings

ERRORS: DomainErrors = {
    consultations.WrongStateError: Reason.REASON_WRONG_STATE,
    fees.FeeSettledError: Reason.REASON_WRONG_STATE,
    ages.GuardianRequiredError: Reason.REASON_GUARDIAN_REQUIRED,
    ages.AgeUnknownError: Reason.REASON_AGE_UNKNOWN,
    diagnoses.EvidenceRequiredError: Reason.REASON_EVIDENCE_REQUIRED,
    practice.LicenceExpiredError: Reason.REASON_LICENCE_EXPIRED,
    practice.PracticeTooShortError: Reason.REASON_PRACTICE_TOO_SHORT,
    ratings.WrongStateError: Reason.REASON_WRONG_STATE,
}
