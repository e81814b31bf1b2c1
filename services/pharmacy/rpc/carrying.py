"""Deliveries under way: from the pharmacy to the door, or back."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1 import delivery_pb2 as pb
from apricot.pharmacy.v1.place_pb2 import Position as PositionMessage
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging
from kit.call import Call
from kit.errors import ApricotError, invalid_field
from kit.idempotency import answer_once
from kit.times import to_datetime
from services.pharmacy import events, life
from services.pharmacy.domain import cold_chain, handing_over, orders
from services.pharmacy.domain.geography import Position, distance_metres
from services.pharmacy.domain.jobs import (
    Act,
    Failure,
    State,
    WrongStateError,
    failure_note,
    require_another_try,
)
from services.pharmacy.domain.offers import require_at
from services.pharmacy.domain.positions import shows_at
from services.pharmacy.rpc.courier_desk import CourierDesk, Task, delivery_of, require_task
from services.pharmacy.rpc.places import position_of
from services.pharmacy.store import jobs, temperatures
from services.pharmacy.store.job_bodies import deliveries_of, door_of
from services.pharmacy.store.job_tables import JobRow, TemperatureRow
from services.pharmacy.store.order_tables import OrderRow
from services.pharmacy.store.orders import count_of
from services.pharmacy.store.positions import last_position
from services.pharmacy.store.staff import staff_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Carrying(CourierDesk):
    """See the module."""

    async def PickUpOrder(self, request: pb.PickUpOrderRequest, call: Call) -> pb.PickUpOrderResponse:
        now = self._clock()

        async def pick_up(session: AsyncSession, task: Task) -> None:
            _require_at_pharmacy(task.job, request.position)
            jobs.move(task.job, Act.PICK_UP)
            task.job.pick_up_time = now
            await life.move(session, task.order, orders.Act.PICK_UP, call.caller.account_id, now)

        return await self._act(request, call, pb.PickUpOrderResponse, pick_up)

    async def RecordTemperature(self, request: pb.RecordTemperatureRequest, call: Call) -> pb.RecordTemperatureResponse:
        now, measured = self._clock(), to_datetime(request.time)

        async def record(session: AsyncSession, task: Task) -> None:
            job = task.job
            _require_cold_and_carried(job)
            assert job.pick_up_time is not None  # noqa: S101  it is carried
            if not cold_chain.is_of_the_way(measured, job.pick_up_time, now):
                raise invalid_field("time", "is not between the picking up and now")
            row = TemperatureRow(
                order_id=job.order_id,
                time=measured,
                patient_id=job.patient_id,
                courier_id=call.caller.account_id,
                celsius=request.celsius,
                create_time=now,
            )
            await temperatures.add(session, row)
            if cold_chain.breaks(request.celsius) and job.break_time is None:
                job.break_time, job.break_celsius = measured, request.celsius
                staff = await staff_of(session, job.pharmacy_id)
                jobs.tell(session, job, [call.caller.account_id, *staff], now)
                events.push(session, task.order, [job.patient_id], now)

        return await self._act(request, call, pb.RecordTemperatureResponse, record)

    async def FailDelivery(self, request: pb.FailDeliveryRequest, call: Call) -> pb.FailDeliveryResponse:
        now, failure = self._clock(), Failure(request.reason)

        async def fail(session: AsyncSession, task: Task) -> None:
            task.job.failure = failure
            task.job.failed_unseen = not await _is_seen_at_door(session, task.order, now)
            note = failure_note(failure, request.note)
            await life.move(session, task.order, orders.Act.FAIL, call.caller.account_id, now, note=note)

        return await self._act(request, call, pb.FailDeliveryResponse, fail)

    async def RetryDelivery(self, request: pb.RetryDeliveryRequest, call: Call) -> pb.RetryDeliveryResponse:
        async def retry(session: AsyncSession, task: Task) -> None:
            cold_chain.require_unbroken(task.job.break_time)
            require_another_try(await count_of(session, task.order, orders.Act.FAIL))
            await life.move(session, task.order, orders.Act.REDELIVER, call.caller.account_id, self._clock())

        return await self._act(request, call, pb.RetryDeliveryResponse, retry)

    async def BringBack(self, request: pb.BringBackRequest, call: Call) -> pb.BringBackResponse:
        async def bring_back(session: AsyncSession, task: Task) -> None:
            _require_at_pharmacy(task.job, request.position)
            await life.move(session, task.order, orders.Act.BRING_BACK, call.caller.account_id, self._clock())

        return await self._act(request, call, pb.BringBackResponse, bring_back)

    async def CompleteDelivery(self, request: pb.CompleteDeliveryRequest, call: Call) -> pb.CompleteDeliveryResponse:
        now, order_id = self._clock(), UUID(request.order_id)
        async with self._database.transaction() as session:

            async def complete() -> pb.CompleteDeliveryResponse:
                task = await require_task(session, call, request.order_id, now)
                await _require_deliverable(session, task, now)
                if not self._hand_over.is_right(order_id, request.code):
                    task.job.wrong_tries, task.job.locked_until = handing_over.after_wrong(task.job.wrong_tries, now)
                    return pb.CompleteDeliveryResponse()  # kept, so that a repeat of the call is no other try
                await life.move(session, task.order, orders.Act.DELIVER, call.caller.account_id, now)
                return pb.CompleteDeliveryResponse(delivery=await delivery_of(session, task.job))

            answer = await answer_once(session, call, request, pb.CompleteDeliveryResponse, complete)
            job = await session.get_one(JobRow, order_id)
        if not answer.HasField("delivery"):
            left = str(handing_over.TRIES - job.wrong_tries)
            raise ApricotError(Reason.REASON_CODE_WRONG, "that is not the code", metadata={"tries_left": left})
        await self._telling.changed(order_id)
        return answer

    async def ListMyDeliveries(self, request: pb.ListMyDeliveriesRequest, call: Call) -> pb.ListMyDeliveriesResponse:
        account, size = call.caller.account_id, paging.page_size(request.page_size)
        behind = _behind(request)
        async with self._database.transaction() as session:
            found = await jobs.list_of_courier(session, account, past=request.past, behind=behind, limit=size + 1)
            shown = found[:size]
            response = pb.ListMyDeliveriesResponse(deliveries=await deliveries_of(session, shown))
            for patient in {row.patient_id for row in shown if not request.past}:
                events.access_used(session, call, patient, self._clock())
        if len(found) > size:
            last = shown[-1]
            assert last.accept_time is not None  # noqa: S101  it has a courier
            key = (last.accept_time - _EPOCH) // _MICROSECOND, str(last.order_id)
            response.next_page_token = paging.encode(key, request)
        await self._telling.wake()
        return response


async def _require_deliverable(session: AsyncSession, task: Task, now: datetime) -> None:
    """Errors: `WrongStateError`, RATE_LIMITED, `ColdChainError`."""
    job = task.job
    orders.after(orders.State(task.order.state), orders.Act.DELIVER)
    if locked := handing_over.locked_for(job.locked_until, now):
        seconds = {"retry_after_seconds": str(locked.total_seconds())}
        raise ApricotError(Reason.REASON_RATE_LIMITED, "too many wrong codes", metadata=seconds)
    if job.cold_chain:
        cold_chain.require_unbroken(job.break_time)
        assert job.pick_up_time is not None  # noqa: S101  it is on the way
        measured = await temperatures.times_of(session, job.patient_id, job.order_id)
        cold_chain.require_logged(measured, job.pick_up_time, now)


async def _is_seen_at_door(session: AsyncSession, order: OrderRow, now: datetime) -> bool:
    """By the place that he reported last, as the buyer saw it too."""
    last = await last_position(session, order.patient_id, order.order_id)
    if last is None:
        return False
    return shows_at(distance_metres(Position(last.latitude, last.longitude), door_of(order)), now - last.time)


def _require_at_pharmacy(job: JobRow, position: PositionMessage) -> None:
    """Errors: `TooFarError`."""
    require_at(distance_metres(Position(job.latitude, job.longitude), position_of(position)))


def _require_cold_and_carried(job: JobRow) -> None:
    """Errors: `NoColdChainError`, `WrongStateError`."""
    if not job.cold_chain:
        raise cold_chain.NoColdChainError("it need not stay cold")
    if job.state != State.CARRIED:
        raise WrongStateError("nobody carries it")


def _behind(request: pb.ListMyDeliveriesRequest) -> tuple[datetime, UUID] | None:
    """Errors: INVALID_PAGE_TOKEN."""
    key = paging.decode(request.page_token, request, (int, str))
    if key is None:
        return None
    try:
        return _EPOCH + key[0] * _MICROSECOND, UUID(key[1])
    except (OverflowError, ValueError) as error:
        raise paging.invalid() from error
