"""The middle of the page: whose talk it is, the messages, and where she writes; or a question that can be taken."""

from datetime import UTC

from apricot.consult.v1.consultation_pb2 import Consultation
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from clients.clinician.models.consult.consulting import Consulting
from clients.clinician.models.consult.conversation import ConversationModel
from clients.clinician.models.consult.inbox_list import Section
from clients.clinician.views import identity_words, words
from clients.clinician.views.consult import terms
from clients.clinician.views.consult.composer import Composer
from clients.clinician.views.consult.thread import Thread
from clients.clinician.views.parts import button, card, column, label, line, row, show_if
from clients.clinician.views.theme import SPACE, theme
from clients.sdk import Phase


class TalkPanel(QWidget):
    """Of a consultation that she takes part in."""

    claim_wanted = Signal()
    decline_wanted = Signal()
    patient_wanted = Signal()

    def __init__(self, consulting: Consulting, talk: ConversationModel) -> None:
        super().__init__()
        self._consulting = consulting
        self._talk = talk
        self.messages = Thread(talk, consulting.desk.account.account_id)
        self.composer = Composer(consulting, talk)
        self._presence = label("", "muted")
        self._typing = label("", "muted")
        self._stale = label("", "problem", wraps=True)
        self._offer = row(
            label(self.tr("This patient is waiting for you."), "muted"),
            None,
            button(self.tr("Decline"), self.decline_wanted.emit, "quiet"),
            button(self.tr("Accept"), self.claim_wanted.emit, "primary", tip="C"),
        )
        self._offering = QWidget()
        self._offering.setLayout(self._offer)
        self.patient = button(
            self.tr("Open the patient"), self.patient_wanted.emit, "quiet", tip=self.tr("Ctrl+Shift+O")
        )
        who = consulting.desk.feed.identity_in(talk.consultation)
        whose = row(label(identity_words.name(who), "title", wraps=True), self.patient, self._presence)
        whose.setStretch(0, 1)
        head = column(
            whose,
            label(identity_words.facts(who), selectable=True, wraps=True),
            label(_about(talk.consultation), "muted", wraps=True),
            label(talk.consultation.complaint, selectable=True, wraps=True),
            spacing=4,
        )
        head.setContentsMargins(3 * SPACE, 2 * SPACE, 3 * SPACE, 2 * SPACE)
        foot = column(self._typing, self._stale, self._offering, self.composer)
        foot.setContentsMargins(3 * SPACE, 0, 3 * SPACE, 2 * SPACE)
        layout = column(head, line(), self.messages, foot, spacing=0)
        layout.setStretchFactor(self.messages, 1)
        self.setLayout(layout)
        self.messages.edit_wanted.connect(self.composer.put_text)
        talk.changed.connect(self._show)
        consulting.desk.feed.patients_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        talk = self._talk
        there = self.tr("● The patient is here") if talk.patient_is_there else self.tr("The patient is away")
        show_if(self._consulting.may_see_patient(talk.consultation), self.patient)
        self._presence.setText(there)
        self._presence.setStyleSheet(f"color: {theme().good if talk.patient_is_there else theme().muted};")
        types = self.tr("{name} is typing").format(name=talk.who_types) if talk.who_types else " "
        self._typing.setText(types)
        self._typing.setVisible(talk.can_talk)
        waits = self._consulting.inbox.section(talk.consultation) is Section.FOR_HER
        self._offering.setVisible(waits)
        self.composer.setVisible(talk.can_talk)
        if talk.failure is not None:
            self._stale.setText(terms.problem(talk.failure))
        else:
            self._stale.setText(self.tr("No connection. What you send is kept here, and goes when it is back."))
        self._stale.setVisible(talk.phase is Phase.STALE and (talk.can_talk or talk.failure is not None))


class QuestionPanel(QWidget):
    """Of a consultation in the pool: who asks what, and what would be shared."""

    claim_wanted = Signal()

    def __init__(self, consulting: Consulting, consultation: Consultation) -> None:
        super().__init__()
        self._consulting = consulting
        self._consultation = consultation
        self._waits = label("", "muted")
        self._department = label("", "muted")
        shared = ", ".join(filter(None, map(terms.scope, consultation.shared_scopes)))
        scopes = self.tr("Would be shared with you: {scopes}").format(scopes=shared or self.tr("nothing of the diary"))
        who = consulting.desk.feed.identity_in(consultation)
        asks = card(
            label(identity_words.name(who), "title"),
            label(identity_words.facts(who), wraps=True),
            label(_about(consultation), "muted", wraps=True),
            self._department,
            self._waits,
            line(),
            label(consultation.complaint, selectable=True, wraps=True),
            line(),
            label(scopes, "muted", wraps=True),
            row(None, button(self.tr("Accept (C)"), self.claim_wanted.emit, "primary")),
            spacing=12,
        )
        layout = column(asks, None)
        layout.setContentsMargins(3 * SPACE, 3 * SPACE, 3 * SPACE, 3 * SPACE)
        self.setLayout(layout)
        consulting.desk.second.connect(self._show)
        consulting.inbox.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        passed = self._consulting.desk.now() - self._consultation.create_time.ToDatetime(UTC)
        inbox, language = self._consulting.inbox, self._consulting.desk.settings.language
        department = terms.department(self._consultation, inbox.departments, language)
        self._department.setText(department)
        show_if(bool(department), self._department)
        self._waits.setText(self.tr("Waiting for any doctor for {time}").format(time=words.age(passed)))


def _about(consultation: Consultation) -> str:
    return " · ".join((terms.age_years(consultation), terms.mode(consultation), terms.state(consultation)))
