"""The search for doctors: a page of those who are wanted, in some order."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from uuid import UUID

import asyncpg

from kit.database import Database
from kit.text_search import condition
from services.consult.store.doctor_bodies import SHOWN
from services.consult.store.documents import Field
from services.consult.store.filters import Filters, conditions, fee_columns

MOST_PHASES = 3
"""Of an order, see `Place`."""
_PLAN_EACH = "set local plan_cache_mode = force_custom_plan"
"""What is rare and what is common want different plans: never one for all words."""


class Order(Enum):
    """As in the contract."""

    MATCH = 0
    RATING = 1
    PRICE = 2
    NEXT_SLOT = 3
    ANSWER_TIME = 4


type Key = float | int | datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """A doctor's place in an order."""

    phase: int
    """An order has one or more, one after the other, each by a key of its own."""
    key: Key
    """None: the phase is by id alone."""
    doctor_id: UUID


@dataclass(frozen=True, slots=True)
class Found:
    """A doctor of a page."""

    place: Place
    row: asyncpg.Record


@asynccontextmanager
async def searching(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """A connection on which every query of one search sees the same directory."""
    async with (
        database.connection() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        await connection.execute(_PLAN_EACH)
        yield connection


async def find_page(
    connection: asyncpg.Connection, wanted: Filters, order: Order, behind: Place | None, limit: int
) -> list[Found]:
    """At most so many doctors behind a place, in their order."""
    found: list[Found] = []
    phases = _phases(wanted, order)
    for number in range(behind.phase if behind else 0, len(phases)):
        place = behind if behind and behind.phase == number else None
        found += await _find_in(connection, wanted, number, phases[number], place, limit - len(found))
        if len(found) == limit:
            break
    return found


@dataclass(frozen=True, slots=True)
class _Phase:
    """A part of an order: who belongs to it, and by what they stand in it."""

    key: str
    """Empty: by id alone."""
    kind: str = ""
    """Its type."""
    descending: bool = False
    belongs: tuple[str, Sequence[object]] | None = None
    """A condition; None: everybody."""
    matches: str = ""
    """See `Filters`."""


async def _find_in(
    connection: asyncpg.Connection, wanted: Filters, number: int, phase: _Phase, behind: Place | None, limit: int
) -> list[Found]:
    made = conditions(replace(wanted, matches=phase.matches))
    if phase.belongs:
        condition_of, values = phase.belongs
        made.add(condition_of, *values)
    direction, compare = ("desc", "<") if phase.descending else ("asc", ">")
    if behind and phase.key:
        made.add(f"({phase.key}, doctor_id) {compare} (cast({{}} as {phase.kind}), {{}})", behind.key, behind.doctor_id)
    elif behind:
        made.add(f"doctor_id {compare} {{}}", behind.doctor_id)
    order = ", ".join(f"{part} {direction}" for part in (phase.key, "doctor_id") if part)
    rows = await connection.fetch(
        f"select {SHOWN}, key from (select *, {phase.key or 'null'} as key from doctor "  # noqa: S608  fixed words
        f"where {made} order by {order} limit {made.argument(limit)}) as doctor left join hospital using (hospital_id) "
        f"order by key {direction}, doctor_id {direction}",
        *made.arguments,
    )
    return [Found(Place(number, row["key"], row["doctor_id"]), row) for row in rows]


def _phases(wanted: Filters, order: Order) -> list[_Phase]:
    rating = _Phase("rating_average", "real", descending=True)
    match order:
        case Order.MATCH if wanted.query:
            name, work, everything = (condition(wanted.query, part, wanted.meant) for part in Field)
            closest = name, f"{work} & !({name})", f"{everything} & !({work})"
            return [replace(rating, matches=matches) for matches in closest]
        case Order.MATCH | Order.RATING:
            return [rating]
        case Order.PRICE:
            columns = fee_columns(wanted.modes)
            return _known_first(columns[0] if len(columns) == 1 else f"least({', '.join(columns)})", "bigint")
        case Order.NEXT_SLOT:
            return [
                _Phase("next_slot_time", "timestamptz", belongs=("next_slot_time >= {}", (wanted.now,))),
                _Phase("", belongs=("(next_slot_time is null or next_slot_time < {})", (wanted.now,))),
            ]
        case Order.ANSWER_TIME:
            return _known_first("answer_minutes", "real")


def _known_first(key: str, kind: str) -> list[_Phase]:
    """By a key that not everybody has."""
    return [_Phase(key, kind, belongs=(f"{key} is not null", ())), _Phase("", belongs=(f"{key} is null", ()))]
