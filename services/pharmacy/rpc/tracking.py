"""Where couriers are: from their phones to whoever watches the orders that they carry."""

import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from datetime import datetime
from uuid import UUID

from apricot.pharmacy.v1 import delivery_pb2 as pb
from apricot.pharmacy.v1.order_pb2 import CourierPosition, WatchOrderResponse

from kit.call import Call
from kit.database import Database
from kit.hints import Hints
from kit.times import to_datetime
from services.pharmacy.domain.geography import is_on_earth
from services.pharmacy.domain.jobs import WrongStateError
from services.pharmacy.domain.positions import Pace
from services.pharmacy.events import order_key, position_key
from services.pharmacy.rpc.courier_desk import CourierDesk
from services.pharmacy.rpc.places import position_of
from services.pharmacy.rpc.streams import Stream
from services.pharmacy.store import positions

KEEP_SECONDS = 5.0
"""A place is written so often; watchers get each one without."""


class Tracking(CourierDesk):
    """See the module."""

    async def ReportLocation(
        self, requests: AsyncIterator[pb.ReportLocationRequest], call: Call
    ) -> pb.ReportLocationResponse:
        stream, answer = Stream(call), pb.ReportLocationResponse()
        with self._streams.open(stream), Trail(self._database, self._hints, call.caller.account_id) as trail:
            async for request in requests:
                now = self._clock()
                stream.require_open(now)
                answer.received_count += 1
                if trail.takes(request, now):
                    if not await trail.goes_on(request):
                        if not answer.kept_count:
                            raise WrongStateError("the courier carries nothing")
                        break
                    answer.kept_count += 1
        return answer


class Trail:
    """The places of one stream, and for which orders they are."""

    def __init__(self, database: Database, hints: Hints, courier: UUID) -> None:
        self._database = database
        self._hints = hints
        self._courier = courier
        self._pace = Pace()
        self._carried: list[UUID] = []
        self._listening = ExitStack()
        self._keep_at = 0.0
        self._is_stale = True

    def __enter__(self) -> "Trail":
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def takes(self, request: pb.ReportLocationRequest, now: datetime) -> bool:
        """Whether this place is kept."""
        return (
            request.HasField("position")
            and is_on_earth(position_of(request.position))
            and self._pace.takes(to_datetime(request.time), now)
        )

    async def goes_on(self, request: pb.ReportLocationRequest) -> bool:
        """Show the place to whoever watches, and write it now and then. Whether the courier still carries something."""
        if self._is_stale:
            await self._keep(request)
        shown = WatchOrderResponse(position=CourierPosition(position=request.position, time=request.time))
        payload = shown.SerializeToString()
        for order in self._carried:
            await self._hints.send(position_key(order), payload)
        if time.monotonic() >= self._keep_at:
            await self._keep(request)
        return bool(self._carried)

    async def _keep(self, request: pb.ReportLocationRequest) -> None:
        """Write the place, and find out for which orders."""
        self._is_stale = False
        self._keep_at = time.monotonic() + KEEP_SECONDS
        carried = await positions.keep(
            self._database, self._courier, position_of(request.position), to_datetime(request.time)
        )
        if carried != self._carried:
            self._carried = carried
            self._listening.close()
            for order in carried:
                self._listening.enter_context(self._hints.listen(order_key(order), self._order_changed))

    def _order_changed(self, _: bytes) -> None:
        """It may not be the courier's any more: nobody is shown anything before that is known."""
        self._is_stale = True
