"""Which reason each exception of the domain and the store becomes."""

from apricot.errors.v1.reason_pb2 import Reason

from kit.chain import DomainErrors
from services.glucose.domain.entries import RevisionMismatchError
from services.glucose.domain.photos import NotAPictureError, TooManyPixelsError
from services.glucose.store.entries import EntryExistsError

ERRORS: DomainErrors = {
    RevisionMismatchError: Reason.REASON_REVISION_MISMATCH,
    EntryExistsError: Reason.REASON_ENTRY_CONFLICT,
    NotAPictureError: Reason.REASON_MEDIA_NOT_SUPPORTED,
    TooManyPixelsError: Reason.REASON_TOO_LARGE,
}
