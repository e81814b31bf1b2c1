"""Small things that unfold: messages, JSON, pictures and documents. Each is refused, and no process swells."""

import gzip
import zlib
from collections.abc import Callable
from uuid import uuid4

import aiohttp
import grpc
import pytest
from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_MODE_TEXT,
    ClaimConsultationRequest,
    OpenConsultationRequest,
)
from apricot.errors.v1.reason_pb2 import Reason

from clients.sdk import ApricotError
from kit import contract
from stack.platform import Platform
from tests.consult.doctors import listed_doctor
from tests.e2e.conftest import Doors
from tests.e2e.wire import OPTIONS, bearer, length_delimited, outcome_of
from tests.hardening.siege import siege
from tests.people import People, Person
from tests.pictures import HEIC, png_of

LOG = "/apricot.glucose.v1.DiaryService/LogEntries"
UPLOAD = "/apricot.glucose.v1.DiaryService/UploadEntries"
MIB = 1 << 20
MOST_MIB = 150


@pytest.mark.parametrize("door", ["gateway", "direct"])
@pytest.mark.parametrize("path", [LOG, UPLOAD])
async def test_a_compressed_bomb_is_refused(
    path: str, door: str, platform: Platform, ways_in: Doors, bystander: Person
) -> None:
    """256 KiB of gzip that are 256 MiB."""
    message = length_delimited(1, bytes(256 * MIB))
    assert len(gzip.compress(message, 6)) < MIB
    address = ways_in.address(door, contract.methods()[path])
    options = [*OPTIONS, ("grpc.max_send_message_length", 512 * MIB)]
    token = await bystander.token()
    async with (
        siege(platform, bystander, most_mib=MOST_MIB),
        grpc.aio.insecure_channel(address, options=options) as channel,
    ):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await send_compressed(channel, path, message, token)
    assert outcome_of(caught.value).code is grpc.StatusCode.RESOURCE_EXHAUSTED


async def send_compressed(channel: grpc.aio.Channel, path: str, message: bytes, token: str) -> bytes:
    if path == LOG:
        unary: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(path)
        return await unary(message, timeout=30, metadata=bearer(token), compression=grpc.Compression.Gzip)
    upload: grpc.aio.StreamUnaryMultiCallable[bytes, bytes] = channel.stream_unary(path)
    return await upload(iter([message]), timeout=30, metadata=bearer(token), compression=grpc.Compression.Gzip)


async def test_deep_nesting_is_refused(platform: Platform, ways_in: Doors, bystander: Person) -> None:
    deep = b""
    for _ in range(5000):
        deep = length_delimited(3, deep)
    token = await bystander.token()
    async with siege(platform, bystander, most_mib=MOST_MIB), aiohttp.ClientSession(ways_in.gateway_url) as http:
        for door in ("gateway", "direct"):
            assert (await ways_in.call(door, LOG, deep, token)).reason == "MALFORMED_MESSAGE"
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        for body in (b"[" * MIB, b'{"entries":' * 90_000, b'{"entries":[{"note":' + b'{"a":' * 100_000):
            async with http.post(f"/v1/patients/{bystander.account_id}/entries", data=body, headers=headers) as answer:
                assert answer.status == 400


def giant_gif() -> bytes:
    """65,535 × 65,535 pixels, and none of them there."""
    return b"GIF89a" + b"\xff\xff" * 2 + b"\x80\0\0" + bytes(6) + b",\0\0\0\0\xff\xff\xff\xff\0\x02\x02D\x01\0;"


def giant_heic() -> bytes:
    """A real one, whose header says that it is as large as can be."""
    at = HEIC.index(b"ispe") + 8
    return HEIC[:at] + b"\0\0\xff\xff" * 2 + HEIC[at + 8 :]


def text_bomb() -> bytes:
    """A PNG whose comment unfolds to 256 MiB."""
    body = b"Comment\0\0" + zlib.compress(bytes(256 * MIB), 1)
    chunk = len(body).to_bytes(4) + b"zTXt" + body + zlib.crc32(b"zTXt" + body).to_bytes(4)
    plain = png_of(8, 8)
    return plain[:33] + chunk + plain[33:]


def pdf_bomb() -> bytes:
    """A page whose content unfolds to 256 MiB."""
    packed = zlib.compress(bytes(256 * MIB), 1)
    stream = b"4 0 obj\n<</Length %d/Filter/FlateDecode>>stream\n" % len(packed) + packed + b"\nendstream\nendobj\n"
    tree = (
        b"1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
        b"2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
        b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R>>\nendobj\n"
    )
    return b"%PDF-1.7\n" + tree + stream + b"trailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"


@pytest.fixture(scope="module")
async def consultation_id(people: People, bystander: Person) -> str:
    doctor = await listed_doctor(people, "endocrinology")
    opening = OpenConsultationRequest(
        request_id=str(uuid4()), doctor_id=doctor.account_id, mode=CONSULTATION_MODE_TEXT, complaint="看图"
    )
    found = (await bystander.session.consultations.OpenConsultation(opening)).consultation.consultation_id
    claim = ClaimConsultationRequest(request_id=str(uuid4()), consultation_id=found)
    await doctor.session.consultations.ClaimConsultation(claim)
    return found


@pytest.mark.parametrize("bomb", [lambda: png_of(30_000, 30_000), giant_gif, giant_heic, text_bomb])
async def test_bombs_as_photos_are_refused(platform: Platform, bystander: Person, bomb: Callable[[], bytes]) -> None:
    content = bomb()
    async with siege(platform, bystander, most_mib=MOST_MIB):
        with pytest.raises(ApricotError) as caught:
            await bystander.session.upload_photo(bystander.account_id, content)
    assert caught.value.reason in (Reason.REASON_MEDIA_NOT_SUPPORTED, Reason.REASON_TOO_LARGE)


@pytest.mark.parametrize("bomb", [lambda: png_of(30_000, 30_000), giant_gif, giant_heic, text_bomb])
async def test_bombs_as_attachments_are_refused(
    platform: Platform, bystander: Person, consultation_id: str, bomb: Callable[[], bytes]
) -> None:
    content = bomb()
    async with siege(platform, bystander, most_mib=MOST_MIB):
        with pytest.raises(ApricotError) as caught:
            await bystander.session.upload_attachment(consultation_id, content)
    assert caught.value.reason in (Reason.REASON_MEDIA_NOT_SUPPORTED, Reason.REASON_TOO_LARGE)


async def test_a_document_is_never_unfolded(platform: Platform, bystander: Person, consultation_id: str) -> None:
    """It is rebuilt from its packed pages."""
    content = pdf_bomb()
    async with siege(platform, bystander, most_mib=MOST_MIB):
        kept = await bystander.session.upload_attachment(consultation_id, content)
    assert abs(kept.size_bytes - len(content)) < 4096
