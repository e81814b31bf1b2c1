"""Cameras, microphones and loudspeakers: what a call asks of a computer."""

import asyncio
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction
from typing import Protocol

from av import AudioFrame
from PySide6.QtCore import QObject, SignalInstance

from clients.clinician.models.call.outgoing import Source

SAMPLE_RATE = 48_000
FRAME_SAMPLES = SAMPLE_RATE // 50


class Kind(Enum):
    """What a device is for."""

    MICROPHONE = auto()
    CAMERA = auto()
    SPEAKER = auto()


@dataclass(frozen=True)
class Device:
    """One that there is."""

    device_id: str
    name: str


class Speaker(Protocol):
    """Where the other side is heard."""

    def play(self, frame: AudioFrame) -> None:
        """Behind what plays."""

    def stop(self) -> None:
        """Let go of the device."""


class Devices(Protocol):
    """A computer's. An empty id opens the one that the desktop prefers; None: there is none."""

    @property
    def changed(self) -> SignalInstance | None:
        """One came or went; None: none ever does."""

    def found(self, kind: Kind) -> list[Device]:
        """Those of a kind, the preferred one first."""

    def open_microphone(self, device_id: str = "") -> Source | None: ...

    def open_camera(self, device_id: str = "") -> Source | None: ...

    def open_speaker(self, device_id: str = "") -> Speaker | None: ...


class NoDevices:
    """Of a computer without any."""

    changed: SignalInstance | None = None

    def found(self, kind: Kind) -> list[Device]:
        return []

    def open_microphone(self, device_id: str = "") -> Source | None:
        return None

    def open_camera(self, device_id: str = "") -> Source | None:
        return None

    def open_speaker(self, device_id: str = "") -> Speaker | None:
        return None


def this_computer(parent: QObject | None = None) -> Devices:
    """Those of this one, by Qt; none where the system lacks what Qt needs for them, such as libpulse on Linux."""
    try:
        from clients.clinician.models.call.qt_devices import QtDevices
    except ImportError:
        return NoDevices()
    return QtDevices(parent)


class Silence:
    """Stands in for a microphone, so that the other side knows that the call is there."""

    kind = "audio"

    def __init__(self) -> None:
        self._next = asyncio.get_running_loop().time()

    async def recv(self) -> AudioFrame:
        now = asyncio.get_running_loop().time()
        self._next = max(self._next + FRAME_SAMPLES / SAMPLE_RATE, now)
        await asyncio.sleep(self._next - now)
        return sound(bytes(2 * FRAME_SAMPLES))

    def stop(self) -> None:
        """There is nothing to let go of."""


def sound(samples: bytes) -> AudioFrame:
    """A frame of 20 ms: one channel of 16-bit samples."""
    frame = AudioFrame(format="s16", layout="mono", samples=FRAME_SAMPLES)
    frame.planes[0].update(samples)
    frame.sample_rate, frame.time_base = SAMPLE_RATE, Fraction(1, SAMPLE_RATE)
    return frame
