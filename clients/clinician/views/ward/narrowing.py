"""What the list is narrowed to: filters, groups, a name."""

from typing import override

from PySide6.QtCore import QT_TRANSLATE_NOOP, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QBoxLayout, QButtonGroup, QLineEdit, QToolButton, QWidget

from clients.clinician.models.frames import OncePerFrame
from clients.clinician.models.ward.needs import Grouping
from clients.clinician.models.ward.row import Filter
from clients.clinician.models.ward.ward_model import WardModel
from clients.clinician.views.parts import row
from clients.clinician.views.theme import SPACE
from clients.clinician.views.ward import phrases

_FILTERS = list(Filter)
_LEAST_PIXELS = 85 * SPACE
"""The filters fit in a line of their own."""
_GROUPINGS = {
    Grouping.NOTHING: QT_TRANSLATE_NOOP("Narrowing", "No groups"),
    Grouping.LEVEL: QT_TRANSLATE_NOOP("Narrowing", "By level"),
    Grouping.OWNER: QT_TRANSLATE_NOOP("Narrowing", "By acknowledgement"),
}


class Narrowing(QWidget):
    """A chip for each filter, with its count and a digit as its key; groups by G; a name after / or Ctrl+F."""

    left = Signal()
    """The search field was left for the list."""

    def __init__(self, model: WardModel) -> None:
        super().__init__()
        self._model = model
        self._frame = OncePerFrame(self._count, milliseconds=100)
        self._chips = QButtonGroup(self)
        for place, each in enumerate(_FILTERS):
            self._chips.addButton(_chip(f"{phrases.filter_tip(each)} ({place + 1})"), place)
        self._chips.idClicked.connect(self._filter_chosen)
        self._groups = QButtonGroup(self)
        for place, name in enumerate(_GROUPINGS.values()):
            chip = _chip(self.tr("Groups (G goes on to the next)"))
            chip.setText(self.tr(str(name)))
            self._groups.addButton(chip, place)
        self._groups.idClicked.connect(self._grouping_chosen)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search a name ( / )"))
        self.search.setAccessibleName(self.tr("Search a name"))
        self.search.setToolTip(self.tr("Search a name ( / or Ctrl+F; Esc leaves)"))
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(27 * SPACE)
        self.search.textChanged.connect(self._searched)
        self.search.installEventFilter(self)
        groups = row(None, *self._groups.buttons(), self.search)
        self._lines = row(row(*self.chips, None), groups)
        self._lines.setStretch(1, 1)
        self.setLayout(self._lines)
        self.setMinimumWidth(_LEAST_PIXELS)
        model.narrowed.connect(self._show)
        model.counted.connect(self._frame.ask)
        self._show()
        self._count()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """In two lines where one is too short."""
        super().resizeEvent(event)
        needed = sum(each.sizeHint().width() + SPACE for each in (*self.chips, *self._groups.buttons(), self.search))
        fits = self.width() >= needed
        self._lines.setDirection(QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom)

    @property
    def chips(self) -> list[QAbstractButton]:
        """Of the filters, in order."""
        return self._chips.buttons()

    def next_grouping(self) -> None:
        """The one after the present one."""
        groupings = list(_GROUPINGS)
        after = (groupings.index(self._model.grouping) + 1) % len(groupings)
        self._model.narrow(grouping=groupings[after])

    def begin_search(self) -> None:
        """Let her type a name."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.search.clear()
                self.left.emit()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
                self.left.emit()
                return True
        return super().eventFilter(watched, event)

    def _filter_chosen(self, place: int) -> None:
        self._model.narrow(filter_=_FILTERS[place])

    def _grouping_chosen(self, place: int) -> None:
        self._model.narrow(grouping=list(_GROUPINGS)[place])

    def _searched(self, text: str) -> None:
        self._model.narrow(search=text)

    def _show(self) -> None:
        self._chips.button(_FILTERS.index(self._model.filter)).setChecked(True)
        self._groups.button(list(_GROUPINGS).index(self._model.grouping)).setChecked(True)
        if self.search.text().strip() != self._model.search:
            self.search.setText(self._model.search)

    def _count(self) -> None:
        for place, each in enumerate(_FILTERS):
            text = f"{phrases.filter_name(each)}  {self._model.count(each):,}"
            chip = self._chips.button(place)
            if chip.text() != text:
                chip.setText(text)
                chip.setAccessibleName(text)


def _chip(tip: str) -> QToolButton:
    chip = QToolButton()
    chip.setCheckable(True)
    chip.setToolTip(tip)
    return chip
