"""Meals on their way in that name photos: the photos must be the patient's."""

from collections.abc import Sequence
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.entry_pb2 import Entry

from kit.database import Database
from services.glucose.rpc.intake import Rejection, rejection
from services.glucose.store import photos
from services.glucose.store.group import NewEntry


async def check_photos(
    database: Database, patient: UUID, entries: Sequence[Entry], admitted: Sequence[NewEntry | Rejection]
) -> list[NewEntry | Rejection]:
    """The admitted entries, those rejected that name a photo which is none of the patient's."""
    naming = [
        (UUID(photo), found.entry_id)
        for entry, found in zip(entries, admitted, strict=True)
        if isinstance(found, NewEntry)
        for photo in entry.meal.photo_ids
    ]
    if not naming:
        return list(admitted)
    known = await photos.name(database, patient, naming)
    return [
        rejection(entry, Reason.REASON_PHOTO_UNKNOWN, "meal.photo_ids", "no such photo of this patient's")
        if isinstance(found, NewEntry) and not known.issuperset(map(UUID, entry.meal.photo_ids))
        else found
        for entry, found in zip(entries, admitted, strict=True)
    ]
