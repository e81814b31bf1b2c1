"""What every method for couriers stands on."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from apricot.pharmacy.v1.delivery_pb2 import Delivery
from google.protobuf.message import Message
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import not_found
from kit.hints import Hints
from kit.idempotency import answer_once
from services.pharmacy import events
from services.pharmacy.events import Telling
from services.pharmacy.rpc.hand_over import HandOver
from services.pharmacy.rpc.streams import Streams
from services.pharmacy.store import jobs, orders
from services.pharmacy.store.job_bodies import deliveries_of
from services.pharmacy.store.job_tables import JobRow
from services.pharmacy.store.order_tables import OrderRow


@dataclass(frozen=True, slots=True)
class Task:
    """An order, and the job of its courier; both locked."""

    order: OrderRow
    job: JobRow


type Work = Callable[[AsyncSession, Task], Awaitable[None]]


class OrderRequest(Protocol):
    """A request that changes an order's delivery."""

    @property
    def request_id(self) -> str: ...
    @property
    def order_id(self) -> str: ...


class CourierDesk:
    """The parts that the methods share."""

    def __init__(
        self, database: Database, telling: Telling, hints: Hints, streams: Streams, hand_over: HandOver, clock: Clock
    ) -> None:
        self._database = database
        self._telling = telling
        self._hints = hints
        self._streams = streams
        self._hand_over = hand_over
        self._clock = clock

    async def _act[M: Message](self, request: OrderRequest, call: Call, answer_type: Callable[..., M], work: Work) -> M:
        """Once for each request: work on a delivery of the caller's; the answer shows it as it then stands."""
        async with self._database.transaction() as session:

            async def act() -> M:
                task = await require_task(session, call, request.order_id, self._clock())
                await work(session, task)
                return answer_type(delivery=await delivery_of(session, task.job))

            answer = await answer_once(session, call, request, answer_type, act)  # type: ignore[arg-type]
        await self._telling.changed(UUID(request.order_id))
        return answer


async def require_task(session: AsyncSession, call: Call, order_id: str, now: datetime) -> Task:
    """The order, when the caller is or was its courier. Errors: NOT_FOUND."""
    task = await lock_task(session, order_id)
    if task is None or task.job.courier_id != call.caller.account_id:
        raise not_found("delivery")
    events.access_used(session, call, task.order.patient_id, now)
    return task


async def lock_task(session: AsyncSession, order_id: str) -> Task | None:
    """The order before its job, as everywhere; None: there is no such job."""
    order = await orders.lock_order(session, UUID(order_id))
    if order is None:
        return None
    job = await jobs.find(session, order.patient_id, order.order_id, lock=True)
    return Task(order, job) if job else None


async def delivery_of(session: AsyncSession, job: JobRow) -> Delivery:
    """One, for its courier."""
    await session.flush()
    (delivery,) = await deliveries_of(session, [job])
    return delivery
