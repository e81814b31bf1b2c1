"""Frames of video as pictures for a screen, and the reverse."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from av import VideoFrame
from PySide6.QtGui import QImage


def to_image(frame: VideoFrame) -> QImage:
    """A copy of its own."""
    rgb = frame.to_ndarray(format="rgb24")
    height, width, _ = rgb.shape
    return QImage(rgb.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def to_frame(image: QImage) -> VideoFrame:
    """A picture as a frame, with even sides, as encoders want them."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    width, height = rgb.width() & ~1, rgb.height() & ~1
    frame = VideoFrame(width, height, "rgb24")
    line, given, plane = 3 * width, rgb.bytesPerLine(), frame.planes[0]
    lines, source = bytearray(plane.buffer_size), memoryview(rgb.constBits())
    for number in range(height):
        at = number * plane.line_size
        lines[at : at + line] = source[number * given : number * given + line]
    plane.update(bytes(lines))
    return frame


class Pictures:
    """Makes pictures beside the event loop; of frames that come faster than that, the newest."""

    def __init__(self, spawn: Callable[[Coroutine[Any, Any, None]], object], show: Callable[[QImage], None]) -> None:
        self._spawn = spawn
        self._show = show
        self._next: VideoFrame | None = None
        self._making = False

    def take(self, frame: VideoFrame) -> None:
        self._next = frame
        if not self._making:
            self._making = True
            self._spawn(self._make())

    async def _make(self) -> None:
        try:
            while (frame := self._next) is not None:
                self._next = None
                self._show(await asyncio.to_thread(to_image, frame))
        finally:
            self._making = False
