"""Uploaded pictures, made anew from their pixels. One is opened in a process of its own: decoders are written in C and
C++, and a damaged file can crash one. What crashes then is `python -m kit.picture_maker < upload > kept`, and no
service."""

from dataclasses import dataclass

from kit.apart import module, run_apart

MOST_PIXELS = 50_000_000
"""More than phones take: a small file can unfold to gigabytes."""
LONGER_SIDE_PIXELS = 2560
MEDIA_TYPE = "image/jpeg"

NOT_A_PICTURE, TOO_MANY_PIXELS = 3, 4
"""How the process ends; 0 with a picture: width and height as a line, then the bytes."""
MOST_SECONDS = 20
_COMMAND = module("kit.picture_maker")


class NotAPictureError(ValueError):
    """The bytes are no whole picture of a kind that is taken."""


class TooManyPixelsError(ValueError):
    """The picture would unfold to more than is taken."""


@dataclass(frozen=True)
class Picture:
    """A picture as it is kept."""

    content: bytes
    width_pixels: int
    height_pixels: int


async def made_anew(content: bytes) -> Picture:
    """The picture in these bytes as it is kept. Errors: `NotAPictureError`, `TooManyPixelsError`."""
    try:
        code, made = await run_apart(_COMMAND, content, max_seconds=MOST_SECONDS)
    except TimeoutError as error:
        raise NotAPictureError("the picture takes too long to open") from error
    if code == TOO_MANY_PIXELS:
        raise TooManyPixelsError(f"a picture has at most {MOST_PIXELS} pixels")
    if code != 0:
        raise NotAPictureError("not a whole JPEG, PNG, WebP or HEIC picture")
    size, _, kept = made.partition(b"\n")
    width_pixels, height_pixels = map(int, size.split())
    return Picture(kept, width_pixels, height_pixels)
