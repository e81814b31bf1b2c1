"""What time makes of orders: stock nobody paid for is given back, and nothing waits for ever.

Each is a row with a time, and is moved on in the same transaction, so that each happens once, however many workers
there are and wherever one is killed.
"""

from datetime import timedelta

from kit.clock import Clock
from kit.database import Database
from kit.rounds import every
from services.pharmacy import life
from services.pharmacy.domain.orders import DEADLINES, State
from services.pharmacy.events import Telling
from services.pharmacy.store import orders, quotes

_EVERY_SECONDS = 2.0
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
        while await self._move_one():
            pass
        await self._forget_quotes()

    async def _move_one(self) -> bool:
        """One in a transaction: several would lock their lots in no common order. Whether there was one."""
        now = self._clock()
        async with self._database.transaction() as session:
            row = await orders.lock_due(session, now)
            if row is None:
                return False
            _, act = DEADLINES[State(row.state)]
            await life.move(session, row, act, None, now)
        await self._telling.changed(row.order_id)
        return True

    async def _forget_quotes(self) -> None:
        async with self._database.transaction() as session:
            await quotes.forget(session, self._clock() - _KEEP_QUOTES)
