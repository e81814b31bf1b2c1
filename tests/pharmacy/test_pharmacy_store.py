"""The migrations make the tables that the code knows."""

import asyncio
from uuid import uuid4

import asyncpg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlmodel import SQLModel

from kit import migrate
from kit.database import Database
from kit.schema import service_url
from services.pharmacy.store import tables
from stack.platform import Platform

_ROWS = [getattr(tables, name) for name in tables.__all__]
TABLES = {row.__tablename__ for row in _ROWS if row.__module__.startswith("services.pharmacy")}


async def test_the_migrations_make_the_tables_that_the_code_knows(pharmacy_database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        def included(name: str | None, kind: str, _: object) -> bool:
            return kind != "table" or name in TABLES

        options = {
            "include_name": included,
            "include_object": lambda thing, name, kind, *_: included(name, kind, thing),
        }
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), SQLModel.metadata))

    async with pharmacy_database.transaction() as session:
        assert await (await session.connection()).run_sync(differences) == []


_ORDERS = """
insert into medicine_order (order_id, patient_id, pharmacy_id, state, prescription_revision, needs_review, approved,
                            goods_minor, delivery_minor, currency, buyer_name, address, latitude, longitude,
                            distance_metres, cold_chain, last_sequence, create_time, update_time, end_time)
select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1, 0, false, false, 1, 1, 'CNY', '', '', 31.2394,
       121.4737, 1000, false, 1, now(), now(), end_time
from unnest(array[null, now()]) as end_time
"""


async def test_where_past_orders_went_is_forgotten_beside_their_addresses(platform: Platform) -> None:
    server = f"{platform.database_url}/pharmacy_{uuid4().hex}"
    await asyncio.to_thread(migrate.upgrade, server, "pharmacy", "0009")
    connection = await asyncpg.connect(service_url(server, "pharmacy"))
    await connection.execute(_ORDERS)
    await asyncio.to_thread(migrate.upgrade, server, "pharmacy")
    kept = await connection.fetch("select latitude, longitude from medicine_order order by end_time nulls first")
    await connection.close()
    assert [tuple(place) for place in kept] == [(31.2394, 121.4737), (0, 0)]
