"""This computer's part in a call: what it sends, and what it shows and plays of the other side."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from av import AudioFrame, VideoFrame
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from clients.clinician.models.call.devices import Device, Devices, Kind, Silence, Speaker
from clients.clinician.models.call.outgoing import Frame, Source
from clients.clinician.models.call.peer import Peer
from clients.clinician.models.call.pictures import Pictures
from clients.clinician.models.desk import Clock

type Take = Callable[[Frame], None]
type MakePeer = Callable[[Source, Source | None, Take, Take], Peer]
"""Of a microphone, a camera, and who takes the other side's frames and her own pictures."""

_OLD = timedelta(seconds=3)
"""A picture that stands still for longer is shown as old."""


class Media(QObject):
    """Opened for a call and closed with it; so that no camera stays on."""

    changed = Signal()
    picture = Signal(QImage)
    """The other side's."""
    own_picture = Signal(QImage)

    def __init__(
        self, devices: Devices, spawn: Callable[[Coroutine[Any, Any, None]], object], now: Clock, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.muted = False
        self._devices = devices
        self._spawn = spawn
        self._now = now
        self._chosen = dict.fromkeys(Kind, "")
        self._microphone: Source | None = None
        self._camera: Source | None = None
        self._speaker: Speaker | None = None
        self._peer: Peer | None = None
        self._seen = now()
        self._pictures = Pictures(spawn, self._show)
        self._own_pictures = Pictures(spawn, self._show_own)
        if devices.changed is not None:
            devices.changed.connect(self._look_at_devices)

    @property
    def has_microphone(self) -> bool:
        return bool(self.found(Kind.MICROPHONE))

    @property
    def has_camera(self) -> bool:
        return bool(self.found(Kind.CAMERA))

    @property
    def has_speaker(self) -> bool:
        return bool(self.found(Kind.SPEAKER))

    @property
    def camera_is_on(self) -> bool:
        """Whether a picture of hers is sent."""
        return self._camera is not None

    @property
    def shows_picture(self) -> bool:
        """Whether the other side sends a picture."""
        return self._peer is not None and self._peer.shows_picture

    @property
    def picture_is_old(self) -> bool:
        """Whether the last one has stood for a while."""
        return self._now() - self._seen > _OLD

    def found(self, kind: Kind) -> list[Device]:
        """The devices of a kind."""
        return self._devices.found(kind)

    def chosen(self, kind: Kind) -> str:
        """The id of the one in use; empty: the one that the desktop prefers."""
        return self._chosen[kind]

    def open(self, *, camera: bool) -> None:
        """Begin to listen, and to look where a camera is wanted and there is one."""
        self._microphone = self._devices.open_microphone(self._chosen[Kind.MICROPHONE]) or Silence()
        self._speaker = self._devices.open_speaker(self._chosen[Kind.SPEAKER])
        self._camera = self._devices.open_camera(self._chosen[Kind.CAMERA]) if camera else None
        self.muted = False
        self.changed.emit()

    def close(self) -> None:
        """Let go of all devices."""
        for each in self._microphone, self._camera, self._speaker:
            if each is not None:
                each.stop()
        self._microphone = self._camera = self._speaker = self._peer = None
        self.changed.emit()

    def serve(self, make: MakePeer) -> Peer:
        """Make a peer that sends what there is."""
        self._microphone = self._microphone or Silence()
        self._peer = make(self._microphone, self._camera, self._take, self._take_own)
        self._peer.muted = self.muted
        self._seen = self._now()
        return self._peer

    def mute(self, muted: bool) -> None:
        """Be heard, or not."""
        self.muted = muted
        if self._peer is not None:
            self._peer.muted = muted
        self.changed.emit()

    def show_camera(self, on: bool) -> None:
        """Be seen, or not; where there is no camera, voice goes on."""
        if on == self.camera_is_on:
            return
        if self._camera is not None:
            self._camera.stop()
        self._camera = self._devices.open_camera(self._chosen[Kind.CAMERA]) if on else None
        if self._peer is not None:
            self._spawn(self._peer.show(self._camera))
        self.changed.emit()

    def choose(self, kind: Kind, device_id: str) -> None:
        """Use another device from now on, in mid-call too."""
        self._chosen[kind] = device_id
        if kind is Kind.CAMERA and self._camera is not None:
            self.show_camera(False)
            self.show_camera(True)
        elif kind is Kind.MICROPHONE and self._microphone is not None:
            self._listen_anew()
        elif kind is Kind.SPEAKER and self._microphone is not None:
            if self._speaker is not None:
                self._speaker.stop()
            self._speaker = self._devices.open_speaker(device_id)
        self.changed.emit()

    def _listen_anew(self) -> None:
        if self._microphone is not None:
            self._microphone.stop()
        self._microphone = self._devices.open_microphone(self._chosen[Kind.MICROPHONE]) or Silence()
        if self._peer is not None:
            self._peer.listen_to(self._microphone)

    def _look_at_devices(self) -> None:
        """One came or went."""
        if self._microphone is not None:
            self.choose(Kind.MICROPHONE, self._chosen[Kind.MICROPHONE])
            self.choose(Kind.SPEAKER, self._chosen[Kind.SPEAKER])
            if self._camera is not None and not self.has_camera:
                self.show_camera(False)
        self.changed.emit()

    def _take(self, frame: Frame) -> None:
        if isinstance(frame, VideoFrame):
            self._pictures.take(frame)
        elif isinstance(frame, AudioFrame) and self._speaker is not None:
            self._speaker.play(frame)

    def _take_own(self, frame: Frame) -> None:
        if isinstance(frame, VideoFrame):
            self._own_pictures.take(frame)

    def _show(self, image: QImage) -> None:
        if self.shows_picture:
            self._seen = self._now()
            self.picture.emit(image)

    def _show_own(self, image: QImage) -> None:
        if self._camera is not None:
            self.own_picture.emit(image)
