"""What providers say that does not fit."""

from collections.abc import Sequence
from enum import IntEnum

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.store.payment_tables import DisputeRow


class Kind(IntEnum):
    """What does not fit, numbered as in the contract."""

    UNKNOWN = 1
    WRONG_PROVIDER = 2
    AMOUNT = 3
    CURRENCY = 4
    CONTRADICTION = 5
    REFUND_FAILED = 6


async def add(session: AsyncSession, row: DisputeRow) -> bool:
    """Keep it for an operator; whether it is new. The same said again is one."""
    values = row.model_dump(exclude={"dispute_id"})
    statement = insert(DisputeRow).values(values).on_conflict_do_nothing().returning(col(DisputeRow.dispute_id))
    return (await (await session.connection()).execute(statement)).one_or_none() is not None


async def newest(session: AsyncSession, before: int | None, limit: int) -> Sequence[DisputeRow]:
    """Newest first, those older than one."""
    query = select(DisputeRow).order_by(col(DisputeRow.dispute_id).desc()).limit(limit)
    return (await session.exec(query if before is None else query.where(col(DisputeRow.dispute_id) < before))).all()
