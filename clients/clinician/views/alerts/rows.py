"""The list of alerts, and what a screen reader says of its rows."""

from typing import Any

from apricot.glucose.v1.alert_pb2 import Alert
from PySide6.QtCore import QIdentityProxyModel, QItemSelection, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QListView

from clients.clinician.models.alerts.alert_list import AlertList
from clients.clinician.models.alerts.alert_rows import ALERT, ChosenRows
from clients.clinician.models.alerts.standing import is_active
from clients.clinician.models.rest import Rest
from clients.clinician.views.alerts import phrases
from clients.clinician.views.alerts.row import AlertRow
from clients.clinician.views.resting import RestingClicks


class _Spoken(QIdentityProxyModel):
    """The rows with their words."""

    def __init__(self, alerts: AlertList, rows: ChosenRows) -> None:
        super().__init__()
        self._alerts = alerts
        self.setSourceModel(rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return phrases.sentence(self._alerts, super().data(index, ALERT))
        return super().data(index, role)


class AlertRowsView(QListView):
    """The chosen row stays with its alert; when that one goes, none is chosen, so that no key means another one."""

    looked = Signal(str)
    """Somebody's key or mouse has chosen this alert."""
    opened = Signal(str)
    """Somebody wants to see this alert's patient."""
    moved = Signal()
    """Another row is the chosen one, or none."""

    def __init__(self, alerts: AlertList) -> None:
        super().__init__()
        self.rows = ChosenRows(alerts)
        self._spoken = _Spoken(alerts, self.rows)
        self.setModel(self._spoken)
        self.setItemDelegate(AlertRow(alerts, self))
        self.setAccessibleName(self.tr("Alerts"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(False)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        RestingClicks(self, self._spoken, Rest(alerts.desk.steady))
        alerts.desk.second.connect(self.viewport().update)
        self.doubleClicked.connect(self._open)

    @property
    def alert(self) -> Alert | None:
        """The chosen one, as it now stands."""
        index = self.currentIndex()
        if not self.selectionModel().isSelected(index):  # Qt has a current row with the focus, which nobody sees
            return None
        found = index.data(ALERT)
        return found if isinstance(found, Alert) else None

    def step(self, rows: int) -> None:
        """Choose a row further down, or up; the first one when none is chosen."""
        count = self._spoken.rowCount()
        if not count:
            return
        row = min(max(self.currentIndex().row() + rows, 0), count - 1) if self.alert is not None else 0
        self.setCurrentIndex(self._spoken.index(row, 0))
        self._look()

    def choose_first(self) -> None:
        """As a begin, which nobody has looked at yet."""
        first = self._spoken.index(0, 0)
        if self.alert is None and first.isValid() and is_active(first.data(ALERT)):
            self.setCurrentIndex(first)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        self._look()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._look()

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().currentChanged(current, previous)
        self.moved.emit()

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.moved.emit()

    def rowsAboutToBeRemoved(self, parent: QModelIndex | QPersistentModelIndex, start: int, end: int) -> None:
        if start <= self.currentIndex().row() <= end:
            self.setCurrentIndex(QModelIndex())
        super().rowsAboutToBeRemoved(parent, start, end)

    def _look(self) -> None:
        if (alert := self.alert) is not None:
            self.looked.emit(alert.alert_id)

    def _open(self) -> None:
        if (alert := self.alert) is not None:
            self.opened.emit(alert.patient_id)
