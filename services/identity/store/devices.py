"""Devices that take push messages."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.identity.store.tables import Device


async def page(session: AsyncSession, account_id: UUID, after: UUID | None, size: int) -> Sequence[Device]:
    """Return an account's devices, newest first."""
    key = tuple_(col(Device.create_time), col(Device.device_id))
    statement = (
        select(Device)
        .where(Device.account_id == account_id)
        .order_by(col(Device.create_time).desc(), col(Device.device_id).desc())
        .limit(size)
    )
    if after is not None:
        last = select(col(Device.create_time), col(Device.device_id)).where(Device.device_id == after)
        statement = statement.where(key < last.scalar_subquery())
    return (await session.exec(statement)).all()


async def remove(session: AsyncSession, account_id: UUID, device_id: UUID) -> bool:
    """Remove an account's device. Return False when it has no such one."""
    statement = delete(Device).where(col(Device.account_id) == account_id, col(Device.device_id) == device_id)
    return (await session.exec(statement)).rowcount == 1
