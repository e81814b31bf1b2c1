"""The open inboxes of this process: woken by hints, ended with their session or when the process drains."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason

from kit import telemetry
from kit.call import Call
from kit.errors import ApricotError
from kit.hints import Hints
from kit.relations import RemoteRelations
from services.consult.events import inbox_key, pool_key

MOST_OF_ACCOUNT = 16
"""Inboxes of one account at one replica."""
_MOST_HINTED = 1000


class Inbox:
    """What one open inbox was hinted at, and whether it goes on."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self._hinted: set[UUID] = set()
        self._end: ApricotError | None = None

    def hear(self, payload: bytes) -> None:
        """A hint: this consultation may have changed. Of too many some are dropped: the look itself finds changes."""
        if len(payload) == 16 and len(self._hinted) < _MOST_HINTED:
            self._hinted.add(UUID(bytes=payload))
        self._woken.set()

    def end(self, error: ApricotError) -> None:
        """End it with this error."""
        self._end = self._end or error
        self._woken.set()

    def require_open(self) -> None:
        """Errors: the one it was ended with."""
        if self._end is not None:
            raise self._end

    def take_hinted(self) -> set[UUID]:
        """What was hinted at since the last time."""
        hinted, self._hinted = self._hinted, set()
        self._woken.clear()
        return hinted

    async def rest(self, seconds: float) -> None:
        """Until a hint comes, or so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()


class Inboxes:
    """All of them."""

    def __init__(self, hints: Hints, relations: RemoteRelations) -> None:
        self._hints = hints
        self._open: dict[Inbox, Call] = {}
        self._of_account = Counter[UUID]()
        relations.on_session_end.append(self._on_sessions_ended)

    @contextmanager
    def open(self, call: Call, department_code: str) -> Iterator[Inbox]:
        """An inbox that hears the hints for its account, and for the pool of a department where one is named.
        Errors: TOO_MANY."""
        account, inbox = call.caller.account_id, Inbox()
        if self._of_account[account] >= MOST_OF_ACCOUNT:
            raise ApricotError(Reason.REASON_TOO_MANY, f"{MOST_OF_ACCOUNT} inboxes are open here")
        keys = [inbox_key(account), *([pool_key(department_code)] if department_code else [])]
        with ExitStack() as hearing:
            for key in keys:
                hearing.enter_context(self._hints.listen(key, inbox.hear))
            self._open[inbox] = call
            self._of_account[account] += 1
            telemetry.WATCHERS.inc()
            try:
                yield inbox
            finally:
                telemetry.WATCHERS.dec()
                del self._open[inbox]
                self._of_account[account] -= 1
                if not self._of_account[account]:
                    del self._of_account[account]

    def drain(self) -> None:
        """End every inbox; its client opens another at another replica."""
        for inbox in self._open:
            inbox.end(ApricotError(Reason.REASON_UNAVAILABLE, "this replica is stopping; open another"))

    def _on_sessions_ended(self, sessions: frozenset[UUID]) -> None:
        for inbox, call in self._open.items():
            if call.caller.session_id in sessions:
                inbox.end(ApricotError(Reason.REASON_SESSION_ENDED, "the session has ended"))
