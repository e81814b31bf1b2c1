"""Uploaded PDFs are rebuilt: what is seen stays, what acts goes."""

import io
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText, Link
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, RectangleObject, TextStringObject

from kit import pdfs
from kit.pdfs import NotAPdfError, made_anew
from tests.pdfs import pdf, written

ACTING = (b"javascript", b"/js", b"launch", b"embeddedfile", b"openaction", b"attached-secret", b"/uri", b"<script")


def name(text: str) -> NameObject:
    return NameObject(text)


def hostile() -> bytes:
    """A page with everything that a PDF can do when it is opened."""
    writer = PdfWriter(clone_from=io.BytesIO(pdf("HbA1c 7.2 %")))
    script = DictionaryObject({name("/S"): name("/JavaScript"), name("/JS"): TextStringObject("app.alert('opened')")})
    writer.add_attachment("page.html", b"attached-secret <script>alert(1)</script>")
    launch = DictionaryObject({name("/S"): name("/Launch"), name("/F"): TextStringObject("/bin/sh")})
    writer.root_object[name("/OpenAction")] = launch
    writer.pages[0][name("/AA")] = DictionaryObject({name("/O"): script})
    writer.add_annotation(0, Link(rect=RectangleObject((0, 0, 9, 9)), url="http://evil.example/"))
    note = FreeText(text="<script>", rect=(50, 50, 200, 80))
    appearance = DecodedStreamObject()
    appearance.set_data(b"BT /F1 9 Tf (stamped words) Tj ET")
    appearance.update({name("/Type"): name("/XObject"), name("/Subtype"): name("/Form")})
    note[name("/AP")] = DictionaryObject({name("/N"): writer._add_object(appearance)})
    note[name("/A")] = DictionaryObject({name("/S"): name("/JavaScript"), name("/JS"): TextStringObject("app.beep()")})
    writer.add_annotation(0, note)
    writer.add_metadata({"/Title": "<script>alert(1)</script>"})
    return b"%PDF-1.7\n<html><script>alert(1)</script></html>\n" + written(writer)


async def test_rebuilt_pdf_shows_its_page_and_acts_on_nothing() -> None:
    made = await made_anew(hostile())
    [page] = PdfReader(io.BytesIO(made)).pages
    assert "HbA1c 7.2 %" in page.extract_text()
    assert not [word for word in ACTING if word in made.lower()]
    stills: Any = page["/Annots"]
    still = stills[0].get_object()
    assert len(stills) == 1
    assert set(still) == {"/Type", "/Subtype", "/F", "/AP", "/Rect"}
    assert b"stamped words" in still["/AP"]["/N"].get_data()


async def test_names_that_are_written_otherwise_are_found() -> None:
    made = await made_anew(
        hostile().replace(b"/JavaScript", b"/J#61vaScript").replace(b"/OpenAction", b"/Open#41ction")
    )
    assert not [word for word in ACTING if word in made.lower()]


async def test_rebuilt_pdf_is_rebuilt_to_the_same_pages() -> None:
    once = await made_anew(pdf("one", "two"))
    again = await made_anew(once)
    texts = [page.extract_text() for page in PdfReader(io.BytesIO(again)).pages]
    assert texts == ["one", "two"]


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7\n%%EOF\n", b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"],
    ids=["nothing", "no objects", "no pages"],
)
async def test_pdf_that_cannot_be_rebuilt_is_refused(content: bytes) -> None:
    with pytest.raises(NotAPdfError):
        await made_anew(content)


async def test_encrypted_pdf_is_refused() -> None:
    writer = PdfWriter(clone_from=io.BytesIO(pdf("sealed")))
    writer.encrypt("", algorithm="RC4-128")
    with pytest.raises(NotAPdfError):
        await made_anew(written(writer))


async def test_pdf_of_too_many_pages_is_refused() -> None:
    writer = PdfWriter()
    for _ in range(pdfs.MAX_PAGES + 1):
        writer.add_blank_page(10, 10)
    with pytest.raises(NotAPdfError):
        await made_anew(written(writer))
