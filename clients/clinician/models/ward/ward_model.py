"""A list of the board's patients: in the order of need, narrowed, grouped and searched."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, override

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from clients.clinician.models.ward.needs import Grouping, owner_of
from clients.clinician.models.ward.order import By, Order
from clients.clinician.models.ward.row import Band, Filter, Need, Owner, Row
from clients.clinician.models.ward.ward import Ward

CALM_SECONDS = 2.0
"""So long the order stands still after it has changed, and after the clinician has moved the mouse or pressed a key."""
_LONGEST_CALM_SECONDS = 10.0
_MANY = 50
"""Of so many changes, one signal for all rows is cheaper."""

type Head = Band | Owner
type _Place = tuple[int, float, str, str]
"""Sorts: the group's, then as `Key`."""


@dataclass(frozen=True, slots=True)
class Group:
    """The head of the rows below it."""

    head: Head
    count: int


type Item = Row | Group
type _Index = QModelIndex | QPersistentModelIndex


class WardModel(QAbstractListModel):
    """One list; each has its own filter, grouping and search."""

    narrowed = Signal()
    """Another filter, grouping or search."""
    counted = Signal()
    """How many patients there are of each kind has changed, or may have."""

    def __init__(self, ward: Ward, *, calm_seconds: float = CALM_SECONDS, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ward = ward
        self.spoken: Callable[[Row], str] = lambda row: row.name
        """What a screen reader says of a row; whoever shows the list knows the words."""
        self._filter = Filter.ALL
        self._grouping = Grouping.NOTHING
        self._search = ""
        self.order = Order()
        self._items: list[Item] = []
        self._names: list[str | Head] = []
        """What stays the same of each item: the patient's id, or what a head is of."""
        self._positions: dict[str, int] = {}
        """Of the patients, by id."""
        self._places: dict[str, _Place] = {}
        """Where each patient that is shown belongs."""
        self._calm_seconds = calm_seconds
        self._still_until = 0.0
        self._waiting_since: float | None = None
        self._arranging = QTimer(self, singleShot=True)
        self._arranging.timeout.connect(self._arrange)
        self.unit = ward.desk.settings.unit
        """In which values are shown."""
        self.is_stale = ward.desk.connection.standing.is_stale
        """Whether what is shown is the past."""
        ward.desk.settings.changed.connect(self._settings_changed)
        ward.desk.connection.changed.connect(self._connection_changed)
        ward.changed.connect(self._take)
        ward.admitted.connect(self._begin_anew)
        self._begin_anew()

    # What is shown

    @property
    def filter(self) -> Filter:
        return self._filter

    @property
    def grouping(self) -> Grouping:
        return self._grouping

    @property
    def search(self) -> str:
        return self._search

    def narrow(
        self, filter_: Filter | None = None, grouping: Grouping | None = None, search: str | None = None
    ) -> None:
        """Show others, or in other groups; what is None stays."""
        wanted = (
            self._filter if filter_ is None else filter_,
            self._grouping if grouping is None else grouping,
            self._search if search is None else search.strip(),
        )
        if wanted != (self._filter, self._grouping, self._search):
            self._filter, self._grouping, self._search = wanted
            self._place_all()
            self._arrange()
            self.narrowed.emit()

    def order_by(self, by: By) -> None:
        """A column's head was clicked: up, then down, then by need again."""
        self.order = self.order.after_choosing(by)
        self._place_all()
        self._arrange()
        self.narrowed.emit()

    def count(self, of: Filter | Band) -> int:
        """How many of all patients."""
        return self.ward.board.counts[of]

    # Rows

    @override
    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  Qt's own
        return 0 if parent.isValid() else len(self._items)

    @override
    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        if isinstance(self._items[index.row()], Group):
            return Qt.ItemFlag.ItemNeverHasChildren
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    @override
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item = self._items[index.row()] if index.isValid() else None
        if not isinstance(item, Row):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return item.name
        return self.spoken(item) if role == Qt.ItemDataRole.AccessibleTextRole else None

    def item(self, position: int) -> Item:
        """A row's patient, or the head of a group."""
        return self._items[position]

    def patient_at(self, position: int) -> str | None:
        """The patient's id; None for a head, and where there is no row."""
        item = self._items[position] if 0 <= position < len(self._items) else None
        return item.patient_id if isinstance(item, Row) else None

    def position_of(self, patient_id: str) -> int | None:
        """None: the patient is not shown."""
        return self._positions.get(patient_id)

    def beside(self, position: int, step: int) -> int | None:
        """The next position with a patient, in steps of 1 or -1; None at the end."""
        position += step
        while 0 <= position < len(self._items):
            if isinstance(self._items[position], Row):
                return position
            position += step
        return None

    def in_sight(self, first: int, last: int) -> None:
        """What is on the screen just now: of them alone the day's figures are asked for."""
        shown = (item for item in self._items[max(first, 0) : last + 1] if isinstance(item, Row))
        self.ward.shares.show(self, [row.patient_id for row in shown if row.shows_reports])

    def out_of_sight(self) -> None:
        """Nobody looks at this list any more."""
        self.ward.shares.leave(self)

    # Order

    def hold(self) -> None:
        """The clinician moves the mouse or presses keys: rows shall not move from under her hand."""
        self._still_until = time.monotonic() + self._calm_seconds
        if self._waiting_since is not None:
            self._arrange_soon()

    def _place_of(self, row: Row) -> _Place | None:
        """Where it belongs; None: it is not shown."""
        if self._filter is not Filter.ALL and self._filter not in row.filters:
            return None
        if self._search and self._search.casefold() not in row.key[1]:
            return None
        head = self._head_of(row)
        return 0 if head is None else head.value, *self.order.key_of(row)

    def _place_all(self) -> None:
        places = ((row.patient_id, self._place_of(row)) for row in self.ward.board.rows.values())
        self._places = {patient_id: place for patient_id, place in places if place is not None}

    def _head_of(self, row: Row) -> Head | None:
        if self._grouping is Grouping.NOTHING:
            return None
        if self._grouping is Grouping.OWNER:
            return owner_of(row, self.ward.desk.account.account_id)
        return Band.URGENT if row.need <= Need.URGENT else row.band

    def _take(self, rows: list[Row]) -> None:
        moved = urgent = False
        changed = []
        for row in rows:
            before, place = self._places.get(row.patient_id), self._place_of(row)
            if (position := self._positions.get(row.patient_id)) is not None:
                changed.append(position)
            if before == place:
                continue
            moved = True
            if place is None:
                del self._places[row.patient_id]
            else:
                self._places[row.patient_id] = place
                urgent |= row.need <= Need.VERY_LOW and (before is None or place < before)
        if len(changed) > _MANY:
            changed = [0, len(self._items) - 1]
            self.dataChanged.emit(self.index(changed[0]), self.index(changed[1]))
        else:
            for position in changed:
                index = self.index(position)
                self.dataChanged.emit(index, index)
        self.counted.emit()
        if urgent:
            self._arrange()
        elif moved:
            self._arrange_soon()

    def _arrange_soon(self) -> None:
        now = time.monotonic()
        if self._waiting_since is None:
            self._waiting_since = now
        due = min(self._still_until, self._waiting_since + _LONGEST_CALM_SECONDS)
        if due <= now:
            self._arrange()
        else:
            self._arranging.start(int((due - now) * 1000) + 1)

    def _settings_changed(self) -> None:
        self.unit = self.ward.desk.settings.unit
        if self._items:
            self.dataChanged.emit(self.index(0), self.index(len(self._items) - 1))

    def _connection_changed(self) -> None:
        stale = self.ward.desk.connection.standing.is_stale
        if stale != self.is_stale:
            self.is_stale = stale
            self._settings_changed()
            self.counted.emit()

    def _begin_anew(self) -> None:
        self._place_all()
        self._arrange()
        self.counted.emit()

    def _arrange(self) -> None:
        """Bring the rows where they belong. Whoever holds an index keeps the patient, not the place."""
        self._arranging.stop()
        self._waiting_since = None
        self._still_until = max(self._still_until, time.monotonic() + self._calm_seconds)
        rows = self.ward.board.rows
        places = sorted(self._places.values(), key=lambda place: place[1:], reverse=self.order.descending)
        places.sort(key=lambda place: place[0])  # groups keep their order
        self._become(self._with_heads([rows[place[-1]] for place in places]))

    def _with_heads(self, rows: list[Row]) -> list[Item]:
        if self._grouping is Grouping.NOTHING:
            return list(rows)
        heads = [self._head_of(row) for row in rows]
        counts = Counter(heads)
        items: list[Item] = []
        for row, head, before in zip(rows, heads, [None, *heads], strict=False):
            if head is not None and head != before:
                items.append(Group(head, counts[head]))
            items.append(row)
        return items

    def _become(self, items: list[Item]) -> None:
        """First take out who is no longer shown, then add who is, then put all in order."""
        if items == self._items:
            return
        names = [item.patient_id if isinstance(item, Row) else item.head for item in items]
        wanted, known = set(names), set(self._names)
        if self._items and len(wanted ^ known) > _MANY:
            self.beginResetModel()
            self._set(items, names)
            self.endResetModel()
            return
        if gone := known - wanted:
            for last in reversed([place for place, name in enumerate(self._names) if name in gone]):
                self.beginRemoveRows(QModelIndex(), last, last)
                del self._items[last], self._names[last]
                self.endRemoveRows()
        if added := [place for place, name in enumerate(names) if name not in known]:
            self.beginInsertRows(QModelIndex(), len(self._items), len(self._items) + len(added) - 1)
            self._items += [items[place] for place in added]
            self._names += [names[place] for place in added]
            self.endInsertRows()
        self.layoutAboutToBeChanged.emit()
        before = self._names
        self._set(items, names)
        held = self.persistentIndexList()
        moved = [self.index(names.index(before[index.row()])) for index in held]
        self.changePersistentIndexList(held, moved)
        self.layoutChanged.emit()

    def _set(self, items: list[Item], names: list[str | Head]) -> None:
        self._items, self._names = items, names
        self._positions = {name: place for place, name in enumerate(names) if isinstance(name, str)}
