"""One-time codes."""

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.sealed import keys_of
from services.identity.domain import codes
from services.identity.domain.indexed import Indexed
from services.identity.store.tables import OneTimeCode


async def put(session: AsyncSession, phone: Indexed, *, salt: bytes, code_hash: bytes, expire_time: datetime) -> None:
    """Make this the phone's one code."""
    key, other_key = _keys(session, phone)
    new = OneTimeCode(phone=key, salt=salt, code_hash=code_hash, expire_time=expire_time, attempts=0)
    statement = insert(OneTimeCode).values(**new.model_dump())
    statement = statement.on_conflict_do_update(
        index_elements=["phone"],
        set_={key: statement.excluded[key] for key in ("salt", "code_hash", "expire_time", "attempts")},
    )
    replaced = delete(OneTimeCode).where(col(OneTimeCode.phone) == other_key)
    await session.exec(statement.add_cte(replaced.cte("replaced")))


async def attempt(session: AsyncSession, phone: Indexed, now: datetime) -> OneTimeCode | None:
    """The phone's live code with one attempt the less, or none. Commit it before the answer is known: then no number of
    calls at once makes more attempts."""
    statement = (
        update(OneTimeCode)
        .where(
            col(OneTimeCode.phone).in_(_keys(session, phone)),
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


async def forget(session: AsyncSession, phone: Indexed) -> None:
    """Delete the phone's code."""
    await session.exec(delete(OneTimeCode).where(col(OneTimeCode.phone).in_(_keys(session, phone))))


def _keys(session: AsyncSession, phone: Indexed) -> tuple[str, str]:
    """By what the phone's code is kept; and by what beside this process, while keys begin or cease to seal."""
    hidden = phone.index.hex()
    return (hidden, phone.value) if keys_of(session).first else (phone.value, hidden)
