"""What is taken as a photo of a meal, and what of it is kept."""

from dataclasses import dataclass

MOST_BYTES = 8 << 20
"""Of a photo as it is uploaded."""
MOST_PIXELS = 50_000_000
"""More than phones take: a small file can unfold to gigabytes."""
LONGER_SIDE_PIXELS = 2560
MEDIA_TYPE = "image/jpeg"


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
