"""What the room's dialogs share."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QDialog, QPlainTextEdit, QWidget

from clients.clinician.models.identity import Identity
from clients.clinician.views import identity_words
from clients.clinician.views.consult import terms
from clients.clinician.views.parts import button, column, label, row
from clients.clinician.views.theme import SPACE
from clients.sdk import ApricotError


class Form(QDialog):
    """Ctrl+Enter confirms, Esc leaves; what was typed is the model's to keep."""

    def __init__(self, parent: QWidget, title: str, name: str, confirm: Callable[[], object]) -> None:
        """`name` is what confirming is called."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setMinimumWidth(520)
        self.problem = label("", "problem", wraps=True)
        self.confirm_button = button(name, confirm, "primary", tip="Ctrl+Enter")
        self.confirm_button.setShortcut("Ctrl+Return")
        self.confirm_button.setDefault(True)
        self._title, self._patient = label(title, "title"), label(wraps=True)
        self._cancel = button(self.tr("Cancel"), self.reject, "quiet")
        self._cancel.setAutoDefault(False)

    def lay_out(self, *parts: QWidget | QBoxLayout) -> None:
        """These, above the problem and the buttons."""
        layout = column(
            column(self._title, self._patient, spacing=4),
            *parts,
            self.problem,
            row(None, self._cancel, self.confirm_button),
            spacing=12,
        )
        layout.setContentsMargins(3 * SPACE, 3 * SPACE, 3 * SPACE, 3 * SPACE)
        self.setLayout(layout)

    def show_patient(self, identity: Identity) -> None:
        """Say whom it is about."""
        self._patient.setText(f"{identity_words.name(identity)} · {identity_words.facts(identity)}")

    def tell_ended(self) -> None:
        """Stay, and say why nothing can be sent any more."""
        self.problem.setText(self.tr("The consultation has ended. Nothing was sent; what you wrote is still here."))
        self.confirm_button.hide()
        self._cancel.setText(self.tr("Close"))

    def show_refusal(self, error: ApricotError) -> None:
        self.problem.setText(terms.problem(error))


def text_field(name: str, placeholder: str = "", lines: int = 3) -> QPlainTextEdit:
    """For some lines of text; Tab leaves it."""
    made = QPlainTextEdit()
    made.setAccessibleName(name)
    made.setPlaceholderText(placeholder)
    made.setTabChangesFocus(True)
    height = made.fontMetrics().lineSpacing() * lines + SPACE
    made.setStyleSheet(f"min-height: {height}px; max-height: {height}px;")  # the app's own style sets a height too
    return made


def field(name: str, part: QWidget) -> QBoxLayout:
    """With its name above."""
    heading = label(name, "muted")
    heading.setBuddy(part)
    if not part.accessibleName():
        part.setAccessibleName(name)
    return column(heading, part, spacing=4)
