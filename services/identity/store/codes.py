"""One-time codes."""

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.identity.domain import codes
from services.identity.store.tables import OneTimeCode


async def put(session: AsyncSession, code: OneTimeCode) -> None:
    """Make this the phone's one code."""
    statement = insert(OneTimeCode).values(**code.model_dump())
    statement = statement.on_conflict_do_update(
        index_elements=["phone"],
        set_={key: statement.excluded[key] for key in ("salt", "code_hash", "expire_time", "attempts")},
    )
    await session.exec(statement)


async def attempt(session: AsyncSession, phone: str, now: datetime) -> OneTimeCode | None:
    """The phone's live code with one attempt the less, or none. Commit it before the answer is known: then no number of
    calls at once makes more attempts."""
    statement = (
        update(OneTimeCode)
        .where(
            col(OneTimeCode.phone) == phone,
            col(OneTimeCode.expire_time) > now,
            col(OneTimeCode.attempts) < codes.ATTEMPTS,
        )
        .values(attempts=OneTimeCode.attempts + 1)
        .returning(OneTimeCode)
    )
    return (await session.exec(statement)).scalar_one_or_none()


async def spend(session: AsyncSession, code: OneTimeCode) -> bool:
    """Use a code up. False: somebody else was faster."""
    statement = delete(OneTimeCode).where(col(OneTimeCode.phone) == code.phone, col(OneTimeCode.salt) == code.salt)
    return (await session.exec(statement)).rowcount == 1
