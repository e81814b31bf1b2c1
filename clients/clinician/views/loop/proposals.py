"""What the figures suggest, line by line; a clinician decides on each."""

from apricot.glucose.v1.plan_pb2 import DraftLine, PlanDraft
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QLineEdit, QPushButton, QVBoxLayout, QWidget

from clients.clinician.models.loop.plans import PlanModel
from clients.clinician.models.loop.writing import Decision, Verdict
from clients.clinician.views.loop import plan_words
from clients.clinician.views.parts import button, card, column, label, line, row
from clients.clinician.views.theme import SPACE


class Proposals(QWidget):
    """Shown while there is a draft."""

    def __init__(self, model: PlanModel) -> None:
        super().__init__()
        self._model = model
        self._draft_id = ""
        self._head = label("", "muted", wraps=True)
        self._left = label("")
        self._layout = QVBoxLayout()
        self._layout.setSpacing(2 * SPACE)
        self.lines: list[ProposalLine] = []
        drop = button(self.tr("Go on without them"), model.drop_draft, "quiet")
        self._card: QFrame = card(
            row(label(self.tr("Suggestions from the figures"), "heading"), None, self._left, drop),
            self._head,
            self._layout,
            spacing=2 * SPACE,
        )
        self.setLayout(column(self._card))
        model.checked.connect(self._show)
        self._show()

    def _show(self) -> None:
        writing = self._model.writing
        draft = writing.draft if writing else None
        self.setVisible(draft is not None)
        if draft is None or writing is None:
            self._draft_id = ""
            return
        if draft.draft_id != self._draft_id:
            self._draft_id = draft.draft_id
            self._make(draft)
        undecided = writing.undecided
        text = self.tr("{count} to decide").format(count=undecided) if undecided else self.tr("All decided")
        self._left.setText(text)

    def _make(self, draft: PlanDraft) -> None:
        for each in self.lines:
            each.deleteLater()
        writing = self._model.writing
        decisions = writing.decisions if writing else {}
        self._head.setText(
            self.tr("From {readings} readings of the last {days} days. None counts until you decide.").format(
                readings=draft.readings_count, days=draft.days
            )
        )
        unit = self._model.desk.settings.unit
        self.lines = [
            ProposalLine(found, plan_words.suggestion(found, unit), decisions.get(found.line_id, Decision()))
            for found in draft.lines
        ]
        for each in self.lines:
            self._layout.addWidget(each)
            each.decided.connect(self._model.decide)
        if not draft.lines:
            self._head.setText(self.tr("The figures suggest nothing."))


class ProposalLine(QWidget):
    """One suggestion, and the decision on it."""

    decided = Signal(str, object, str)
    """The line's id, the Verdict or None, the note."""

    def __init__(self, found: DraftLine, text: str, decision: Decision) -> None:
        super().__init__()
        self._line_id = found.line_id
        names = {
            Verdict.ACCEPTED: self.tr("Accept"),
            Verdict.CHANGED: self.tr("Change"),
            Verdict.REJECTED: self.tr("Reject"),
        }
        self._group = QButtonGroup(self)
        self.buttons: dict[Verdict, QPushButton] = {}
        for verdict, name in names.items():
            made = button(name, self._tell, name=f"{name}: {text}")
            made.setCheckable(True)
            made.setChecked(verdict is decision.verdict)
            self._group.addButton(made)
            self.buttons[verdict] = made
        self.note = QLineEdit(decision.note)
        self.note.setMaxLength(500)
        self.note.setAccessibleName(self.tr("Why or how"))
        self.note.textEdited.connect(self._tell)
        self.setLayout(column(line(), label(text, wraps=True), row(*self.buttons.values(), self.note)))
        self._hint()

    def _tell(self) -> None:
        self._hint()
        self.decided.emit(self._line_id, self._verdict, self.note.text())

    @property
    def _verdict(self) -> Verdict | None:
        return next((verdict for verdict, made in self.buttons.items() if made.isChecked()), None)

    def _hint(self) -> None:
        changed = self._verdict is Verdict.CHANGED
        self.note.setPlaceholderText(self.tr("How instead (needed)") if changed else self.tr("Why or how"))
