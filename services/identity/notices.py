"""Sends accounts' owners what happened to their accounts, again and again with longer pauses."""

from datetime import timedelta

import structlog

from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError
from kit.rounds import every
from services.identity.demo import is_demo_phone
from services.identity.domain.notices import Act, text
from services.identity.sender import Sender
from services.identity.store import owner_notices
from services.identity.store.tables import OwnerNotice

log = structlog.get_logger()

MAX_TRIES = 8
FIRST_PAUSE = timedelta(seconds=30)
"""After the first failure; each one doubles it."""
_LOOK_SECONDS = 1.0
_BATCH = 20


class Notices:
    """Runs in every replica; row locks let each message be sent by one."""

    def __init__(self, database: Database, sender: Sender, clock: Clock, *, demo: bool) -> None:
        self._database = database
        self._sender = sender
        self._clock = clock
        self._demo = demo

    async def run(self) -> None:
        """Send until cancelled."""
        await every(_LOOK_SECONDS, self.send_due, "owner notices")

    async def send_due(self) -> None:
        """Send what is due; what cannot be sent waits for the next try."""
        while await self._send_some():
            pass

    async def _send_some(self) -> int:
        async with self._database.transaction() as session:
            due = await owner_notices.take_due(session, self._clock(), _BATCH)
            for notice in due:
                if await self._sent(notice):
                    await session.delete(notice)
                    continue
                notice.tries += 1
                notice.next_try_time = self._clock() + FIRST_PAUSE * 2**notice.tries / 2
                if notice.tries >= MAX_TRIES:
                    log.error("owner_notice_given_up", act=notice.act, tries=notice.tries)
                    await session.delete(notice)
        return len(due)

    async def _sent(self, notice: OwnerNotice) -> bool:
        if self._demo and is_demo_phone(notice.phone):
            return True  # nobody of the demo has that phone; somebody else may
        try:
            await self._sender.tell(notice.phone, notice.act, text(Act(notice.act), notice.language))
        except ApricotError:
            return False
        return True
