"""A computer's devices by QtMultimedia. Importing it fails where the system has no libraries for sound."""

import asyncio
from collections.abc import Sequence

from aiortc.mediastreams import MediaStreamError
from av import AudioFrame
from PySide6.QtCore import QIODevice, QObject, Signal
from PySide6.QtMultimedia import (
    QAudio,
    QAudioDevice,
    QAudioFormat,
    QAudioSink,
    QAudioSource,
    QCamera,
    QCameraDevice,
    QCameraFormat,
    QMediaCaptureSession,
    QMediaDevices,
    QVideoFrame,
    QVideoSink,
)

from clients.clinician.models.call.devices import FRAME_SAMPLES, SAMPLE_RATE, Device, Kind, sound
from clients.clinician.models.call.outgoing import Frame
from clients.clinician.models.call.pictures import to_frame

_FRAME_BYTES = 2 * FRAME_SAMPLES
_WIDTH, _HEIGHT = 640, 480
_FRAMES_PER_SECOND = 15
"""A face needs no more, and encoding is work of this computer's processor."""
_BUFFER_SECONDS = 0.2
_MOST_WAITING = 5


class QtDevices(QObject):
    """Asked anew each time: devices come and go."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._system = QMediaDevices(self)
        for told in self._system.audioInputsChanged, self._system.audioOutputsChanged, self._system.videoInputsChanged:
            told.connect(self.changed)

    def found(self, kind: Kind) -> list[Device]:
        return [Device(_id(each), each.description()) for each in _listed(kind)]

    def open_microphone(self, device_id: str = "") -> "Microphone | None":
        chosen = _chosen(QMediaDevices.audioInputs(), QMediaDevices.defaultAudioInput(), device_id)
        made = Microphone(chosen) if chosen is not None else None
        return made if made is not None and made.works else None

    def open_camera(self, device_id: str = "") -> "Camera | None":
        chosen = _chosen(QMediaDevices.videoInputs(), QMediaDevices.defaultVideoInput(), device_id)
        return Camera(chosen) if chosen is not None else None

    def open_speaker(self, device_id: str = "") -> "Speaker | None":
        chosen = _chosen(QMediaDevices.audioOutputs(), QMediaDevices.defaultAudioOutput(), device_id)
        made = Speaker(chosen) if chosen is not None else None
        return made if made is not None and made.works else None


class _Captured(QObject):
    """Frames as they are captured; of those that nobody takes in time the oldest are gone."""

    def __init__(self) -> None:
        super().__init__()
        self._frames: asyncio.Queue[Frame | None] = asyncio.Queue(_MOST_WAITING)

    async def recv(self) -> Frame:
        frame = await self._frames.get()
        if frame is None:
            self._frames.put_nowait(None)
            raise MediaStreamError
        return frame

    def _put(self, frame: Frame | None) -> None:
        if self._frames.full():
            self._frames.get_nowait()
        self._frames.put_nowait(frame)


class Microphone(_Captured):
    """Sound, in frames of 20 ms."""

    kind = "audio"

    def __init__(self, device: QAudioDevice) -> None:
        super().__init__()
        self._bytes = bytearray()
        self._source = QAudioSource(device, _format(channels=1), self)
        self._stream = _started(self._source.start())
        self.works = self._stream is not None
        """Whether the system lets it be opened."""
        if self._stream is not None:
            self._stream.readyRead.connect(self._read)
        self._source.stateChanged.connect(self._look)

    def stop(self) -> None:
        self._source.stop()
        self._put(None)

    def _read(self) -> None:
        if self._stream is not None:
            self._bytes += bytes(self._stream.readAll().data())
        while len(self._bytes) >= _FRAME_BYTES:
            self._put(sound(bytes(self._bytes[:_FRAME_BYTES])))
            del self._bytes[:_FRAME_BYTES]

    def _look(self, state: QAudio.State) -> None:
        if state is QAudio.State.StoppedState:  # it was pulled out
            self._put(None)


class Camera(_Captured):
    """Pictures, a few each second."""

    kind = "video"

    def __init__(self, device: QCameraDevice) -> None:
        super().__init__()
        self._camera = QCamera(device, self)
        if (best := _best_format(device.videoFormats())) is not None:
            self._camera.setCameraFormat(best)
        self._sink = QVideoSink(self)
        self._session = QMediaCaptureSession(self)
        self._session.setCamera(self._camera)
        self._session.setVideoSink(self._sink)
        self._sink.videoFrameChanged.connect(self._take)
        self._camera.errorOccurred.connect(self.stop)
        self._due = 0.0
        self._camera.start()

    def stop(self) -> None:
        self._camera.stop()
        self._put(None)

    def _take(self, frame: QVideoFrame) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._due or not frame.isValid():
            return
        self._due = max(self._due, now - 0.5 / _FRAMES_PER_SECOND) + 1 / _FRAMES_PER_SECOND
        if not (image := frame.toImage()).isNull():
            self._put(to_frame(image))


class Speaker(QObject):
    """What is played in time; more than it can hold is left out, so that nothing is heard late."""

    def __init__(self, device: QAudioDevice) -> None:
        super().__init__()
        made = _format(channels=2)
        self._sink = QAudioSink(device, made, self)
        self._sink.setBufferSize(made.bytesForDuration(int(_BUFFER_SECONDS * 1_000_000)))
        self._stream = _started(self._sink.start())
        self.works = self._stream is not None
        """Whether the system lets it be opened."""

    def play(self, frame: AudioFrame) -> None:
        played = frame.to_ndarray().tobytes()  # aiortc's Opus gives 16 bits, two channels, 48 kHz
        if self._stream is not None and self._sink.bytesFree() >= len(played):
            self._stream.write(played)

    def stop(self) -> None:
        self._sink.stop()


def _started(stream: QIODevice | None) -> QIODevice | None:
    """Qt's own types forget that a device which cannot be opened has none."""
    return stream


def _format(channels: int) -> QAudioFormat:
    made = QAudioFormat()
    made.setSampleRate(SAMPLE_RATE)
    made.setChannelCount(channels)
    made.setSampleFormat(QAudioFormat.SampleFormat.Int16)
    return made


def _best_format(formats: Sequence[QCameraFormat]) -> QCameraFormat | None:
    """The one nearest to what is sent that is fast enough."""
    fast = [each for each in formats if each.maxFrameRate() >= _FRAMES_PER_SECOND]
    pixels = _WIDTH * _HEIGHT
    return min(
        fast or formats,
        key=lambda each: abs(each.resolution().width() * each.resolution().height() - pixels),
        default=None,
    )


def _listed(kind: Kind) -> list[QAudioDevice] | list[QCameraDevice]:
    match kind:
        case Kind.MICROPHONE:
            return sorted(QMediaDevices.audioInputs(), key=lambda each: not each.isDefault())
        case Kind.SPEAKER:
            return sorted(QMediaDevices.audioOutputs(), key=lambda each: not each.isDefault())
        case Kind.CAMERA:
            return sorted(QMediaDevices.videoInputs(), key=lambda each: not each.isDefault())


def _chosen[D: (QAudioDevice, QCameraDevice)](devices: list[D], preferred: D, device_id: str) -> D | None:
    """By its id; the preferred one where that is not there, or not any more."""
    named = [each for each in devices if _id(each) == device_id]
    if named:
        return named[0]
    return None if preferred.isNull() else preferred


def _id(device: QAudioDevice | QCameraDevice) -> str:
    return bytes(device.id().data()).decode(errors="replace")
