"""A demo patient's phone: it measures on, and keeps what it has measured until the platform has it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from datetime import datetime

from apricot.glucose.v1.entry_pb2 import Entry

from clients.sdk import ApricotError
from stack.demo.dataset import DemoEntry
from stack.demo.entries import DiaryMaker
from stack.demo.people import Say, SignedIn

_A_CALL = 100  # entries
_PAUSE_SECONDS = 1.0


class Phone:
    """Logs what a replay yields, in order and each entry once, however often it has to be sent."""

    def __init__(self, owner: SignedIn, maker: DiaryMaker, say: Say) -> None:
        self._owner = owner
        self._maker = maker
        self._say = say
        self._kept: deque[Entry] = deque()
        self._measured = asyncio.Event()
        self.has_logged = asyncio.Event()
        """From the first acknowledged entry on."""

    async def run(self, day: AsyncIterator[tuple[datetime, DemoEntry]]) -> None:
        """For ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._measure(day))
            group.create_task(self._send())

    async def _measure(self, day: AsyncIterator[tuple[datetime, DemoEntry]]) -> None:
        async for at, line in day:
            self._kept.append(self._maker.entry(at, line))
            self._measured.set()

    async def _send(self) -> None:
        cut_off = False
        while True:
            await self._measured.wait()
            self._measured.clear()
            while self._kept:
                sent = list(self._kept)[:_A_CALL]
                try:
                    await self._owner.session.log(self._owner.account_id, sent)
                except ApricotError as error:
                    if not cut_off:
                        self._say(f"{self._owner.name}: the phone keeps its readings and tries again: {error}")
                    cut_off = True
                    await self._owner.recover(error)
                    await asyncio.sleep(_PAUSE_SECONDS)
                    continue
                for _ in sent:
                    self._kept.popleft()
                if cut_off:
                    self._say(f"{self._owner.name}: the phone is back and has sent {len(sent)} entries")
                cut_off = False
                self.has_logged.set()
