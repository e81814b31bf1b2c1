"""Pictures as they are kept: a JPEG made anew from the pixels. What else the file carried is not kept, be it the place
where it was taken or another file hidden in it. Loads decoders: a process of its own, which `kit.pictures` starts."""

import io
import resource
import sys

import pi_heif
from PIL import Image, ImageOps

from kit.pictures import (
    LONGER_SIDE_PIXELS,
    MOST_PIXELS,
    MOST_SECONDS,
    NOT_A_PICTURE,
    TOO_MANY_PIXELS,
    NotAPictureError,
    Picture,
    TooManyPixelsError,
)

_QUALITY = 85
_MOST_MEMORY_BYTES = 2 << 30
_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")

pi_heif.register_heif_opener()


def made_anew(content: bytes) -> Picture:
    """The picture in these bytes, upright, no larger than is kept. Takes up to a second: not for the event loop.
    Errors: `NotAPictureError`, `TooManyPixelsError`."""
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise TooManyPixelsError(f"a picture has at most {MOST_PIXELS} pixels")
            image.thumbnail((LONGER_SIDE_PIXELS, LONGER_SIDE_PIXELS))
            return _encoded(ImageOps.exif_transpose(image))
    except TooManyPixelsError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixelsError(f"a picture has at most {MOST_PIXELS} pixels") from error
    except Exception as error:  # a damaged file breaks its decoder in many ways
        raise NotAPictureError("not a whole JPEG, PNG, WebP or HEIC picture") from error


def _encoded(image: Image.Image) -> Picture:
    """On white where it is transparent. A new image has no comment, profile or text of the old one."""
    clean = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        clean.paste(image, mask=image.getchannel("A"))
    else:
        clean.paste(image.convert("RGB"))
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=_QUALITY)
    return Picture(out.getvalue(), *clean.size)


def main() -> int:
    """The process: read, make anew, write."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY_BYTES, _MOST_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the picture
    try:
        picture = made_anew(sys.stdin.buffer.read())
    except NotAPictureError:
        return NOT_A_PICTURE
    except TooManyPixelsError:
        return TOO_MANY_PIXELS
    sys.stdout.buffer.write(f"{picture.width_pixels} {picture.height_pixels}\n".encode() + picture.content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
