"""Orders: found, locked, and moved from state to state. Each query names whose they are."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.domain.orders import Act, State, after, due_time
from services.pharmacy.store.order_tables import OrderItemRow, OrderRow, OrderStepRow

_TICK = timedelta(microseconds=1)
_place = tuple_(col(OrderRow.create_time), col(OrderRow.order_id))

type Place = tuple[datetime, UUID]
"""Where a list ended: when the last order was placed, and its id."""


async def find(session: AsyncSession, patient_id: UUID, order_id: UUID, *, lock: bool = False) -> OrderRow | None:
    """An order of the patient's; locked, nobody else changes it until the transaction ends."""
    query = select(OrderRow).where(OrderRow.patient_id == patient_id, OrderRow.order_id == order_id)
    return (await session.exec(query.with_for_update() if lock else query)).one_or_none()


async def patient_of(session: AsyncSession, order_id: UUID) -> UUID | None:
    """Whose order it is: the patient_id under which everything else of it is asked for."""
    return (await session.exec(select(OrderRow.patient_id).where(OrderRow.order_id == order_id))).one_or_none()


async def lock_order(session: AsyncSession, order_id: UUID) -> OrderRow | None:
    """An order by its id alone, for whoever is shown by it that he may (staff, couriers, providers, timers), with its
    patient_id; nobody else changes it until the transaction ends."""
    query = select(OrderRow).where(OrderRow.order_id == order_id).with_for_update()
    return (await session.exec(query)).one_or_none()


async def items_of(session: AsyncSession, row: OrderRow) -> Sequence[OrderItemRow]:
    """What was ordered, line by line."""
    query = select(OrderItemRow).where(OrderItemRow.patient_id == row.patient_id, OrderItemRow.order_id == row.order_id)
    return (await session.exec(query.order_by(col(OrderItemRow.line)))).all()


async def list_of_patient(
    session: AsyncSession, patient_id: UUID, limit: int, behind: Place | None, *, open_only: bool
) -> Sequence[OrderRow]:
    """The patient's orders, the newest first."""
    query = select(OrderRow).where(OrderRow.patient_id == patient_id)
    if open_only:
        query = query.where(col(OrderRow.end_time).is_(None))
    if behind is not None:
        query = query.where(_place < tuple_(*behind))
    return (await session.exec(query.order_by(*(part.desc() for part in _place.clauses)).limit(limit))).all()


async def list_of_pharmacy(
    session: AsyncSession, pharmacy_id: UUID, limit: int, behind: Place | None, state: State | None
) -> Sequence[OrderRow]:
    """A pharmacy's orders in a state, or all that are open, the oldest first; each names its patient_id."""
    query = select(OrderRow).where(OrderRow.pharmacy_id == pharmacy_id)
    states = [each for each in State if each.is_open] if state is None else [state]
    query = query.where(col(OrderRow.state).in_(states))
    if behind is not None:
        query = query.where(_place > tuple_(*behind))
    return (await session.exec(query.order_by(*_place.clauses).limit(limit))).all()


async def lock_due(session: AsyncSession, now: datetime, but: Collection[UUID] = ()) -> OrderRow | None:
    """An order that time moves, with its patient_id, and none of these; held until the transaction ends. One that
    somebody else holds is left out."""
    query = select(OrderRow).where(col(OrderRow.due_time) <= now).order_by(col(OrderRow.due_time)).limit(1)
    if but:
        query = query.where(col(OrderRow.order_id).not_in(but))
    return (await session.exec(query.with_for_update(skip_locked=True))).one_or_none()


async def lock_unpaid(session: AsyncSession, patient_id: UUID) -> Sequence[OrderRow]:
    """A patient's orders that nobody has paid; nobody else changes them until the transaction ends."""
    query = select(OrderRow).where(OrderRow.patient_id == patient_id, OrderRow.state == State.AWAITING_PAYMENT)
    return (await session.exec(query.order_by(col(OrderRow.order_id)).with_for_update())).all()


async def time_of(session: AsyncSession, row: OrderRow, act: Act) -> datetime | None:
    """When this last happened to an order."""
    query = select(func.max(OrderStepRow.time)).where(
        OrderStepRow.patient_id == row.patient_id, OrderStepRow.order_id == row.order_id, OrderStepRow.act == act
    )
    return (await session.exec(query)).one()


async def count_of(session: AsyncSession, row: OrderRow, act: Act) -> int:
    """How often this happened to an order."""
    query = select(func.count()).where(
        OrderStepRow.patient_id == row.patient_id, OrderStepRow.order_id == row.order_id, OrderStepRow.act == act
    )
    return (await session.exec(query)).one()


def move(
    session: AsyncSession, row: OrderRow, act: Act, actor_id: UUID | None, now: datetime, note: str
) -> OrderStepRow:
    """The order as it stands behind an act, and the step that tells of it. Errors: `WrongStateError`."""
    state = after(State(row.state), act)
    at = max(now, row.update_time + _TICK)  # though another machine's clock runs ahead
    row.state, row.update_time, row.last_sequence = state, at, row.last_sequence + 1
    row.due_time, row.end_time = due_time(state, at), None if state.is_open else at
    if act is Act.APPROVE:
        row.approved = True
    if not state.is_open:
        row.latitude = row.longitude = 0  # nobody is offered its delivery any more
    step = OrderStepRow(
        order_id=row.order_id,
        sequence=row.last_sequence,
        patient_id=row.patient_id,
        act=act,
        state=state,
        actor_id=actor_id,
        time=at,
        note=note,
    )
    session.add(step)
    return step
