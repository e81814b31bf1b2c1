"""The orders that are watched in this process: who watches each, woken by hints at once, and by a look at the database
every second, in one query for all of them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from uuid import UUID

from apricot.pharmacy.v1.order_pb2 import WatchOrderResponse

from kit.call import Call
from kit.database import Database
from kit.hints import Hints
from kit.rounds import every
from kit.times import to_datetime
from services.pharmacy.events import order_key, position_key
from services.pharmacy.rpc.streams import Stream, Streams
from services.pharmacy.store.order_tables import OrderRow
from services.pharmacy.store.order_watches import Version, versions

LOOK_SECONDS = 1.0


class Viewer(Stream):
    """One open watch. It queues nothing: of steps it is told that there are new ones, of places it holds the newest."""

    def __init__(self, call: Call) -> None:
        super().__init__(call)
        self.seen: Version | None = None
        """The order as it was when last looked at."""
        self.sees_position = False
        self._is_changed = True
        self._position: bytes | None = None
        self._position_time: datetime | None = None

    def change(self) -> None:
        """The order may have changed."""
        self._is_changed = True
        self.wake()

    def take_change(self) -> bool:
        """Whether it may have since the last time."""
        changed, self._is_changed = self._is_changed, False
        return changed

    def show(self, time: datetime, position: bytes) -> None:
        """The courier was there, unless he was elsewhere later."""
        if self.sees_position and (self._position_time is None or time > self._position_time):
            self._position, self._position_time = position, time
            self.wake()

    def take_position(self) -> bytes | None:
        """The newest one that was not taken yet."""
        position, self._position = self._position, None
        return position if self.sees_position else None


class _Watched:
    """One order."""

    def __init__(self, patient_id: UUID) -> None:
        self.patient_id = patient_id
        self.viewers: set[Viewer] = set()
        self.listening = ExitStack()

    def change(self, _: bytes) -> None:
        for viewer in self.viewers:
            viewer.change()

    def show(self, payload: bytes) -> None:
        time = to_datetime(WatchOrderResponse.FromString(payload).position.time)
        for viewer in self.viewers:
            viewer.show(time, payload)


class OrderWatches:
    """All of them."""

    def __init__(self, database: Database, hints: Hints, streams: Streams) -> None:
        self._database = database
        self._hints = hints
        self._streams = streams
        self._watched: dict[UUID, _Watched] = {}

    @contextmanager
    def open(self, viewer: Viewer, order: OrderRow) -> Iterator[None]:
        """The viewer hears of the order as long as the block runs. Errors: TOO_MANY."""
        with self._streams.open(viewer):
            watched = self._watched.get(order.order_id) or self._begin(order)
            watched.viewers.add(viewer)
            try:
                yield
            finally:
                watched.viewers.discard(viewer)
                if not watched.viewers:
                    watched.listening.close()
                    del self._watched[order.order_id]

    def _begin(self, order: OrderRow) -> _Watched:
        watched = self._watched[order.order_id] = _Watched(order.patient_id)
        watched.listening.enter_context(self._hints.listen(order_key(order.order_id), watched.change))
        watched.listening.enter_context(self._hints.listen(position_key(order.order_id), watched.show))
        return watched

    async def run(self) -> None:
        """Look again and again until cancelled; outages are waited out."""
        await every(LOOK_SECONDS, self.look, "watching orders")

    async def look(self) -> None:
        """Wake who has seen another order than there is now."""
        watched = dict(self._watched)
        if not watched:
            return
        found = await versions(self._database, [(each.patient_id, order) for order, each in watched.items()])
        for order, version in found.items():
            for viewer in watched[order].viewers:
                if viewer.seen != version:
                    viewer.change()
