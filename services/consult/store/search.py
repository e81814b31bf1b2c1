"""The search for doctors: what is wanted, as conditions of SQL, and a page of it in some order."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

import asyncpg

from kit.database import Database
from services.consult.domain.search import Fact, Field, Token, condition, has_fact
from services.consult.store.doctor_bodies import SHOWN
from services.consult.store.doctors import FEES

MOST_PHASES = 3
_MATCHES = "document @@ cast(cast({} as text) as tsquery)"
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
    """An order has one or more phases, each by a key of its own."""
    key: Key
    """None: the phase is by id alone."""
    doctor_id: UUID


@dataclass(frozen=True, slots=True)
class Found:
    """A doctor of a page."""

    place: Place
    row: asyncpg.Record


@dataclass(frozen=True, slots=True)
class Filters:
    """Who is wanted, at this instant. What is empty does not narrow."""

    now: datetime
    query: Sequence[Token] = ()
    matches: str = ""
    """The part of those whom the query finds, as `tsquery`; empty: all."""
    meant: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What a word of the query may have meant, where nobody has it."""
    department_code: str = ""
    hospital_id: UUID | None = None
    city: str = ""
    hospital_grades: Sequence[str] = ()
    modes: Sequence[int] = ()
    maximum_fee_minor: int | None = None
    minimum_rating: float = 0
    available_before: datetime | None = None
    language: str = ""


class Conditions:
    """Conditions that all hold, with the arguments of their placeholders."""

    def __init__(self, *first: str) -> None:
        self._all = list(first)
        self.arguments: list[Any] = []

    def add(self, sql: str, *values: object) -> None:
        """One more, with a pair of braces for each value."""
        self._all.append(sql.format(*map(self.argument, values)))

    def argument(self, value: object) -> str:
        """The placeholder of one more value."""
        self.arguments.append(value)
        return f"${len(self.arguments)}"

    def __str__(self) -> str:
        return " and ".join(self._all)


def conditions(wanted: Filters) -> Conditions:
    """Of the doctors who are found: listed, with a licence that lives, and as wanted."""
    made = Conditions("listed")
    made.add("licence_end_time > {}", wanted.now)
    if wanted.query:
        _add_matches(made, wanted)
    else:
        _add_choices(made, wanted)
    if wanted.maximum_fee_minor is not None:
        offers = [offer(made, column, wanted.maximum_fee_minor) for column in fee_columns(wanted.modes)]
        made.add(f"({' or '.join(offers)})")
    if wanted.minimum_rating:
        made.add("rating_average >= cast({} as real)", wanted.minimum_rating)
    if wanted.available_before:
        made.add("next_slot_time >= {} and next_slot_time < {}", wanted.now, wanted.available_before)
    return made


def _add_matches(made: Conditions, wanted: Filters) -> None:
    """Words and choices as one question to the index of words."""
    choices = {
        Fact.DEPARTMENT: [wanted.department_code] if wanted.department_code else [],
        Fact.HOSPITAL: [str(wanted.hospital_id)] if wanted.hospital_id else [],
        Fact.CITY: [wanted.city] if wanted.city else [],
        Fact.GRADE: wanted.hospital_grades,
        Fact.MODE: [str(mode) for mode in wanted.modes],
        Fact.LANGUAGE: [wanted.language] if wanted.language else [],
    }
    facts = [has_fact(fact, values) for fact, values in choices.items() if values]
    made.add(_MATCHES, " & ".join([wanted.matches or condition(wanted.query, Field.ALL, wanted.meant), *facts]))


def _add_choices(made: Conditions, wanted: Filters) -> None:
    """Without words, by columns."""
    if wanted.department_code:
        made.add("department_code = {}", wanted.department_code)
    if wanted.hospital_id:
        made.add("hospital_id = {}", wanted.hospital_id)
    if wanted.city:
        made.add("hospital_id in (select hospital_id from hospital where city = {})", wanted.city)
    if wanted.hospital_grades:
        made.add("hospital_id in (select hospital_id from hospital where grade = any({}))", wanted.hospital_grades)
    if wanted.modes:
        made.add(f"({' or '.join(offer(made, column, None) for column in fee_columns(wanted.modes))})")
    if wanted.language:
        made.add("{} = any(language_ranges)", wanted.language)


def fee_columns(modes: Sequence[int]) -> list[str]:
    """The fees of these modes; of none: the lowest of all."""
    return [FEES[mode] for mode in modes] or ["lowest_fee_minor"]


def offer(made: Conditions, column: str, maximum_fee_minor: int | None) -> str:
    """The condition that a doctor works in a mode, for no more than this."""
    if maximum_fee_minor is None:
        return f"{column} is not null"
    return f"{column} <= {made.argument(maximum_fee_minor)}"


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
