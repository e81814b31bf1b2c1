"""Jobs that a courier has accepted and does not pick up: they are offered to others, and he is told."""

from kit.clock import Clock
from kit.database import Database
from kit.rounds import every
from services.pharmacy.domain.jobs import PICK_UP_TIME
from services.pharmacy.events import Telling
from services.pharmacy.store import jobs

_EVERY_SECONDS = 15.0


class JobTimer:
    """Offers them again."""

    def __init__(self, database: Database, telling: Telling, clock: Clock) -> None:
        self._database = database
        self._telling = telling
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled; outages are waited out."""
        await every(_EVERY_SECONDS, self.do_due, "the timer of jobs")

    async def do_due(self) -> None:
        """Each whose time is over."""
        while await self._offer_one():
            pass

    async def _offer_one(self) -> bool:
        """Whether there was one."""
        now = self._clock()
        async with self._database.transaction() as session:
            found = await jobs.lock_late(session, now - PICK_UP_TIME)
            if found is None:
                return False
            order, job = found
            assert job.courier_id is not None  # noqa: S101  it is accepted
            jobs.tell(session, job, [job.courier_id], now)
            jobs.offer_again(order, job)
        await self._telling.changed(order.order_id)
        return True
