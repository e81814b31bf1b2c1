"""Everything that consult keeps of one patient, page by page: an export of any length needs the memory of one page."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import inspect, tuple_
from sqlmodel import SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

PAGE = 100
"""As many as become text in some milliseconds: the process has talks to serve meanwhile."""

type Key = tuple[Any, ...]


async def page_of[R: SQLModel](
    session: AsyncSession, table: type[R], patient_id: UUID, behind: Key | None
) -> Sequence[R]:
    """The patient's next rows of a table, in the order of its key."""
    columns = inspect(table).primary_key
    statement = select(table).where(inspect(table).columns["patient_id"] == patient_id).order_by(*columns).limit(PAGE)
    if behind is not None:
        statement = statement.where(tuple_(*columns) > behind)
    return (await session.exec(statement)).all()


def key_of(row: SQLModel) -> Key:
    """Where a page ends."""
    return tuple(inspect(type(row)).primary_key_from_instance(row))
