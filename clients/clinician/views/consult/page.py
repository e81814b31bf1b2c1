"""The consulting room: the inbox, the talk, and what is known of the patient beside it."""

from apricot.consult.v1.consultation_pb2 import Consultation
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from clients.clinician.models.consult.closing import ClosingModel
from clients.clinician.models.consult.colleagues import Colleagues
from clients.clinician.models.consult.consulting import Consulting
from clients.clinician.models.consult.eligibility import EligibilityModel
from clients.clinician.models.consult.inbox_list import Section, has_ended
from clients.clinician.views.consult.closing_form import ClosingForm
from clients.clinician.views.consult.eligibility_form import EligibilityForm
from clients.clinician.views.consult.forms import Form
from clients.clinician.views.consult.inbox_view import InboxView
from clients.clinician.views.consult.side import Side
from clients.clinician.views.consult.small_forms import DecliningForm, InvitingForm
from clients.clinician.views.consult.talk_panel import QuestionPanel, TalkPanel
from clients.clinician.views.dialogs import show_beside
from clients.clinician.views.keys import add_key
from clients.clinician.views.parts import button, column, label, row
from clients.clinician.views.theme import SPACE
from clients.sdk import Phase

_INBOX_PIXELS, _SIDE_PIXELS = 320, 320
_LEAST_INBOX_PIXELS, _LEAST_SIDE_PIXELS = 240, 260
_WIDE_PIXELS = 1100
"""From here on the inbox stays beside a prescription."""


class ConsultPage(QWidget):
    """Alt+Up and Alt+Down go through the inbox from anywhere; Esc goes back to it."""

    call_wanted = Signal(str, int)
    """A consultation, and its ConsultationMode."""
    prescription_wanted = Signal(str)
    patient_wanted = Signal(str)
    """Her page, where the patient has opened anything."""

    def __init__(self, consulting: Consulting) -> None:
        super().__init__()
        self._consulting = consulting
        self.inbox = InboxView(consulting)
        self.talk: TalkPanel | None = None
        self.form: Form | None = None
        """The dialog that is open."""
        self._form_of = ""
        self._shown_id = ""
        self._lost = label("", "problem", wraps=True)
        self._lost.hide()
        self._phase = label("", "problem", wraps=True)
        self._empty = label("", "muted", wraps=True)
        self._ended = button(self.tr("More closed consultations"), consulting.inbox.list_ended, "quiet")
        self._middle = _place()
        self._facts = _place()
        self._theirs = QVBoxLayout()
        self._side = QStackedWidget()
        theirs = QWidget()
        theirs.setLayout(self._theirs)
        self._theirs.setContentsMargins(0, 0, 0, 0)
        self._side.addWidget(self._facts)
        self._side.addWidget(theirs)
        left = QWidget()
        head = column(label(self.tr("Consultations"), "title"), self._empty)
        head.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, SPACE)
        told = column(self._phase, self._lost)  # below the list, whose rows keep their place
        told.setContentsMargins(2 * SPACE, 0, 2 * SPACE, SPACE)
        left.setLayout(column(head, self.inbox, told, row(None, self._ended, None), spacing=0))
        splitter = QSplitter()
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        for part, stretch in ((left, 0), (self._middle, 1), (self._side, 0)):
            splitter.addWidget(part)
            splitter.setStretchFactor(splitter.count() - 1, stretch)
        splitter.setSizes([_INBOX_PIXELS, 10_000, _SIDE_PIXELS])
        left.setMinimumWidth(_LEAST_INBOX_PIXELS)
        self._facts.setMinimumWidth(_LEAST_SIDE_PIXELS)
        self._left = left
        self.setLayout(column(splitter))
        self.setFocusProxy(self.inbox)
        self._wire()
        self._show_inbox()
        self._show_chosen()

    def set_side_panel(self, widget: QWidget | None) -> None:
        """In the place of the patient's facts, such as a prescription being written; None: the facts again."""
        _take_out(self._theirs)
        if widget is not None:
            self._theirs.addWidget(widget)
        self._side.setCurrentIndex(int(widget is not None))
        self._give_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_room()

    def minimumSizeHint(self) -> QSize:
        """Without the inbox, which gives way beside a panel."""
        least = super().minimumSizeHint()
        inbox = _LEAST_INBOX_PIXELS if self._has_panel and not self._left.isHidden() else 0
        return QSize(least.width() - inbox, least.height())

    @property
    def _has_panel(self) -> bool:
        return self._side.currentIndex() == 1

    def _give_room(self) -> None:
        """A narrow window shows the talk and the panel; Alt+Up and Alt+Down still go through the inbox."""
        self._left.setVisible(not self._has_panel or self.width() >= _WIDE_PIXELS)

    def claim(self) -> None:
        """The chosen one, where it waits."""
        if self._chosen_section in (Section.POOL, Section.FOR_HER) and self._consulting.chosen is not None:
            self._consulting.inbox.claim(self._consulting.chosen.consultation_id)

    def decline(self) -> None:
        """With a note."""
        chosen = self._consulting.chosen
        if chosen is not None and chosen.doctor_id == self._consulting.desk.account.account_id:
            self._open(DecliningForm(lambda note: self._consulting.inbox.decline(chosen.consultation_id, note), self))

    def reply(self) -> None:
        """Write in the chosen talk."""
        if self.talk is not None:
            self.talk.composer.field.setFocus()

    def decide_eligibility(self) -> None:
        if self._treated is not None and self._consulting.talk is not None:
            model = EligibilityModel(self._consulting.desk, self._treated, self._consulting.talk.messages)
            model.open()
            self._open(EligibilityForm(model, self), model)

    def close_consultation(self) -> None:
        if self._treated is not None:
            model = ClosingModel(self._consulting.desk, self._treated, self._consulting.drafts)
            model.open()
            self._open(ClosingForm(model, self, self._consulting.desk.settings.language), model)

    def invite(self) -> None:
        if self._treated is not None:
            model = Colleagues(self._consulting.desk, self._treated)
            self._open(InvitingForm(model, self), model)

    def call(self) -> None:
        if self._treated is not None:
            self.call_wanted.emit(self._treated.consultation_id, self._treated.mode)

    def prescribe(self) -> None:
        if self._treated is not None:
            self.prescription_wanted.emit(self._treated.consultation_id)

    def open_patient(self) -> None:
        """The chosen one's page."""
        chosen = self._consulting.chosen
        if chosen is not None and self._consulting.may_see_patient(chosen):
            self.patient_wanted.emit(chosen.patient_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape:
                self.inbox.setFocus()
            case Qt.Key.Key_C if not event.modifiers():
                self.claim()
            case Qt.Key.Key_R if not event.modifiers():
                self.reply()
            case _:
                super().keyPressEvent(event)

    @property
    def _treated(self) -> Consultation | None:
        chosen = self._consulting.chosen
        return chosen if chosen is not None and self._consulting.treats(chosen) else None

    @property
    def _chosen_section(self) -> Section | None:
        chosen = self._consulting.chosen
        return self._consulting.inbox.section(chosen) if chosen is not None else None

    def _wire(self) -> None:
        self._consulting.chosen_changed.connect(self._show_chosen)
        self._consulting.chosen_updated.connect(self._show_side)
        self._consulting.lost.connect(self._show_lost)
        self._consulting.inbox.changed.connect(self._show_inbox)
        self._consulting.inbox.told.connect(self._tell_form)
        self._consulting.inbox.claimed.connect(self._claimed)
        self.inbox.claim_wanted.connect(self.claim)
        self.inbox.reply_wanted.connect(self.reply)
        add_key(self, "Alt+Down", self.tr("The next consultation"), lambda: self.inbox.step(1))
        add_key(self, "Alt+Up", self.tr("The previous consultation"), lambda: self.inbox.step(-1))
        add_key(
            self, "Ctrl+Shift+O", self.tr("Open the consultation's patient; Alt+Left comes back"), self.open_patient
        )
        add_key(self, "Ctrl+Shift+C", self.tr("Call the patient"), self.call)
        add_key(self, "Ctrl+Shift+P", self.tr("Write a prescription"), self.prescribe)
        add_key(self, "Ctrl+Shift+E", self.tr("Decide on eligibility"), self.decide_eligibility)
        add_key(self, "Ctrl+Shift+I", self.tr("Invite a colleague"), self.invite)
        add_key(self, "Ctrl+Shift+L", self.tr("Close the consultation"), self.close_consultation)

    def _open(self, form: Form, model: object = None) -> None:
        form.setProperty("model", model)  # as long as the form is there
        if (chosen := self._consulting.chosen) is not None:
            form.show_patient(self._consulting.desk.feed.identity_in(chosen))
            self._form_of = chosen.consultation_id
        if self.form is not None:
            self.form.reject()
        self.form = form
        form.finished.connect(self._form_ended)
        show_beside(form)

    def _form_ended(self) -> None:
        if self.sender() is self.form:
            self.form = None

    def _tell_form(self, consultation: Consultation) -> None:
        """What is being written does not vanish in silence when the consultation ends elsewhere."""
        if self.form is not None and consultation.consultation_id == self._form_of and has_ended(consultation):
            self.form.tell_ended()

    def _claimed(self, consultation_id: str) -> None:
        chosen = self._consulting.chosen
        if chosen is not None and chosen.consultation_id == consultation_id:
            self.reply()

    def _show_lost(self, consultation: Consultation) -> None:
        text = self.tr(
            "{name}'s question is no longer in the pool: another doctor has accepted it, or it was withdrawn."
        )
        self._lost.setText(text.format(name=consultation.patient_name or "—"))
        self._lost.show()

    def _show_inbox(self) -> None:
        inbox = self._consulting.inbox
        self._phase.setVisible(inbox.phase is Phase.STALE)
        self._phase.setText(self.tr("No connection. The list may be out of date."))
        empty = not inbox.list.items
        self._empty.setVisible(empty and inbox.phase is not Phase.STALE)
        loading = inbox.phase is Phase.CATCHING_UP
        self._empty.setText(
            self.tr("Loading") if loading else self.tr("No patient is waiting. New questions appear here.")
        )
        self._ended.setVisible(inbox.has_more_ended)

    def _show_chosen(self) -> None:
        consulting, chosen = self._consulting, self._consulting.chosen
        if chosen is not None:
            self._lost.hide()
        self.talk = None
        shown, self._shown_id = self._shown_id, chosen.consultation_id if chosen else ""
        if shown != self._shown_id:
            self.set_side_panel(None)
        if chosen is None:
            nothing = label(self.tr("Choose a consultation: J and K move, C accepts, R replies."), "muted")
            nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
            nothing.setWordWrap(True)
            _show_in(self._middle, nothing)
            _show_in(self._facts, QWidget())
            return
        if consulting.talk is not None:
            self.talk = TalkPanel(consulting, consulting.talk)
            self.talk.claim_wanted.connect(self.claim)
            self.talk.decline_wanted.connect(self.decline)
            self.talk.patient_wanted.connect(self.open_patient)
            _show_in(self._middle, self.talk)
        else:
            question = QuestionPanel(consulting, chosen)
            question.claim_wanted.connect(self.claim)
            _show_in(self._middle, question)
        self._show_side()

    def _show_side(self) -> None:
        chosen = self._consulting.chosen
        if chosen is None:
            return
        side = Side(self._consulting, chosen)
        side.call_wanted.connect(self.call)
        side.prescription_wanted.connect(self.prescribe)
        side.eligibility_wanted.connect(self.decide_eligibility)
        side.closing_wanted.connect(self.close_consultation)
        side.invitation_wanted.connect(self.invite)
        _show_in(self._facts, side)


def _place() -> QWidget:
    made = QWidget()
    made.setLayout(column())
    return made


def _show_in(place: QWidget, part: QWidget) -> None:
    """Instead of what is there."""
    layout = place.layout()
    if layout is not None:
        _take_out(layout)
        layout.addWidget(part)


def _take_out(layout: QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        before = item.widget()
        if before is not None:
            before.hide()
            before.deleteLater()
