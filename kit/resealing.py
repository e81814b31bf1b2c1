"""Sealed anew: what an older key, or none, has sealed is sealed by the first key, beside everything else that goes on.

Each table is walked in the order of its primary key, some rows at a time, so that whoever is killed loses one step. A
process of the time before may still have written with the older key behind the walk; so a table is done only once a
whole walk, begun well after the first one, found nothing to do. Then no row needs the older key any more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

import sqlmodel
import structlog
from cryptography.exceptions import InvalidTag
from prometheus_client import Counter, Gauge
from sqlalchemy import (
    ColumnElement,
    DateTime,
    Table,
    and_,
    case,
    func,
    literal,
    select,
    text,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Column, Field, SQLModel, Text, col
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.clock import Clock
from kit.database import Database
from kit.figures import Figure
from kit.retention import WORKING
from kit.rounds import every
from kit.sealed import Sealed
from kit.sealing import SealingKeys, UnknownKeyError

log = structlog.get_logger()

RESEALED = Counter("apricot_resealed_values", "Values that were sealed anew by the first key.")
FIGURE = Figure(
    Gauge("apricot_resealing_tables", "Tables that may still hold values under another key than the first, or none."),
    "select count(*) from resealing where done_time is null",
)
SETTLED = timedelta(hours=1)
"""After so long nobody writes with the keys of before: a rollout takes less."""
_EVERY_SECONDS = 30.0
_ROWS = 500
_LOCK_WAIT = "200ms"
"""Shorter than PostgreSQL waits before it looks for a deadlock: it is never somebody's call that has to give way."""
_HELD = {"55P03", "40P01"}
"""PostgreSQL's codes: a lock could not be had; a deadlock."""
_SETTING = "apricot.resealing"
"""Of a transaction that does nothing else: triggers that refuse changes let it pass."""


class ResealingRow(SQLModel, table=True):
    """How far a table's values are sealed by the first key."""

    __tablename__ = "resealing"
    __retention__ = WORKING

    table_name: str = Field(sa_column=Column(Text, primary_key=True))
    key_name: str = Field(sa_column=Column(Text, nullable=False))
    """The first key."""
    begin_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    """When it was first walked for this key."""
    walk_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    """When the present walk began, or is to begin."""
    position: list[str] | None = Field(default=None, sa_column=Column(ARRAY(Text)))
    """The primary key of the last row that the present walk has seen; None: none yet."""
    found: int = 0
    """How many rows the present walk found that were not sealed so."""
    done_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


TABLE = """
create table resealing (
  table_name text primary key, key_name text not null, begin_time timestamptz not null, walk_time timestamptz not null,
  position text[], found integer not null, done_time timestamptz
)
"""
"""For a service's migration."""


class Resealing:
    """Walks a service's tables. Any number of processes share the work."""

    def __init__(self, database: Database, clock: Clock, tables: ModuleType) -> None:
        """Of a service's tables, those with sealed columns."""
        self._database = database
        self._clock = clock
        found = [vars(vars(tables)[name])["__table__"] for name in tables.__all__]
        self._tables: dict[str, Table] = {table.name: table for table in found if sealed_columns(table)}

    async def run(self) -> None:
        """Until cancelled."""
        await every(_EVERY_SECONDS, self.walk_all, "the sealing anew")

    async def walk_all(self) -> None:
        """Every table that is due, to its end."""
        if self._database.sealing.first:
            await self._begin()
            for name in self._tables:
                await self._walk(name)

    async def _begin(self) -> None:
        """With another first key, everything is to be walked."""
        now, key = self._clock(), self._database.sealing.first
        rows = [{"table_name": name, "key_name": key, "begin_time": now, "walk_time": now} for name in self._tables]
        new = insert(ResealingRow).values(rows)
        fresh = {name: new.excluded[name] for name in ("key_name", "begin_time", "walk_time", "position", "done_time")}
        changed = col(ResealingRow.key_name) != new.excluded.key_name
        async with self._database.transaction() as session:
            await (await session.connection()).execute(
                new.on_conflict_do_update(index_elements=["table_name"], set_=fresh | {"found": 0}, where=changed)
            )

    async def _walk(self, name: str) -> None:
        """To its end, or to a row that somebody holds: whoever works goes before."""
        try:
            while await self._step(name):
                pass
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _HELD:
                raise
            log.info("a row is in use, sealed anew later", table=name)

    async def _step(self, name: str) -> bool:
        """Some rows; whether to go on at once. Of several processes the first one goes."""
        async with self._database.transaction() as session:
            walk = await self._due(session, name)
            if walk is None:
                return False
            connection, table, keys = await session.connection(), self._tables[name], self._database.sealing
            rows = await _next_rows(connection, table, walk.position, keys)
            if rows:
                walk.found += await _seal(connection, table, rows, keys)
                walk.position = [str(value) for value in rows[-1].primary]
            else:
                self._end(walk)
            return bool(rows)

    async def _due(self, session: AsyncSession, name: str) -> ResealingRow | None:
        query = sqlmodel.select(ResealingRow).where(
            col(ResealingRow.table_name) == name,
            col(ResealingRow.key_name) == self._database.sealing.first,
            col(ResealingRow.done_time).is_(None),
            col(ResealingRow.walk_time) <= self._clock(),
        )
        return (await session.exec(query.with_for_update(skip_locked=True))).one_or_none()

    def _end(self, walk: ResealingRow) -> None:
        now = self._clock()
        if walk.found == 0 and walk.walk_time >= walk.begin_time + SETTLED:
            walk.done_time = now
            log.info("sealed by the first key", table=walk.table_name, key=walk.key_name)
        else:
            walk.walk_time = max(now, walk.begin_time + SETTLED)
        walk.position, walk.found = None, 0


@dataclass(frozen=True)
class _Row:
    primary: tuple[Any, ...]
    unsealed: dict[str, Any]
    """By column, the values as they are kept that the first key has not sealed."""


def sealed_columns(table: Table) -> dict[str, Sealed[Any]]:
    """Those whose values are sealed, by name."""
    return {column.name: column.type for column in table.columns if isinstance(column.type, Sealed)}


def resealed(*columns: str) -> str:
    """For a migration's trigger that refuses changes: a condition by which nothing but the seal of these changes."""
    names = ", ".join(f"'{name}'" for name in columns)
    same = f"to_jsonb(new) - array[{names}] = to_jsonb(old) - array[{names}]"
    return f"(coalesce(current_setting('{_SETTING}', true), '') = 'on' and {same})"


async def _next_rows(
    connection: AsyncConnection, table: Table, position: list[str] | None, keys: SealingKeys
) -> list[_Row]:
    """Of those behind the position, in the order of the primary key."""
    primary, sealed = list(table.primary_key.columns), sealed_columns(table)
    unsealed = [_unsealed(table, name, keys) for name in sealed]
    query = select(*primary, *unsealed).order_by(*primary).limit(_ROWS)
    if position is not None:
        last = [
            literal(column.type.python_type(value), column.type)
            for column, value in zip(primary, position, strict=True)
        ]
        query = query.where(tuple_(*primary) > tuple_(*last))
    return [_row(row, len(primary), sealed) for row in await connection.execute(query)]


def _row(row: Sequence[Any], primary: int, sealed: Iterable[str]) -> _Row:
    kept = zip(sealed, row[primary:], strict=True)
    return _Row(tuple(row[:primary]), {name: value for name, value in kept if value is not None})


def _raw(table: Table, name: str) -> ColumnElement[Any]:
    return type_coerce(table.columns[name], sealed_columns(table)[name].impl_instance)


def _unsealed(table: Table, name: str, keys: SealingKeys) -> ColumnElement[Any]:
    """The value as it is kept; none where the first key has sealed it, or nothing is in it."""
    raw, prefix = _raw(table, name), sealed_columns(table)[name].prefix(keys)
    begin = func.substr(raw, 1, len(prefix), type_=raw.type)
    return case((and_(func.length(raw) > 0, begin != prefix), raw), else_=None)


async def _seal(connection: AsyncConnection, table: Table, rows: Sequence[_Row], keys: SealingKeys) -> int:
    """How many of the rows were not sealed by the first key. One that is changed at this instant stays as it is."""
    await connection.execute(
        text("select set_config(:name, 'on', true), set_config('lock_timeout', :wait, true)"),
        {"name": _SETTING, "wait": _LOCK_WAIT},
    )
    found = [row for row in rows if row.unsealed]
    for row in found:
        opened = {name: value for name, kept in row.unsealed.items() if (value := _open(table, name, kept, keys))}
        if opened:
            same = [column == value for column, value in zip(table.primary_key.columns, row.primary, strict=True)]
            same += [_raw(table, name) == row.unsealed[name] for name in opened]
            await connection.execute(update(table).where(*same).values(opened))
            RESEALED.inc(len(opened))
    return len(found)


def _open(table: Table, name: str, kept: Any, keys: SealingKeys) -> Any:
    try:
        return sealed_columns(table)[name].open(keys, kept)
    except (UnknownKeyError, InvalidTag, ValueError) as error:  # the last of what was cut off
        log.error("a sealed value does not open", table=table.name, column=name, error=type(error).__name__)
        return None
