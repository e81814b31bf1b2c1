"""The messages of a conversation as a page shows them: in their order, one's own unsent ones behind them."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import IntEnum

from apricot.consult.v1.conversation_pb2 import Message, MessageContent
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from clients.sdk import ApricotError

type _Index = QModelIndex | QPersistentModelIndex

LINE_ROLE = Qt.ItemDataRole.UserRole
_UNSENT = 1 << 62
"""Behind every place."""
_MOST_SHOWN = 120
_PAGE = 40


class Delivery(IntEnum):
    """How far a message has come."""

    FAILED = 0
    """It was refused."""
    SENDING = 1
    TAKEN = 2
    """It is durable on the platform; of somebody else's nothing more is said."""
    DELIVERED = 3
    """A device of the patient's has it."""
    READ = 4
    """The patient has read it."""


@dataclass(frozen=True)
class Line:
    """A message, sent or not."""

    client_id: str
    sender_id: str
    """Empty: the platform."""
    content: MessageContent
    time: datetime
    delivery: Delivery = Delivery.TAKEN
    sequence: int = 0
    """0: the platform has not taken it."""
    failure: ApricotError | None = None
    file: bytes | None = None
    """What is still to be uploaded; the content then has its kind alone."""
    file_is_gone: bool = False
    """It was not uploaded before the app was closed, and cannot be any more."""

    @property
    def place(self) -> int:
        return self.sequence or _UNSENT


class MessageList(QAbstractListModel):
    """The newest messages; older ones are shown page by page. LINE_ROLE has a Line."""

    def __init__(self, own_id: str) -> None:
        super().__init__()
        self._own_id = own_id
        self._older: list[Line] = []
        self._lines: list[Line] = []
        self._delivered = self._read = 0
        self.following = True
        """Whether the reader is at the newest: then what is far above is let go."""

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(self._lines)

    @property
    def every_line(self) -> tuple[Line, ...]:
        """Older ones too."""
        return (*self._older, *self._lines)

    @property
    def has_older(self) -> bool:
        return bool(self._older)

    def line(self, client_id: str) -> Line | None:
        """One of her own, by its id."""
        return next((line for line in reversed(self._lines) if line.client_id == client_id), None)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  Qt's own
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line = self._lines[index.row()]
        return line if role == LINE_ROLE else line.content.text if role == Qt.ItemDataRole.DisplayRole else None

    def show_older(self) -> None:
        """One more page above."""
        page, self._older = self._older[-_PAGE:], self._older[:-_PAGE]
        if page:
            self.beginInsertRows(QModelIndex(), 0, len(page) - 1)
            self._lines[:0] = page
            self.endInsertRows()

    def take(self, messages: Iterable[Message]) -> None:
        """From the platform, in any order, again or for the first time."""
        for message in messages:
            self._put(self._line_of(message))
        self._let_go()

    def say(self, line: Line) -> None:
        """One's own, or one that is another now: said, taken, failed."""
        self._put(line)

    def drop(self, client_id: str) -> None:
        """One's own that was not taken."""
        row = self._row_of(client_id)
        if row is not None and not self._lines[row].sequence:
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._lines[row]
            self.endRemoveRows()

    def tell_receipts(self, delivered: int, read: int) -> None:
        """So far the patient's messages have come."""
        if delivered <= self._delivered and read <= self._read:
            return
        self._delivered, self._read = max(delivered, self._delivered), max(read, self._read)
        self._older = [self._as_received(line) for line in self._older]
        for row, line in enumerate(self._lines):
            self._replace(row, self._as_received(line))

    def _line_of(self, message: Message) -> Line:
        time = message.create_time.ToDatetime(UTC)
        return Line(message.client_id, message.sender_id, message.content, time, sequence=message.sequence)

    def _as_received(self, line: Line) -> Line:
        if not line.sequence or line.sender_id != self._own_id:
            return line
        read, delivered = line.sequence <= self._read, line.sequence <= self._delivered
        return replace(line, delivery=Delivery.READ if read else Delivery.DELIVERED if delivered else Delivery.TAKEN)

    def _put(self, line: Line) -> None:
        line = self._as_received(line)
        row = self._row_of(line.client_id) if line.sender_id == self._own_id else None
        if row is None and line.sequence and self._is_older(line.sequence):
            self._put_among_older(line)
            return
        place = bisect_left(self._lines, line.place + (not line.sequence), key=lambda each: each.place)
        if (row is not None and place in (row, row + 1)) or (row is not None and not line.sequence):
            self._replace(row, line)
        elif row is None and place < len(self._lines) and self._lines[place].sequence == line.sequence != 0:
            self._replace(place, line)
        else:
            if row is not None:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._lines[row]
                self.endRemoveRows()
                place -= place > row
            self.beginInsertRows(QModelIndex(), place, place)
            self._lines.insert(place, line)
            self.endInsertRows()

    def _is_older(self, sequence: int) -> bool:
        """Than anything shown."""
        return bool(self._lines) and sequence < self._lines[0].sequence

    def _put_among_older(self, line: Line) -> None:
        place = bisect_left(self._older, line.sequence, key=lambda each: each.sequence)
        if place < len(self._older) and self._older[place].sequence == line.sequence:
            self._older[place] = line
        else:
            self._older.insert(place, line)

    def _let_go(self) -> None:
        if self.following and len(self._lines) > _MOST_SHOWN:
            many = min(len(self._lines) - _PAGE, sum(1 for line in self._lines if line.sequence))
            self.beginRemoveRows(QModelIndex(), 0, many - 1)
            self._older += self._lines[:many]
            del self._lines[:many]
            self.endRemoveRows()

    def _replace(self, row: int, line: Line) -> None:
        if self._lines[row] != line:
            self._lines[row] = line
            self.dataChanged.emit(self.index(row), self.index(row))

    def _row_of(self, client_id: str) -> int | None:
        rows = (row for row in range(len(self._lines) - 1, -1, -1) if self._lines[row].client_id == client_id)
        return next(rows, None)
