"""Attachments: told by their bytes, kept whole, or refused and nothing left behind."""

import asyncio
import hashlib
import io
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import grpc
import psutil
import pytest
from apricot.consult.v1.consultation_pb2 import CONSULTATION_STATE_CLOSED, CONSULTATION_STATE_WAITING
from apricot.consult.v1.conversation_pb2 import (
    ATTACHMENT_KIND_DOCUMENT,
    ATTACHMENT_KIND_PICTURE,
    ATTACHMENT_KIND_VOICE_NOTE,
    AttachmentKind,
    MessageContent,
    UploadAttachmentRequest,
    UploadAttachmentResponse,
)
from apricot.consult.v1.conversation_pb2_grpc import ConversationServiceStub
from apricot.errors.v1.reason_pb2 import Reason
from pypdf import PdfReader

from clients.sdk import ApricotError
from clients.sdk.parts import answer_to
from kit.clock import utc_now
from kit.database import Database
from kit.objects import Objects
from services.consult.store import attachments as store
from services.consult.work.attachments import KEEP_ABANDONED, remove_some
from stack.platform import Platform
from tests.consult.talk.arranged import Arranged, arranged
from tests.consult.talk.ear import listening
from tests.consult.talk.sounds import mp4, ogg_opus, pdf
from tests.patience import PATIENCE
from tests.people import People
from tests.pictures import CAMERA, HEIC, opened, picture, png_of

type Upload = "grpc.aio.StreamUnaryCall[UploadAttachmentRequest, UploadAttachmentResponse]"

_MIB = 1 << 20
_ZEROS = bytes(256 << 10)
GOOD = {
    "JPEG": (picture(), ATTACHMENT_KIND_PICTURE, "image/jpeg"),
    "PNG": (picture("PNG"), ATTACHMENT_KIND_PICTURE, "image/jpeg"),
    "WebP": (picture("WEBP"), ATTACHMENT_KIND_PICTURE, "image/jpeg"),
    "HEIC": (HEIC, ATTACHMENT_KIND_PICTURE, "image/jpeg"),
    "Opus": (ogg_opus(), ATTACHMENT_KIND_VOICE_NOTE, "audio/ogg"),
    "AAC": (mp4(), ATTACHMENT_KIND_VOICE_NOTE, "audio/mp4"),
    "AAC of another phone": (mp4(brand=b"mp42"), ATTACHMENT_KIND_VOICE_NOTE, "audio/mp4"),
    "PDF": (pdf(), ATTACHMENT_KIND_DOCUMENT, "application/pdf"),
}


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("evil.html", "<script>alert(1)</script>")
    return out.getvalue()


BAD = {
    "nothing": b"",
    "a word": b"x",
    "zeros": bytes(5000),
    "a program": b"MZ\x90\0" + bytes(2000),
    "a page": b"<html><script>alert(1)</script></html>" * 9,
    "an archive": _zip(),
    "a page that begins like a JPEG": b"\xff\xd8\xff\xe0<html>" + b"<script>alert(1)</script>" * 99,
    "half a JPEG": picture(size=(640, 480))[:2000],
    "a PDF with an archive behind it": pdf() + _zip(),
    "a PDF that is an archive too": pdf(_zip()),
    "half a PDF": pdf()[:-8],
    "Ogg Vorbis": ogg_opus().replace(b"OpusHead", b"\x01vorbis."),
    "Opus with an archive behind it": ogg_opus() + _zip(),
    "half a voice note": ogg_opus()[:-50],
    "two streams": ogg_opus() + ogg_opus(serial=8),
    "a film": mp4(handler=b"vide", coding=b"avc1", brand=b"isom"),
    "AAC with an archive behind it": mp4() + _zip(),
    "half an AAC": mp4()[:-50],
    "an AVIF": b"\0\0\0\x1cftypavif" + bytes(90),
}


@pytest.fixture(scope="module")
async def made(people: People, consult_database: Database) -> Arranged:
    return await arranged(people, consult_database)


@pytest.mark.parametrize(("content", "kind", "media_type"), GOOD.values(), ids=GOOD)
async def test_what_is_uploaded_can_be_shown_and_downloaded(
    made: Arranged, content: bytes, kind: AttachmentKind.ValueType, media_type: str
) -> None:
    attachment = await made.patient.session.upload_attachment(made.consultation_id, content)
    assert (attachment.kind, attachment.media_type) == (kind, media_type)
    assert attachment.uploader_id == made.patient.account_id
    kept = await made.doctor.session.download_attachment(made.consultation_id, attachment.attachment_id)
    assert (len(kept), hashlib.sha256(kept).hexdigest()) == (attachment.size_bytes, attachment.sha256)
    if kind == ATTACHMENT_KIND_PICTURE:
        assert opened(kept).size == (attachment.width_pixels, attachment.height_pixels)
        assert CAMERA.encode() not in kept
    elif kind == ATTACHMENT_KIND_DOCUMENT:  # rebuilt
        assert [page.extract_text() for page in PdfReader(io.BytesIO(kept)).pages] == ["glucose diary"]
    else:
        assert kept == content
    again = await made.patient.session.upload_attachment(made.consultation_id, content)
    assert again == attachment


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
async def test_what_is_in_disguise_is_refused(made: Arranged, content: bytes) -> None:
    with pytest.raises(ApricotError) as caught:
        await made.patient.session.upload_attachment(made.consultation_id, content)
    assert caught.value.reason == Reason.REASON_MEDIA_NOT_SUPPORTED


async def test_a_bomb_is_refused(made: Arranged) -> None:
    with pytest.raises(ApricotError) as caught:
        await made.patient.session.upload_attachment(made.consultation_id, png_of(30_000, 30_000))
    assert caught.value.reason == Reason.REASON_TOO_LARGE


async def test_two_gigabytes_are_cut_off_at_once_and_cost_no_memory(platform: Platform, made: Arranged) -> None:
    before = _memory(platform)
    for head in picture(), pdf(), mp4():
        while True:
            error, sent = await _flood(platform, made, head)
            assert sent < 200 * _MIB  # the limit, and what the buffers between took
            if error.reason:  # else grpc has lost it, which a client takes for a reason to try again
                break
        assert error.reason == Reason.REASON_TOO_LARGE
    assert _memory(platform) - before < 80 * _MIB
    async with made.database.connection() as connection:
        assert not await connection.fetchval(
            "select count(*) from attachment_upload where patient_id = $1", UUID(made.patient.account_id)
        )


async def test_uploads_that_are_given_up_cost_no_memory(platform: Platform, made: Arranged) -> None:
    """Twenty of 18 MiB, each by a client that vanishes before the end."""
    before = _memory(platform)
    for _ in range(20):
        async with _upload(platform, made) as call:
            await call.write(_part(made, pdf()))
            for _ in range(72):
                await call.write(_part(made, _ZEROS))
            call.cancel()
    assert _memory(platform) - before < 100 * _MIB


async def _flood(platform: Platform, made: Arranged, head: bytes) -> tuple[ApricotError, int]:
    """Up to 2 GiB of zeros behind a good beginning; how it ends, and after how many bytes."""
    async with _upload(platform, made) as call:
        sent = 0

        def parts() -> Iterator[UploadAttachmentRequest]:
            nonlocal sent
            yield _part(made, head)
            while sent < 2 << 30:
                sent += len(_ZEROS)
                yield _part(made, _ZEROS)

        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await answer_to(call, parts())
        return ApricotError.of(caught.value), sent


@asynccontextmanager
async def _upload(platform: Platform, made: Arranged) -> AsyncIterator[Upload]:
    async with grpc.aio.insecure_channel(platform.gateway_address.removeprefix("http://")) as channel:
        metadata = (("authorization", f"Bearer {await made.patient.token()}"),)
        yield ConversationServiceStub(channel).UploadAttachment(metadata=metadata, timeout=PATIENCE)


def _part(made: Arranged, content: bytes) -> UploadAttachmentRequest:
    return UploadAttachmentRequest(consultation_id=made.consultation_id, content=content)


def _memory(platform: Platform) -> int:
    return max(int(psutil.Process(replica.pid).memory_info().rss) for replica in platform.replicas("consult"))


async def test_the_same_bytes_at_once_are_one_attachment(made: Arranged) -> None:
    content = picture(seed=99)
    answers = await asyncio.gather(
        *(made.doctor.session.upload_attachment(made.consultation_id, content) for _ in range(4))
    )
    assert len({answer.attachment_id for answer in answers}) == 1


async def test_what_is_shown_is_of_this_consultation_and_of_the_right_kind(
    made: Arranged, people: People, consult_database: Database
) -> None:
    other = await arranged(people, consult_database, patient=made.patient, doctor=made.doctor)
    foreign = await made.patient.session.upload_attachment(other.consultation_id, picture(seed=1))
    document = await made.patient.session.upload_attachment(made.consultation_id, pdf(b"%1\n"))
    async with listening(made.patient, made.consultation_id) as patient:
        for bad in foreign.attachment_id, document.attachment_id:
            with pytest.raises(ApricotError) as caught:
                await patient.talk.send(MessageContent(picture_attachment_id=bad))
            assert caught.value.reason == Reason.REASON_NOT_FOUND
        shown = await patient.talk.show_picture(picture(seed=2))
        await patient.has(shown.sequence)
        assert (await patient.talk.show_document(pdf(b"%2\n"))).sequence
        assert (await patient.talk.speak(ogg_opus(pages=9), 7)).sequence
    with pytest.raises(ApricotError) as caught:
        await made.patient.session.download_attachment(made.consultation_id, foreign.attachment_id)
    assert caught.value.reason == Reason.REASON_NOT_FOUND
    async with consult_database.transaction() as session:
        ids = await store.attachment_ids(session, UUID(made.patient.account_id), UUID(other.consultation_id))
    assert ids == {UUID(foreign.attachment_id)}


async def test_nothing_is_uploaded_behind_the_end(people: People, consult_database: Database) -> None:
    made = await arranged(people, consult_database, state=CONSULTATION_STATE_WAITING)
    assert (await made.patient.session.upload_attachment(made.consultation_id, picture(seed=3))).attachment_id
    with pytest.raises(ApricotError) as caught:
        await made.doctor.session.upload_attachment(made.consultation_id, picture(seed=3))
    assert caught.value.reason == Reason.REASON_WRONG_STATE
    await made.enter(CONSULTATION_STATE_CLOSED)
    with pytest.raises(ApricotError) as caught:
        await made.patient.session.upload_attachment(made.consultation_id, picture(seed=4))
    assert caught.value.reason == Reason.REASON_WRONG_STATE


async def test_an_attachment_cannot_be_changed(made: Arranged) -> None:
    attachment = await made.patient.session.upload_attachment(made.consultation_id, pdf(b"%3\n"))
    async with made.database.connection() as connection:
        for statement in (
            "update attachment set media_type = '' where attachment_id = $1",
            "delete from attachment where attachment_id = $1",
        ):
            with pytest.raises(Exception, match="kept"):
                await connection.execute(statement, UUID(attachment.attachment_id))


async def test_the_objects_of_broken_uploads_go(consult_database: Database, tmp_path: Path) -> None:
    objects, patient, now = Objects(f"file://{tmp_path}"), uuid4(), utc_now()
    for age, name in (KEEP_ABANDONED + timedelta(minutes=1), "old"), (timedelta(), "new"):
        await objects.put(name, b"x")
        async with consult_database.transaction() as session:
            store.note_upload(session, name, patient, now - age)
    while await remove_some(consult_database, objects, lambda: now):
        pass
    assert await objects.get("old") is None
    assert await objects.get("new") == b"x"
    async with consult_database.connection() as connection:
        await connection.execute("delete from attachment_upload where patient_id = $1", patient)
