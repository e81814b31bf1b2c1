"""The clinician's side of a call: the app's model on a real conversation, with devices that give the doctor's sign."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from aiortc import MediaStreamTrack
from apricot.consult.v1.call_pb2 import CALL_MEDIA_VIDEO, CALL_STATE_ACTIVE, Call, CallMedia, Signal
from av import AudioFrame
from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QImage

from clients.clinician.models.call.call import CallModel, Stage
from clients.clinician.models.call.devices import Device, Kind
from clients.clinician.models.call.pictures import to_frame
from clients.clinician.models.desk import Desk
from clients.sdk import Conversation
from tests.consult.calls.lines import Line
from tests.consult.calls.media import SIGNS, Bars, Heard, Seen, Tone, looks_like, sounds_like
from tests.consult.calls.peer import Peer
from tests.kit.running import until


class SignDevices:
    """One device of each kind that there is to be; keeps what the loudspeaker played."""

    changed: SignalInstance | None = None

    def __init__(self, *kinds: Kind) -> None:
        self.kinds = kinds
        self.heard = Heard()
        self.opened: list[MediaStreamTrack] = []

    def found(self, kind: Kind) -> list[Device]:
        return [Device(kind.name, kind.name.capitalize())] if kind in self.kinds else []

    def open_microphone(self, device_id: str = "") -> MediaStreamTrack | None:
        return self._opened(Tone(SIGNS["doctor"].tone_hz)) if Kind.MICROPHONE in self.kinds else None

    def open_camera(self, device_id: str = "") -> MediaStreamTrack | None:
        return self._opened(Bars(SIGNS["doctor"].colours)) if Kind.CAMERA in self.kinds else None

    def open_speaker(self, device_id: str = "") -> "SignDevices | None":
        return self if Kind.SPEAKER in self.kinds else None

    def play(self, frame: AudioFrame) -> None:
        self.heard.take(frame, asyncio.get_running_loop().time())

    def stop(self) -> None:
        """Nothing plays."""

    @property
    def all_are_off(self) -> bool:
        return all(track.readyState == "ended" for track in self.opened)

    def _opened(self, track: MediaStreamTrack) -> MediaStreamTrack:
        self.opened.append(track)
        return track


class Clinic:
    """The model, and what it showed."""

    def __init__(self, desk: Desk, talk: "Talk", *kinds: Kind) -> None:
        self.devices = SignDevices(*kinds)
        self.model = CallModel(desk, talk, self.devices)
        self.seen, self.saw_herself = Seen(), Seen()
        self.rang: list[Stage] = []
        self.missed: list[int] = []
        self.stages: list[Stage] = []
        self.model.media.picture.connect(lambda image: _look(self.seen, image))
        self.model.media.own_picture.connect(lambda image: _look(self.saw_herself, image))
        self.model.rings.connect(lambda: self.rang.append(self.model.stage))
        self.model.missed.connect(lambda: self.missed.append(self.model.end))
        self.model.changed.connect(self._note)

    @property
    def hears_the_patient(self) -> bool:
        return sounds_like(self.devices.heard.tone_hz, SIGNS["patient"])

    @property
    def sees_the_patient(self) -> bool:
        return self.seen.moves and looks_like(self.seen.colours, SIGNS["patient"])

    async def comes_to(self, stage: Stage) -> None:
        await until(lambda: self.model.stage is stage)

    def _note(self) -> None:
        if self.model.stage not in self.stages[-1:]:
            self.stages.append(self.model.stage)


class Talk:
    """What the consult page gives to a call."""

    def __init__(self, conversation: Conversation, consultation_id: str, device_id: str) -> None:
        self.consultation_id = consultation_id
        self.device_id = device_id
        self._conversation = conversation

    async def send_signal(self, signal: Signal) -> object:
        return await self._conversation.send_signal(signal)


@asynccontextmanager
async def clinic_of(desk: Desk, consultation_id: str, kinds: tuple[Kind, ...] = tuple(Kind)) -> AsyncIterator[Clinic]:
    """In the conversation, until the block ends."""
    device_id = str(uuid4())
    conversation = desk.session.converse(consultation_id, device_id)
    made = Clinic(desk, Talk(conversation, consultation_id, device_id), *kinds)

    async def listen() -> None:
        async for update in conversation:
            made.model.hear(update)

    async with conversation, asyncio.TaskGroup() as group:
        group.create_task(listen())
        await until(lambda: made.model.may_call)
        try:
            yield made
        finally:
            await made.model.close()
            await conversation.close()


@asynccontextmanager
async def patient_in(patient: Line, call: Call, *, video: bool = True) -> AsyncIterator[Peer]:
    """The patient's media in a call that was answered."""
    peer = Peer(patient.board.channel(call), SIGNS["patient"], video=video)
    peer.start()
    try:
        yield peer
    finally:
        await peer.close()


@asynccontextmanager
async def called_by_patient(
    patient: Line, clinic: Clinic, media: CallMedia.ValueType = CALL_MEDIA_VIDEO
) -> AsyncIterator[Peer]:
    """The patient calls, and the clinician answers likewise."""
    await patient.device.join(media)
    await clinic.comes_to(Stage.RINGING)
    clinic.model.call(video=media == CALL_MEDIA_VIDEO)
    call = await patient.sees(CALL_STATE_ACTIVE)
    async with patient_in(patient, call, video=media == CALL_MEDIA_VIDEO) as peer:
        await peer.offer()
        await clinic.comes_to(Stage.ACTIVE)
        yield peer


def hears_the_doctor(peer: Peer) -> bool:
    return sounds_like(peer.heard.tone_hz, SIGNS["doctor"])


def sees_the_doctor(peer: Peer) -> bool:
    return peer.seen.moves and looks_like(peer.seen.colours, SIGNS["doctor"])


def _look(seen: Seen, image: QImage) -> None:
    seen.take(to_frame(image))
