"""The cause that a request names."""

from uuid import UUID

from apricot.glucose.v1.timeline_pb2 import Cause
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.errors import not_found
from services.glucose.store.causes import cause_exists


async def cause_of(session: AsyncSession, patient: UUID, cause: Cause) -> Cause | None:
    """The patient's own, its id as it is stored; None: none is named. Errors: NOT_FOUND."""
    kind = cause.WhichOneof("cause")
    if kind is None:
        return None
    found = UUID(getattr(cause, kind))
    if not await cause_exists(session, patient, kind, found):
        raise not_found("cause")
    return Cause(**{kind: str(found)})
