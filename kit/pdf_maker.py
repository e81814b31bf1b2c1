"""PDFs as they are kept: their pages, and nothing that acts. A process of its own, which `kit.pdfs` starts.

pypdf is pure Python: a damaged file ends in an exception, not in foreign memory. What a page shows is kept as it is;
a filled form or a stamp is kept by its appearance.
"""

import io
import resource
import sys
from collections.abc import Iterator

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, NumberObject, StreamObject

from kit.pdfs import MAX_BYTES, MAX_PAGES, MAX_SECONDS, NOT_A_PDF, NotAPdfError

_MAX_MEMORY_BYTES = 1 << 30
_MAX_OBJECTS = 200_000
_OF_A_PAGE = {
    *("/Type", "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox", "/Rotate", "/UserUnit"),
    *("/Resources", "/Contents", "/Group"),
}
_ACTING = {
    *("/A", "/AA", "/OpenAction", "/JS", "/JavaScript", "/Launch", "/URI", "/Next", "/Names", "/Dests", "/Dest"),
    *("/EF", "/EmbeddedFiles", "/AF", "/FS", "/RichMediaContent", "/AcroForm", "/XFA", "/Metadata", "/PieceInfo"),
    *("/OPI", "/Ref", "/Info", "/Outlines", "/StructParent", "/StructParents", "/StructTreeRoot", "/OC", "/Properties"),
}
_EXTERNAL = {"/F", "/FFilter", "/FDecodeParms"}
"""Of a stream: its bytes lie in another file."""
_HIDDEN = 0b10_0010  # flags of an annotation: hidden, or not to be viewed
_NEVER = (b"/javascript", b"/launch", b"/embeddedfile", b"/openaction", b"<script", b"<html", b"<!doctype")


def made_anew(content: bytes) -> bytes:
    """Return the rebuilt PDF. Raise `NotAPdfError` when it cannot be rebuilt. Not for the event loop."""
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted or not 0 < len(reader.pages) <= MAX_PAGES:
            raise NotAPdfError("encrypted, empty, or too many pages")
        writer = PdfWriter()
        for page in reader.pages:
            _keep_what_is_seen(page)
            writer.add_page(page)
        writer.metadata = None
        out = io.BytesIO()
        writer.write(out)
    except NotAPdfError:
        raise
    except Exception as error:  # a damaged file breaks its reader in many ways
        raise NotAPdfError("not a PDF that can be rebuilt") from error
    made = out.getvalue()
    if len(made) > MAX_BYTES or any(word in made.lower() for word in _NEVER):
        raise NotAPdfError("too large, or something in it still acts")
    return made


def _keep_what_is_seen(page: DictionaryObject) -> None:
    """Leave a page its content; of its annotations the appearances."""
    stills = ArrayObject(_stills(page))
    for key in [key for key in page if key not in _OF_A_PAGE]:
        del page[key]
    if stills:
        page[NameObject("/Annots")] = stills
    _clean(page)


def _stills(page: DictionaryObject) -> Iterator[DictionaryObject]:
    """Each annotation that shows something, as a stamp that does nothing."""
    annotations = page.get("/Annots")
    for found in annotations.get_object() if annotations is not None else ():
        annotation = found.get_object()
        appearance = annotation.get("/AP")
        normal = appearance.get_object().get("/N") if appearance is not None else None
        if normal is None or int(annotation.get("/F", 0)) & _HIDDEN or annotation.get("/Subtype") == "/Popup":
            continue
        still = DictionaryObject()
        still[NameObject("/Type")], still[NameObject("/Subtype")] = NameObject("/Annot"), NameObject("/Stamp")
        still[NameObject("/F")] = NumberObject(0b100_0100)  # printed, and read-only
        still[NameObject("/AP")] = DictionaryObject({NameObject("/N"): normal})
        for key in ("/Rect", "/AS"):
            if key in annotation:
                still[NameObject(key)] = annotation[key]
        yield still


def _clean(page: DictionaryObject) -> None:
    """Remove what acts from everything that a page leads to."""
    waiting: list[object] = [page]
    seen = set[tuple[int, int]]()
    count = 0
    while waiting:
        found = waiting.pop()
        if isinstance(found, IndirectObject):
            name = (found.idnum, found.generation)
            if name in seen:
                continue
            seen.add(name)
            found = found.get_object()
        count += 1
        if count > _MAX_OBJECTS:
            raise NotAPdfError("too many objects")
        if isinstance(found, DictionaryObject):
            acting = _ACTING | _EXTERNAL if isinstance(found, StreamObject) else _ACTING
            for key in [key for key in found if key in acting]:
                del found[key]
            waiting.extend(found.raw_get(key) for key in found)
        elif isinstance(found, ArrayObject):
            waiting.extend(list.__iter__(found))


def main() -> int:
    """Read, rebuild, write."""
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY_BYTES, _MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the document
    try:
        made = made_anew(sys.stdin.buffer.read())
    except NotAPdfError:
        return NOT_A_PDF
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
