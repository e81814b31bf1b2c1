"""Watches of orders in this process, read response by response."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from apricot.pharmacy.v1.order_pb2 import WatchOrderRequest, WatchOrderResponse

from kit.call import Call
from tests.patience import PATIENCE
from tests.pharmacy.delivery.town import Replica, Town


class Viewing:
    """One open watch."""

    def __init__(self, responses: Any) -> None:
        self._responses = responses
        self._reading: asyncio.Task[Any] | None = None
        self.sequence = 0
        """Of the last step that was seen."""

    async def next(self) -> WatchOrderResponse:
        """The next one that is no sign of life. Errors: those of the watch, StopAsyncIteration."""
        while True:
            async with asyncio.timeout(PATIENCE):
                found = await anext(self._responses)
            response = WatchOrderResponse.FromString(found) if isinstance(found, bytes) else found
            if response.HasField("step"):
                assert response.step.sequence == self.sequence + 1
                self.sequence += 1
            if response.HasField("order") and response.order.steps:
                assert [step.sequence for step in response.order.steps] == [*range(1, len(response.order.steps) + 1)]
                self.sequence = response.order.steps[-1].sequence
            if response.WhichOneof("update"):
                return response

    async def of(self, kind: str) -> Any:
        """The next one of a kind."""
        while (response := await self.next()).WhichOneof("update") != kind:
            pass
        return getattr(response, kind)

    async def end(self) -> None:
        """Read on until it ends by itself."""
        try:
            while True:
                await self.next()
        except StopAsyncIteration:
            return

    async def close(self) -> None:
        await self._responses.aclose()


@asynccontextmanager
async def watching(
    town: Town,
    order: UUID,
    by: UUID | None = None,
    *,
    replica: Replica | None = None,
    resume: int = 0,
    call: Call | None = None,
) -> AsyncIterator[Viewing]:
    """The buyer's, unless somebody else is named."""
    request = WatchOrderRequest(order_id=str(order), resume_after_sequence=resume)
    by_call = call or town.call("WatchOrder", by or town.buyer)
    viewing = Viewing((replica or town.replica).orders.WatchOrder(request, by_call))
    viewing.sequence = resume
    try:
        yield viewing
    finally:
        await viewing.close()
