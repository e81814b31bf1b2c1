"""Frozen months in a backup: each partition is copied and compared once, and what comes back can be thawed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from kit.database import Database
from operations import postgres
from stack.platform import Platform
from tests.glucose.archive.shelf import MONTHS, NOW, Shelf, readings
from tests.in_process import own_database


async def test_frozen_months_come_back_as_they_were(engines: Platform, tmp_path: Path) -> None:
    async with own_database(engines, "glucose") as database:
        shelf = Shelf(database)
        for start in datetime(2021, 12, 1, tzinfo=UTC), datetime(2022, 1, 1, tzinfo=UTC), NOW - timedelta(days=1):
            await shelf.log(*readings(start, 10))
        await shelf.freeze(MONTHS[0])
        await shelf.freeze(datetime(2021, 12, 1, tzinfo=UTC).date())
        aside = f"{engines.database_url}/aside_{uuid4().hex}"
        async with postgres.connected(database.url) as connection:
            transaction = connection.transaction(isolation="repeatable_read", readonly=True)
            await transaction.start()
            before = await postgres.tables(connection)
            with (tmp_path / "dump").open("wb") as sink:
                await postgres.dump(database.url, await connection.fetchval("select pg_export_snapshot()"), sink)
            await transaction.rollback()
        await postgres.create(aside)
        with (tmp_path / "dump").open("rb") as source:
            await postgres.load(aside, source)
        async with postgres.connected(aside) as connection:
            assert await postgres.tables(connection) == before
        held = {name: table.rows for name, table in before.items() if "entry_archive" in name and table.rows}
        assert held == {"public.entry_archive_2021": 1, "public.entry_archive_2022": 1}
        assert before["public.entry"].rows == 120

        restored = Shelf(Database(aside, "glucose"), shelf.patient)
        assert await restored.listed() == await shelf.listed()
        await restored.thaw(MONTHS[0])
        assert await restored.hot_and_frozen() == (240, 120)
        assert await restored.listed() == await shelf.listed()
        await restored.database.close()
        await postgres.drop(aside)
