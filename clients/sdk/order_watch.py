"""An order, live, that its reader iterates as if the network never failed."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Self

import grpc
from apricot.pharmacy.v1.order_pb2 import WatchOrderRequest, WatchOrderResponse

from clients.sdk.calls import bearer
from clients.sdk.errors import ApricotError
from clients.sdk.pace import Pace
from clients.sdk.resuming import Phase, Resuming
from clients.sdk.tokens import TokenKeeper

if TYPE_CHECKING:
    from apricot.pharmacy.v1.order_pb2_grpc import OrderServiceAsyncStub


class OrderWatch(Resuming[WatchOrderResponse]):
    """Iterate it: the order first, then each step once and in order, over any number of broken streams; between them
    the order again when its courier is another one (anew after each reconnect), and where the courier is.

    It comes to its end with the order, and ends with an ApricotError where no reconnect helps, such as NOT_FOUND or
    SESSION_ENDED. Whoever stops reading before closes it, or uses it in an `async with`.
    """

    def __init__(
        self,
        stub: "OrderServiceAsyncStub",
        tokens: TokenKeeper,
        pace: Pace,
        order_id: str,
        *,
        resume_after_sequence: int = 0,
        on_phase: Callable[[Phase], None] | None = None,
    ) -> None:
        super().__init__(tokens, pace)
        self._stub = stub
        self._request = WatchOrderRequest(order_id=order_id, resume_after_sequence=resume_after_sequence)
        self._on_phase = on_phase
        self._phase = Phase.CATCHING_UP

    @property
    def phase(self) -> Phase:
        """How far what was handed over is to be believed."""
        return self._phase

    @property
    def sequence(self) -> int:
        """Of the last step handed over: another watch goes on behind it, also in another process."""
        return self._request.resume_after_sequence

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> WatchOrderResponse:
        while (message := await self._next()) is not None:
            self._backoff.reset()
            self._enter(Phase.LIVE)
            match message.WhichOneof("update"):
                case None:
                    continue  # a sign of life
                case "order" if message.order.steps:
                    self._request.resume_after_sequence = message.order.steps[-1].sequence
                case "step":
                    self._request.resume_after_sequence = message.step.sequence
            return message
        raise StopAsyncIteration

    def _open(self, token: str) -> "grpc.aio.UnaryStreamCall[WatchOrderRequest, WatchOrderResponse]":
        return self._stub.WatchOrder(self._request, metadata=bearer(token))

    def _ended(self) -> None:
        """With the order."""
        self.close()

    @property
    def _is_live(self) -> bool:
        return self._phase == Phase.LIVE

    def _enter(self, phase: Phase, cause: ApricotError | None = None) -> None:
        changed, self._phase = phase != self._phase, phase
        if changed and self._on_phase:
            self._on_phase(phase)
