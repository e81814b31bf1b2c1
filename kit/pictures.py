"""Uploaded pictures, made anew from their pixels. One is opened in a process of its own: decoders are written in C and
C++, and a damaged file can crash one. What crashes then is `python -m kit.picture_maker < upload > kept`, and no
service."""

import asyncio
import sys
from dataclasses import dataclass

MOST_PIXELS = 50_000_000
"""More than phones take: a small file can unfold to gigabytes."""
LONGER_SIDE_PIXELS = 2560
MEDIA_TYPE = "image/jpeg"

NOT_A_PICTURE, TOO_MANY_PIXELS = 3, 4
"""How the process ends; 0 with a picture: width and height as a line, then the bytes."""
MOST_SECONDS = 20
_COMMAND = (sys.executable, "-W", "ignore", "-m", "kit.picture_maker")


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
    process = await asyncio.create_subprocess_exec(
        *_COMMAND,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},  # the service's secrets are none of its business
    )
    try:
        async with asyncio.timeout(MOST_SECONDS):
            made, _ = await process.communicate(content)
    except TimeoutError as error:
        raise NotAPictureError("the picture takes too long to open") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == TOO_MANY_PIXELS:
        raise TooManyPixelsError(f"a picture has at most {MOST_PIXELS} pixels")
    if process.returncode != 0:
        raise NotAPictureError("not a whole JPEG, PNG, WebP or HEIC picture")
    size, _, kept = made.partition(b"\n")
    width_pixels, height_pixels = map(int, size.split())
    return Picture(kept, width_pixels, height_pixels)
