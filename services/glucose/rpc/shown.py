"""What a caller's grants open of a patient, where several scopes open the same, and where something new is written."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from apricot.access.v1.access_pb2 import Scope

from kit.access import denied
from kit.call import Call
from kit.views import Range, View, Window


def ranges(view: View, *scopes: Scope.ValueType) -> Sequence[Range]:
    """The ranges that any of the scopes opens, in order."""
    merged = View(
        frozenset(Window(scopes[0], each.start_time, each.end_time) for each in view.windows if each.scope in scopes)
    )
    return merged.ranges(scopes[0])


def require_present(call: Call, patient: UUID, scope: Scope.ValueType, now: datetime) -> None:
    """What is written now is data of now: a grant for the past alone does not open it. Errors:
    PATIENT_ACCESS_DENIED."""
    if not call.view(patient).shows(scope, now):
        raise denied()
