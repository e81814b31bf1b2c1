"""Queries on the places of slots."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from services.consult.domain.appointments import SlotFullError

_TAKE = text(
    "update seat set holder_id = :holder where slot_id = :slot and number = ("
    " select number from seat where slot_id = :slot and holder_id is null order by number limit 1"
    " for update skip locked) returning number, not exists ("
    " select from seat other where other.slot_id = :slot and other.number <> seat.number and other.holder_id is null)"
)
_IS_FREE = text("select exists (select from seat where slot_id = :slot and holder_id is null)")
_WAIT = text("select number from seat where slot_id = :slot and holder_id is null order by number limit 1 for update")
_HAND_OVER = text("update seat set holder_id = :holder where slot_id = :slot and holder_id = :former returning number")
_GIVE_BACK = text("update seat set holder_id = null where holder_id = :holder")


class Taken(NamedTuple):
    """A place that was free."""

    number: int
    is_last: bool
    """No other one is free, as far as is committed."""


async def take_seat(session: AsyncSession, slot: UUID, holder: UUID) -> Taken:
    """A free place. While others are about to take the last ones, waits for what becomes of that: one of them may fail.
    Errors: `SlotFullError`."""
    connection = await session.connection()
    wanted = {"slot": slot, "holder": holder}
    while (row := (await connection.execute(_TAKE, wanted)).one_or_none()) is None:
        if not (await connection.execute(_IS_FREE, {"slot": slot})).scalar_one():
            raise SlotFullError("no place is left")
        await connection.execute(_WAIT, {"slot": slot})
    return Taken(*row)


async def hand_over(session: AsyncSession, slot: UUID, former: UUID, holder: UUID) -> int:
    """The place that one holds goes to another; its number."""
    parameters = {"slot": slot, "former": former, "holder": holder}
    number: int = (await (await session.connection()).execute(_HAND_OVER, parameters)).scalar_one()
    return number


async def give_back(session: AsyncSession, holder: UUID) -> None:
    """The place that this one holds is free again."""
    await (await session.connection()).execute(_GIVE_BACK, {"holder": holder})
