"""The list itself: keys and the mouse."""

from typing import override

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QListView

from clients.clinician.models.rest import Rest
from clients.clinician.models.ward.ward_model import WardModel
from clients.clinician.views.resting import RestingClicks
from clients.clinician.views.ward.delegate import RowDelegate

_STEPS = {Qt.Key.Key_J: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_K: -1, Qt.Key.Key_Up: -1}
_OPENS = Qt.Key.Key_Return, Qt.Key.Key_Enter


class RowList(QListView):
    """Who is chosen stays chosen wherever the row moves, and nobody else is when it leaves."""

    opened = Signal(str, bool)
    """A patient's id; whether in a window of its own."""

    def __init__(self, model: WardModel) -> None:
        super().__init__()
        self._model = model
        self._pressed: str | None = None
        self._chosen: str | None = None
        self.setModel(model)
        self.setItemDelegate(RowDelegate(model, self))
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # the heads above keep their places
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setAccessibleName(self.tr("Patients"))
        RestingClicks(self, model, Rest(lambda: model.ward.desk.steady()))
        self.selectionModel().currentChanged.connect(self._remember)
        model.modelReset.connect(self._choose_again)

    @property
    def chosen(self) -> str | None:
        """The patient that is chosen."""
        return self._model.patient_at(self.currentIndex().row())

    def choose(self, position: int | None) -> None:
        """The patient at a position, if there is one."""
        if position is not None:
            self.setCurrentIndex(self._model.index(position))

    def choose_first(self) -> None:
        """The topmost patient, unless somebody is chosen."""
        if self.chosen is None:
            self.choose(self._model.beside(-1, 1))

    def tell_sight(self) -> None:
        """Tell the model which rows are in sight."""
        first, last = (self.indexAt(QPoint(1, y)).row() for y in (0, self.viewport().height() - 1))
        self._model.in_sight(first, last if last >= 0 else self._model.rowCount() - 1)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._model.hold()
        key = Qt.Key(event.key())
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if key in _STEPS and not control:
            step = _STEPS[key]
            at = self.currentIndex().row()
            self.choose(self._model.beside(at if at >= 0 else -1, step if at >= 0 else 1))
        elif key in _OPENS:
            self._open(self.chosen, apart=control)
        else:
            super().keyPressEvent(event)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._model.hold()
        self._pressed = self._model.patient_at(self.indexAt(event.position().toPoint()).row())
        super().mousePressEvent(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._model.hold()
        super().mouseMoveEvent(event)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Opens whom the first of the two clicks was on: another row may have come there between."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._open(self._pressed, apart=bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        self._model.hold()
        super().wheelEvent(event)

    @override
    def rowsAboutToBeRemoved(self, parent: QModelIndex | QPersistentModelIndex, start: int, end: int) -> None:
        if start <= self.currentIndex().row() <= end:  # Qt would choose a neighbour, whom nobody has chosen
            self.setCurrentIndex(QModelIndex())
        super().rowsAboutToBeRemoved(parent, start, end)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.choose_first()

    def _open(self, patient_id: str | None, *, apart: bool) -> None:
        if patient_id is not None:
            self.opened.emit(patient_id, apart)

    def _remember(self, current: QModelIndex) -> None:
        if current.isValid():
            self._chosen = self._model.patient_at(current.row())

    def _choose_again(self) -> None:
        if self._chosen is not None:
            self.choose(self._model.position_of(self._chosen))
