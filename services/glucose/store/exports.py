"""Everything that glucose keeps of one patient, page by page: an export of any length needs the memory of one page."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel, col, select

from kit.database import Database
from kit.resealing import sealed_columns
from kit.sealing import SealingKeys
from services.glucose.store.lists import EntryList, Listed, Opening, list_entries
from services.glucose.store.tables import PhotoRow

_PAGE = 100
"""As many as become text in some milliseconds: the process has watchers to serve meanwhile."""
_FETCHED = 300


@dataclass(frozen=True)
class Table:
    """A table of contract messages, one `body` a row."""

    name: str
    key: tuple[str, ...]
    """What names a row of one patient."""
    beside: tuple[str, ...] = ()
    """Columns that tell what the body does not."""
    condition: str = "true"
    """Which rows."""


async def bodies(database: Database, patient: UUID, table: Table) -> AsyncIterator[Sequence[Any]]:
    """The rows of the patient's, in pages: each with its `body` and the columns beside it."""
    key = ", ".join(table.key)
    columns = ", ".join(dict.fromkeys((*table.key, *table.beside, "body")))
    behind: tuple[Any, ...] = ()
    while True:
        places = ", ".join(f"${number}" for number in range(2, 2 + len(behind)))
        further = f" and ({key}) > ({places})" if behind else ""
        async with database.connection() as connection:
            rows = await connection.fetch(
                f"select {columns} from {table.name} where patient_id = $1 and {table.condition}{further} "  # noqa: S608  fixed words and placeholders
                f"order by {key} limit {_PAGE}",
                patient,
                *behind,
            )
        if not rows:
            return
        yield [dict(row) | _opened(database.sealing, table, row) for row in rows]
        behind = tuple(rows[-1][column] for column in table.key)


def _opened(keys: SealingKeys, table: Table, row: Any) -> dict[str, Any]:
    """The sealed columns of a row."""
    sealed = sealed_columns(SQLModel.metadata.tables[table.name])
    return {name: column.open(keys, row[name]) for name, column in sealed.items()}


async def entries_by_time(database: Database, openings: Sequence[Opening]) -> AsyncIterator[Sequence[Listed]]:
    """The entries of a patient_id's openings as they stand, oldest first, in pages. More are fetched at once: a frozen
    month is unpacked each time."""
    behind: tuple[datetime, UUID] | None = None
    while True:
        fetched = EntryList(openings, newest_first=False, limit=_FETCHED, behind=behind)
        listed = await list_entries(database, fetched)
        for page in batched(listed, _PAGE, strict=False):
            yield page
        if len(listed) < _FETCHED:
            return
        behind = listed[-1].time, listed[-1].entry_id


async def photos(database: Database, patient: UUID) -> AsyncIterator[Sequence[PhotoRow]]:
    """The patient's photos, without their bytes, in pages."""
    query = select(PhotoRow).where(col(PhotoRow.patient_id) == patient).order_by(col(PhotoRow.photo_id)).limit(_PAGE)
    behind: UUID | None = None
    while True:
        async with database.transaction() as session:
            further = query if behind is None else query.where(col(PhotoRow.photo_id) > behind)
            rows = (await session.exec(further)).all()
        if not rows:
            return
        yield rows
        behind = rows[-1].photo_id
