"""How many orders of whom wait for payment."""

from collections.abc import Collection
from uuid import UUID

import asyncpg

from services.pharmacy.domain.orders import State

_LOCK = """
select pg_advisory_xact_lock(hashtextextended('unpaid orders of patient_id ' || buyer, 0))
from unnest($1::text[]) as buyer
"""
_COUNT = f"""
select buyer, unpaid from unnest($1::uuid[]) as buyer cross join lateral (
  select count(*) as unpaid from medicine_order where patient_id = buyer and state = {int(State.AWAITING_PAYMENT)}
) as own
"""  # noqa: S608
"""A statement of its own: it sees what was committed while the locks were waited for."""


async def unpaid_of(connection: asyncpg.Connection, buyers: Collection[UUID]) -> dict[UUID, int]:
    """Of each buyer. Nobody else places an order of theirs until the transaction ends."""
    await connection.execute(_LOCK, sorted(map(str, buyers)))  # in one order, so that nobody waits in a circle
    return dict(await connection.fetch(_COUNT, buyers))
