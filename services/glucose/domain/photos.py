"""Pictures as they are kept: a JPEG made anew from the pixels. What else the file carried is not kept, be it the place
where it was taken or another file hidden in it."""

import io
from dataclasses import dataclass

import pi_heif
from PIL import Image, ImageOps

MOST_BYTES = 8 << 20
"""Of a photo as it is uploaded."""
MOST_PIXELS = 50_000_000
"""More than phones take: a small file can unfold to gigabytes."""
LONGER_SIDE_PIXELS = 2560
MEDIA_TYPE = "image/jpeg"

_QUALITY = 85
_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")

pi_heif.register_heif_opener()


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
