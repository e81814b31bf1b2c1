"""Pictures as phones and villains make them."""

import io
import struct
import zlib
from pathlib import Path

from PIL import Image

HEIC = (Path(__file__).parent / "photo.heic").read_bytes()
"""Made with libheif, with a place (30.25° N, 120.15° E) and a camera in it."""
CAMERA = "SecretCam"


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), seed: int = 0, place: bool = True) -> bytes:
    """A picture, blue on its left and red on its right, with a place and a camera in it."""
    image = Image.new("RGB", size, (255, seed % 256, seed // 256))
    image.paste((0, 0, 255), (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    if place:
        exif[0x010F] = CAMERA
        exif.get_ifd(0x8825).update({1: "N", 2: (30.0, 15.0, 0.0), 3: "E", 4: (120.0, 9.0, 0.0)})
    out = io.BytesIO()
    image.save(out, kind, exif=exif.tobytes())
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    """A picture to look at."""
    return Image.open(io.BytesIO(content))


def png_of(width: int, height: int) -> bytes:
    """A tiny file that unfolds to that many black pixels."""
    rows = zlib.compressobj(9)
    line = bytes(1 + width // 8)
    data = b"".join(rows.compress(line) for _ in range(height)) + rows.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    )
