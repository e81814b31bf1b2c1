"""Voice notes and documents as phones and villains make them: their frames alone, which is what is looked at."""

import struct

from tests.pdfs import pdf as real_pdf


def ogg_opus(pages: int = 3, serial: int = 7) -> bytes:
    """Pages of an Ogg stream (RFC 3533) with Opus (RFC 7845)."""
    bodies = [b"OpusHead\x01\x01" + bytes(9), b"OpusTags" + bytes(8), *(bytes([n]) * 200 for n in range(pages - 2))]
    return b"".join(
        b"OggS\0"
        + bytes([2 if number == 0 else 0])
        + struct.pack("<qIII", number, serial, number, 0)
        + bytes([1, len(body)])
        + body
        for number, body in enumerate(bodies)
    )


def box(kind: bytes, content: bytes) -> bytes:
    """A box of MP4 (ISO 14496-12)."""
    return struct.pack(">I", 8 + len(content)) + kind + content


def mp4(handler: bytes = b"soun", coding: bytes = b"mp4a", brand: bytes = b"M4A ") -> bytes:
    """An MP4 file."""
    movie = box(b"trak", box(b"hdlr", bytes(8) + handler) + box(b"stsd", bytes(8) + box(coding, bytes(28))))
    return box(b"ftyp", brand + bytes(8)) + box(b"moov", movie) + box(b"mdat", bytes(500))


def pdf(more: bytes = b"") -> bytes:
    """A PDF of a page, with more bytes between its objects and its end."""
    before, mark, behind = real_pdf("glucose diary").rpartition(b"startxref")
    return before + more + mark + behind
