"""The cause that a request names."""

from uuid import UUID

from apricot.glucose.v1.alert_pb2 import Alert
from apricot.glucose.v1.entry_pb2 import Entry
from apricot.glucose.v1.timeline_pb2 import Cause, TimelineItem
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.errors import not_found
from kit.views import View
from services.glucose.rpc import sharing
from services.glucose.store.causes import cause_body


async def cause_of(session: AsyncSession, patient: UUID, cause: Cause, view: View) -> Cause | None:
    """The patient's own and shown to the caller, its id as it is stored; None: none is named. Errors: NOT_FOUND."""
    kind = cause.WhichOneof("cause")
    if kind is None:
        return None
    found = UUID(getattr(cause, kind))
    body = await cause_body(session, patient, kind, found)
    if body is None or not _shows(view, kind, body):
        raise not_found("cause")
    return Cause(**{kind: str(found)})


def _shows(view: View, kind: str, body: bytes) -> bool:
    match kind:
        case "entry_id":
            return sharing.shows(view, Entry.FromString(body))
        case "alert_id":
            return sharing.shows_alert(view, Alert.FromString(body))
        case _:
            return sharing.shows_item(view, TimelineItem.FromString(body))
