"""What may be uploaded into a consultation, told by the bytes themselves, whatever their sender calls them."""

from dataclasses import dataclass
from enum import Enum

_SURE_BYTES = 64
"""So many tell what a file says that it is."""


class NotSupportedError(ValueError):
    """The bytes are no whole file of a kind that is taken."""


class Kind(Enum):
    """What an attachment is."""

    PICTURE = "picture"
    VOICE_NOTE = "voice note"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file that is taken."""

    kind: Kind
    media_type: str
    most_bytes: int


_MIB = 1 << 20
PICTURE = Format(Kind.PICTURE, "image/jpeg", 10 * _MIB)
"""Made anew from its pixels, whatever it was."""
OGG_OPUS = Format(Kind.VOICE_NOTE, "audio/ogg", 5 * _MIB)
MP4_AAC = Format(Kind.VOICE_NOTE, "audio/mp4", 5 * _MIB)
PDF = Format(Kind.DOCUMENT, "application/pdf", 20 * _MIB)

_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_AUDIO_BRANDS = (b"M4A ", b"M4B ", b"mp41", b"mp42", b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"3gp4", b"3gp5")
_BEFORE_OPUS = 28
"""The header of an Ogg page with one segment."""


def claimed(head: bytes, *, whole: bool = False) -> Format | None:
    """What a file claims to be that begins like this; None: too little to tell. Errors: `NotSupportedError`."""
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return PICTURE
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"OggS") and head[_BEFORE_OPUS:].startswith(b"OpusHead"):
        return OGG_OPUS
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return PICTURE
    if head[4:8] == b"ftyp" and head[8:12] in _AUDIO_BRANDS:
        return MP4_AAC
    if whole or len(head) >= _SURE_BYTES:
        raise NotSupportedError("a JPEG, PNG, WebP or HEIC picture, an Ogg Opus or AAC voice note, or a PDF")
    return None


def check_whole(format_: Format, content: bytes) -> None:
    """Whether a file is to its last byte what it claims to be: nothing is hidden behind its end. A picture is judged by
    its decoder. Errors: `NotSupportedError`."""
    whole = {OGG_OPUS: _is_ogg_opus, MP4_AAC: _is_mp4_aac, PDF: _is_pdf}.get(format_)
    if whole is not None and not whole(content):
        raise NotSupportedError(f"not a whole {format_.media_type}")


def _is_ogg_opus(content: bytes) -> bool:
    """Pages from the first byte to the last (RFC 3533), of one stream, which is Opus (RFC 7845)."""
    starts = [0]
    while (start := starts[-1]) < len(content):
        segments = int.from_bytes(content[start + 26 : start + 27])
        table = content[start + 27 : start + 27 + segments]
        if content[start : start + 5] != b"OggS\0" or content[start + 14 : start + 18] != content[14:18]:
            return False
        starts.append(start + 27 + segments + sum(table))
    return starts[-1] == len(content) and len(starts) > 3  # head, tags and at least one page of sound


def _is_mp4_aac(content: bytes) -> bool:
    """Boxes from the first byte to the last (ISO 14496-12): sound coded as AAC, and no video."""
    boxes: dict[bytes, bytes] = {}
    start = 0
    while start < len(content):
        size, kind = int.from_bytes(content[start : start + 4]), content[start + 4 : start + 8]
        header = 8
        if size == 1:
            size, header = int.from_bytes(content[start + 8 : start + 16]), 16
        if size < header or start + size > len(content):
            return False
        boxes[kind] = content[start + header : start + size]
        start += size
    movie = boxes.get(b"moov", b"")
    return b"mdat" in boxes and b"soun" in movie and b"mp4a" in movie and b"vide" not in movie


def _is_pdf(content: bytes) -> bool:
    """From its header to its end mark; and no archive at the same time, as whose end is looked for from behind."""
    _, mark, behind = content.rpartition(b"%%EOF")
    return bool(mark) and not behind.strip(b"\r\n\t \0") and b"PK\x05\x06" not in content[-(65_557 + len(mark)) :]
