"""Couriers' jobs: opened and ended with their orders, found, locked and moved."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, delete, func, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.pushes import add_pushes
from services.pharmacy.domain import orders
from services.pharmacy.domain.geography import Position, degrees_north
from services.pharmacy.domain.jobs import Act, State, after
from services.pharmacy.domain.offers import LARGEST_RADIUS_METRES
from services.pharmacy.store.job_tables import JobRow, PositionRow
from services.pharmacy.store.order_tables import OrderRow
from services.pharmacy.store.pharmacy_tables import PharmacyRow

OPEN = (State.ACCEPTED, State.CARRIED)
"""A courier's own that are not over."""
_ORDERS_WITH_JOBS = select(OrderRow, JobRow).join(
    JobRow,
    and_(col(JobRow.order_id) == OrderRow.order_id, col(JobRow.patient_id) == OrderRow.patient_id),
)
"""The order before its job, as everywhere."""


async def open_job(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """The order is offered to couriers."""
    pharmacy = await session.get_one(PharmacyRow, row.pharmacy_id)
    session.add(
        JobRow(
            order_id=row.order_id,
            patient_id=row.patient_id,
            pharmacy_id=row.pharmacy_id,
            state=State.OFFERED,
            latitude=pharmacy.latitude,
            longitude=pharmacy.longitude,
            distance_metres=row.distance_metres,
            fee_minor=row.delivery_minor,
            currency=row.currency,
            cold_chain=row.cold_chain,
            offer_time=now,
        )
    )


async def end_job(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """No courier has anything to do with the order any more, and nobody knows where he was. Whoever had accepted it is
    told that it was given up."""
    delivered = row.state == orders.State.DELIVERED
    job = await _end(session, row, Act.FINISH if delivered else Act.WITHDRAW, now)
    if job is not None and not delivered and job.courier_id is not None:
        tell(session, job, [job.courier_id], now)


async def take_back(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """The courier has brought the order back; nobody knows where he was."""
    await _end(session, row, Act.BRING_BACK, now)


async def _end(session: AsyncSession, row: OrderRow, act: Act, now: datetime) -> JobRow | None:
    """The order's job, which this ended; None: it has none."""
    job = await find(session, row.patient_id, row.order_id, lock=True)
    if job is None:
        return None
    move(job, act)
    job.end_time = now
    await session.flush()  # whoever keeps a position holds the job: none comes behind this
    await session.exec(
        delete(PositionRow).where(
            col(PositionRow.order_id) == row.order_id, col(PositionRow.patient_id) == row.patient_id
        )
    )
    return job


def offer_again(order: OrderRow, job: JobRow) -> None:
    """A locked job that its courier does not pick up. It has waited since it was first offered. Errors:
    `WrongStateError`."""
    move(job, Act.GIVE_BACK)
    job.courier_id = order.courier_id = job.accept_time = None


def move(job: JobRow, act: Act) -> None:
    """The job as it stands behind an act. Errors: `WrongStateError`."""
    job.state = after(State(job.state), act)


def tell(session: AsyncSession, job: JobRow, accounts: Sequence[UUID], now: datetime) -> None:
    """Push to these that there is something about a job."""
    add_pushes(session, accounts, patient=job.patient_id, kind="delivery", reference=job.order_id, urgent=True, now=now)


async def find(session: AsyncSession, patient_id: UUID, order_id: UUID, *, lock: bool = False) -> JobRow | None:
    """The job of a patient's order; locked, nobody else changes it until the transaction ends."""
    query = select(JobRow).where(JobRow.patient_id == patient_id, JobRow.order_id == order_id)
    return (await session.exec(query.with_for_update() if lock else query)).one_or_none()


async def lock_late(session: AsyncSession, since: datetime) -> tuple[OrderRow, JobRow] | None:
    """A job that was accepted before then and is not picked up, with its order and its patient_id; both are held until
    the transaction ends. What somebody else holds is left out."""
    query = (
        _ORDERS_WITH_JOBS.where(
            col(OrderRow.due_time).is_not(None),  # an index has those alone
            OrderRow.state == orders.State.READY,
            JobRow.state == State.ACCEPTED,
            col(JobRow.accept_time) <= since,
        )
        .order_by(col(JobRow.accept_time))
        .limit(1)
    )
    return (await session.exec(query.with_for_update(skip_locked=True))).one_or_none()


async def lock_of_courier(session: AsyncSession, account_id: UUID) -> Sequence[tuple[OrderRow, JobRow]]:
    """This courier's jobs that are not over, each with its order and its patient_id; nobody else changes them until the
    transaction ends."""
    query = _ORDERS_WITH_JOBS.where(col(JobRow.courier_id) == account_id, col(JobRow.state).in_(OPEN))
    return (await session.exec(query.order_by(col(JobRow.order_id)).with_for_update())).all()


async def offered_near(session: AsyncSession, place: Position) -> Sequence[JobRow]:
    """What is offered in the latitudes around a place, whatever its patient_id: of the buyer a job tells nothing."""
    reach = degrees_north(LARGEST_RADIUS_METRES)
    query = select(JobRow).where(
        col(JobRow.state) == State.OFFERED,
        col(JobRow.latitude).between(place.latitude - reach, place.latitude + reach),
    )
    return (await session.exec(query)).all()


async def count_open(session: AsyncSession, account_id: UUID) -> int:
    """How many jobs this courier has at the moment."""
    query = select(func.count()).where(col(JobRow.courier_id) == account_id, col(JobRow.state).in_(OPEN))
    return (await session.exec(query)).one()


async def list_of_courier(
    session: AsyncSession, account_id: UUID, *, past: bool, behind: tuple[datetime, UUID] | None, limit: int
) -> Sequence[JobRow]:
    """This courier's jobs, the one accepted last first; `behind` is the last one shown: when accepted, and its id."""
    states = [state for state in State if state.is_open != past]
    key = tuple_(col(JobRow.accept_time), col(JobRow.order_id))
    query = select(JobRow).where(col(JobRow.courier_id) == account_id, col(JobRow.state).in_(states))
    if behind is not None:
        query = query.where(key < behind)
    query = query.order_by(col(JobRow.accept_time).desc(), col(JobRow.order_id).desc()).limit(limit)
    return (await session.exec(query)).all()
