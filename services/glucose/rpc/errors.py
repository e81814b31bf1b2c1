"""Which reason each exception of the domain and the store becomes."""

from apricot.errors.v1.reason_pb2 import Reason

from kit.chain import DomainErrors
from kit.pictures import NotAPictureError, TooManyPixelsError
from services.glucose.domain.alerts.rules import SnoozeTooLongError, UnsafeThresholdsError
from services.glucose.domain.entries import RevisionMismatchError
from services.glucose.domain.plans import UndecidedDraftError, WrongStateError
from services.glucose.store.entries import EntryExistsError

ERRORS: DomainErrors = {
    RevisionMismatchError: Reason.REASON_REVISION_MISMATCH,
    WrongStateError: Reason.REASON_WRONG_STATE,
    UndecidedDraftError: Reason.REASON_DRAFT_UNDECIDED,
    EntryExistsError: Reason.REASON_ENTRY_CONFLICT,
    UnsafeThresholdsError: Reason.REASON_UNSAFE_THRESHOLDS,
    SnoozeTooLongError: Reason.REASON_SNOOZE_TOO_LONG,
    NotAPictureError: Reason.REASON_MEDIA_NOT_SUPPORTED,
    TooManyPixelsError: Reason.REASON_TOO_LARGE,
}
