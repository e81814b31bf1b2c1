"""The tokens of one session, renewed before anybody notices."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

import grpc
from apricot.identity.v1.auth_pb2 import TokenPair

from clients.sdk.errors import ApricotError, session_ended

# A client's clock may be hours off. However it reads, a token just received is good for a while.
_LEAST_LIFE = 120.0
_PAUSE_AFTER_FAILURE = 5.0


@dataclass(frozen=True)
class SavedSession:
    """What an app stores, as one piece, to go on after a restart.

    The request id goes with the refresh token: if the answer to a refresh is lost, by a broken connection or a crash,
    the same two sent again within two minutes are a retry; the token with another id would end the session.
    """

    refresh_token: str = field(repr=False)
    refresh_request_id: str


type Renew = Callable[[SavedSession], Awaitable[TokenPair]]
type OnChange = Callable[[SavedSession | None], None]
"""Called with what to store after each change, with None when the session has ended."""


class TokenKeeper:
    """Holds the present access token, and trades it for the next one: one trade at a time, whoever asks."""

    def __init__(
        self,
        renew: Renew,
        *,
        margin_seconds: float,
        on_change: OnChange | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._renew = renew
        self._margin = margin_seconds
        self._on_change = on_change
        self._clock = clock
        self._lock = asyncio.Lock()
        self._early: asyncio.Task[None] | None = None
        self._saved = SavedSession("", "")
        self._access_token = ""
        self._expires = self._renew_from = float("-inf")
        self._ended = False

    def accept(self, pair: TokenPair) -> None:
        """Go on with these tokens."""
        seconds = (pair.access_expire_time.ToDatetime(UTC) - datetime.now(UTC)).total_seconds()
        self._access_token = pair.access_token
        self._expires = self._clock() + max(seconds, _LEAST_LIFE)
        self._renew_from = self._expires - self._margin
        self.resume(SavedSession(pair.refresh_token, str(uuid4())))
        if self._on_change and pair.refresh_token:
            self._on_change(self._saved)

    def resume(self, saved: SavedSession) -> None:
        """Go on from what was stored; the first call fetches the access token."""
        self._saved = saved

    async def token(self) -> str:
        """An access token to send. Errors: those of RefreshToken; SESSION_ENDED when only signing in again helps."""
        if self._ended:
            raise session_ended()
        now = self._clock()
        if now >= self._expires:
            return await self.renew(self._access_token)
        if now >= self._renew_from and (self._early is None or self._early.done()):
            # The present token still works: nobody waits, and an outage of sign-in harms nobody yet.
            self._early = asyncio.create_task(self._renew_early())
        return self._access_token

    async def renew(self, rejected: str) -> str:
        """An access token other than `rejected`. Errors: as `token`.

        A trade that is cancelled or fails underway keeps its request id, so that the next one repeats it.
        """
        async with self._lock:
            if not self._ended and self._access_token == rejected:
                pair = await self._trade()
                if not self._ended:  # signed out meanwhile: what came back is worth nothing
                    self.accept(pair)
            if self._ended:
                raise session_ended()
            return self._access_token

    def end(self) -> None:
        """Forget the tokens."""
        if self._ended:
            return
        self._ended = True
        self._access_token, self._saved = "", SavedSession("", "")
        if self._on_change:
            self._on_change(None)

    def close(self) -> None:
        """Stop what runs behind the scenes. The session itself lives on."""
        if self._early:
            self._early.cancel()

    async def _trade(self) -> TokenPair:
        try:
            return await self._renew(self._saved)
        except ApricotError as error:
            if error.code != grpc.StatusCode.UNAUTHENTICATED:
                raise
            self.end()
            raise session_ended() from error

    async def _renew_early(self) -> None:
        self._renew_from = self._clock() + _PAUSE_AFTER_FAILURE
        try:
            await self.renew(self._access_token)
        except ApricotError:
            return  # whoever next needs a token tries again and sees the error
