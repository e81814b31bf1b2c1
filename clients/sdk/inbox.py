"""A person's open consultations, live, that their reader iterates as if the network never failed."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Self

import grpc
from apricot.consult.v1.consultation_pb2 import WatchInboxRequest, WatchInboxResponse

from clients.sdk.calls import bearer
from clients.sdk.errors import ApricotError
from clients.sdk.pace import Pace
from clients.sdk.resuming import Phase, Resuming
from clients.sdk.tokens import TokenKeeper

if TYPE_CHECKING:
    from apricot.consult.v1.consultation_pb2_grpc import ConsultationServiceAsyncStub


class InboxWatch(Resuming[WatchInboxResponse]):
    """Iterate it: every open consultation, then `live`, then each again whenever it changes, and which are gone.

    A new stream begins with a first look again: what was handed over as it is now is left out, and what an earlier
    stream told and this one does not is gone (ended, or another's) before it is live. It ends with an ApricotError
    where no reconnect helps, such as SESSION_ENDED. Whoever stops reading before closes it, or uses it in an
    `async with`.
    """

    def __init__(
        self,
        stub: "ConsultationServiceAsyncStub",
        tokens: TokenKeeper,
        pace: Pace,
        *,
        on_phase: Callable[[Phase], None] | None = None,
    ) -> None:
        super().__init__(tokens, pace)
        self._stub = stub
        self._on_phase = on_phase
        self._phase = Phase.CATCHING_UP
        self._told: dict[str, bytes] = {}
        """What was handed over last, by consultation."""
        self._looked: set[str] = set()
        """Which the present stream's first look has named so far."""
        self._gone: list[str] = []
        """Still to be told, before it is live."""

    @property
    def phase(self) -> Phase:
        """How far what was handed over is to be believed."""
        return self._phase

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> WatchInboxResponse:
        while not self._gone and (message := await self._next()) is not None:
            self._backoff.reset()
            if self._phase is Phase.STALE:
                self._enter(Phase.CATCHING_UP)
            if message.live:
                self._gone = sorted(self._told.keys() - self._looked)
                self._enter(Phase.LIVE)
                if not self._gone:
                    return message
            elif self._is_news(message):
                return message
        if self._gone:
            gone = self._gone.pop()
            self._told.pop(gone, None)
            return WatchInboxResponse(gone_consultation_id=gone, live=not self._gone)
        raise StopAsyncIteration

    def _is_news(self, message: WatchInboxResponse) -> bool:
        """Notes what it tells."""
        if message.gone_consultation_id:
            return self._told.pop(message.gone_consultation_id, None) is not None
        if not message.HasField("consultation"):
            return False  # a sign of life
        told, id_ = message.consultation.SerializeToString(deterministic=True), message.consultation.consultation_id
        before, self._told[id_] = self._told.get(id_), told
        self._looked.add(id_)
        return told != before

    def _open(self, token: str) -> "grpc.aio.UnaryStreamCall[WatchInboxRequest, WatchInboxResponse]":
        self._looked.clear()
        return self._stub.WatchInbox(WatchInboxRequest(), metadata=bearer(token))

    @property
    def _is_live(self) -> bool:
        return self._phase is Phase.LIVE

    def _enter(self, phase: Phase, cause: ApricotError | None = None) -> None:
        changed, self._phase = phase != self._phase, phase
        if changed and self._on_phase:
            self._on_phase(phase)
