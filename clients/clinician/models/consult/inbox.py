"""Her consultations and the pool, live; the ended ones by page; taking one and declining one."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_STATE_ACTIVE,
    CONSULTATION_STATE_WAITING,
    ClaimConsultationRequest,
    Consultation,
    DeclineConsultationRequest,
    GetConsultationRequest,
    ListConsultationsRequest,
    WatchInboxResponse,
)
from apricot.consult.v1.conversation_pb2 import ListMessagesRequest, Message
from apricot.consult.v1.directory_pb2 import Department, ListDepartmentsRequest
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.consult.inbox_list import InboxList, Item, Section, section_of
from clients.clinician.models.desk import Desk
from clients.clinician.models.frames import OncePerFrame
from clients.sdk import ApricotError, Phase, Reason

_OPEN = CONSULTATION_STATE_WAITING, CONSULTATION_STATE_ACTIVE
_PAUSE_SECONDS = 1.0
_PAGE = 50
_LAST_MESSAGES = 30
"""So many are looked at to count what is unread; a doctor sees "30" for more."""


class Inbox(QObject):
    """`list` is what a page shows."""

    changed = Signal()
    """What is shown, or the phase."""
    told = Signal(object)
    """A Consultation as it is now."""
    claimed = Signal(str)
    """It is hers."""
    lost = Signal(object)
    """A Consultation of the pool that another doctor took, or that its patient withdrew, as she tried to."""

    gone = Signal(object)
    """A Consultation of the pool that is there no more."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.list = InboxList()
        self.phase = Phase.CATCHING_UP
        self.has_more_ended = True
        self.departments: dict[str, Department] = {}
        """By code; empty before the platform has told them."""
        self._desk = desk
        self._open: dict[str, Consultation] = {}
        self._ended: dict[str, Consultation] = {}
        self._ended_token = ""
        self._listing = False
        self._last: dict[str, list[Message]] = {}
        self._looking: set[str] = set()
        self._read: dict[str, int] = {}
        self._claiming: set[str] = set()
        self._frame = OncePerFrame(self._show)

    @property
    def unread(self) -> int:
        """Messages of patients and colleagues that wait for her."""
        return sum(item.unread for item in self.list.items)

    @property
    def waiting(self) -> int:
        """Who waits for her, and in the pool."""
        return sum(item.section in (Section.FOR_HER, Section.POOL) for item in self.list.items)

    def consultation(self, consultation_id: str) -> Consultation | None:
        """None: it is not hers to see, or on no page that was listed."""
        return self._open.get(consultation_id) or self._ended.get(consultation_id)

    def section(self, consultation: Consultation) -> Section:
        return section_of(consultation, self._desk.account.account_id)

    def open(self) -> None:
        """Begin to be live."""
        self._desk.tasks.spawn(self._run())
        self.list_ended()

    def list_ended(self) -> None:
        """One more page of what has ended."""
        if self.has_more_ended and not self._listing:
            self._listing = True
            self._desk.tasks.spawn(self._list_ended())

    def claim(self, consultation_id: str) -> None:
        """`claimed`, or `lost` where another was quicker."""
        if consultation_id not in self._claiming:
            self._claiming.add(consultation_id)
            self._desk.tasks.spawn(self._claim(consultation_id))

    def decline(self, consultation_id: str, note: str) -> None:
        """What is addressed to her, or what she took from the pool and has not answered; the patient reads the note."""
        self._desk.tasks.spawn(self._decline(consultation_id, note))

    def mark_read(self, consultation_id: str, sequence: int) -> None:
        """She has read up to there."""
        if sequence > self._read.get(consultation_id, 0):
            self._read[consultation_id] = sequence
            self._frame.ask()

    async def _run(self) -> None:
        while True:
            try:
                async with self._desk.session.watch_inbox(on_phase=self._enter) as watch:
                    async for update in watch:
                        self._apply(update)
            except ApricotError as error:
                if error.reason == Reason.REASON_SESSION_ENDED:
                    raise
                self._desk.problems.tell(error)
                await asyncio.sleep(max(_PAUSE_SECONDS, error.retry_after_seconds))

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        if phase is Phase.LIVE and not self.departments:
            self._desk.tasks.spawn(self._list_departments())
        self.changed.emit()

    async def _list_departments(self) -> None:
        answer = await self._desk.session.directory.ListDepartments(ListDepartmentsRequest())
        self.departments = {each.code: each for each in answer.departments}
        self.changed.emit()

    def _apply(self, update: WatchInboxResponse) -> None:
        if update.HasField("consultation"):
            self._take(update.consultation)
        elif update.gone_consultation_id:
            gone = self._open.pop(update.gone_consultation_id, None)
            if gone is not None and self.section(gone) is Section.POOL:
                self.gone.emit(gone)
            elif gone is not None:
                self._desk.tasks.spawn(self._look_again(gone.consultation_id))
        self._frame.ask()

    def _take(self, consultation: Consultation) -> None:
        id_, me = consultation.consultation_id, self._desk.account.account_id
        if consultation.patient_id == me:
            return  # she is a patient herself elsewhere
        if consultation.state in _OPEN:
            self._open[id_] = consultation
            if self.section(consultation) is Section.ACTIVE and id_ not in self._looking:
                self._looking.add(id_)
                self._desk.tasks.spawn(self._look_at_messages(id_))
        else:
            self._open.pop(id_, None)
            self._ended[id_] = consultation
        self.told.emit(consultation)
        self._frame.ask()

    async def _look_again(self, consultation_id: str) -> None:
        """At what ended while nobody told."""
        try:
            request = GetConsultationRequest(consultation_id=consultation_id)
            self._take((await self._desk.session.consultations.GetConsultation(request)).consultation)
        except ApricotError as error:
            if error.reason != Reason.REASON_NOT_FOUND:  # hers no more
                raise

    async def _look_at_messages(self, consultation_id: str) -> None:
        try:
            seen = -1
            while (now := self._open.get(consultation_id)) is not None and now.last_sequence != seen:
                seen = now.last_sequence
                request = ListMessagesRequest(
                    consultation_id=consultation_id, newest_first=True, page_size=_LAST_MESSAGES
                )
                answer = await self._desk.session.conversations.ListMessages(request)
                self._last[consultation_id] = list(answer.messages)
                self._frame.ask()
        finally:
            self._looking.discard(consultation_id)

    async def _list_ended(self) -> None:
        try:
            request = ListConsultationsRequest(page_size=_PAGE, page_token=self._ended_token)
            page = await self._desk.session.consultations.ListConsultations(request)
        finally:
            self._listing = False
        self._ended_token = page.next_page_token
        self.has_more_ended = bool(page.next_page_token)
        for consultation in page.consultations:
            if consultation.state not in _OPEN:
                self._take(consultation)
        self._frame.ask()

    async def _claim(self, consultation_id: str) -> None:
        request = ClaimConsultationRequest(request_id=str(uuid4()), consultation_id=consultation_id)
        before = self._open.get(consultation_id)
        try:
            self._take((await self._desk.session.consultations.ClaimConsultation(request)).consultation)
        except ApricotError as error:
            if before is None or error.reason not in (Reason.REASON_WRONG_STATE, Reason.REASON_NOT_FOUND):
                raise
            self._open.pop(consultation_id, None)
            self._frame.ask()
            self.lost.emit(before)
            return
        finally:
            self._claiming.discard(consultation_id)
        self.claimed.emit(consultation_id)

    async def _decline(self, consultation_id: str, note: str) -> None:
        request = DeclineConsultationRequest(request_id=str(uuid4()), consultation_id=consultation_id, note=note)
        declined = (await self._desk.session.consultations.DeclineConsultation(request)).consultation
        if declined.state == CONSULTATION_STATE_WAITING:
            self._open.pop(consultation_id, None)  # in the pool again; the watch tells where she sees it there
            self._frame.ask()
        else:
            self._take(declined)

    def _show(self) -> None:
        items = sorted(self._items(), key=lambda item: item.order)
        sections = [None, *(item.section for item in items)]
        self.list.show(
            [
                replace(item, begins_section=item.section != before)
                for item, before in zip(items, sections, strict=False)
            ]
        )
        self.changed.emit()

    def _items(self) -> Iterator[Item]:
        for consultation in (*self._open.values(), *self._ended.values()):
            last = self._last.get(consultation.consultation_id, [])
            section, unread = self.section(consultation), 0
            if section is Section.ACTIVE:
                unread = sum(self._is_unread(consultation, message) for message in last)
            yield Item(consultation, section, unread, last[0] if last else None)

    def _is_unread(self, consultation: Consultation, message: Message) -> bool:
        me = self._desk.account.account_id
        told = (member.read_sequence for member in consultation.members if member.account_id == me)
        read = max(next(told, 0), self._read.get(consultation.consultation_id, 0))
        return message.sender_id not in ("", me) and message.sequence > read
