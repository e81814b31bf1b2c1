"""Tells the merchant what happened, again and again with growing pauses until it says that it knows."""

import asyncio
import time
from collections.abc import Mapping
from typing import Literal

import aiohttp

from stack.cashier.book import Book, Notice
from stack.cashier.dialect import Alteration, Dialect

_TIMEOUT = aiohttp.ClientTimeout(total=5.0)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 60.0

type Mode = Literal["send", "keep", "drop"]


class Notices:
    def __init__(self, book: Book, dialects: Mapping[str, Dialect]) -> None:
        self._book = book
        self._dialects = dialects
        self._mode: Mode = "send"
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._news = asyncio.Event()

    def set_mode(self, mode: Mode) -> None:
        """Send them, keep them for later, or drop them."""
        self._mode = mode
        self._news.set()

    def wake(self) -> None:
        """Something has happened that has to be told."""
        self._news.set()

    async def run(self) -> None:
        """For ever."""
        while True:
            self._news.clear()
            waiting = [] if self._mode == "keep" else self._book.open_notices()
            now = time.time()
            for notice in waiting:
                if notice.due_time <= now and notice.notice_id not in self._under_way:
                    self._begin(notice)
            later = [notice.due_time for notice in waiting if notice.due_time > now]
            try:
                async with asyncio.timeout(min(later) - time.time() if later else None):
                    await self._news.wait()
            except TimeoutError:
                continue

    def _begin(self, notice: Notice) -> None:
        """By itself: a merchant that hangs keeps no other waiting."""
        if self._mode == "drop":
            self._book.tried(notice, taken=True, due_time=0.0)
            return

        def ended(_: asyncio.Task[None]) -> None:
            del self._under_way[notice.notice_id]
            self._news.set()

        self._under_way[notice.notice_id] = task = asyncio.create_task(self._tell(notice))
        task.add_done_callback(ended)

    async def send(self, notice: Notice, alteration: Alteration) -> tuple[int, str]:
        """Once; what the merchant answered. Status 0: nothing."""
        dialect = self._dialects[notice.provider]
        trade = self._book.get(notice.provider, notice.out_trade_no)
        refund = self._book.find_refund(notice.provider, notice.out_refund_no)
        message = dialect.notice(trade, refund, alteration)
        url = (refund.notify_url if refund else "") or trade.notify_url
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT, headers=message.headers) as http,
                http.post(url, data=message.body, allow_redirects=False) as answer,
            ):
                return answer.status, await answer.text()
        except (aiohttp.ClientError, TimeoutError):
            return 0, ""

    async def _tell(self, notice: Notice) -> None:
        status, body = await self.send(notice, Alteration())
        taken = self._dialects[notice.provider].is_taken(status, body)
        pause = min(_FIRST_PAUSE * 2**notice.tries, _LONGEST_PAUSE)
        self._book.tried(notice, taken=taken, due_time=time.time() + pause)
