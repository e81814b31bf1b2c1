"""Photos of meals: kept, named, shown to whom a meal's time is open, and removed when nothing names them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_WRITE, SCOPE_MEAL_READ
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1 import diary_pb2, photo_pb2
from apricot.glucose.v1.entry_pb2 import Entry

from kit.bus import Event
from kit.clock import utc_now
from kit.database import Database
from kit.errors import ApricotError
from kit.objects import Objects
from kit.views import NOTHING, View, Window
from services.glucose import events
from services.glucose.domain.photos import MOST_BYTES
from services.glucose.rpc.diary import Diary
from services.glucose.rpc.photos import Photos
from services.glucose.store import photos as store
from services.glucose.store.journal import Journal
from services.glucose.work.accounts import on_accounts_deleted
from services.glucose.work.photos import KEEP_UNNAMED, remove_some
from stack.platform import Platform
from tests.glucose.called import Asleep, call
from tests.glucose.diaries import HAND, ago
from tests.pictures import opened, picture


class Album:
    """The photo and diary services on a real database and a folder."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder
        self.objects = Objects(folder.as_uri())
        self.photos = Photos(database, self.objects, utc_now)
        relay = Asleep()
        journal = Journal(database, events.entries_logged, relay.wake)
        self.diary = Diary(database, journal, relay, utc_now)  # type: ignore[arg-type]

    async def upload(self, patient: UUID, content: bytes, by: UUID | None = None, part: int = 200_000) -> str:
        parts = [content[start : start + part] for start in range(0, len(content), part)]
        return (await self.upload_parts(patient, parts, by)).photo_id

    async def upload_parts(self, patient: UUID, parts: Sequence[bytes], by: UUID | None = None) -> photo_pb2.Photo:
        async def stream() -> AsyncIterator[photo_pb2.UploadPhotoRequest]:
            for part in parts:
                yield photo_pb2.UploadPhotoRequest(patient_id=str(patient), content=part)

        answer = await self.photos.UploadPhoto(stream(), call("PhotoService/UploadPhoto", by or patient))
        return answer.photo

    async def download(self, patient: UUID, photo: str, by: UUID | None = None, view: View = NOTHING) -> bytes:
        request = photo_pb2.DownloadPhotoRequest(patient_id=str(patient), photo_id=photo)
        caller = call("PhotoService/DownloadPhoto", by or patient, {patient: view})
        return b"".join([part.content async for part in self.photos.DownloadPhoto(request, caller)])

    async def log(self, patient: UUID, *entries: Entry) -> list[diary_pb2.EntryResult]:
        request = diary_pb2.LogEntriesRequest(patient_id=str(patient), request_id=str(uuid4()), entries=entries)
        return list((await self.diary.LogEntries(request, call("DiaryService/LogEntries", patient))).results)

    async def amend(self, patient: UUID, entry: Entry, revision: int = 1) -> None:
        request = diary_pb2.AmendEntryRequest(
            patient_id=str(patient), request_id=str(uuid4()), entry=entry, expected_revision=revision
        )
        await self.diary.AmendEntry(request, call("DiaryService/AmendEntry", patient))

    async def age(self, photo: str, **amount: float) -> None:
        """Let it have been uploaded so long ago."""
        async with self.database.connection() as connection:
            await connection.execute(
                "update photo set touch_time = touch_time - $2::interval where photo_id = $1",
                UUID(photo),
                timedelta(**amount),
            )

    async def clean(self) -> None:
        while await remove_some(self.database, self.objects, utc_now):
            pass

    def files(self, patient: UUID) -> list[str]:
        """The photos that lie in the folder."""
        return sorted(path.name for path in self.folder.glob(f"photos/{patient}/*"))


@pytest.fixture
async def album(platform: Platform, tmp_path: Path) -> AsyncIterator[Album]:
    database = Database(platform.database_url, "glucose", platform.sealing_keys("glucose"))
    yield Album(database, tmp_path / "objects")
    await database.close()


def meal(*photos: str, time: datetime | None = None) -> Entry:
    entry = HAND.meal(time or ago(5), 45)
    entry.meal.photo_ids.extend(photos)
    return entry


def refuses(reason: Reason.ValueType) -> "pytest.RaisesExc[ApricotError]":
    return pytest.raises(ApricotError, check=lambda error: error.reason == reason)


def meals_of(start: datetime, end: datetime) -> View:
    return View(frozenset({Window(SCOPE_MEAL_READ, start, end)}))


async def test_what_was_uploaded_comes_back_made_anew(album: Album) -> None:
    patient, content = uuid4(), picture(size=(3000, 2000))
    photo = await album.upload_parts(patient, [content[:10], b"", content[10:]])
    kept = await album.download(patient, photo.photo_id)
    assert (photo.media_type, photo.size_bytes) == ("image/jpeg", len(kept))
    assert opened(kept).size == (photo.width_pixels, photo.height_pixels)
    assert not opened(kept).getexif()


async def test_the_same_bytes_are_the_same_photo_also_at_once(album: Album) -> None:
    patient, content = uuid4(), picture()
    both = await asyncio.gather(album.upload(patient, content), album.upload(patient, content))
    assert len({*both, await album.upload(patient, content)}) == 1
    assert album.files(patient) == [both[0]]
    assert await album.upload(uuid4(), content) != both[0]
    assert await album.upload(patient, picture(seed=1)) != both[0]


@pytest.mark.parametrize("size", [0, 1, MOST_BYTES, MOST_BYTES + 1])
async def test_the_largest_is_read_and_one_byte_more_is_not(album: Album, size: int) -> None:
    too_large = size > MOST_BYTES
    reason = Reason.REASON_TOO_LARGE if too_large else Reason.REASON_MEDIA_NOT_SUPPORTED
    patient = uuid4()
    with pytest.raises((ApricotError, ValueError)) as refused:
        await album.upload(patient, bytes(size))
    found = refused.value.reason if isinstance(refused.value, ApricotError) else Reason.REASON_MEDIA_NOT_SUPPORTED
    assert found == reason
    assert album.files(patient) == []


async def test_a_picture_of_eight_mebibytes_is_taken(album: Album) -> None:
    content = picture(size=(320, 240))
    photo = await album.upload(uuid4(), content + bytes(MOST_BYTES - len(content)))
    assert photo


async def test_a_broken_upload_leaves_nothing(album: Album) -> None:
    patient, content = uuid4(), picture()

    async def breaks() -> AsyncIterator[photo_pb2.UploadPhotoRequest]:
        yield photo_pb2.UploadPhotoRequest(patient_id=str(patient), content=content)
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await album.photos.UploadPhoto(breaks(), call("PhotoService/UploadPhoto", patient))
    assert album.files(patient) == []
    assert await store.touch(album.database, patient, b"", utc_now()) is None
    for _ in range(9):  # nor does it count as one under way
        with pytest.raises(asyncio.CancelledError):
            await album.photos.UploadPhoto(breaks(), call("PhotoService/UploadPhoto", patient))
    assert await album.upload(patient, content)


async def test_an_upload_is_one_patient_s(album: Album) -> None:
    async def two() -> AsyncIterator[photo_pb2.UploadPhotoRequest]:
        for _ in range(2):
            yield photo_pb2.UploadPhotoRequest(patient_id=str(uuid4()), content=b"x")

    with refuses(Reason.REASON_INVALID_FIELD):
        await album.photos.UploadPhoto(two(), call("PhotoService/UploadPhoto", uuid4()))


async def test_few_uploads_of_one_caller_s_go_on_at_once(album: Album) -> None:
    patient, begun, go_on = uuid4(), asyncio.Semaphore(0), asyncio.Event()

    async def slow() -> AsyncIterator[photo_pb2.UploadPhotoRequest]:
        yield photo_pb2.UploadPhotoRequest(patient_id=str(patient), content=picture())
        begun.release()
        await go_on.wait()

    def upload() -> "asyncio.Task[photo_pb2.UploadPhotoResponse]":
        return asyncio.create_task(album.photos.UploadPhoto(slow(), call("PhotoService/UploadPhoto", patient)))

    under_way = [upload() for _ in range(4)]
    for _ in under_way:
        await begun.acquire()
    with refuses(Reason.REASON_RATE_LIMITED):
        await upload()
    assert await album.upload(uuid4(), picture())  # somebody else
    go_on.set()
    await asyncio.gather(*under_way)
    assert await album.upload(patient, picture())


async def test_a_meal_names_the_patient_s_own_photos_alone(album: Album) -> None:
    patient, other = uuid4(), uuid4()
    mine, theirs = await album.upload(patient, picture()), await album.upload(other, picture())
    good, bad, made_up, plain = meal(mine), meal(mine, theirs), meal(str(uuid4())), meal()
    for minute, entry in enumerate((good, bad, made_up, plain)):
        entry.time.seconds -= 60 * minute
    results = await album.log(patient, good, bad, made_up, plain)
    created, rejected = diary_pb2.ENTRY_OUTCOME_CREATED, diary_pb2.ENTRY_OUTCOME_REJECTED
    assert [result.outcome for result in results] == [created, rejected, rejected, created]
    assert {(result.reason, result.field) for result in results if result.outcome == rejected} == {
        (Reason.REASON_PHOTO_UNKNOWN, "meal.photo_ids")
    }
    again = meal(mine.upper(), time=ago(90))  # a UUID is one whatever its letters
    assert (await album.log(patient, again))[0].outcome == created


async def test_an_amendment_cannot_name_another_s_photo_either(album: Album) -> None:
    patient = uuid4()
    entry = meal()
    await album.log(patient, entry)
    theirs = await album.upload(uuid4(), picture())
    entry.meal.photo_ids.append(theirs)
    with refuses(Reason.REASON_PHOTO_UNKNOWN):
        await album.amend(patient, entry)
    entry.meal.photo_ids[0] = await album.upload(patient, picture())
    await album.amend(patient, entry)


async def test_a_photo_is_shown_with_a_meal_of_a_time_that_is_open(album: Album) -> None:
    patient, doctor, start = uuid4(), uuid4(), ago(600)
    photo = await album.upload(patient, picture())
    open_to_all = meals_of(ago(9999), ago(-60))
    with refuses(Reason.REASON_NOT_FOUND):  # no meal names it yet
        await album.download(patient, photo, doctor, open_to_all)
    entry = meal(photo, time=start)
    await album.log(patient, entry)
    assert await album.download(patient, photo, doctor, meals_of(start, start + timedelta(seconds=1)))
    for closed in (
        meals_of(start + timedelta(seconds=1), ago(-60)),
        meals_of(ago(9999), start),
        NOTHING,
        View(frozenset({Window(SCOPE_GLUCOSE_WRITE)})),
    ):
        with refuses(Reason.REASON_NOT_FOUND):
            await album.download(patient, photo, doctor, closed)


async def test_it_is_shown_no_more_when_its_meal_lets_it_go(album: Album) -> None:
    patient, doctor, view = uuid4(), uuid4(), meals_of(ago(9999), ago(-60))
    photo = await album.upload(patient, picture())
    entry = meal(photo)
    await album.log(patient, entry)
    assert await album.download(patient, photo, doctor, view)
    entry.meal.ClearField("photo_ids")
    await album.amend(patient, entry)
    with refuses(Reason.REASON_NOT_FOUND):
        await album.download(patient, photo, doctor, view)
    assert await album.download(patient, photo)  # the patient's history keeps it


async def test_who_uploaded_it_sees_it(album: Album) -> None:
    patient, mother = uuid4(), uuid4()
    photo = await album.upload(patient, picture(), by=mother)
    assert await album.download(patient, photo, mother, View(frozenset({Window(SCOPE_GLUCOSE_WRITE)})))
    await album.upload(patient, picture(), by=uuid4())  # the same bytes by somebody else change nothing
    assert await album.download(patient, photo, mother)


async def test_another_patient_s_photo_is_none(album: Album) -> None:
    photo = await album.upload(uuid4(), picture())
    for unknown in photo, str(uuid4()):
        with refuses(Reason.REASON_NOT_FOUND):
            await album.download(uuid4(), unknown)


async def test_what_no_meal_names_goes_after_a_week(album: Album) -> None:
    patient = uuid4()
    forgotten, named, fresh, again = [await album.upload(patient, picture(seed=n)) for n in range(4)]
    entry = meal(named)
    await album.log(patient, entry)
    for photo in forgotten, named, again:
        await album.age(photo, days=8)
    await album.age(fresh, days=6, hours=23)
    assert await album.upload(patient, picture(seed=3)) == again
    entry.meal.ClearField("photo_ids")
    await album.amend(patient, entry)  # it was named once, and so it is part of the history
    await album.clean()
    assert album.files(patient) == sorted([named, fresh, again])
    with refuses(Reason.REASON_NOT_FOUND):
        await album.download(patient, forgotten)
    assert (await album.log(patient, meal(forgotten, time=ago(70))))[0].reason == Reason.REASON_PHOTO_UNKNOWN
    assert timedelta(days=7) == KEEP_UNNAMED


async def test_with_the_account_go_the_photos_that_no_meal_names(album: Album) -> None:
    patient, other = uuid4(), uuid4()
    named, unnamed = await album.upload(patient, picture()), await album.upload(patient, picture(seed=1))
    others = await album.upload(other, picture())
    await album.log(patient, meal(named))
    told = Event(1, "identity-1", "account", "deleted", str(patient), b"", 0)
    for _ in range(2):
        async with album.database.transaction() as session:
            await on_accounts_deleted(session, [told])
        await album.clean()
    assert album.files(patient) == [named]
    assert album.files(other) == [others]
    with refuses(Reason.REASON_NOT_FOUND):
        await album.download(patient, unnamed)
