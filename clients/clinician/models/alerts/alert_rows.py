"""The alerts as rows of a list: the active ones by need, then those resolved lately."""

from enum import StrEnum
from typing import Any

from apricot.glucose.v1.alert_pb2 import Alert
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt

from clients.clinician.models.alerts.alert_list import AlertList
from clients.clinician.models.alerts.standing import is_active, is_urgent, keeper, must_be_shown, own

ALERT = Qt.ItemDataRole.UserRole
"""Of a row: its Alert."""


class Choice(StrEnum):
    """Which alerts to look at."""

    ALL = "all"
    URGENT = "urgent"
    NOBODY_HAS = "nobody has"
    MINE = "mine"
    """Those that she was told of, or has."""


class AlertRows(QAbstractListModel):
    """Rows come, go and move, and a chosen one stays chosen."""

    def __init__(self, alerts: AlertList) -> None:
        super().__init__()
        self._alerts = alerts
        self._rows: list[Alert] = []
        alerts.changed.connect(self._update)
        self._update()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008  # Qt's own
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == ALERT and index.isValid():
            return self._rows[index.row()]
        return None

    def _update(self) -> None:
        rows = [*self._alerts.active, *self._alerts.resolved]
        self._remove_others({alert.alert_id for alert in rows})
        known = {alert.alert_id for alert in self._rows}
        new = [alert for alert in rows if alert.alert_id not in known]
        if new:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(new) - 1)
            self._rows += new
            self.endInsertRows()
        if [alert.alert_id for alert in self._rows] != [alert.alert_id for alert in rows]:
            self._reorder(rows)
        self._rows = rows
        if rows:
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))

    def _remove_others(self, staying: set[str]) -> None:
        for place in reversed(range(len(self._rows))):
            if self._rows[place].alert_id not in staying:
                self.beginRemoveRows(QModelIndex(), place, place)
                del self._rows[place]
                self.endRemoveRows()

    def _reorder(self, rows: list[Alert]) -> None:
        """The same alerts in another order: all of them move at once."""
        self.layoutAboutToBeChanged.emit()
        places = {alert.alert_id: place for place, alert in enumerate(rows)}
        before = self.persistentIndexList()
        after = [self.index(places[self._rows[index.row()].alert_id]) for index in before]
        self._rows = rows
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()


class ChosenRows(QSortFilterProxyModel):
    """Those that she has chosen to look at. Nothing hides an urgent low that nobody has."""

    def __init__(self, alerts: AlertList) -> None:
        super().__init__()
        self._alerts = alerts
        self._choice = Choice.ALL
        self._rows = AlertRows(alerts)
        self.setDynamicSortFilter(True)
        self.setSourceModel(self._rows)

    @property
    def choice(self) -> Choice:
        return self._choice

    @choice.setter
    def choice(self, choice: Choice) -> None:
        self._choice = choice
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: QModelIndex | QPersistentModelIndex) -> bool:
        alert = self._rows.data(self._rows.index(row), ALERT)
        return isinstance(alert, Alert) and is_chosen(alert, self._choice, self._alerts.me)


def is_chosen(alert: Alert, choice: Choice, me: str) -> bool:
    """Whether a choice shows it."""
    if must_be_shown(alert):
        return True
    match choice:
        case Choice.ALL:
            return True
        case Choice.URGENT:
            return is_urgent(alert)
        case Choice.NOBODY_HAS:
            return is_active(alert) and keeper(alert) is None
        case Choice.MINE:
            return own(alert, me) is not None
