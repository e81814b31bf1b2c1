"""Uploaded pictures: made anew, or refused; whatever the bytes, the process that serves lives on."""

import io
import sys
import zipfile

import pytest
from PIL import Image

from kit import pictures
from kit.picture_maker import made_anew as made_here
from kit.pictures import LONGER_SIDE_PIXELS, MOST_PIXELS, NotAPictureError, TooManyPixelsError, made_anew
from tests.pictures import CAMERA, HEIC, opened, picture, png_of

KINDS = {"JPEG": picture(), "PNG": picture("PNG"), "WEBP": picture("WEBP"), "HEIC": HEIC}


@pytest.mark.parametrize("content", KINDS.values(), ids=KINDS)
async def test_what_phones_make_is_kept_as_a_picture_that_says_no_more(content: bytes) -> None:
    assert CAMERA.encode() in content
    made = await made_anew(content)
    kept = opened(made.content)
    assert (kept.format, kept.size) == ("JPEG", (64, 48))
    assert (made.width_pixels, made.height_pixels) == kept.size
    assert not kept.getexif()
    assert CAMERA.encode() not in made.content
    left, right = kept.getpixel((4, 24)), kept.getpixel((60, 24))
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert left[2] > 200 > left[0]
    assert right[0] > 200 > right[2]


def test_it_is_kept_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    out = io.BytesIO()
    Image.new("RGB", (64, 48)).save(out, "JPEG", exif=exif.tobytes())
    assert opened(made_here(out.getvalue()).content).size == (48, 64)


def test_a_large_one_is_made_smaller_and_what_is_transparent_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (2 * LONGER_SIDE_PIXELS, 64), (0, 0, 0, 0)).save(out, "PNG")
    kept = opened(made_here(out.getvalue()).content)
    assert kept.size == (LONGER_SIDE_PIXELS, 32)
    assert kept.getpixel((9, 9)) == (255, 255, 255)


def test_another_file_hidden_in_it_is_not_kept() -> None:
    hidden = io.BytesIO()
    with zipfile.ZipFile(hidden, "w") as archive:
        archive.writestr("evil.html", "<script>alert(1)</script>" * 9)
    for polyglot in picture() + hidden.getvalue(), picture("PNG") + b"<?php system($_GET[0]); ?>":
        made = made_here(polyglot)
        assert b"<script>" not in made.content
        assert b"<?php" not in made.content
        assert not zipfile.is_zipfile(io.BytesIO(made.content))


def _saved(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, kind)
    return out.getvalue()


NO_PICTURES = {
    "nothing": b"",
    "words": b"GIF89a is what I say",
    "a GIF": _saved("GIF"),
    "a TIFF": _saved("TIFF"),
    "a BMP": _saved("BMP"),
    "an AVIF": _saved("AVIF"),
    "a PDF": _saved("PDF"),
    "an SVG": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "a JPEG's begin": b"\xff\xd8\xff\xe0",
    "half a JPEG": picture(size=(640, 480))[:2000],
    "half a PNG": picture("PNG", (640, 480))[:900],
    "half a WebP": picture("WEBP")[:-40],
}


@pytest.mark.parametrize("content", NO_PICTURES.values(), ids=NO_PICTURES)
def test_what_is_no_whole_picture_is_refused(content: bytes) -> None:
    with pytest.raises(NotAPictureError):
        made_here(content)


async def test_half_a_heic_is_refused() -> None:
    """By a process of its own: its decoder is the one that crashes."""
    for content in HEIC[:-60], HEIC[:300]:
        with pytest.raises(NotAPictureError):
            await made_anew(content)


async def test_a_bomb_is_refused_before_it_unfolds() -> None:
    bomb = png_of(30_000, 30_000)
    assert len(bomb) < 1 << 18
    assert MOST_PIXELS < 30_000 * 30_000
    with pytest.raises(TooManyPixelsError):
        await made_anew(bomb)


async def test_a_decoder_that_crashes_takes_nobody_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = bytearray(HEIC)
    damaged[176] = 222  # ends pi-heif 1.4 with SIGSEGV
    with pytest.raises(NotAPictureError):
        await made_anew(bytes(damaged))
    crash = (sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    monkeypatch.setattr(pictures, "_COMMAND", crash)
    with pytest.raises(NotAPictureError):
        await made_anew(HEIC)


async def test_a_picture_that_takes_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_COMMAND", (sys.executable, "-c", "import time; time.sleep(60)"))
    monkeypatch.setattr(pictures, "MOST_SECONDS", 0.2)
    with pytest.raises(NotAPictureError):
        await made_anew(HEIC)


async def test_its_process_is_told_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APRICOT_SERVICE_SECRET", "secret")
    tell = "import os, sys; sys.stdout.write('1 1\\n' + repr(dict(os.environ)))"
    monkeypatch.setattr(pictures, "_COMMAND", (sys.executable, "-c", tell))
    assert b"APRICOT" not in (await made_anew(HEIC)).content
