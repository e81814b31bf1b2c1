"""Recovery codes."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.identity.store.tables import RecoveryCode


async def replace(session: AsyncSession, account_id: UUID, hashes: Sequence[bytes]) -> None:
    """Make these the account's codes; those of before no longer work."""
    await forget(session, account_id)
    session.add_all(
        RecoveryCode(account_id=account_id, number=number, code_hash=code_hash)
        for number, code_hash in enumerate(hashes)
    )


async def spend(session: AsyncSession, account_id: UUID, code_hash: bytes) -> bool:
    """Use a code up. Return False when the account has no such code, or no longer."""
    statement = delete(RecoveryCode).where(
        col(RecoveryCode.account_id) == account_id, col(RecoveryCode.code_hash) == code_hash
    )
    return (await session.exec(statement)).rowcount == 1


async def left(session: AsyncSession, account_id: UUID) -> int:
    """Return how many codes the account has."""
    statement = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.account_id == account_id)
    return (await session.exec(statement)).one()


async def forget(session: AsyncSession, account_id: UUID) -> None:
    """Delete the account's codes."""
    await session.exec(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id))
