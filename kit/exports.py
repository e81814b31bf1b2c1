"""A patient's record as a file of JSON Lines, page by page: one of any length needs the memory of one page."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from sqlalchemy import inspect, tuple_
from sqlmodel import SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.database import Database

_PAGE = 100
"""As many as become text in some milliseconds: the process has calls to serve meanwhile."""

type Bodies = Callable[[AsyncSession, Sequence[Any]], Awaitable[Sequence[Message]]]
"""Rows as the contract has them."""
type Kind = tuple[str, type[SQLModel], Bodies]
"""How the file names such records, the table with their patient_id, and what each row becomes."""
type _Key = tuple[Any, ...]


async def record_of(database: Database, kinds: Sequence[Kind], patient_id: UUID, now: datetime) -> AsyncIterator[bytes]:
    """The file, part by part: a head, and everything of these kinds that is the patient's."""
    yield _line("export", {"patientId": str(patient_id), "createTime": now.isoformat()})
    for name, table, bodies in kinds:
        async for messages in pages(database, table, patient_id, bodies):
            yield b"".join(_line(name, MessageToDict(message)) for message in messages)


def each(body: Callable[[Any], Message]) -> Bodies:
    """Where one row is one record."""

    async def bodies(_: AsyncSession, rows: Sequence[Any]) -> Sequence[Message]:
        return [body(row) for row in rows]

    return bodies


async def as_rows(_: AsyncSession, rows: Sequence[Any]) -> Sequence[Any]:
    """Where rows are wanted as they are."""
    return rows


async def pages[T](
    database: Database,
    table: type[SQLModel],
    patient_id: UUID,
    bodies: Callable[[AsyncSession, Sequence[Any]], Awaitable[Sequence[T]]],
) -> AsyncIterator[Sequence[T]]:
    """What the patient's rows become, in the order of the table's key."""
    behind: _Key | None = None
    while True:
        async with database.transaction() as session:
            rows = await _page_of(session, table, patient_id, behind)
            messages = await bodies(session, rows)
        if not rows:
            return
        yield messages
        behind = tuple(inspect(table).primary_key_from_instance(rows[-1]))


async def _page_of(
    session: AsyncSession, table: type[SQLModel], patient_id: UUID, behind: _Key | None
) -> Sequence[SQLModel]:
    """The patient's next rows, in the order of the table's key."""
    columns = inspect(table).primary_key
    statement = select(table).where(inspect(table).columns["patient_id"] == patient_id).order_by(*columns).limit(_PAGE)
    if behind is not None:
        statement = statement.where(tuple_(*columns) > behind)
    return (await session.exec(statement)).all()


def _line(kind: str, record: dict[str, Any]) -> bytes:
    return json.dumps({"kind": kind, "record": record}, ensure_ascii=False).encode() + b"\n"
