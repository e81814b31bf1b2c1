"""Tables with sealed columns, and a process that seals them anew: it is killed in a test."""

import asyncio
import sys
from types import ModuleType
from uuid import UUID

from sqlmodel import Column, Field, SQLModel

from kit.clock import utc_now
from kit.database import Database
from kit.resealing import Resealing
from kit.sealed import SealedBytes, SealedText
from kit.sealing import SealingKeys

OLD, NEW = bytes(range(32)), bytes(range(1, 33))
ROTATED = SealingKeys({"new": NEW, "old": OLD})
CREATE = """
create table thing (place uuid, number int, body bytea not null, words text, plain text not null default '',
                    primary key (place, number));
create table frozen (number int primary key, body bytea not null, other text not null default '');
create function frozen_stays() returns trigger language plpgsql as $$
begin
  if {resealed} then return new; end if;
  raise exception 'stays' using errcode = 'APR99';
end $$;
create trigger frozen_stays before update on frozen for each row execute function frozen_stays();
"""


class ThingRow(SQLModel, table=True):
    __tablename__ = "thing"

    place: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    body: bytes = Field(sa_column=Column(SealedBytes("thing.body"), nullable=False))
    words: str | None = Field(default=None, sa_column=Column(SealedText("thing.words")))
    plain: str = ""


class FrozenRow(SQLModel, table=True):
    __tablename__ = "frozen"

    number: int = Field(primary_key=True)
    body: bytes = Field(sa_column=Column(SealedBytes("frozen.body"), nullable=False))
    other: str = ""


class BareRow(SQLModel, table=True):
    """Nothing of it is sealed."""

    __tablename__ = "bare"

    number: int = Field(primary_key=True)


TABLES = ModuleType("tables")
vars(TABLES).update(ThingRow=ThingRow, FrozenRow=FrozenRow, BareRow=BareRow)
TABLES.__all__ = ["BareRow", "FrozenRow", "ThingRow"]  # type: ignore[attr-defined]


async def reseal(url: str, service: str) -> None:
    database = Database(url, service, ROTATED)
    await Resealing(database, utc_now, TABLES).walk_all()
    await database.close()


if __name__ == "__main__":
    asyncio.run(reseal(*sys.argv[1:]))
