"""What a supply can be refilled with: the prescription that may be filled again, and the order it came from."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from apricot.consult.v1.prescription_pb2 import PrescriptionContent
from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.domain.orders import State
from services.pharmacy.domain.prescriptions import NotValidError, UsedError, supply_days
from services.pharmacy.domain.prescriptions import State as PrescriptionState
from services.pharmacy.store import claims, prescriptions
from services.pharmacy.store.order_tables import OrderItemRow, OrderRow
from services.pharmacy.store.supply_tables import SupplyLotRow


@dataclass(frozen=True, slots=True)
class Refill:
    """A prescription that may be filled again."""

    prescription_id: UUID
    revision: int
    item: int
    """Which of its items, from 1 on."""
    repeats_left: int
    from_time: datetime
    """When it may be ordered: the supply before is nearly used."""


async def find_refill(session: AsyncSession, patient_id: UUID, atc_code: str, now: datetime) -> Refill | None:
    """From the prescription on which the medicine was last dispensed; None: it may not be filled again, or there is
    none."""
    last = (
        select(SupplyLotRow.prescription_id)
        .where(
            SupplyLotRow.patient_id == patient_id,
            SupplyLotRow.atc_code == atc_code,
            col(SupplyLotRow.prescription_id).is_not(None),
        )
        .order_by(col(SupplyLotRow.start_time).desc())
        .limit(1)
    )
    if (prescription_id := (await session.exec(last)).one_or_none()) is None:
        return None
    rows = await prescriptions.revisions(session, patient_id, prescription_id)
    if not rows or rows[-1].state != PrescriptionState.ISSUED:
        return None
    content = prescriptions.content_of(rows[-1])
    filled, first = await _dispensings(session, patient_id, prescription_id)
    course = timedelta(days=supply_days(prescriptions.lines_of(content)))
    if (first is None or now >= first + course) and not await _may_be_ordered(session, patient_id, content, now):
        return None
    from_time = await claims.next_time(session, patient_id, prescription_id)
    for number, item in enumerate(content.written.items, start=1):
        if item.atc_code == atc_code and filled <= item.repeats:
            return Refill(prescription_id, rows[-1].revision, number, item.repeats + 1 - filled, from_time or now)
    return None


async def _may_be_ordered(session: AsyncSession, patient_id: UUID, content: PrescriptionContent, now: datetime) -> bool:
    """Whether another dispensing may be ordered, now or when the last one is nearly used; also of what came back."""
    try:
        await claims.require_left(session, patient_id, content, now)
    except (NotValidError, UsedError):
        return False
    return True


async def _dispensings(session: AsyncSession, patient_id: UUID, prescription_id: UUID) -> tuple[int, datetime | None]:
    """How often the prescription was filled with what the patient kept, and when for the first time."""
    query = select(func.count(func.distinct(SupplyLotRow.order_id)), func.min(SupplyLotRow.start_time)).where(
        SupplyLotRow.patient_id == patient_id,
        SupplyLotRow.prescription_id == prescription_id,
        col(SupplyLotRow.end_time).is_(None),
    )
    count, first = (await session.exec(query)).one()
    return count, first


async def is_on_its_way(session: AsyncSession, patient_id: UUID, atc_code: str) -> bool:
    """Whether the patient has ordered more of it already."""
    query = (
        select(OrderRow.order_id)
        .join(OrderItemRow, col(OrderItemRow.order_id) == OrderRow.order_id)
        .where(
            OrderRow.patient_id == patient_id,
            OrderItemRow.atc_code == atc_code,
            col(OrderRow.state).in_([state for state in State if state.is_open and state is not State.RETURNING]),
        )
        .limit(1)
    )
    return (await session.exec(query)).first() is not None


async def last_order(session: AsyncSession, patient_id: UUID, atc_code: str) -> OrderRow | None:
    """The order by which the patient last got it."""
    query = (
        select(OrderRow)
        .join(SupplyLotRow, col(SupplyLotRow.order_id) == OrderRow.order_id)
        .where(
            OrderRow.patient_id == patient_id,
            SupplyLotRow.patient_id == patient_id,
            SupplyLotRow.atc_code == atc_code,
        )
        .order_by(col(SupplyLotRow.start_time).desc(), col(OrderRow.order_id))
        .limit(1)
    )
    return (await session.exec(query)).first()
