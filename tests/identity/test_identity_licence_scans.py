"""Scans of certificates: made anew, seen by the owner and by who reviews, gone in the end."""

import io
from datetime import timedelta

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import account_pb2, audit_pb2, licence_pb2
from apricot.identity.v1.licence_pb2 import LICENCE_STATE_APPROVED
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from services.identity.domain.licences import MAX_SCANS
from tests.identity.running import Person, Running, refused, request_id


def picture() -> bytes:
    """A JPEG that tells where it was taken."""
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = "taken at home"
    Image.new("RGB", (60, 40), "white").save(file, "JPEG", exif=exif)
    return file.getvalue()


def document() -> bytes:
    """A PDF with a script."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(script)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


async def add(running: Running, by: Person, licence_id: str, content: bytes = b"") -> licence_pb2.LicenceScan:
    request = licence_pb2.AddLicenceScanRequest(
        request_id=request_id(), licence_id=licence_id, content=content or picture()
    )
    return (await running.licence("AddLicenceScan", request, by)).scan  # type: ignore[no-any-return]


async def get(running: Running, by: Person, licence_id: str, scan_id: str) -> licence_pb2.GetLicenceScanResponse:
    request = licence_pb2.GetLicenceScanRequest(licence_id=licence_id, scan_id=scan_id)
    return await running.licence("GetLicenceScan", request, by)  # type: ignore[no-any-return]


async def test_who_reviews_sees_the_scans_and_the_owner_that_they_were_seen(own: Running) -> None:
    person, admin = await own.sign_in(), await own.admin()
    licence = await own.submit(person)
    added = [await add(own, person, licence.licence_id, content) for content in (picture(), document())]
    assert [scan.media_type for scan in added] == ["image/jpeg", "application/pdf"]
    listed = (await own.licence("ListLicences", licence_pb2.ListLicencesRequest(), admin)).licences
    [scans] = [list(each.scans) for each in listed if each.licence_id == licence.licence_id]
    assert {scan.scan_id for scan in scans} == {scan.scan_id for scan in added}
    for scan in added:
        shown = await get(own, admin, licence.licence_id, scan.scan_id)
        assert len(shown.content) == scan.size_bytes
        assert b"taken at home" not in shown.content
        assert b"JavaScript" not in shown.content
        assert await get(own, person, licence.licence_id, scan.scan_id) == shown
    seen = (await own.audit("ListAccessEvents", audit_pb2.ListAccessEventsRequest(), person)).events
    looks = [event.actor_id for event in seen if event.action.endswith("GetLicenceScan")]
    assert looks == [admin.account_id] * 2
    kept = await own.execute("select vaulted_content from licence_scan")
    assert not any(b"JFIF" in bytes(row["vaulted_content"]) or b"%PDF" in bytes(row["vaulted_content"]) for row in kept)


async def test_scans_of_others_do_not_exist(shared: Running) -> None:
    person, stranger = await shared.sign_in(), await shared.sign_in()
    licence = await shared.submit(person)
    scan = await add(shared, person, licence.licence_id)
    with refused(Reason.REASON_NOT_FOUND):
        await get(shared, stranger, licence.licence_id, scan.scan_id)
    with refused(Reason.REASON_NOT_FOUND):
        await add(shared, stranger, licence.licence_id)
    with refused(Reason.REASON_NOT_FOUND):
        await get(shared, person, (await shared.submit(person)).licence_id, scan.scan_id)


@pytest.mark.parametrize("content", [b"x", b"%PDF-1.7 nothing", b"<html>", picture()[:200]])
async def test_what_cannot_be_made_anew_is_refused(shared: Running, content: bytes) -> None:
    person = await shared.sign_in()
    licence = await shared.submit(person)
    with refused(Reason.REASON_MEDIA_NOT_SUPPORTED):
        await add(shared, person, licence.licence_id, content)


async def test_three_scans_until_the_review(shared: Running) -> None:
    person = await shared.sign_in()
    licence = await shared.submit(person)
    for _ in range(MAX_SCANS):
        await add(shared, person, licence.licence_id)
    with refused(Reason.REASON_TOO_MANY):
        await add(shared, person, licence.licence_id)
    await shared.review(licence.licence_id, LICENCE_STATE_APPROVED)
    with refused(Reason.REASON_WRONG_STATE):
        await add(shared, person, licence.licence_id)


async def test_scans_go_with_the_account(own: Running) -> None:
    person = await own.sign_in()
    await add(own, person, (await own.submit(person)).licence_id)
    assert await own.execute("select from licence_scan")
    own.clock.now += timedelta(minutes=1)
    deletion = account_pb2.DeleteAccountRequest(request_id=request_id(), fresh_proof=person.fresh_proof)
    await own.account("DeleteAccount", deletion, person)
    assert await own.execute("select from licence_scan") == []
