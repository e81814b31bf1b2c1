"""The one-time secret of the first admin."""

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from services.identity.store.tables import AdminSecret


async def lock(session: AsyncSession) -> None:
    """Of several replicas at a first start, one at a time goes on from here."""
    await (await session.connection()).execute(text("lock table admin_secret in share row exclusive mode"))


async def locked(session: AsyncSession) -> AdminSecret | None:
    """The secret, for this transaction alone: of two who claim it, one is first."""
    return await session.get(AdminSecret, 1, with_for_update=True)
