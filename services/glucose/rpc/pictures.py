"""An uploaded picture is opened in a process of its own: decoders are written in C and C++, and a damaged file can
crash one. What crashes then is `python -m services.glucose.rpc.pictures < upload > kept`, and no service."""

import asyncio
import resource
import sys

from services.glucose.domain import photos
from services.glucose.domain.photos import NotAPictureError, Picture, TooManyPixelsError

_COMMAND = (sys.executable, "-W", "ignore", "-m", "services.glucose.rpc.pictures")
_NOT_A_PICTURE, _TOO_MANY_PIXELS = 3, 4
"""How the process ends; 0 with a picture: width and height as a line, then the bytes."""
_MOST_SECONDS = 20
_MOST_MEMORY_BYTES = 2 << 30


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
        async with asyncio.timeout(_MOST_SECONDS):
            made, _ = await process.communicate(content)
    except TimeoutError as error:
        raise NotAPictureError("the picture takes too long to open") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == _TOO_MANY_PIXELS:
        raise TooManyPixelsError(f"a picture has at most {photos.MOST_PIXELS} pixels")
    if process.returncode != 0:
        raise NotAPictureError("not a whole JPEG, PNG, WebP or HEIC picture")
    size, _, kept = made.partition(b"\n")
    width_pixels, height_pixels = map(int, size.split())
    return Picture(kept, width_pixels, height_pixels)


def main() -> int:
    """The process: read, make anew, write."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY_BYTES, _MOST_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_SECONDS, _MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the picture
    from services.glucose.domain import pictures  # here alone: the service loads no decoder

    try:
        picture = pictures.made_anew(sys.stdin.buffer.read())
    except NotAPictureError:
        return _NOT_A_PICTURE
    except TooManyPixelsError:
        return _TOO_MANY_PIXELS
    sys.stdout.buffer.write(f"{picture.width_pixels} {picture.height_pixels}\n".encode() + picture.content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
