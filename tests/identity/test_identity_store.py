"""The database: migrations agree with the tables, secrets at rest are sealed, and what has had its time goes."""

from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from apricot.identity.v1 import auth_pb2
from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection
from sqlmodel import SQLModel

from kit.database import Database
from services.identity.store import tables
from services.identity.vault import Vault
from tests.identity.running import Running, new_phone
from tests.in_process import KEYS


async def test_the_migrations_make_the_tables_that_the_code_knows(own_url: str) -> None:
    database = Database(own_url, "identity", KEYS)
    own_tables = {
        table.name
        for table in SQLModel.metadata.tables.values()
        if table.name in tables.OutboxRow.metadata.tables and _is_identitys(table.name)
    }

    def differences(connection: Connection) -> list[object]:
        def included(name: str | None, kind: str, _: object) -> bool:
            return kind != "table" or name in own_tables

        options = {
            "include_name": included,
            "include_object": lambda thing, name, kind, *_: included(name, kind, thing),
        }
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), SQLModel.metadata))

    async with database.transaction() as session:
        found = await (await session.connection()).run_sync(differences)
    await database.close()
    assert found == []


def _is_identitys(table: str) -> bool:
    """Whether a table is declared in identity's module; other services' share the metadata in one test process."""
    modules = {mapped.__tablename__ for mapped in vars(tables).values() if hasattr(mapped, "__tablename__")}
    return table in modules


def test_what_is_sealed_opens_for_its_purpose_and_owner_alone() -> None:
    vault = Vault(b"k" * 32)
    sealed = vault.seal("totp", "one", b"secret")
    assert b"secret" not in sealed
    assert vault.open("totp", "one", sealed) == b"secret"
    for other, purpose, owner in (
        (vault, "totp", "other"),
        (vault, "signing-key", "one"),
        (Vault(b"j" * 32), "totp", "one"),
    ):
        with pytest.raises(InvalidTag):
            other.open(purpose, owner, sealed)


async def test_no_private_key_lies_open_in_the_database(own: Running) -> None:
    [row] = await own.execute("select * from signing_key")
    sealed = own.opened("signing_key.sealed_private_key", row["sealed_private_key"])
    opened = own.identity.vault.open("signing-key", row["key_id"], sealed)
    assert opened not in sealed
    assert opened not in row["sealed_private_key"]
    assert opened[0] == 0x30  # PKCS #8 is a DER sequence


async def test_rows_that_have_had_their_time_go_and_sessions_stay(own: Running) -> None:
    person = await own.sign_in()
    await own.auth("RequestCode", auth_pb2.RequestCodeRequest(phone=new_phone()))

    async def rows() -> list[int]:
        tables = ("one_time_code", "rate_use", "session")
        return [(await own.execute(f"select count(*) from {table}"))[0]["count"] for table in tables]  # noqa: S608

    await own.identity.upkeep.delete_expired_rows()
    assert (await rows())[0] == 1
    own.clock.advance(hours=2)
    await own.identity.upkeep.delete_expired_rows()
    assert await rows() == [0, 0, 1]
    own.clock.now += timedelta(days=38)
    await own.identity.upkeep.delete_expired_rows()
    assert await rows() == [0, 0, 0]
    await own.sign_in(person)
