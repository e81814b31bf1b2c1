"""What prescribers were warned of."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.store.supply_tables import SupplyLotRow, SupplyRow, SupplyWarningRow


async def kinds_warned(session: AsyncSession, row: SupplyRow, lot_time: datetime) -> Sequence[int]:
    """What was warned of since this delivery."""
    query = select(SupplyWarningRow.kind).where(
        SupplyWarningRow.patient_id == row.patient_id,
        SupplyWarningRow.atc_code == row.atc_code,
        SupplyWarningRow.lot_time == lot_time,
    )
    return (await session.exec(query)).all()


def new(row: SupplyRow, clinician_id: UUID, kind: int, lot_time: datetime, now: datetime) -> SupplyWarningRow:
    """A warning about a supply."""
    return SupplyWarningRow(
        warning_id=uuid4(),
        patient_id=row.patient_id,
        clinician_id=clinician_id,
        atc_code=row.atc_code,
        name_zh=row.name_zh,
        name_en=row.name_en,
        kind=kind,
        lot_time=lot_time,
        create_time=now,
    )


async def page_of(
    session: AsyncSession, clinician_id: UUID, behind: tuple[datetime, UUID] | None, most: int, *, open_only: bool
) -> Sequence[SupplyWarningRow]:
    """A clinician's, the newest first; each names its patient_id. Open are those that were not acknowledged, and since
    which nothing was delivered."""
    query = select(SupplyWarningRow).where(SupplyWarningRow.clinician_id == clinician_id)
    key = tuple_(col(SupplyWarningRow.create_time), col(SupplyWarningRow.warning_id))
    if open_only:
        later = select(SupplyLotRow.order_id).where(
            SupplyLotRow.patient_id == SupplyWarningRow.patient_id,
            SupplyLotRow.atc_code == SupplyWarningRow.atc_code,
            SupplyLotRow.start_time > SupplyWarningRow.lot_time,
            col(SupplyLotRow.end_time).is_(None),
        )
        query = query.where(col(SupplyWarningRow.acknowledge_time).is_(None), ~later.exists())
    if behind is not None:
        query = query.where(key < behind)
    order = col(SupplyWarningRow.create_time).desc(), col(SupplyWarningRow.warning_id).desc()
    return (await session.exec(query.order_by(*order).limit(most))).all()


async def lock(session: AsyncSession, clinician_id: UUID, warning_id: UUID) -> SupplyWarningRow | None:
    """A clinician's warning; it names its patient_id."""
    query = select(SupplyWarningRow).where(
        SupplyWarningRow.warning_id == warning_id, SupplyWarningRow.clinician_id == clinician_id
    )
    return (await session.exec(query.with_for_update())).one_or_none()
