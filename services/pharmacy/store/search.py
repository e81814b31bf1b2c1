"""The search for products: a page of those that are wanted, in some order.

Without a place it is about products alone, by their codes; near one it is about offers. Where few products match, their
offers are gathered and put in order. Where many do, offers are read in the order of an index until the page is full.
Either way each product stands where its first offer by that order does, so that both find the same; how many is few is
a matter of speed alone.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

import asyncpg

from kit.database import Database
from kit.text_search import Token, condition_while_typing, has_fact
from services.pharmacy.store.documents import Fact, Field

_FEW = 2000
_RANK_SHIFT = 2**32
"""More than any price: rank and price in one number."""
_PLAN_EACH = "set local plan_cache_mode = force_custom_plan"
"""What is rare and what is common want different plans: never one for all words."""
_NOTHING = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted. What is empty does not narrow."""

    query: Sequence[Token] = ()
    otc_only: bool = False
    cold_chain_only: bool = False
    forms: Sequence[int] = ()
    atc_prefix: str = ""
    maximum_price_minor: int | None = None
    in_stock_on: date | None = None
    """Only offers that are in stock on that day."""

    def takes(self, price_minor: int, in_stock_until: date | None) -> bool:
        """Whether an offer is wanted."""
        in_stock = self.in_stock_on is None or (in_stock_until is not None and in_stock_until >= self.in_stock_on)
        return in_stock and (self.maximum_price_minor is None or price_minor <= self.maximum_price_minor)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a product stands among those of one part of an order."""

    rank: int
    """Of the pharmacy in the order's pharmacies; 0 where the order does not ask for pharmacies."""
    price_minor: int
    product_id: UUID


FIRST = Place(0, -1, _NOTHING)
"""Before everything."""


class Coded(NamedTuple):
    """Where a product stands among those of one part of an order that asks for no offers."""

    atc_code: str
    product_id: UUID


FIRST_CODED = Coded("", _NOTHING)
"""Before everything."""


@asynccontextmanager
async def searching(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """A connection on which every query of one search sees the same catalogue."""
    async with (
        database.connection() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        await connection.execute(_PLAN_EACH)
        yield connection


def parts(wanted: Wanted) -> list[str]:
    """The parts of the order by match, each as PostgreSQL's `tsquery`: what is named so, then what else is found."""
    if not wanted.query:
        return [everything(wanted)]
    named, found = (condition_while_typing(wanted.query, field) for field in (Field.NAME, Field.ALL))
    return [_with_facts(named, wanted), _with_facts(f"!({named}) & {found}", wanted)]


def everything(wanted: Wanted) -> str:
    """All that is found, as PostgreSQL's `tsquery`; empty: there is no condition."""
    return _with_facts(condition_while_typing(wanted.query, Field.ALL) if wanted.query else "", wanted)


async def by_code(connection: asyncpg.Connection, matches: str, behind: Coded, limit: int) -> list[Coded]:
    """At most so many behind a place, by their ATC codes, whoever sells them."""
    ask = _Asking()
    match = f"document @@ cast(cast({ask(matches)} as text) as tsquery)" if matches else "true"
    rows = await connection.fetch(
        f"select atc_code, product_id from product where {match} "  # noqa: S608  fixed words
        f"and (atc_code, product_id) > ({ask(behind.atc_code)}, {ask(behind.product_id)}) "
        f"order by atc_code, product_id limit {ask(limit)}",
        *ask.values,
    )
    return [Coded(*row) for row in rows]


async def by_price(
    connection: asyncpg.Connection, matches: str, wanted: Wanted, pharmacies: Sequence[UUID], behind: Place, limit: int
) -> list[Place]:
    """At most so many behind a place, by their lowest price at any of these pharmacies."""
    if (few := await _few(connection, matches)) is not None:
        return await _gather(connection, few, wanted, pharmacies, "0", behind, limit)
    ask = _Asking()
    near = ask(pharmacies)
    lowest = (
        f"(select min(price_minor) from offer as b where b.product_id = o.product_id "  # noqa: S608  fixed words
        f"and b.pharmacy_id = any({near}) and {_offered('b', wanted, ask)})"
    )
    return await _walk(connection, ask, f"any({near})", f"o.price_minor = {lowest}", matches, wanted, behind, limit)


async def by_pharmacy(
    connection: asyncpg.Connection, matches: str, wanted: Wanted, pharmacies: Sequence[UUID], behind: Place, limit: int
) -> list[Place]:
    """At most so many behind a place, by the first of these pharmacies that offers them, and there by their price."""
    if (few := await _few(connection, matches)) is not None:
        return await _gather(connection, few, wanted, pharmacies, "rank - 1", behind, limit)
    found: list[Place] = []
    for rank in range(behind.rank, len(pharmacies)):
        ask = _Asking()
        start, here = max(behind, Place(rank, -1, _NOTHING)), ask(pharmacies[rank])
        before = (  # to the planner every second offer is the first; that none is would make it read them all
            f"coalesce((select true from offer as b where b.product_id = o.product_id "  # noqa: S608  fixed words
            f"and b.pharmacy_id = any({ask(pharmacies[:rank])}) and {_offered('b', wanted, ask)} limit 1), false)"
        )
        left = limit - len(found)
        found += await _walk(connection, ask, here, f"not {before}", matches, wanted, start, left)
        if len(found) == limit:
            break
    return found


async def _gather(
    connection: asyncpg.Connection,
    products: Sequence[UUID],
    wanted: Wanted,
    pharmacies: Sequence[UUID],
    rank: str,
    behind: Place,
    limit: int,
) -> list[Place]:
    """All the offers of these products put in order; each product's rank is told by `rank`, the number of the
    pharmacy."""
    ask = _Asking()
    first = f"min(({rank}) * {_RANK_SHIFT} + price_minor)"
    key = f"({ask(behind.rank * _RANK_SHIFT + behind.price_minor)}, {ask(behind.product_id)})"
    rows = await connection.fetch(
        f"select product_id, {first} as key from offer as o "  # noqa: S608  fixed words
        f"join unnest(cast({ask(pharmacies)} as uuid[])) with ordinality as near (pharmacy_id, rank) "
        f"using (pharmacy_id) where product_id = any({ask(products)}) and {_offered('o', wanted, ask)} "
        f"group by product_id having ({first}, product_id) > {key} order by 2, 1 limit {ask(limit)}",
        *ask.values,
    )
    return [Place(row["key"] // _RANK_SHIFT, row["key"] % _RANK_SHIFT, row["product_id"]) for row in rows]


async def _walk(
    connection: asyncpg.Connection,
    ask: "_Asking",
    pharmacy: str,
    is_first: str,
    matches: str,
    wanted: Wanted,
    behind: Place,
    limit: int,
) -> list[Place]:
    """Offers read in the order of their price until enough are found that are the first of their products. What needs
    other rows are subqueries that PostgreSQL asks row by row, so that it has no other way than to walk."""
    match = "true"
    if matches:
        query = f"cast(cast({ask(matches)} as text) as tsquery)"
        match = f"(select document @@ {query} from product as p where p.product_id = o.product_id)"  # noqa: S608
    rows = await connection.fetch(
        f"select distinct o.price_minor, o.product_id from offer as o where o.pharmacy_id = {pharmacy} "  # noqa: S608
        f"and {_offered('o', wanted, ask)} and {match} and {is_first} "
        f"and (o.price_minor, o.product_id) > ({ask(behind.price_minor)}, {ask(behind.product_id)}) "
        f"order by o.price_minor, o.product_id limit {ask(limit)}",
        *ask.values,
    )
    return [Place(behind.rank, row["price_minor"], row["product_id"]) for row in rows]


class _Asking:
    """The values of a statement, each with its placeholder."""

    def __init__(self) -> None:
        self.values: list[object] = []

    def __call__(self, value: object) -> str:
        self.values.append(value)
        return f"${len(self.values)}"


async def _few(connection: asyncpg.Connection, matches: str) -> list[UUID] | None:
    """The products that match; None: they are many."""
    if not matches:
        return None
    rows = await connection.fetch(
        "select product_id from product where document @@ cast(cast($1 as text) as tsquery) limit $2",
        matches,
        _FEW + 1,
    )
    return None if len(rows) > _FEW else [row["product_id"] for row in rows]


def _offered(offer: str, wanted: Wanted, ask: _Asking) -> str:
    """The condition that an offer is wanted."""
    made = ["true"]
    if wanted.maximum_price_minor is not None:
        made.append(f"{offer}.price_minor <= {ask(wanted.maximum_price_minor)}")
    if wanted.in_stock_on is not None:
        made.append(f"{offer}.in_stock_until >= {ask(wanted.in_stock_on)}")
    return " and ".join(made)


def _with_facts(words: str, wanted: Wanted) -> str:
    facts = [
        has_fact(fact, values)
        for fact, values in (
            (Fact.OTC, [""] if wanted.otc_only else []),
            (Fact.COLD_CHAIN, [""] if wanted.cold_chain_only else []),
            (Fact.FORM, [str(form) for form in wanted.forms]),
            (Fact.GROUP, [wanted.atc_prefix] if wanted.atc_prefix else []),
        )
        if values
    ]
    return " & ".join([*([words] if words else []), *facts])
