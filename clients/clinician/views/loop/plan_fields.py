"""The fields of the plan's editor: each with its label, and with what is wrong with it, said below it."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QToolButton, QWidget

from clients.clinician.views.loop.plan_words import weekday_names
from clients.clinician.views.parts import DropDown, column, label, row
from clients.clinician.views.theme import SPACE

_LONG = 48


class Field(QWidget):
    """A label above, a violation below."""

    edited = Signal()

    def __init__(self, name: str, editor: QWidget, unit: str = "") -> None:
        super().__init__()
        self._name = name
        self.editor = editor
        editor.setAccessibleName(name)
        self.problem: QLabel = label("", "problem")
        self.problem.hide()
        beside = row(editor, label(unit, "muted")) if unit else row(editor)
        if editor.minimumWidth() == editor.maximumWidth():  # a narrow one stays at the left
            beside.addStretch(1)
        self.setLayout(column(label(name, "muted"), beside, self.problem, None, spacing=SPACE // 2))

    def tell(self, problem: str) -> None:
        """What is wrong; "" when nothing is."""
        self.problem.setText(problem)
        self.problem.setWordWrap(len(problem) > _LONG)  # a short one makes its field wider, rather than be cut off
        self.problem.setVisible(bool(problem))
        self.editor.setAccessibleDescription(problem)


class TextField(Field):
    """One line of text."""

    def __init__(self, name: str, text: str, *, hint: str = "", unit: str = "", pixels: int = 0) -> None:
        self._line = QLineEdit(text)
        self._line.setPlaceholderText(hint)
        if pixels:
            self._line.setFixedWidth(pixels)
        super().__init__(name, self._line, unit)
        self._line.textEdited.connect(self.edited)

    @property
    def text(self) -> str:
        return self._line.text()


class LongField(Field):
    """Several lines of text."""

    def __init__(self, name: str, text: str, *, hint: str = "") -> None:
        self._area = QPlainTextEdit(text)
        self._area.setPlaceholderText(hint)
        self._area.setStyleSheet(f"QPlainTextEdit {{ min-height: {7 * SPACE}px; max-height: {7 * SPACE}px; }}")
        self._area.setTabChangesFocus(True)
        super().__init__(name, self._area)
        self._area.textChanged.connect(self.edited)

    @property
    def text(self) -> str:
        return self._area.toPlainText()


class ChoiceField(Field):
    """One of some."""

    def __init__(self, name: str, choices: Mapping[int, str], chosen: int) -> None:
        self._box = DropDown()
        for value, text in choices.items():
            self._box.addItem(text, value)
        self._box.setCurrentIndex(max(0, self._box.findData(chosen)))
        super().__init__(name, self._box)
        self._box.currentIndexChanged.connect(self.edited)

    @property
    def value(self) -> int:
        return int(self._box.currentData())

    def choose(self, value: int) -> None:
        """Show this one as chosen."""
        self._box.setCurrentIndex(max(0, self._box.findData(value)))


class DaysField(Field):
    """Days of the week; none is every day."""

    def __init__(self, name: str, chosen: Sequence[int]) -> None:
        days = QWidget()
        self._days = [self._day(text, place in chosen) for place, text in enumerate(weekday_names(), start=1)]
        days.setLayout(row(*self._days, None, spacing=2))
        super().__init__(name, days)
        for day in self._days:
            day.toggled.connect(self.edited)

    @property
    def chosen(self) -> list[int]:
        return [place for place, day in enumerate(self._days, start=1) if day.isChecked()]

    def _day(self, text: str, chosen: bool) -> QToolButton:
        made = QToolButton()
        made.setText(text)
        made.setCheckable(True)
        made.setChecked(chosen)
        made.setAccessibleName(text)
        made.setStyleSheet("QToolButton { padding: 4px 5px; }")
        return made
