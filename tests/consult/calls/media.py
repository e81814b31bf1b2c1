"""Media that can be told again by who gets it: a tone of one frequency, and moving bars of three colours."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from aiortc import MediaStreamTrack
from av import AudioFrame, VideoFrame

SAMPLE_RATE = 48_000
FRAMES_PER_SECOND = 10
WIDTH, HEIGHT = 160, 120
_SAMPLES = SAMPLE_RATE // 50
_BAR = 16
"""Pixels of a bar's width; the bars move by a quarter of it each frame."""

COLOURS = {
    "red": (220, 30, 30),
    "green": (30, 200, 30),
    "blue": (30, 30, 220),
    "yellow": (220, 220, 30),
    "magenta": (220, 30, 220),
    "cyan": (30, 220, 220),
}
_PALETTE = np.array(list(COLOURS.values()))
_NAMES = list(COLOURS)


@dataclass(frozen=True)
class Sign:
    """What one side shows."""

    tone_hz: int
    colours: tuple[str, str, str]


SIGNS = {
    "patient": Sign(440, ("red", "green", "blue")),
    "doctor": Sign(1000, ("yellow", "magenta", "cyan")),
}


class _Paced:
    """Frames at their times; those that nobody takes are gone, as with a microphone."""

    def __init__(self, per_second: int) -> None:
        self._per_second = per_second
        self._start: float | None = None
        self._next = 0

    async def tick(self) -> int:
        """Wait for the next frame's time; its number."""
        now = asyncio.get_running_loop().time()
        self._start = now if self._start is None else self._start
        number = max(self._next, int((now - self._start) * self._per_second))
        self._next = number + 1
        await asyncio.sleep(self._start + number / self._per_second - now)
        return number


class Tone(MediaStreamTrack):
    """A sine."""

    kind = "audio"

    def __init__(self, hertz: int) -> None:
        super().__init__()
        self._hertz = hertz
        self._paced = _Paced(50)

    async def recv(self) -> AudioFrame:
        number = await self._paced.tick()
        at = np.arange(number * _SAMPLES, (number + 1) * _SAMPLES) / SAMPLE_RATE
        wave = (np.sin(2 * np.pi * self._hertz * at) * 12_000).astype(np.int16)
        frame = AudioFrame.from_ndarray(wave.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, number * _SAMPLES, Fraction(1, SAMPLE_RATE)
        return frame


class Bars(MediaStreamTrack):
    """Upright bars that move to the right."""

    kind = "video"

    def __init__(self, colours: tuple[str, str, str]) -> None:
        super().__init__()
        self._colours = np.array([COLOURS[colour] for colour in colours], dtype=np.uint8)
        self._paced = _Paced(FRAMES_PER_SECOND)

    async def recv(self) -> VideoFrame:
        number = await self._paced.tick()
        bars = (np.arange(WIDTH) - number * _BAR // 4) // _BAR % len(self._colours)
        picture = np.broadcast_to(self._colours[bars], (HEIGHT, WIDTH, 3))
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        frame.pts, frame.time_base = number * 90_000 // FRAMES_PER_SECOND, Fraction(1, 90_000)
        return frame


@dataclass
class Heard:
    """What came by audio: how many frames, and the last half second."""

    frames: int = 0
    time: float = 0.0
    """When the last one came, on the loop's clock."""
    _samples: deque[np.ndarray] = field(default_factory=lambda: deque(maxlen=25))

    def take(self, frame: AudioFrame, now: float) -> None:
        channels = len(frame.layout.channels)
        self._samples.append(frame.to_ndarray().reshape(-1, channels)[:, 0])
        self.frames += 1
        self.time = now

    @property
    def tone_hz(self) -> float:
        """The strongest frequency; 0 before there is half a second of something."""
        if len(self._samples) < 25:
            return 0.0
        wave = np.concatenate(self._samples).astype(float)
        spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
        strongest = int(np.argmax(spectrum))
        return strongest * SAMPLE_RATE / len(wave) if spectrum[strongest] > 1e5 else 0.0


@dataclass
class Seen:
    """What came by video: how many frames, and the colours of the last ones along their middle."""

    frames: int = 0
    _rows: deque[np.ndarray] = field(default_factory=lambda: deque(maxlen=8))

    def take(self, frame: VideoFrame) -> None:
        row = frame.to_ndarray(format="rgb24")[HEIGHT // 2].astype(int)
        self._rows.append(np.argmin(((row[:, None] - _PALETTE) ** 2).sum(axis=2), axis=1))
        self.frames += 1

    @property
    def colours(self) -> list[str]:
        """Those that fill at least a fifth of the last frame."""
        if not self._rows:
            return []
        shares = np.bincount(self._rows[-1], minlength=len(_NAMES)) / len(self._rows[-1])
        return [name for name, share in zip(_NAMES, shares, strict=True) if share >= 0.2]

    @property
    def moves(self) -> bool:
        """Whether the last frames differ from each other."""
        return len({row.tobytes() for row in self._rows}) >= 3


def sounds_like(tone_hz: float, sign: Sign) -> bool:
    """Whether this is the side that is heard."""
    return abs(tone_hz - sign.tone_hz) < 5


def looks_like(colours: Sequence[str], sign: Sign) -> bool:
    """Whether this is the side that is seen."""
    return sorted(colours) == sorted(sign.colours)
