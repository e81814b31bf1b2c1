"""Orders: found, locked, and moved from state to state. Each query names whose they are."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.domain.orders import Act, State, after, due_time
from services.pharmacy.store.order_tables import OrderRow, OrderStepRow

_TICK = timedelta(microseconds=1)


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
