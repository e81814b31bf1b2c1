"""Calls of all her consultations: a call rings here whether or not somebody looks at its talk."""

from apricot.consult.v1.consultation_pb2 import Consultation
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.call.call import CallModel, Stage
from clients.clinician.models.call.devices import Devices
from clients.clinician.models.consult.consulting import Consulting
from clients.clinician.models.consult.conversation import ConversationModel


class Telephone(QObject):
    """Each talk that is open has its call; the inbox tells of calls in talks that are not."""

    installed = Signal(object)
    """A CallModel that somebody may want to see; it says itself when there is a call."""
    removed = Signal(object)
    """It is of no use any more."""

    def __init__(self, consulting: Consulting, devices: Devices) -> None:
        super().__init__()
        self._consulting = consulting
        self._devices = devices
        self.calls: dict[str, CallModel] = {}
        """By consultation."""
        consulting.talk_begun.connect(self._install)
        consulting.talk_ended.connect(self._remove)
        consulting.inbox.told.connect(self._listen)

    @property
    def is_busy(self) -> bool:
        """Whether she is in a call."""
        return any(call.is_under_way for call in self.calls.values())

    def call(self, consultation_id: str, *, video: bool) -> None:
        """Ring the others of a talk that is open."""
        if consultation_id in self.calls:
            self.calls[consultation_id].call(video=video)

    async def close(self) -> None:
        """Hang up everywhere."""
        for call in self.calls.values():
            await call.close()

    def _listen(self, consultation: Consultation) -> None:
        """A call there rings or goes on: its talk has to be heard."""
        if consultation.live_call_id and self._consulting.takes_part(consultation):
            self._consulting.listen(consultation)

    def _install(self, talk: ConversationModel) -> None:
        call = CallModel(self._consulting.desk, talk, self._devices)
        talk.updated.connect(call.hear)
        talk.is_needed = lambda: call.stage is not Stage.NONE or bool(talk.consultation.live_call_id)
        call.changed.connect(talk.close_when_idle)
        self.calls[talk.consultation_id] = call
        self.installed.emit(call)

    def _remove(self, talk: ConversationModel) -> None:
        call = self.calls.pop(talk.consultation_id)
        self.removed.emit(call)
        self._consulting.desk.tasks.spawn(call.close())
