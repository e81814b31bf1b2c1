"""A stream from the platform that is opened again whenever it breaks; what it carries is its subclass's."""

import asyncio
from abc import ABC, abstractmethod
from contextlib import suppress
from enum import StrEnum
from typing import Any, Self

import grpc
from apricot.errors.v1.reason_pb2 import Reason
from google.protobuf.message import Message

from clients.sdk.errors import ApricotError, network_error
from clients.sdk.pace import Backoff, Pace
from clients.sdk.tokens import TokenKeeper


class Phase(StrEnum):
    """How far the stream is to be believed."""

    CATCHING_UP = "catching up"
    """Snapshots, or what happened meanwhile, are on their way."""
    LIVE = "live"
    """What happens is here at once."""
    STALE = "stale"
    """There is no stream. What happened since then is not known."""


class Resuming[M: Message](ABC):
    """One such stream. A wait for its next message may be cancelled and taken up again."""

    def __init__(self, tokens: TokenKeeper, pace: Pace) -> None:
        self._tokens = tokens
        self._pace = pace
        self._backoff = Backoff(pace)
        self._stream: grpc.aio.UnaryStreamCall[Any, M] | None = None
        self._reading: asyncio.Task[object] | None = None
        self._silent_at = 0.0
        self._token = ""
        self._rejected_token = ""
        self._just_renewed = False
        self._closing = asyncio.Event()
        self._hurry = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it: whoever iterates it comes to its end."""
        self._closing.set()
        self._hurry.set()
        self._hang_up()

    def reconnect(self) -> None:
        """Now, rather than after a wait or a silence: the machine has slept, or its network is another."""
        self._backoff.reset()
        self._hurry.set()
        if self._reading is not None:
            self._reading.cancel()
        elif self._stream is not None:
            self._hang_up()
            if self._is_live:
                self._enter(Phase.CATCHING_UP)

    @abstractmethod
    def _open(self, token: str) -> "grpc.aio.UnaryStreamCall[Any, M]":
        """A new stream, behind what was handed over; without a deadline, since it lasts for ever and silence counts."""

    @abstractmethod
    def _enter(self, phase: Phase, cause: ApricotError | None = None) -> None:
        """It is in this phase now."""

    @property
    @abstractmethod
    def _is_live(self) -> bool:
        """Whether what happens is here at once."""

    async def _next(self) -> M | None:
        """The next message, over any number of streams; None: the platform has ended it, or `close`. Errors: those that
        no reconnect helps."""
        while not self._closing.is_set():
            try:
                message = await self._receive()
            except ApricotError as error:
                await self._recover(error)
                continue
            self._just_renewed = False
            return message
        return None

    async def _receive(self) -> M | None:
        """The next message of this stream. Connects first where there is none."""
        if self._stream is None:
            self._token = await self._fresh_token()
            if self._closing.is_set():
                return None
            self._hurry.clear()
            self._stream = self._open(self._token)
        if self._reading is None:
            self._reading = asyncio.create_task(self._stream.read())
            self._silent_at = _now() + self._pace.silence
        # A wait that is cancelled leaves the read underway for the next one: no message falls between.
        done, _ = await asyncio.wait([self._reading], timeout=self._silent_at - _now())
        if self._closing.is_set():
            return None
        if not done:
            raise network_error(grpc.StatusCode.DEADLINE_EXCEEDED, "the stream has fallen silent")
        if self._reading.cancelled():
            raise network_error(grpc.StatusCode.UNAVAILABLE, "the stream is opened anew")
        reading, self._reading = self._reading, None
        try:
            message = reading.result()
        except grpc.aio.AioRpcError as error:
            raise ApricotError.of(error) from error
        if isinstance(message, Message):
            return message  # type: ignore[return-value]  # the stream's own kind
        if await self._stream.code() is not grpc.StatusCode.OK:
            raise network_error(grpc.StatusCode.UNAVAILABLE, "the stream has broken")
        self._ended()
        return None

    def _ended(self) -> None:
        """The platform has ended the stream without an error. Errors: where that is one."""
        raise network_error(grpc.StatusCode.UNAVAILABLE, "the stream has ended")

    async def _fresh_token(self) -> str:
        if not self._rejected_token:
            return await self._tokens.token()
        token = await self._tokens.renew(self._rejected_token)
        self._rejected_token = ""
        return token

    async def _recover(self, error: ApricotError) -> None:
        """Wait as long as it takes until a reconnect makes sense. Errors: those that no reconnect helps."""
        self._hang_up()
        if error.token_rejected and not self._just_renewed:
            # The ten minutes are over, as they always are: no fault yet.
            self._just_renewed, self._rejected_token = True, self._token
            if self._is_live:
                self._enter(Phase.CATCHING_UP)
            return
        self._enter(Phase.STALE, error)
        if not error.temporary:
            self._closing.set()
            if error.reason == Reason.REASON_SESSION_ENDED:
                self._tokens.end()
            raise error
        self._just_renewed = False
        with suppress(TimeoutError):
            async with asyncio.timeout(max(self._backoff.next_delay(), error.retry_after_seconds)):
                await self._hurry.wait()
        self._hurry.clear()

    def _hang_up(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        if self._stream is not None:
            self._stream.cancel()
            self._stream = None


def _now() -> float:
    return asyncio.get_running_loop().time()
