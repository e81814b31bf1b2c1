"""Jobs as couriers find them: on duty, offered, accepted, given back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from apricot.pharmacy.v1 import delivery_pb2 as pb
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging
from kit.call import Call
from kit.errors import not_found
from kit.idempotency import answer_once
from services.pharmacy import events
from services.pharmacy.domain.geography import Position, distance_metres
from services.pharmacy.domain.jobs import Act
from services.pharmacy.domain.offers import Standing, is_offered
from services.pharmacy.rpc.courier_desk import CourierDesk, delivery_of, lock_task, require_task
from services.pharmacy.rpc.places import position_of
from services.pharmacy.store import couriers, jobs
from services.pharmacy.store.job_bodies import offers_of
from services.pharmacy.store.job_tables import CourierRow, JobRow


class JobOffers(CourierDesk):
    """See the module."""

    async def SetAvailability(self, request: pb.SetAvailabilityRequest, call: Call) -> pb.SetAvailabilityResponse:
        place = position_of(request.position) if request.HasField("position") else None
        async with self._database.transaction() as session:

            async def set_availability() -> pb.SetAvailabilityResponse:
                courier, cold_box = call.caller.account_id, request.has_cold_box
                await couriers.set_availability(session, courier, place, has_cold_box=cold_box, now=self._clock())
                return pb.SetAvailabilityResponse(on_duty=place is not None)

            return await answer_once(session, call, request, pb.SetAvailabilityResponse, set_availability)

    async def ListJobs(self, request: pb.ListJobsRequest, call: Call) -> pb.ListJobsResponse:
        size = paging.page_size(request.page_size)
        behind = _behind(request)
        async with self._database.transaction() as session:
            found = await self._offered(session, call.caller.account_id)
            if behind is not None:
                found = [each for each in found if _key(each) > behind]
            response = pb.ListJobsResponse(jobs=await offers_of(session, found[:size]))
        if len(found) > size:
            response.next_page_token = paging.encode(_key(found[size - 1]), request)
        return response

    async def AcceptJob(self, request: pb.AcceptJobRequest, call: Call) -> pb.AcceptJobResponse:
        account, now = call.caller.account_id, self._clock()
        async with self._database.transaction() as session:

            async def accept() -> pb.AcceptJobResponse:
                courier, place = await couriers.require_on_duty(session, account, lock=True)
                standing = await couriers.standing(session, account)
                task = await lock_task(session, request.order_id)
                if task is None or not _is_offered(task.job, courier, place, standing, now):
                    raise not_found("job")
                standing.require_room(await jobs.count_open(session, account))
                jobs.move(task.job, Act.ACCEPT)
                task.job.courier_id = task.order.courier_id = account
                task.job.accept_time = now
                events.access_used(session, call, task.order.patient_id, now)
                return pb.AcceptJobResponse(delivery=await delivery_of(session, task.job))

            answer = await answer_once(session, call, request, pb.AcceptJobResponse, accept)
        await self._telling.changed(UUID(request.order_id))
        return answer

    async def GiveBackJob(self, request: pb.GiveBackJobRequest, call: Call) -> pb.GiveBackJobResponse:
        async with self._database.transaction() as session:

            async def give_back() -> pb.GiveBackJobResponse:
                task = await require_task(session, call, request.order_id, self._clock())
                jobs.offer_again(task.order, task.job)
                return pb.GiveBackJobResponse()

            answer = await answer_once(session, call, request, pb.GiveBackJobResponse, give_back)
        await self._telling.changed(UUID(request.order_id))
        return answer

    async def GetCourierStanding(
        self, request: pb.GetCourierStandingRequest, call: Call
    ) -> pb.GetCourierStandingResponse:
        account = call.caller.account_id
        async with self._database.transaction() as session:
            courier = await session.get(CourierRow, account)
            standing = await couriers.standing(session, account)
            return pb.GetCourierStandingResponse(
                on_duty=courier is not None and courier.on_duty,
                has_cold_box=courier is not None and courier.has_cold_box,
                average_stars=standing.average_stars,
                rating_count=standing.rating_count,
                most_jobs=standing.most_jobs,
                open_jobs=await jobs.count_open(session, account),
                offer_delay_seconds=int(standing.delay.total_seconds()),
            )

    async def _offered(self, session: AsyncSession, account: UUID) -> Sequence[tuple[int, JobRow]]:
        """What the courier is offered, nearest first, and how far away. Errors: `WrongStateError`."""
        courier, place = await couriers.require_on_duty(session, account)
        standing, now = await couriers.standing(session, account), self._clock()
        rows = await jobs.offered_near(session, place)
        found = [(_distance(row, place), row) for row in rows if _is_offered(row, courier, place, standing, now)]
        return sorted(found, key=_key)


def _is_offered(row: JobRow, courier: CourierRow, place: Position, standing: Standing, now: datetime) -> bool:
    return row.patient_id != courier.courier_id and is_offered(
        now - row.offer_time,
        _distance(row, place),
        standing,
        cold_chain=row.cold_chain,
        has_cold_box=courier.has_cold_box,
    )


def _distance(row: JobRow, place: Position) -> int:
    return round(distance_metres(Position(row.latitude, row.longitude), place))


def _behind(request: pb.ListJobsRequest) -> tuple[int, str] | None:
    """Errors: INVALID_PAGE_TOKEN."""
    key = paging.decode(request.page_token, request, (int, str))
    try:
        return (key[0], str(UUID(key[1]))) if key else None
    except ValueError as error:
        raise paging.invalid() from error


def _key(found: tuple[int, JobRow]) -> tuple[int, str]:
    distance, row = found
    return distance, str(row.order_id)
