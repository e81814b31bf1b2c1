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
from services.consult.domain import appointments, waiting

ERRORS: DomainErrors = {
    appointments.WrongStateError: Reason.REASON_WRONG_STATE,
    appointments.SlotFullError: Reason.REASON_SLOT_FULL,
    appointments.AlreadyBookedError: Reason.REASON_ALREADY_EXISTS,
    appointments.TimeConflictError: Reason.REASON_TIME_CONFLICT,
    waiting.WrongStateError: Reason.REASON_WRONG_STATE,
    waiting.AlreadyWaitingError: Reason.REASON_ALREADY_EXISTS,
from kit.pictures import NotAPictureError, TooManyPixelsError
from services.consult.domain.attachments import NotSupportedError
from services.consult.domain.talk import BadWindowError, CannotSayError

ERRORS: DomainErrors = {
    BadWindowError: Reason.REASON_INVALID_FIELD,
    CannotSayError: Reason.REASON_NOT_ALLOWED,
    NotAPictureError: Reason.REASON_MEDIA_NOT_SUPPORTED,
    NotSupportedError: Reason.REASON_MEDIA_NOT_SUPPORTED,
    TooManyPixelsError: Reason.REASON_TOO_LARGE,
from services.consult.domain import prescriptions

ERRORS: DomainErrors = {
    prescriptions.WrongStateError: Reason.REASON_WRONG_STATE,
    prescriptions.NotEligibleError: Reason.REASON_NOT_ELIGIBLE,
    prescriptions.AgeUnknownError: Reason.REASON_AGE_UNKNOWN,
    prescriptions.GuardianRequiredError: Reason.REASON_GUARDIAN_REQUIRED,
    prescriptions.RevisionMismatchError: Reason.REASON_REVISION_MISMATCH,
}
