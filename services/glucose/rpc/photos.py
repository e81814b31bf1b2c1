"""`apricot.glucose.v1.PhotoService`."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

from apricot.access.v1.access_pb2 import SCOPE_MEAL_READ
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1 import photo_pb2
from apricot.glucose.v1.entry_pb2 import Entry

from kit import pictures
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError, invalid_field, not_found
from kit.objects import Objects
from kit.pictures import MEDIA_TYPE, NotAPictureError
from kit.times import to_timestamp
from kit.uploads import Uploads
from services.glucose.domain.photos import MOST_BYTES
from services.glucose.store import photos as store
from services.glucose.store.tables import PhotoRow

_CHUNK_BYTES = 256 << 10
_PICTURES_AT_ONCE = 2


class Photos:
    """Photos of meals."""

    def __init__(self, database: Database, objects: Objects, clock: Clock) -> None:
        self._database = database
        self._objects = objects
        self._clock = clock
        self._uploads = Uploads()
        self._opening = asyncio.Semaphore(_PICTURES_AT_ONCE)

    async def UploadPhoto(
        self, requests: AsyncIterator[photo_pb2.UploadPhotoRequest], call: Call
    ) -> photo_pb2.UploadPhotoResponse:
        uploader = call.caller.account_id
        first = await anext(requests, None)  # the chain has let the caller in when it comes
        if first is None:
            raise NotAPictureError("no bytes came")
        with self._uploads.counted(uploader):
            content = await _received(first, requests)
            row = await self._keep(UUID(first.patient_id), content, uploader)
        return photo_pb2.UploadPhotoResponse(photo=photo_message(row))

    async def DownloadPhoto(
        self, request: photo_pb2.DownloadPhotoRequest, call: Call
    ) -> AsyncIterator[photo_pb2.DownloadPhotoResponse]:
        patient = UUID(request.patient_id)
        row = await store.find(self._database, patient, UUID(request.photo_id))
        if row is None or not await self._shown(row, call):
            raise not_found("photo")
        content = await self._objects.get(store.object_key(patient, row.photo_id))
        if content is None:  # removed since it was found
            raise not_found("photo")
        yield photo_pb2.DownloadPhotoResponse(photo=photo_message(row), content=content[:_CHUNK_BYTES])
        for start in range(_CHUNK_BYTES, len(content), _CHUNK_BYTES):
            yield photo_pb2.DownloadPhotoResponse(content=content[start : start + _CHUNK_BYTES])

    async def _keep(self, patient: UUID, content: bytes, uploader: UUID) -> PhotoRow:
        sha256 = hashlib.sha256(content).digest()
        if found := await store.touch(self._database, patient, sha256, self._clock()):
            return found
        async with self._opening:
            picture = await pictures.made_anew(content)
        now = self._clock()
        row = PhotoRow(
            patient_id=patient,
            photo_id=uuid4(),
            sha256=sha256,
            media_type=MEDIA_TYPE,
            size_bytes=len(picture.content),
            width_pixels=picture.width_pixels,
            height_pixels=picture.height_pixels,
            uploader_id=uploader,
            create_time=now,
            touch_time=now,
            meal_ids=[],
        )
        key = store.object_key(patient, row.photo_id)
        await self._objects.put(key, picture.content)
        added = await store.add(self._database, row)
        if added.photo_id != row.photo_id:  # the same bytes came twice at once
            await self._objects.delete(key)
        return added

    async def _shown(self, row: PhotoRow, call: Call) -> bool:
        """To the patient, to the uploader, and to whom a meal's time is open that names it now."""
        if call.caller.account_id in (row.patient_id, row.uploader_id):
            return True
        view = call.view(row.patient_id)
        return any(
            view.shows(SCOPE_MEAL_READ, meal.time)
            and row.photo_id in map(UUID, Entry.FromString(meal.body).meal.photo_ids)
            for meal in await store.meals_of(self._database, row)
        )


def photo_message(row: PhotoRow) -> photo_pb2.Photo:
    """What there is to tell of a photo."""
    return photo_pb2.Photo(
        photo_id=str(row.photo_id),
        sha256=row.sha256.hex(),
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        width_pixels=row.width_pixels,
        height_pixels=row.height_pixels,
        uploader_id=str(row.uploader_id),
        create_time=to_timestamp(row.create_time),
    )


async def _received(first: photo_pb2.UploadPhotoRequest, further: AsyncIterator[photo_pb2.UploadPhotoRequest]) -> bytes:
    """The bytes to the end of the stream. Errors: TOO_LARGE."""
    content = bytearray(first.content)
    async for part in further:
        if part.patient_id != first.patient_id:
            raise invalid_field("patient_id", "is the same in every part of one stream")
        if len(content) + len(part.content) > MOST_BYTES:
            raise ApricotError(Reason.REASON_TOO_LARGE, f"a photo has at most {MOST_BYTES} bytes")
        content += part.content
    return bytes(content)
