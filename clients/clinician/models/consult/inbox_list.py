"""The inbox as a list: who waits for her first, then whom she treats, then the pool, then what has ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

from apricot.consult.v1.consultation_pb2 import CONSULTATION_STATE_ACTIVE, CONSULTATION_STATE_WAITING, Consultation
from apricot.consult.v1.conversation_pb2 import Message
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

type _Index = QModelIndex | QPersistentModelIndex

ITEM_ROLE = Qt.ItemDataRole.UserRole


class Section(IntEnum):
    """In the order shown."""

    FOR_HER = 0
    """Waits, addressed to her."""
    ACTIVE = 1
    POOL = 2
    """Waits for any doctor."""
    ENDED = 3


def has_ended(consultation: Consultation) -> bool:
    """Return whether nobody can act in it any more."""
    return consultation.state not in (CONSULTATION_STATE_WAITING, CONSULTATION_STATE_ACTIVE)


@dataclass(frozen=True)
class Item:
    """A consultation in the inbox."""

    consultation: Consultation
    section: Section
    unread: int = 0
    """Messages of others that she has not read."""
    last: Message | None = None
    """The newest message, where it is known."""
    begins_section: bool = False

    @property
    def consultation_id(self) -> str:
        return self.consultation.consultation_id

    @property
    def waits_since(self) -> datetime:
        """When it was opened; ended ones: when they ended."""
        ended = self.section is Section.ENDED and self.consultation.HasField("end_time")
        return (self.consultation.end_time if ended else self.consultation.create_time).ToDatetime(UTC)

    @property
    def order(self) -> tuple[int, int, int]:
        """Whoever waits longest first; of the active the last changed; of the ended the last ended."""
        opened = self.consultation.create_time.ToNanoseconds()
        match self.section:
            case Section.FOR_HER:
                return self.section, 0, opened
            case Section.ACTIVE:
                return self.section, not self.unread, -self.consultation.update_time.ToNanoseconds()
            case Section.POOL:
                return self.section, -self.consultation.escalation_level, opened
            case _:
                return self.section, 0, -int(self.waits_since.timestamp() * 1000)


def section_of(consultation: Consultation, doctor_id: str) -> Section:
    """Where it stands for this doctor."""
    if consultation.state == CONSULTATION_STATE_WAITING:
        return Section.FOR_HER if consultation.doctor_id == doctor_id else Section.POOL
    return Section.ACTIVE if consultation.state == CONSULTATION_STATE_ACTIVE else Section.ENDED


class InboxList(QAbstractListModel):
    """ITEM_ROLE has an Item. Rows move; they are never all made anew, so that what is chosen stays so."""

    def __init__(self) -> None:
        super().__init__()
        self._items: list[Item] = []

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(self._items)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  Qt's own
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        item = self._items[index.row()]
        shown = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole
        return item if role == ITEM_ROLE else item.consultation.patient_name if role in shown else None

    def row_of(self, consultation_id: str) -> int:
        """-1: it is not there."""
        rows = (row for row, item in enumerate(self._items) if item.consultation_id == consultation_id)
        return next(rows, -1)

    def show(self, items: Sequence[Item]) -> None:
        """These, in this order."""
        wanted = {item.consultation_id for item in items}
        for row in reversed(range(len(self._items))):
            if self._items[row].consultation_id not in wanted:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._items[row]
                self.endRemoveRows()
        for row, item in enumerate(items):
            before = self.row_of(item.consultation_id)
            if before == -1:
                self.beginInsertRows(QModelIndex(), row, row)
                self._items.insert(row, item)
                self.endInsertRows()
            elif before != row:
                self.beginMoveRows(QModelIndex(), before, before, QModelIndex(), row)
                self._items.insert(row, self._items.pop(before))
                self.endMoveRows()
            if self._items[row] != item:
                self._items[row] = item
                self.dataChanged.emit(self.index(row), self.index(row))
