"""A live stream that its reader iterates as if the network never failed."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Self

import grpc
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest, WatchPatientsResponse

from clients.sdk.calls import bearer
from clients.sdk.errors import ApricotError, network_error
from clients.sdk.pace import Backoff, Pace
from clients.sdk.tokens import TokenKeeper

if TYPE_CHECKING:
    from apricot.glucose.v1.watch_pb2_grpc import WatchServiceAsyncStub

type _Stream = grpc.aio.UnaryStreamCall[WatchPatientsRequest, WatchPatientsResponse]


class Phase(StrEnum):
    """How far the stream is to be believed."""

    CATCHING_UP = "catching up"
    """Snapshots, or what happened meanwhile, are on their way."""
    LIVE = "live"
    """What happens is here at once."""
    STALE = "stale"
    """There is no stream. What happened since `complete_until` is not known."""


@dataclass(frozen=True)
class WatchState:
    """The connection as it is, for a reader to show."""

    phase: Phase
    complete_until: datetime | None = None
    """Every change before this instant (UTC, the platform's clock) was handed over; None before it was ever live."""
    cause: ApricotError | None = None
    """Why it is stale."""


type OnState = Callable[[WatchState], None]
"""Called when the phase changes."""


class Watch:
    """Iterate it: each change once and in order, over any number of broken streams.

    It yields snapshots, entries logged, amended and deleted, and a `history_gap` where the platform cannot tell all;
    heartbeats only move `state`. A wait may be cancelled and taken up again. It ends with an ApricotError where no
    reconnect helps: GRANT_ENDED, PATIENT_ACCESS_DENIED, SESSION_ENDED, INVALID_RESUME_TOKEN, … Whoever stops reading
    before closes it, or uses it in an `async with`.
    """

    def __init__(
        self,
        stub: "WatchServiceAsyncStub",
        tokens: TokenKeeper,
        pace: Pace,
        patient_ids: Iterable[str],
        *,
        snapshot_minutes: int = 180,
        resume_token: str = "",
        on_state: OnState | None = None,
    ) -> None:
        self._stub = stub
        self._tokens = tokens
        self._pace = pace
        self._request = WatchPatientsRequest(
            patient_ids=patient_ids, snapshot_minutes=snapshot_minutes, resume_token=resume_token
        )
        self._on_state = on_state
        self._state = WatchState(Phase.CATCHING_UP)
        self._backoff = Backoff(pace)
        self._stream: _Stream | None = None
        self._reading: asyncio.Task[object] | None = None
        self._silent_at = 0.0
        self._token = ""
        self._rejected_token = ""
        self._just_renewed = False
        self._closing = asyncio.Event()

    @property
    def state(self) -> WatchState:
        """The connection as it is now."""
        return self._state

    @property
    def resume_token(self) -> str:
        """Goes on behind the last update handed over, also in another process."""
        return self._request.resume_token

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> WatchPatientsResponse:
        while not self._closing.is_set():
            try:
                message = await self._receive()
            except ApricotError as error:
                await self._recover(error)
                continue
            if message is None:
                continue
            self._request.resume_token = message.resume_token
            self._just_renewed = False
            if not message.HasField("heartbeat"):
                if self._state.phase == Phase.STALE:
                    self._enter(Phase.CATCHING_UP)
                return message
            self._backoff.reset()
            self._state = replace(self._state, complete_until=message.heartbeat.complete_until.ToDatetime(UTC))
            self._enter(Phase.LIVE)
        raise StopAsyncIteration

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the watch: whoever iterates it comes to its end."""
        self._closing.set()
        self._hang_up()

    async def _receive(self) -> WatchPatientsResponse | None:
        """The next message; None after `close`. Connects first where there is no stream."""
        if self._stream is None:
            self._token = await self._fresh_token()
            if self._closing.is_set():
                return None
            # Without a deadline: a watch lasts for ever, and silence is what counts.
            self._stream = self._stub.WatchPatients(self._request, metadata=bearer(self._token))
        if self._reading is None:
            self._reading = asyncio.create_task(self._stream.read())
            self._silent_at = _now() + self._pace.silence
        # A wait that is cancelled leaves the read underway for the next one: no message falls between.
        done, _ = await asyncio.wait([self._reading], timeout=self._silent_at - _now())
        if self._closing.is_set():
            return None
        if not done:
            raise network_error(grpc.StatusCode.DEADLINE_EXCEEDED, "the stream has fallen silent")
        reading, self._reading = self._reading, None
        try:
            message = reading.result()
        except grpc.aio.AioRpcError as error:
            raise ApricotError.of(error) from error
        if isinstance(message, WatchPatientsResponse):
            return message
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
            if self._state.phase == Phase.LIVE:
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
                await self._closing.wait()

    def _hang_up(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        if self._stream is not None:
            self._stream.cancel()
            self._stream = None

    def _enter(self, phase: Phase, cause: ApricotError | None = None) -> None:
        changed = phase != self._state.phase
        self._state = replace(self._state, phase=phase, cause=cause)
        if changed and self._on_state:
            self._on_state(self._state)


def _now() -> float:
    return asyncio.get_running_loop().time()
