"""The board, live."""

import asyncio

from apricot.glucose.v1.diary_pb2 import ENTRY_ORDER_NEWEST_FIRST, ListEntriesRequest
from apricot.glucose.v1.entry_pb2 import ENTRY_KIND_FINGERSTICK_READING, ENTRY_KIND_SENSOR_READING, Entry
from apricot.glucose.v1.watch_pb2 import WatchPatientsResponse
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.desk import Desk
from clients.clinician.models.frames import OncePerFrame
from clients.clinician.models.ward.board import Board
from clients.clinician.models.ward.chart import Reading
from clients.clinician.models.ward.row import Row
from clients.clinician.models.ward.shares import Shares
from clients.sdk import ApricotError

_READINGS = ENTRY_KIND_SENSOR_READING, ENTRY_KIND_FINGERSTICK_READING
_PAUSE_SECONDS = 1.0


class Ward(QObject):
    """Of one desk; any number of lists show it."""

    changed = Signal(object)
    """Rows have changed: a list of them, once a frame."""
    admitted = Signal()
    """Somebody came or went."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.board = Board(desk.measured_minutes)
        self.shares = Shares(desk)
        self.is_told = False
        """Whether the platform has told who her patients are."""
        self._changed: dict[str, Row] = {}
        self._asking: set[str] = set()
        self._frame = OncePerFrame(self._show)
        self.shares.changed.connect(self._share_changed)
        desk.feed.patients_changed.connect(self._told)
        desk.feed.updated.connect(self._take)
        desk.second.connect(self._tick)
        self._admit()
        self.is_told = bool(desk.feed.patients)

    def open(self) -> None:
        """Begin to ask for what the feed does not tell."""
        self.desk.tasks.spawn(self.shares.run())

    @property
    def now_ns(self) -> int:
        """Nanoseconds of the epoch, by the desk's clock."""
        return int(self.desk.now().timestamp() * 1e6) * 1000

    def newest(self, patient_id: str) -> Reading | None:
        """None: there is no reading, or nobody can say."""
        row = self.board.rows.get(patient_id)
        return row.newest if row else None

    def rate(self, patient_id: str) -> float | None:
        """Return the trend in mg/dL a minute; None where nobody can tell."""
        row = self.board.rows.get(patient_id)
        return row.rate if row else None

    def _told(self) -> None:
        self.is_told = True
        self._admit()

    def _admit(self) -> None:
        self.board.admit(self.desk.feed.patients.values(), self.now_ns)
        self.shares.keep(self.board.rows)
        self._changed = {key: row for key, row in self._changed.items() if key in self.board.rows}
        self.admitted.emit()

    def _take(self, update: WatchPatientsResponse) -> None:
        row = self.board.apply(update, self.now_ns)
        if row is not None:
            self._touch(row)
            if row.patient_id in self.board.unsure:
                self._ask(row.patient_id)

    def _tick(self) -> None:
        for row in self.board.grown_old(self.now_ns):
            self._touch(row)

    def _share_changed(self, patient_id: str) -> None:
        if row := self.board.rows.get(patient_id):
            self._touch(row)

    def _touch(self, row: Row) -> None:
        self._changed[row.patient_id] = row
        self._frame.ask()

    def _show(self) -> None:
        rows, self._changed = list(self._changed.values()), {}
        now_ns = self.now_ns
        for row in rows:
            self.board.settle(row, now_ns)
        self.changed.emit(rows)

    def _ask(self, patient_id: str) -> None:
        if patient_id not in self._asking:
            self._asking.add(patient_id)
            self.desk.tasks.spawn(self._ask_for_latest(patient_id))

    async def _ask_for_latest(self, patient_id: str) -> None:
        """Until the answer is of the state that is shown."""
        try:
            while patient_id in self.board.unsure:
                version = self.board.rows[patient_id].version
                try:
                    latest = await self._latest(patient_id)
                except ApricotError as error:
                    if not error.temporary:
                        raise
                    await asyncio.sleep(max(_PAUSE_SECONDS, error.retry_after_seconds))
                    continue
                if row := self.board.learn(patient_id, latest, version, self.now_ns):
                    self._touch(row)
        finally:
            self._asking.discard(patient_id)

    async def _latest(self, patient_id: str) -> Entry | None:
        request = ListEntriesRequest(
            patient_id=patient_id, kinds=_READINGS, order=ENTRY_ORDER_NEWEST_FIRST, page_size=1
        )
        page = await self.desk.session.diary.ListEntries(request)
        return page.entries[0] if page.entries else None
