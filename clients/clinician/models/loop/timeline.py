"""A patient's timeline: each step with its cause, what it is about, and what came of it; live."""

from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import uuid4

from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ, SCOPE_PLAN_READ
from apricot.glucose.v1.alert_pb2 import Alert
from apricot.glucose.v1.entry_pb2 import Entry
from apricot.glucose.v1.timeline_pb2 import (
    ALERT_STEP_KIND_RAISED,
    PLAN_STEP_KIND_ACCEPTED,
    AddCommentRequest,
    Cause,
    ListTimelineRequest,
    TimelineItem,
)
from apricot.glucose.v1.watch_pb2 import WatchPatientsResponse
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from clients.clinician.models.desk import Desk
from clients.clinician.models.draft_store import DraftStore
from clients.clinician.models.loop.causes import Causes
from clients.clinician.models.loop.chains import Link, links
from clients.clinician.models.loop.names import Names

type _Index = QModelIndex | QPersistentModelIndex

_PAGE = 100
MOST_WORDS = 2000
"""Characters of a comment, by the contract."""
_NO_ROW = QModelIndex()


class Kind(Enum):
    """What a step is of, by the contract's field."""

    ALERT = "alert_step"
    WORDS = "comment"
    PLAN = "plan_step"


@dataclass(frozen=True)
class Step:
    """A row."""

    item: TimelineItem
    alert: Alert | None
    """As it is now; None for other steps, and where it is not known."""
    reading: Entry | None
    """The diary's entry that caused it; None: none did, or it is not open to her."""
    cause: TimelineItem | None
    """The step that caused it, where it is among the loaded ones."""

    @property
    def kind(self) -> Kind:
        return Kind(self.item.WhichOneof("step"))


class TimelineModel(QAbstractListModel):
    """The newest first; older ones come as the view asks for them (`fetchMore`)."""

    StepRole = Qt.ItemDataRole.UserRole + 1
    state_changed = Signal()
    """`loading`, `loaded`, the links, the answered step, or whether words are being sent."""
    sent = Signal()
    """Her words are on the timeline."""

    def __init__(self, desk: Desk, patient_id: str, drafts: DraftStore) -> None:
        super().__init__()
        self.desk = desk
        self.patient_id = patient_id
        self.names = Names(desk, patient_id)
        self.loading = self.loaded = False
        self.kinds = frozenset(Kind)
        self.links: list[Link] = []
        """Between the rows that are shown."""
        self.sending = False
        self.answered: TimelineItem | None = None
        """What her words will answer."""
        self._drafts = drafts
        self._key = f"comment/{patient_id}"
        self._request_id = str(uuid4())
        self._items: dict[str, TimelineItem] = {}
        self._raised: dict[str, TimelineItem] = {}
        """The step that raised an alert, by the alert."""
        self._causes = Causes(desk, patient_id)
        self._rows: list[TimelineItem] = []
        self._older = ""
        self._stale = False
        desk.feed.updated.connect(self._hear)
        desk.feed.patients_changed.connect(self.load)
        self.names.changed.connect(self._all_changed)

    @property
    def readable(self) -> bool:
        """Whether the patient lets her see any of it."""
        return self.desk.feed.opens(self.patient_id, SCOPE_ALERT_READ) or self.desk.feed.opens(
            self.patient_id, SCOPE_PLAN_READ
        )

    @property
    def writable(self) -> bool:
        """Whether she may add words."""
        return self.desk.feed.opens(self.patient_id, SCOPE_PLAN_READ)

    @property
    def time_zone(self) -> str:
        """Of the patient's days."""
        return self.desk.feed.time_zone_of(self.patient_id)

    @property
    def words(self) -> str:
        """What she has typed and not sent."""
        return self._drafts.get(self._key) or ""

    def rowCount(self, parent: _Index = _NO_ROW) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return self.step(index.row()) if index.isValid() and role == self.StepRole else None

    def step(self, row: int) -> Step:
        """A row, whole."""
        item = self._rows[row]
        return Step(item, self._causes.alerts.get(item.alert_step.alert_id), self._reading(item), self._cause(item))

    def canFetchMore(self, parent: _Index = _NO_ROW) -> bool:
        return not parent.isValid() and bool(self._older) and not self.loading

    def fetchMore(self, parent: _Index = _NO_ROW) -> None:
        if self.canFetchMore(parent):
            self._begin(self._load_older())

    def load(self) -> None:
        """See the newest ones; what is loaded of the older stays."""
        if self.loading:
            self._stale = True
        elif self.readable:
            self._begin(self._load_newest())
        else:  # what is not open any more is not shown
            self.loaded, self._older = False, ""
            self._items.clear()
            self._raised.clear()
            self._arrange()

    def show(self, kinds: Iterable[Kind]) -> None:
        """Only these kinds."""
        self.kinds = frozenset(kinds)
        self._arrange()

    def answer(self, row: int | None) -> None:
        """Her words answer this row; None: nothing."""
        self.answered = None if row is None else self._rows[row]
        self.state_changed.emit()

    def write(self, words: str) -> None:
        """She has typed; it is kept."""
        self._request_id = str(uuid4())
        if words:
            self._drafts.put(self._key, words)
        else:
            self._drafts.drop(self._key)

    def send(self) -> None:
        """What she typed; it stays until the platform has it."""
        if self.writable and not self.sending and 0 < len(self.words.strip()) <= MOST_WORDS:
            self.sending = True
            self.state_changed.emit()
            self.desk.tasks.spawn(self._send(self.words.strip(), self.answered))

    async def _send(self, words: str, answered: TimelineItem | None) -> None:
        request = AddCommentRequest(
            patient_id=self.patient_id,
            request_id=self._request_id,
            text=words,
            cause=Cause(item_id=answered.item_id) if answered else None,
        )
        try:
            item = (await self.desk.session.timeline.AddComment(request)).item
            if self.words.strip() == words:  # she may have typed on
                self._drafts.drop(self._key)
                self.answered = None
                self.sent.emit()
            self._add(item)
        finally:
            self.sending = False
            self.state_changed.emit()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self.loading = True
        self.state_changed.emit()
        self.desk.tasks.spawn(self._run(work))

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
            self.loaded = True
        finally:
            self.loading = False
            self._arrange()
        if self._stale:
            self._stale = False
            self.load()

    async def _load_newest(self) -> None:
        """Page by page until it meets what is known; the first time one page."""
        known, token = set(self._items), ""
        while True:
            request = ListTimelineRequest(patient_id=self.patient_id, page_size=_PAGE, page_token=token)
            page = await self.desk.session.timeline.ListTimeline(request)
            await self._take(page.items)
            token = page.next_page_token
            if not known:
                self._older = token
            if not known or not token or any(item.item_id in known for item in page.items):
                return

    async def _load_older(self) -> None:
        request = ListTimelineRequest(patient_id=self.patient_id, page_size=_PAGE, page_token=self._older)
        page = await self.desk.session.timeline.ListTimeline(request)
        self._older = page.next_page_token
        await self._take(page.items)

    async def _take(self, items: Iterable[TimelineItem]) -> None:
        new = list(items)
        await self._causes.find(new)
        for item in new:
            self._keep(item)

    def _hear(self, update: WatchPatientsResponse) -> None:
        match update.WhichOneof("event"):
            case "timeline_item_added" if update.timeline_item_added.patient_id == self.patient_id:
                item = update.timeline_item_added.item
                self._add(item)
                if item.cause.entry_id or item.plan_step.kind == PLAN_STEP_KIND_ACCEPTED:
                    self.load()  # its reading, and the effects, are told by the list alone
            case "alert_changed" if update.alert_changed.patient_id == self.patient_id:
                alert = update.alert_changed.alert
                self._causes.alerts[alert.alert_id] = alert
                self._all_changed()
            case "history_gap":
                self.load()

    def _add(self, item: TimelineItem) -> None:
        if item.item_id in self._items or not (self.loaded or self.loading):
            return
        self._keep(item)
        if Kind(item.WhichOneof("step")) not in self.kinds:
            return
        if self._rows and _order(item) < _order(self._rows[0]):
            self._arrange()
            return
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._rows.insert(0, item)
        self._link()
        self.endInsertRows()
        self.state_changed.emit()

    def _keep(self, item: TimelineItem) -> None:
        self._items[item.item_id] = item
        if item.alert_step.kind == ALERT_STEP_KIND_RAISED:
            self._raised[item.alert_step.alert_id] = item

    def _arrange(self) -> None:
        shown = [item for item in self._items.values() if Kind(item.WhichOneof("step")) in self.kinds]
        shown.sort(key=_order, reverse=True)
        if [item.item_id for item in shown] == [item.item_id for item in self._rows]:
            self._rows = shown
            self._all_changed()
        else:
            self.beginResetModel()
            self._rows = shown
            self._link()
            self.endResetModel()
        self.state_changed.emit()

    def _link(self) -> None:
        causes = [(item, self._cause(item)) for item in self._rows]
        self.links = links([(item.item_id, cause.item_id if cause else "") for item, cause in causes])

    def _cause(self, item: TimelineItem) -> TimelineItem | None:
        match item.cause.WhichOneof("cause"):
            case "item_id":
                return self._items.get(item.cause.item_id)
            case "alert_id":
                return self._raised.get(item.cause.alert_id)
        return None

    def _reading(self, item: TimelineItem) -> Entry | None:
        return self._causes.entries.get(item.cause.entry_id)

    def _all_changed(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))


def _order(item: TimelineItem) -> tuple[int, str]:
    return item.time.ToNanoseconds(), item.item_id
