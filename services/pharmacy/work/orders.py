"""What time makes of orders: stock nobody paid for is given back, and nothing waits for ever.

Each is a row with a time, and is moved on in the same transaction, so that each happens once, however many workers
there are and wherever one is killed. One that a fault of ours keeps from moving stays overdue, which an alert tells,
and holds up no other.
"""

from datetime import timedelta
from uuid import UUID

import structlog

from kit import telemetry
from kit.clock import Clock
from kit.database import Database
from kit.outages import is_outage
from kit.rounds import every
from services.pharmacy import life
from services.pharmacy.domain.orders import DEADLINES, State
from services.pharmacy.events import Telling
from services.pharmacy.store import orders, quotes

log = structlog.get_logger()

_EVERY_SECONDS = 2.0
_MOST_STUCK = 10
"""Of more it is no order's fault: that the worker ends is told by more than a log."""
_KEEP_QUOTES = timedelta(days=1)


class OrderTimer:
    """Does what is due."""

    def __init__(self, database: Database, telling: Telling, clock: Clock) -> None:
        self._database = database
        self._telling = telling
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled; outages are waited out."""
        await every(_EVERY_SECONDS, self.do_due, "the timer of orders")

    async def do_due(self) -> None:
        """Everything whose time has come."""
        stuck: list[UUID] = []
        while await self._move_one(stuck):
            pass
        await self._forget_quotes()

    async def _move_one(self, stuck: list[UUID]) -> bool:
        """One in a transaction: several would lock their lots in no common order. Whether there was one."""
        now = self._clock()
        async with self._database.transaction() as session:
            row = await orders.lock_due(session, now, stuck)
            if row is None:
                return False
            order_id, (_, act) = row.order_id, DEADLINES[State(row.state)]
            try:
                async with session.begin_nested():
                    await life.move(session, row, act, None, now)
            except Exception as error:
                if is_outage(error) or len(stuck) == _MOST_STUCK:
                    raise
                fault = {"error": type(error).__name__, "places": telemetry.places(error)}
                log.error("an order cannot be moved", order_id=str(order_id), act=act.name, **fault)
                stuck.append(order_id)
                return True
        await self._telling.changed(order_id)
        return True

    async def _forget_quotes(self) -> None:
        async with self._database.transaction() as session:
            await quotes.forget(session, self._clock() - _KEEP_QUOTES)
