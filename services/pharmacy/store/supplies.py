"""What patients have of each medicine."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import delete, func, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from formulary.amounts import Amount
from kit.views import END
from services.pharmacy.domain.supply import Lot, Outlook, State
from services.pharmacy.store.deleted_accounts import is_deleted
from services.pharmacy.store.dispensed import lot_of
from services.pharmacy.store.order_tables import OrderRow
from services.pharmacy.store.orders import items_of
from services.pharmacy.store.supply_tables import SupplyLotRow, SupplyRow

LOOK_BACK = timedelta(days=360)
"""What was dispensed before has been used, or is too old."""


async def add(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """The patient has so much more; each supply is looked at now, and reminders begin anew. Nobody looks at those of
    an account that is gone."""
    due_time = None if await is_deleted(session, row.patient_id) else now
    for item in await items_of(session, row):
        session.add(await lot_of(session, row, item, now))
        fresh = {"name_zh": item.name_zh, "name_en": item.name_en, "due_time": due_time, "remind_time": None}
        statement = insert(SupplyRow).values(
            patient_id=row.patient_id, atc_code=item.atc_code, fell_behind=False, **fresh
        )
        await session.exec(statement.on_conflict_do_update(index_elements=["patient_id", "atc_code"], set_=fresh))
    await session.flush()


async def remove(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """The patient gave it back; what is left of each supply is looked at now."""
    lots = update(SupplyLotRow).where(
        col(SupplyLotRow.patient_id) == row.patient_id, col(SupplyLotRow.order_id) == row.order_id
    )
    await session.exec(lots.values(end_time=now))
    codes = [item.atc_code for item in await items_of(session, row)]
    supplies = update(SupplyRow).where(col(SupplyRow.patient_id) == row.patient_id, col(SupplyRow.atc_code).in_(codes))
    await session.exec(supplies.values(due_time=now))


async def lots_of(session: AsyncSession, patient_id: UUID, atc_code: str, now: datetime) -> Sequence[SupplyLotRow]:
    """What the patient has of a medicine, the oldest first."""
    query = select(SupplyLotRow).where(
        SupplyLotRow.patient_id == patient_id,
        SupplyLotRow.atc_code == atc_code,
        col(SupplyLotRow.end_time).is_(None),
        SupplyLotRow.start_time > now - LOOK_BACK,
    )
    order = SupplyLotRow.start_time, SupplyLotRow.order_id, SupplyLotRow.line
    return (await session.exec(query.order_by(*map(col, order)))).all()


async def page_of(
    session: AsyncSession, patient_id: UUID, behind: tuple[datetime, str] | None, most: int
) -> Sequence[SupplyRow]:
    """A patient's supplies, the first to run out first; those of which that is not known last."""
    key = func.coalesce(SupplyRow.run_out_time, END), col(SupplyRow.atc_code)
    query = select(SupplyRow).where(SupplyRow.patient_id == patient_id).order_by(*key).limit(most)
    if behind is not None:
        query = query.where(tuple_(*key) > behind)
    return (await session.exec(query)).all()


def lot(row: SupplyLotRow) -> Lot:
    """As the rules look at it. What nobody knows the amount of has a unit that nothing else has."""
    amount = Amount(row.amount, row.unit) if row.amount is not None else Amount(Decimal(0), "")
    strength = Amount(row.strength, row.strength_unit) if row.strength is not None else None
    return Lot(row.start_time, amount, strength, row.daily)


def note(row: SupplyRow, outlook: Outlook, now: datetime) -> None:
    """How a supply was found. When it was first seen to have run out stays."""
    had_run_out = row.run_out_time is not None and row.run_out_time <= now
    if not (had_run_out and outlook.state(now) is State.RAN_OUT):
        row.run_out_time = outlook.run_out_time
    row.basis, row.fell_behind, row.look_time = outlook.basis, outlook.fell_behind, now


async def claim_due(session: AsyncSession, now: datetime) -> Sequence[SupplyRow]:
    """The supplies of one patient_id whose time has come, held until the transaction ends; what another worker holds is
    left out."""
    due = select(SupplyRow).where(col(SupplyRow.due_time) <= now)
    first = (
        await session.exec(due.order_by(col(SupplyRow.due_time)).limit(1).with_for_update(skip_locked=True))
    ).first()
    if first is None:
        return []
    of_patient = due.where(SupplyRow.patient_id == first.patient_id).order_by(col(SupplyRow.atc_code))
    return (await session.exec(of_patient.with_for_update(skip_locked=True))).all()


async def drop(session: AsyncSession, patient_id: UUID, atc_code: str) -> None:
    """The patient has none of it any more."""
    await session.exec(
        delete(SupplyRow).where(col(SupplyRow.patient_id) == patient_id, col(SupplyRow.atc_code) == atc_code)
    )


async def codes_of(session: AsyncSession, patient_id: UUID) -> Sequence[str]:
    """The medicines that the patient has."""
    return (await session.exec(select(SupplyRow.atc_code).where(SupplyRow.patient_id == patient_id))).all()


async def look_no_more(session: AsyncSession, patient_id: UUID) -> None:
    """Nobody looks at the patient's supplies any more."""
    await session.exec(update(SupplyRow).where(col(SupplyRow.patient_id) == patient_id).values(due_time=None))
