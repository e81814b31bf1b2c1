"""Scans of certificates. Each query carries the licence."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import defer
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.identity.store.tables import LicenceScan


async def count(session: AsyncSession, licence_id: UUID) -> int:
    """Return how many scans a licence has."""
    statement = select(func.count()).select_from(LicenceScan).where(LicenceScan.licence_id == licence_id)
    return (await session.exec(statement)).one()


async def find(session: AsyncSession, licence_id: UUID, scan_id: UUID) -> LicenceScan | None:
    """Return a licence's scan with its content."""
    statement = select(LicenceScan).where(LicenceScan.licence_id == licence_id, LicenceScan.scan_id == scan_id)
    return (await session.exec(statement)).one_or_none()


async def of_licences(session: AsyncSession, licence_ids: Iterable[UUID]) -> Sequence[LicenceScan]:
    """Return the scans of licences without their content, oldest first."""
    statement = select(LicenceScan).where(col(LicenceScan.licence_id).in_(list(licence_ids)))
    statement = statement.order_by(col(LicenceScan.create_time), col(LicenceScan.scan_id))
    without_content = defer(LicenceScan.vaulted_content)  # type: ignore[arg-type]  # an attribute of the mapped class
    return (await session.exec(statement.options(without_content))).all()
