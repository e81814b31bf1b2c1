"""The search for products: a page of those that are wanted, in some order.

Where few products match, their offers are gathered and put in order. Where many do, offers are read in the order of an
index until the page is full. Either way each product stands where its first offer by that order does, so that both find
the same; how many is few is a matter of speed alone.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from kit.database import Database
from kit.text_search import Token, condition, has_fact
from services.pharmacy.store.documents import Fact, Field

_FEW = 1000
_STEPS = 4
"""So many offers are read for each product that is still wanted: most are not the first of their product."""
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
    named = condition(wanted.query, Field.NAME)
    return [_with_facts(named, wanted), _with_facts(f"!({named}) & {condition(wanted.query, Field.ALL)}", wanted)]


def everything(wanted: Wanted) -> str:
    """All that is found, as PostgreSQL's `tsquery`; empty: there is no condition."""
    return _with_facts(condition(wanted.query, Field.ALL), wanted)


async def by_price(
    connection: asyncpg.Connection, matches: str, wanted: Wanted, pharmacies: Sequence[UUID], behind: Place, limit: int
) -> list[Place]:
    """At most so many behind a place, by their lowest price at any of these pharmacies."""
    search = _Search(connection, matches, wanted, pharmacies, "0")
    if (few := await _few(connection, matches)) is not None:
        return _page(await search.first_places(few), behind, limit)
    return await search.walk(pharmacies, behind, limit)


async def by_pharmacy(
    connection: asyncpg.Connection, matches: str, wanted: Wanted, pharmacies: Sequence[UUID], behind: Place, limit: int
) -> list[Place]:
    """At most so many behind a place, by the first of these pharmacies that offers them, and there by their price."""
    search = _Search(connection, matches, wanted, pharmacies, "rank - 1")
    if (few := await _few(connection, matches)) is not None:
        return _page(await search.first_places(few), behind, limit)
    found: list[Place] = []
    for rank in range(behind.rank, len(pharmacies)):
        start = max(behind, Place(rank, -1, _NOTHING))
        found += await search.walk([pharmacies[rank]], start, limit - len(found))
        if len(found) == limit:
            break
    return found


def _page(places: Iterable[Place], behind: Place, limit: int) -> list[Place]:
    return sorted(place for place in places if place > behind)[:limit]


@dataclass(frozen=True, slots=True)
class _Search:
    """What is wanted, and where."""

    connection: asyncpg.Connection
    matches: str
    wanted: Wanted
    pharmacies: Sequence[UUID]
    """All of them, in their order."""
    rank: str
    """A place's rank, of `rank`, the number of the offer's pharmacy from 1 on."""

    async def first_places(self, products: Sequence[UUID]) -> list[Place]:
        """Where each of these products stands: at the first of its offers."""
        ask = _Asking()
        rows = await self.connection.fetch(
            f"select product_id, min(({self.rank}) * {_RANK_SHIFT} + price_minor) as key from offer as o "  # noqa: S608
            f"join unnest(cast({ask(self.pharmacies)} as uuid[])) with ordinality as near (pharmacy_id, rank) "
            f"using (pharmacy_id) where product_id = any({ask(products)}) and {_offered(self.wanted, ask)} "
            "group by product_id",
            *ask.values,
        )
        return [Place(row["key"] // _RANK_SHIFT, row["key"] % _RANK_SHIFT, row["product_id"]) for row in rows]

    async def walk(self, pharmacies: Sequence[UUID], behind: Place, limit: int) -> list[Place]:
        """At most so many behind a place: of the offers of these pharmacies, in the order of their price, those that
        are the first of their products."""
        found: list[Place] = []
        while len(found) < limit:
            offers = await self._offers(pharmacies, behind, _STEPS * limit)
            first = {*await self.first_places([place.product_id for place in offers])}
            found += [place for place in offers if place in first]
            if len(offers) < _STEPS * limit:
                break
            behind = offers[-1]
        return found[:limit]

    async def _offers(self, pharmacies: Sequence[UUID], behind: Place, limit: int) -> list[Place]:
        """Where offers stand by their price, each place once."""
        ask = _Asking()
        rows = await self.connection.fetch(
            f"select distinct o.price_minor, o.product_id from offer as o join product as p using (product_id) "  # noqa: S608
            f"where o.pharmacy_id = any({ask(pharmacies)}) and {_offered(self.wanted, ask)} "
            f"and {_matching(self.matches, ask)} "
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


def _offered(wanted: Wanted, ask: _Asking) -> str:
    """The condition that an offer is wanted."""
    made = ["true"]
    if wanted.maximum_price_minor is not None:
        made.append(f"o.price_minor <= {ask(wanted.maximum_price_minor)}")
    if wanted.in_stock_on is not None:
        made.append(f"o.in_stock_until >= {ask(wanted.in_stock_on)}")
    return " and ".join(made)


def _matching(matches: str, ask: _Asking) -> str:
    """The condition that a product matches."""
    return f"p.document @@ cast(cast({ask(matches)} as text) as tsquery)" if matches else "true"


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
