"""The consulting room: the inbox, and the consultation that is chosen in it."""

from apricot.consult.v1.consultation_pb2 import Consultation, GetConsultationRequest
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.consult.conversation import ConversationModel
from clients.clinician.models.consult.facts import PatientFacts
from clients.clinician.models.consult.inbox import Inbox
from clients.clinician.models.consult.inbox_list import Section
from clients.clinician.models.consult.unsent import with_unsent
from clients.clinician.models.desk import Desk
from clients.clinician.models.draft_store import DraftStore
from clients.sdk import ApricotError, Reason


class Consulting(QObject):
    """Talks that she leaves stay open until what she said is sent."""

    chosen_changed = Signal()
    """Another consultation, or the chosen one is hers now, or somebody else's."""

    chosen_updated = Signal()
    """Something of the chosen one that is shown beside the talk."""
    talk_begun = Signal(object)
    """A ConversationModel that was not there before."""
    talk_ended = Signal(object)
    """It is there no more."""

    lost = Signal(object)
    """A Consultation of the pool that she chose or tried to take, and that is another's now, or withdrawn."""

    def __init__(self, desk: Desk, drafts: DraftStore) -> None:
        super().__init__()
        self.desk = desk
        self.drafts = drafts
        self.inbox = Inbox(desk)
        self.chosen: Consultation | None = None
        self.talk: ConversationModel | None = None
        """The chosen one's, where she takes part in it."""
        self.facts: PatientFacts | None = None
        self._talks: dict[str, ConversationModel] = {}
        self.inbox.told.connect(self._hear)
        self.inbox.lost.connect(self._lose)
        self.inbox.gone.connect(self._lose_chosen)

    def open(self) -> None:
        """Begin to be live; what was typed and not sent before a restart is sent now."""
        self.inbox.open()
        for consultation_id in with_unsent(self.drafts):
            self.desk.tasks.spawn(self._send_rest(consultation_id))

    def choose(self, consultation_id: str) -> None:
        """Look at this one; empty: at none."""
        consultation = self.inbox.consultation(consultation_id)
        if self.chosen is not None and consultation_id == self.chosen.consultation_id:
            return
        if self.talk is not None:
            self.talk.leave()
        self.chosen, self.talk, self.facts = consultation, None, None
        self._enter()
        self.chosen_changed.emit()

    def listen(self, consultation: Consultation) -> None:
        """Hear its talk as long as it is needed, though nobody looks at it."""
        talk = self._talk_of(consultation)
        talk.open()
        if talk is not self.talk:
            talk.leave()

    def takes_part(self, consultation: Consultation) -> bool:
        """Whether she is in it; a question in the pool she only sees."""
        return any(member.account_id == self.desk.account.account_id for member in consultation.members)

    def treats(self, consultation: Consultation) -> bool:
        """Whether she is its doctor, and it goes on."""
        hers = consultation.doctor_id == self.desk.account.account_id
        return hers and self.inbox.section(consultation) is Section.ACTIVE

    def may_see_patient(self, consultation: Consultation) -> bool:
        """Whether there is a page of the patient's for her: the patient has opened something to her."""
        return consultation.patient_id in self.desk.feed.patients

    def _enter(self) -> None:
        if self.chosen is None or not self.takes_part(self.chosen):
            return
        self.talk = self._talk_of(self.chosen)
        self.talk.open()
        self.facts = PatientFacts(self.desk, self.chosen)
        if self.treats(self.chosen):
            self.facts.open()

    def _talk_of(self, consultation: Consultation) -> ConversationModel:
        id_ = consultation.consultation_id
        if id_ not in self._talks:
            talk = self._talks[id_] = ConversationModel(self.desk, consultation, self.drafts)
            talk.read.connect(self.inbox.mark_read)
            talk.left.connect(self._forget)
            self.talk_begun.emit(talk)
        return self._talks[id_]

    def _forget(self, consultation_id: str) -> None:
        is_shown = self.talk is not None and self.talk.consultation_id == consultation_id
        if not is_shown and (talk := self._talks.pop(consultation_id, None)) is not None:
            self.talk_ended.emit(talk)

    def _hear(self, consultation: Consultation) -> None:
        if consultation.consultation_id in self._talks:
            self._talks[consultation.consultation_id].tell(consultation)
        if self.chosen is None or not self._is_chosen(consultation):
            return
        before, self.chosen = self.chosen, consultation
        if self.talk is None or self.treats(before) != self.treats(consultation):
            self._enter()
            self.chosen_changed.emit()
        elif _facts(before) != _facts(consultation):
            self.chosen_updated.emit()

    def _lose(self, consultation: Consultation) -> None:
        if self._is_chosen(consultation):
            self.choose("")
        self.lost.emit(consultation)

    def _lose_chosen(self, consultation: Consultation) -> None:
        if self._is_chosen(consultation):
            self._lose(consultation)

    def _is_chosen(self, consultation: Consultation) -> bool:
        return self.chosen is not None and self.chosen.consultation_id == consultation.consultation_id

    async def _send_rest(self, consultation_id: str) -> None:
        if consultation_id in self._talks:
            return
        try:
            request = GetConsultationRequest(consultation_id=consultation_id)
            found = (await self.desk.session.consultations.GetConsultation(request)).consultation
        except ApricotError as error:
            if error.reason != Reason.REASON_NOT_FOUND:
                raise
            return  # hers no more; what she typed stays kept
        self.listen(found)


def _facts(of: Consultation) -> tuple[object, ...]:
    return of.state, of.eligibility, of.outcome, [member.account_id for member in of.members]
