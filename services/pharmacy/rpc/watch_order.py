"""One open watch of an order: the order, then each step once and in order, and where its courier is.

It pulls: at each hint it reads what lies behind the last step it has sent, and it looks each second without a hint
(`order_watches.py`). So nothing is queued for a slow reader, and a resumed watch is like any other.
"""

from collections.abc import AsyncGenerator
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1.order_pb2 import ColdChainBreak, CourierPosition, WatchOrderRequest, WatchOrderResponse
from apricot.pharmacy.v1.place_pb2 import Position
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError
from kit.times import to_timestamp
from services.pharmacy.domain.orders import State
from services.pharmacy.events import Telling
from services.pharmacy.rpc.hand_over import HandOver
from services.pharmacy.rpc.order_watches import OrderWatches, Viewer
from services.pharmacy.rpc.seeing import Seen, look_again, require_order
from services.pharmacy.store import jobs
from services.pharmacy.store.job_tables import JobRow
from services.pharmacy.store.order_bodies import bodies_of, step_message
from services.pharmacy.store.order_watches import Version, steps_behind
from services.pharmacy.store.positions import last_position

LIFE_SECONDS = 4.0
_CARRIED = (State.ON_THE_WAY, State.UNDELIVERED)


class OrderWatch:
    """The responses of one watch."""

    def __init__(
        self,
        database: Database,
        telling: Telling,
        hand_over: HandOver,
        clock: Clock,
        request: WatchOrderRequest,
        call: Call,
    ) -> None:
        self._database = database
        self._telling = telling
        self._hand_over = hand_over
        self._clock = clock
        self._order_id = request.order_id
        self._call = call
        self._sent = request.resume_after_sequence
        """The steps up to here."""
        self._code = ""
        self._is_over = False

    async def responses(self, watches: OrderWatches) -> AsyncGenerator[WatchOrderResponse | bytes]:
        """Errors: NOT_FOUND, INVALID_RESUME_TOKEN, TOO_MANY, TOKEN_EXPIRED, SESSION_ENDED, UNAVAILABLE."""
        async with self._database.transaction() as session:
            seen = await require_order(session, self._call, self._order_id, self._clock())
        await self._telling.wake()
        self._begin(seen)
        viewer = Viewer(self._call)
        with watches.open(viewer, seen.order):
            while not self._is_over:
                viewer.require_open(self._clock())
                if viewer.take_change():
                    for response in await self._look(viewer):
                        yield response
                elif (position := viewer.take_position()) is not None:
                    yield position
                elif not await viewer.rest(LIFE_SECONDS):
                    yield WatchOrderResponse()
                    if not seen.is_buyer:
                        viewer.change()  # who works at the pharmacy changes without a hint

    def _begin(self, seen: Seen) -> None:
        """Errors: INVALID_RESUME_TOKEN."""
        if self._sent > seen.order.last_sequence:
            raise ApricotError(Reason.REASON_INVALID_RESUME_TOKEN, "the order has no such step yet")
        self._sent = self._sent or seen.order.last_sequence

    async def _look(self, viewer: Viewer) -> list[WatchOrderResponse]:
        """What is new. Errors: NOT_FOUND."""
        async with self._database.transaction() as session:
            await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})  # one instant
            seen = await look_again(session, self._call, self._order_id)
            order, before = seen.order, viewer.seen
            job = await jobs.find(session, order.patient_id, order.order_id)
            viewer.seen = Version(order.last_sequence, order.courier_id, job is not None and job.break_time is not None)
            found = []
            if before is None or before.courier_id != order.courier_id:
                found.append(await self._order(session, seen))
            found += await self._steps(session, seen)
            if (code := self._hand_over.shown(seen)) != self._code:
                self._code = code
                found += [WatchOrderResponse(hand_over_code=code)] if code else []
            if job is not None and viewer.seen.broken and not (before and before.broken):
                found.append(_cold_chain_break(job))
            await self._look_for_courier(session, seen, viewer)
        self._is_over = not State(order.state).is_open
        return found

    async def _order(self, session: AsyncSession, seen: Seen) -> WatchOrderResponse:
        (order,) = await bodies_of(session, [seen.order])
        seen.leave_out(order)
        del order.steps[self._sent :]
        order.hand_over_code = self._code = self._hand_over.shown(seen)
        return WatchOrderResponse(order=order)

    async def _steps(self, session: AsyncSession, seen: Seen) -> list[WatchOrderResponse]:
        order = seen.order
        rows = await steps_behind(session, order.patient_id, order.order_id, self._sent)
        self._sent += len(rows)
        return [WatchOrderResponse(step=step_message(row)) for row in rows]

    async def _look_for_courier(self, session: AsyncSession, seen: Seen, viewer: Viewer) -> None:
        """Where he was last, when he comes into sight."""
        order, sees = seen.order, State(seen.order.state) in _CARRIED
        came, viewer.sees_position = sees and not viewer.sees_position, sees
        if came and (row := await last_position(session, order.patient_id, UUID(self._order_id))) is not None:
            place = Position(latitude=row.latitude, longitude=row.longitude)
            position = CourierPosition(position=place, time=to_timestamp(row.time))
            viewer.show(row.time, WatchOrderResponse(position=position).SerializeToString())


def _cold_chain_break(job: JobRow) -> WatchOrderResponse:
    assert job.break_time is not None  # noqa: S101  it is broken
    assert job.break_celsius is not None  # noqa: S101
    return WatchOrderResponse(
        cold_chain_break=ColdChainBreak(celsius=job.break_celsius, time=to_timestamp(job.break_time))
    )
