"""Which reason each exception of the domain and the store becomes."""

from apricot.errors.v1.reason_pb2 import Reason

from kit.chain import DomainErrors
from kit.pdfs import NotAPdfError
from kit.pictures import NotAPictureError, TooManyPixelsError
from services.consult.domain import (
    ages,
    appointments,
    attachments,
    calls,
    consultations,
    diagnoses,
    fee_bounds,
    fees,
    practice,
    prescriptions,
    public_words,
    ratings,
    talk,
    waiting,
)

ERRORS: DomainErrors = {
    ages.AgeUnknownError: Reason.REASON_AGE_UNKNOWN,
    ages.GuardianRequiredError: Reason.REASON_GUARDIAN_REQUIRED,
    appointments.AlreadyBookedError: Reason.REASON_ALREADY_EXISTS,
    appointments.SlotFullError: Reason.REASON_SLOT_FULL,
    appointments.TimeConflictError: Reason.REASON_TIME_CONFLICT,
    appointments.WrongStateError: Reason.REASON_WRONG_STATE,
    attachments.NotSupportedError: Reason.REASON_MEDIA_NOT_SUPPORTED,
    NotAPdfError: Reason.REASON_MEDIA_NOT_SUPPORTED,
    NotAPictureError: Reason.REASON_MEDIA_NOT_SUPPORTED,
    TooManyPixelsError: Reason.REASON_TOO_LARGE,
    calls.InCallError: Reason.REASON_ALREADY_EXISTS,
    calls.NoSuchCallsError: Reason.REASON_WRONG_STATE,
    calls.WrongStateError: Reason.REASON_WRONG_STATE,
    consultations.WrongStateError: Reason.REASON_WRONG_STATE,
    diagnoses.EvidenceRequiredError: Reason.REASON_EVIDENCE_REQUIRED,
    fee_bounds.FeeOutOfBoundsError: Reason.REASON_FEE_OUT_OF_BOUNDS,
    fees.FeeSettledError: Reason.REASON_WRONG_STATE,
    practice.LicenceExpiredError: Reason.REASON_LICENCE_EXPIRED,
    practice.LicenceDiffersError: Reason.REASON_LICENCE_DIFFERS,
    practice.PracticeTooShortError: Reason.REASON_PRACTICE_TOO_SHORT,
    prescriptions.NotEligibleError: Reason.REASON_NOT_ELIGIBLE,
    diagnoses.DiagnosisNotEligibleError: Reason.REASON_NOT_ELIGIBLE,
    prescriptions.RevisionMismatchError: Reason.REASON_REVISION_MISMATCH,
    prescriptions.WrongStateError: Reason.REASON_WRONG_STATE,
    public_words.ClaimNotAllowedError: Reason.REASON_CLAIM_NOT_ALLOWED,
    public_words.ContactDetailsError: Reason.REASON_CONTACT_DETAILS,
    ratings.WrongStateError: Reason.REASON_WRONG_STATE,
    talk.BadWindowError: Reason.REASON_INVALID_FIELD,
    talk.CannotSayError: Reason.REASON_NOT_ALLOWED,
    waiting.AlreadyWaitingError: Reason.REASON_ALREADY_EXISTS,
    waiting.WrongStateError: Reason.REASON_WRONG_STATE,
}
