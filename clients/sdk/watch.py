"""A live stream that its reader iterates as if the network never failed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

import grpc
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest, WatchPatientsResponse

from clients.sdk.calls import bearer
from clients.sdk.errors import ApricotError
from clients.sdk.pace import Pace
from clients.sdk.resuming import Phase, Resuming
from clients.sdk.tokens import TokenKeeper

if TYPE_CHECKING:
    from apricot.glucose.v1.watch_pb2_grpc import WatchServiceAsyncStub


@dataclass(frozen=True)
class WatchState:
    """The connection as it is, for a reader to show."""

    phase: Phase
    complete_until: datetime | None = None
    """Every change before this instant (UTC, the platform's clock) was handed over; None before it was ever live."""
    cause: ApricotError | None = None
    """Why it is stale."""
    alerts_complete_until: datetime | None = None
    """Every reading before this instant was looked at for alerts; None before it was ever live."""


type OnState = Callable[[WatchState], None]
"""Called when the phase changes."""


class Watch(Resuming[WatchPatientsResponse]):
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
        super().__init__(tokens, pace)
        self._stub = stub
        self._request = WatchPatientsRequest(
            patient_ids=patient_ids, snapshot_minutes=snapshot_minutes, resume_token=resume_token
        )
        self._on_state = on_state
        self._state = WatchState(Phase.CATCHING_UP)

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
        while (message := await self._next()) is not None:
            self._request.resume_token = message.resume_token
            if not message.HasField("heartbeat"):
                if self._state.phase == Phase.STALE:
                    self._enter(Phase.CATCHING_UP)
                return message
            self._backoff.reset()
            self._state = replace(
                self._state,
                complete_until=message.heartbeat.complete_until.ToDatetime(UTC),
                alerts_complete_until=message.heartbeat.alerts_complete_until.ToDatetime(UTC),
            )
            self._enter(Phase.LIVE)
        raise StopAsyncIteration

    def _open(self, token: str) -> "grpc.aio.UnaryStreamCall[WatchPatientsRequest, WatchPatientsResponse]":
        return self._stub.WatchPatients(self._request, metadata=bearer(token))

    @property
    def _is_live(self) -> bool:
        return self._state.phase == Phase.LIVE

    def _enter(self, phase: Phase, cause: ApricotError | None = None) -> None:
        changed = phase != self._state.phase
        self._state = replace(self._state, phase=phase, cause=cause)
        if changed and self._on_state:
            self._on_state(self._state)
