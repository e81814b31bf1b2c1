"""The open streams of this process: each ends with its token, with its session, and when the process drains."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason

from kit import telemetry
from kit.call import Call
from kit.errors import ApricotError
from kit.relations import RemoteRelations

MOST_OF_ACCOUNT = 16
"""Streams of one account at one replica."""


class Stream:
    """One of them; it rests until it is woken."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self._woken = asyncio.Event()
        self._end: ApricotError | None = None

    def wake(self) -> None:
        """There is something to do."""
        self._woken.set()

    def end(self, error: ApricotError) -> None:
        """End it with this error."""
        self._end = self._end or error
        self.wake()

    def require_open(self, now: datetime) -> None:
        """Errors: the one it was ended with, TOKEN_EXPIRED."""
        if self._end is not None:
            raise self._end
        if now >= self.call.caller.expire_time:
            raise ApricotError(Reason.REASON_TOKEN_EXPIRED, "the access token has expired; resume")

    async def rest(self, seconds: float) -> bool:
        """Whether it was woken within so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        woken = self._woken.is_set()
        self._woken.clear()
        return woken


class Streams:
    """All of them."""

    def __init__(self, relations: RemoteRelations) -> None:
        self._open: set[Stream] = set()
        self._of_account = Counter[UUID]()
        relations.on_session_end.append(self._on_sessions_ended)

    @contextmanager
    def open(self, stream: Stream) -> Iterator[None]:
        """As long as the block runs. Errors: TOO_MANY."""
        account = stream.call.caller.account_id
        if self._of_account[account] >= MOST_OF_ACCOUNT:
            raise ApricotError(Reason.REASON_TOO_MANY, f"{MOST_OF_ACCOUNT} streams are open here")
        self._open.add(stream)
        self._of_account[account] += 1
        telemetry.WATCHERS.inc()
        try:
            yield
        finally:
            telemetry.WATCHERS.dec()
            self._open.discard(stream)
            self._of_account[account] -= 1
            if not self._of_account[account]:
                del self._of_account[account]

    def drain(self) -> None:
        """End every stream; its client goes on at another replica."""
        for stream in self._open:
            stream.end(ApricotError(Reason.REASON_UNAVAILABLE, "this replica is stopping; resume elsewhere"))

    def _on_sessions_ended(self, sessions: frozenset[UUID]) -> None:
        for stream in self._open:
            if stream.call.caller.session_id in sessions:
                stream.end(ApricotError(Reason.REASON_SESSION_ENDED, "the session has ended"))
