"""Fields with their caption and what is wrong with them."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QSizePolicy, QWidget

from clients.clinician.views.parts import DropDown, column, label, row

_OURS = {
    (Qt.Key.Key_Backspace, Qt.KeyboardModifier.ControlModifier),
    (Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier),
    (Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier),
    (Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier),
}
"""Keys that belong to the page, also while a field has the focus."""


class Entry(QLineEdit):
    """One line of text; `typed` with each change that a person makes."""

    def __init__(self, name: str, typed: Callable[[str], object], *, hint: str = "", most: int = 500) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setPlaceholderText(hint)
        self.setMaxLength(most)
        self.textEdited.connect(lambda text: typed(text))

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.ShortcutOverride
            and (event.key(), event.modifiers()) in _OURS
        ):
            event.ignore()
            return False
        return super().event(event)

    def show_text(self, text: str) -> None:
        """Nothing moves where it says so already: the cursor stays."""
        if self.text() != text:
            self.setText(text)


class Choice(DropDown):
    """One of a few; `chosen` when a person chooses."""

    def __init__(self, name: str, options: Iterable[tuple[object, str]], chosen: Callable[[object], object]) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(5)
        self.fill(options)
        self.activated.connect(lambda: chosen(self.currentData()))

    def fill(self, options: Iterable[tuple[object, str]]) -> None:
        """These, and the one that was chosen where it is among them."""
        told, kept = list(options), self.currentData()
        if [(self.itemData(place), self.itemText(place)) for place in range(self.count())] == told:
            return
        self.clear()
        for data, text in told:
            self.addItem(text, data)
        self.show_choice(kept)

    def show_choice(self, data: object) -> None:
        place = self.findData(data)
        if place >= 0 and place != self.currentIndex():
            self.setCurrentIndex(place)


class Field(QWidget):
    """A caption, what is typed, and what is wrong with it."""

    def __init__(self, caption: str, *inputs: QWidget, stretches: int = 0) -> None:
        """`stretches` is the place of the input that takes the room there is; behind the last one: none does."""
        super().__init__()
        self.inputs = inputs
        self._problem = label("", "problem", wraps=True)
        self._problem.hide()
        side = QWidget()
        layout = row(*inputs, None, spacing=4)
        layout.setStretch(len(inputs), int(stretches >= len(inputs)))
        if stretches < len(inputs):
            layout.setStretch(stretches, 1)
        side.setLayout(layout)
        said = label(caption, "muted")
        said.setToolTip(caption)
        said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # the fields say how wide it is
        self.setLayout(column(said, side, self._problem, None, spacing=2))

    def show_problem(self, text: str) -> None:
        self._problem.setText(text)
        self._problem.setVisible(bool(text))
        for each in self.inputs:
            each.setAccessibleDescription(text)
