"""One consultation's talk, kept open: what was said, what is on its way, who is there."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import uuid4

import grpc
from apricot.consult.v1 import call_pb2
from apricot.consult.v1.consultation_pb2 import CONSULTATION_STATE_ACTIVE, Consultation
from apricot.consult.v1.conversation_pb2 import (
    NOTICE_KIND_PRESCRIPTION_ISSUED,
    Card,
    ConverseResponse,
    ListMessagesRequest,
    MessageContent,
)
from PySide6.QtCore import QObject, QTimer, Signal

from clients.clinician.models.consult.attachments import Attachments
from clients.clinician.models.consult.files import KeptFile, is_to_be_uploaded, message_of
from clients.clinician.models.consult.messages import Delivery, Line, MessageList
from clients.clinician.models.consult.tray import CardTray
from clients.clinician.models.consult.unsent import Unsent
from clients.clinician.models.desk import Desk
from clients.clinician.models.draft_store import DraftStore
from clients.sdk import ApricotError, Conversation, Phase, Reason

_FIRST_PAGE = 60
_TYPING_MILLISECONDS = 5000
_TYPING_AGAIN_MILLISECONDS = 3000


class ConversationModel(QObject):
    """`open` it while somebody looks, `leave` it after: it closes when nothing of hers is on its way any more."""

    changed = Signal()
    """The consultation, the phase, who is there or who types."""
    updated = Signal(object)
    """Every ConverseResponse: a call's signals too."""
    read = Signal(str, int)
    """She has read up to there: consultation, sequence."""
    left = Signal(str)
    """It is closed: consultation."""

    def __init__(self, desk: Desk, consultation: Consultation, drafts: DraftStore, *, device_id: str = "") -> None:
        super().__init__()
        self.consultation = consultation
        self.consultation_id = consultation.consultation_id
        self.device_id = device_id or str(uuid4())
        self.messages = MessageList(desk.account.account_id)
        self.attachments = Attachments(desk, self.consultation_id)
        self.tray = CardTray(drafts, self.consultation_id)
        self.phase = Phase.CATCHING_UP
        self.failure: ApricotError | None = None
        """Why it has ended, where no reconnect helps."""
        self.talk: Conversation | None = None
        self.is_needed: Callable[[], bool] = lambda: False
        """Whether something else keeps it open, such as a call."""
        self._desk = desk
        self._unsent = Unsent(drafts, self.consultation_id)
        self._present: dict[str, bool] = {}
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MILLISECONDS)
        self._typing.timeout.connect(self._stop_typing)
        self._typing_id = ""
        self._typed = QTimer(self, singleShot=True, interval=_TYPING_AGAIN_MILLISECONDS)
        self._resume_token = ""
        self._read_up_to = 0
        self._running = self._leaving = False

    @property
    def can_talk(self) -> bool:
        """Whether the platform takes what is said."""
        return self.consultation.state == CONSULTATION_STATE_ACTIVE

    @property
    def patient_is_there(self) -> bool:
        return self._present.get(self.consultation.patient_id, False)

    @property
    def who_types(self) -> str:
        """A name; empty: nobody."""
        return self.name_of(self._typing_id) if self._typing_id else ""

    @property
    def text(self) -> str:
        """Half typed."""
        return self._unsent.text

    @property
    def sending(self) -> int:
        """How much of hers is on its way."""
        return sum(line.delivery is Delivery.SENDING for line in self.messages.lines)

    @property
    def last_prescription_id(self) -> str:
        """That this talk tells of; empty: none."""
        notices = [line.content.notice for line in self.messages.every_line if line.content.HasField("notice")]
        issued = (notice for notice in reversed(notices) if notice.kind == NOTICE_KIND_PRESCRIPTION_ISSUED)
        return next((notice.object_id for notice in issued), "")

    def name_of(self, account_id: str) -> str:
        """Of somebody who takes part, or did."""
        names = {member.account_id: member.display_name for member in self.consultation.members}
        names.setdefault(self.consultation.patient_id, self.consultation.patient_name)
        return names.get(account_id, "") or account_id[:8]

    def open(self) -> None:
        """Join, or go on."""
        self._leaving = False
        if not self._running:
            self._running = True
            self.failure = None
            self._desk.tasks.spawn(self._run())

    def leave(self) -> None:
        """Nobody looks any more."""
        self._leaving = True
        self.close_when_idle()

    def close_when_idle(self) -> None:
        """Nobody looks: close it, unless something of hers is on its way, or somebody needs it."""
        if self._leaving and self.talk is not None and not self.sending and not self.is_needed():
            talk, self.talk = self.talk, None
            self._desk.tasks.spawn(talk.close())

    async def send_signal(self, signal: call_pb2.Signal) -> object:
        """A call's, to the other side. Errors: ApricotError where there is no talk."""
        if self.talk is None:
            raise ApricotError(Reason.REASON_UNAVAILABLE, grpc.StatusCode.UNAVAILABLE, "the talk is closed")
        return await self.talk.send_signal(signal)

    def type(self, text: str) -> None:
        """Her text as far as it is; kept, and shown to others as typing."""
        self._unsent.text = text
        if self.talk is not None and self.can_talk and not (text and self._typed.isActive()):
            self.talk.typing(bool(text))
            if text:
                self._typed.start()

    def say(self, text: str) -> None:
        """A text; it is shown and kept before the platform has it."""
        self._say(MessageContent(text=text))

    def show_card(self, card: Card) -> None:
        """Something of the patient's record."""
        self._say(MessageContent(card=card))

    def show_file(self, content: bytes, path: str = "") -> None:
        """A picture or a PDF, and where it lies: a restart takes it from there again."""
        self._begin(replace(self._own(str(uuid4()), message_of(content)), file=content), KeptFile.of(content, path))

    def again(self, client_id: str) -> None:
        """What had failed is tried again, as the same message."""
        line = self.messages.line(client_id)
        if line is not None and line.delivery is Delivery.FAILED:
            self._begin(replace(line, delivery=Delivery.SENDING, failure=None))

    def discard(self, client_id: str) -> None:
        """What had failed is given up."""
        line = self.messages.line(client_id)
        if line is not None and line.delivery is Delivery.FAILED:
            self._unsent.remove(client_id)
            self.messages.drop(client_id)

    def mark_read(self) -> None:
        """She has seen everything that is shown."""
        last = max((line.sequence for line in self.messages.lines), default=0)
        if last > self._read_up_to and self.talk is not None:
            self._read_up_to = last
            self.talk.read_up_to(last)
            self.read.emit(self.consultation_id, last)

    def tell(self, consultation: Consultation) -> None:
        """It has changed; an older state counts for nothing."""
        if consultation.update_time.ToNanoseconds() >= self.consultation.update_time.ToNanoseconds():
            self.consultation = consultation
            self.changed.emit()

    async def _run(self) -> None:
        try:
            for client_id, content in self._unsent.messages.items():
                if self.messages.line(client_id) is None:
                    self.messages.say(await self._kept(client_id, content))
            if not self._resume_token:
                request = ListMessagesRequest(
                    consultation_id=self.consultation_id, newest_first=True, page_size=_FIRST_PAGE
                )
                self.messages.take((await self._desk.session.conversations.ListMessages(request)).messages[::-1])
            await self._converse()
        except ApricotError as error:
            self.failure = error
            raise
        finally:
            self.talk = None
            self._running = False
            self.phase = Phase.STALE
            self.changed.emit()
            self.left.emit(self.consultation_id)

    async def _converse(self) -> None:
        talk = self._desk.session.converse(
            self.consultation_id, self.device_id, resume_token=self._resume_token, on_phase=self._enter
        )
        async with talk:
            self.talk = talk
            for line in self.messages.lines:
                if line.delivery is Delivery.SENDING and not line.sequence:
                    self._desk.tasks.spawn(self._send(talk, line))
            self.close_when_idle()
            async for update in talk:
                self._resume_token = talk.resume_token
                self._apply(update)

    def _apply(self, update: ConverseResponse) -> None:
        match update.WhichOneof("update"):
            case "joined":
                self._present = {member.account_id: member.present for member in update.joined.consultation.members}
                for member in update.joined.consultation.members:
                    self._receive(member.account_id, member.delivered_sequence, member.read_sequence)
                self.tell(update.joined.consultation)
            case "message":
                self._unsent.remove(update.message.client_id)
                self.messages.take([update.message])
                if update.message.sender_id == self._typing_id:
                    self._stop_typing()
            case "receipt":
                shown = update.receipt
                self._receive(shown.account_id, shown.delivered_sequence, shown.read_sequence)
            case "typing":
                self._typing_id = update.typing.account_id if update.typing.typing else ""
                self._typing.start()
                self.changed.emit()
            case "presence":
                self._present[update.presence.account_id] = update.presence.present
                self.changed.emit()
            case "consultation":
                self.tell(update.consultation)
        self.updated.emit(update)

    def _receive(self, account_id: str, delivered: int, read: int) -> None:
        if account_id == self.consultation.patient_id:
            self.messages.tell_receipts(delivered, read)

    def _stop_typing(self) -> None:
        self._typing_id = ""
        self.changed.emit()

    def _say(self, content: MessageContent) -> None:
        self._begin(self._own(str(uuid4()), content))

    def _own(self, client_id: str, content: MessageContent) -> Line:
        return Line(client_id, self._desk.account.account_id, content, self._desk.now(), Delivery.SENDING)

    async def _kept(self, client_id: str, content: MessageContent) -> Line:
        """What was not sent before a restart."""
        line = self._own(client_id, content)
        if not is_to_be_uploaded(content):
            return line
        file = await asyncio.to_thread(self._unsent.files.get(client_id, KeptFile()).content)
        return replace(line, file=file) if file else replace(line, delivery=Delivery.FAILED, file_is_gone=True)

    def _begin(self, line: Line, file: KeptFile | None = None) -> None:
        if line.file is None or file is not None:
            self._unsent.add(line.client_id, line.content, file)
        self.messages.say(line)
        if self.talk is not None:
            self._desk.tasks.spawn(self._send(self.talk, line))

    async def _send(self, talk: Conversation, line: Line) -> None:
        try:
            if line.file is not None:
                line = await self._uploaded(line)
            taken = await talk.send(line.content, client_id=line.client_id)
        except ApricotError as error:
            if talk is self.talk:  # else it was left, and is sent when it is opened again
                self._fail(line, error)
            return
        self._unsent.remove(line.client_id)
        self.messages.say(replace(line, delivery=Delivery.TAKEN, sequence=taken.sequence, file=None))
        self.close_when_idle()

    async def _uploaded(self, line: Line) -> Line:
        content = line.file or b""
        attachment = await self._desk.session.upload_attachment(self.consultation_id, content)
        self.attachments.keep(attachment.attachment_id, content)
        named = MessageContent()
        setattr(named, line.content.WhichOneof("content") or "", attachment.attachment_id)
        line = replace(line, content=named, file=None)
        self._unsent.add(line.client_id, named)
        self.messages.say(line)
        return line

    def _fail(self, line: Line, error: ApricotError) -> None:
        self.messages.say(replace(line, delivery=Delivery.FAILED, failure=error))
        self.close_when_idle()

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self.changed.emit()


def evidence(lines: Sequence[Line]) -> list[Line]:
    """What patients have shown: pictures and documents."""
    kinds = "picture_attachment_id", "document_attachment_id"
    return [line for line in lines if line.sequence and line.content.WhichOneof("content") in kinds]
