"""What this side sends."""

import asyncio
from fractions import Fraction
from typing import Protocol

from aiortc import MediaStreamTrack
from av import AudioFrame, VideoFrame

type Frame = AudioFrame | VideoFrame

VIDEO_CLOCK = 90_000
_MOST_WAITING = {"audio": 3, "video": 1}
"""More would be heard late for as long as the call lasts."""


class Source(Protocol):
    """A microphone, a camera, or what stands in for one."""

    kind: str
    """`audio` or `video`."""

    async def recv(self) -> object:
        """The next frame. Errors: MediaStreamError when there are no more."""

    def stop(self) -> None:
        """Let go of the device."""


class Outgoing(MediaStreamTrack):
    """The frames of one connection, whichever sources they come from; those that nobody takes in time are gone."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self._frames: asyncio.Queue[Frame] = asyncio.Queue(_MOST_WAITING[kind])
        self._began = asyncio.get_running_loop().time()
        self._samples = 0

    def put(self, frame: Frame) -> None:
        """The next one."""
        if self._frames.full():
            while not self._frames.empty():
                self._frames.get_nowait()
        self._frames.put_nowait(frame)

    async def recv(self) -> Frame:
        frame = await self._frames.get()
        # Times of its own: those of two sources, one after the other, would go back.
        if isinstance(frame, AudioFrame):
            frame.pts, frame.time_base = self._samples, Fraction(1, frame.sample_rate)
            self._samples += frame.samples
        else:
            passed = asyncio.get_running_loop().time() - self._began
            frame.pts, frame.time_base = int(passed * VIDEO_CLOCK), Fraction(1, VIDEO_CLOCK)
        return frame


def silence(frame: AudioFrame) -> None:
    """Nothing is heard in it any more."""
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
