"""Signing keys."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.identity.store.tables import SigningKey


async def all_of_them(session: AsyncSession) -> Sequence[SigningKey]:
    """Every key there is, old and to come."""
    return (await session.exec(select(SigningKey))).all()


async def all_locked(session: AsyncSession) -> Sequence[SigningKey]:
    """The same, and nobody else makes one until this transaction ends."""
    await (await session.connection()).execute(text("lock table signing_key in share row exclusive mode"))
    return await all_of_them(session)
