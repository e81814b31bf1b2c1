"""Freezing and thawing beside readers, writers and death: nothing is lost, doubled, delayed or let go."""

import asyncio
import sys
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
from alembic import command
from apricot.glucose.v1.diary_pb2 import (
    ENTRY_ORDER_OLDEST_FIRST,
    ENTRY_OUTCOME_CONFLICT,
    ENTRY_OUTCOME_CREATED,
    ENTRY_OUTCOME_DUPLICATE,
)
from apricot.glucose.v1.entry_pb2 import ENTRY_KIND_MEAL, Entry
from apricot.glucose.v1.export_pb2 import EXPORT_FORMAT_CSV, EXPORT_FORMAT_JSON_LINES
from pydantic import ValidationError

from kit import migrate
from kit.database import Database
from kit.retention import KEPT_SQLSTATE
from kit.times import to_timestamp
from services.glucose.rpc.pool import Pool
from services.glucose.settings import GlucoseSettings
from services.glucose.store.archive import freeze
from services.glucose.store.days import settle
from services.glucose.work.archiving import freeze_old_months, freeze_round
from stack.platform import Platform
from tests.glucose.archive.shelf import MONTHS, NOW, SENSOR, Shelf, freeze_everything, readings
from tests.glucose.quiet import Quiet
from tests.in_process import KEYS, own_database
from tests.kit.running import running, until

JANUARY = datetime(2022, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


async def test_a_worker_freezes_what_is_old_and_leaves_the_rest(shelf: Shelf) -> None:
    old = readings(JANUARY, 24)
    young = readings(datetime(2024, 11, 1, tzinfo=UTC), 1) + readings(NOW - DAY, 24)
    await shelf.log(*old)
    await shelf.log(*young)
    amended, deleted = old[3], old[4]
    amended.sensor_reading.glucose.value = 99
    await shelf.amend(amended, 1)
    await shelf.delete(deleted.entry_id, 1)
    before = await shelf.listed()
    assert await freeze_everything(shelf.database) == len(old) - 2
    assert await shelf.hot_and_frozen() == (len(young) + 2, len(old) - 2)
    assert await shelf.listed() == before
    assert await freeze_everything(shelf.database) == 0


async def test_the_worker_s_rounds_follow_the_clock_and_the_setting(shelf: Shelf) -> None:
    await shelf.log(*readings(datetime(2024, 10, 31, 20, tzinfo=UTC), 8))

    async def is_frozen() -> bool:
        return await shelf.hot_and_frozen() == (48, 48)

    async with running(freeze_old_months(shelf.database, lambda: NOW, 24)):
        await until(is_frozen)


async def test_workers_side_by_side_freeze_each_month_once(database: Database) -> None:
    shelves = [Shelf(database) for _ in range(6)]
    for shelf in shelves:
        for month in range(6):
            await shelf.log(*readings(JANUARY + 31 * month * DAY, 2))
    frozen = await asyncio.gather(*(freeze_round(database, date(2024, 11, 1), shelf.patient) for shelf in shelves[:3]))
    await freeze_everything(database)  # what one passed over that another held
    assert sum(frozen) <= 6 * 6 * 24
    for shelf in shelves:
        assert await shelf.hot_and_frozen() == (0, 6 * 24)
        assert len(await shelf.listed()) == 6 * 24


async def test_nothing_of_the_last_year_is_ever_frozen(shelf: Shelf) -> None:
    """Readers count on it, whatever the setting says."""
    month = (datetime.now(UTC) - 200 * DAY).date().replace(day=1)
    await shelf.log(*readings(datetime(month.year, month.month, 2, tzinfo=UTC), 1))
    assert await freeze(shelf.database, shelf.patient, month) == 0


async def test_a_thawed_month_stays_hot_for_a_day(shelf: Shelf) -> None:
    await shelf.log(*readings(JANUARY, 1))
    await shelf.freeze(MONTHS[0])
    await shelf.log(SENSOR.sensor_reading(JANUARY + 2 * DAY, 100))
    assert await freeze(shelf.database, shelf.patient, MONTHS[0]) == 0
    assert await shelf.freeze(MONTHS[0]) == 13  # the day after


async def test_a_late_upload_has_the_outcomes_of_any_other(shelf: Shelf) -> None:
    old = readings(JANUARY, 1)
    await shelf.log(*old)
    await shelf.freeze(MONTHS[0])
    changed, other_id = Entry(), Entry()
    changed.CopyFrom(old[0])
    changed.sensor_reading.glucose.value += 1
    other_id.CopyFrom(old[1])
    other_id.entry_id = str(uuid4())
    new = SENSOR.sensor_reading(JANUARY + 3 * DAY, 100)
    results = await shelf.log(changed, other_id, old[2], new)
    assert [result.outcome for result in results] == [
        ENTRY_OUTCOME_CONFLICT,
        ENTRY_OUTCOME_DUPLICATE,
        ENTRY_OUTCOME_DUPLICATE,
        ENTRY_OUTCOME_CREATED,
    ]
    assert [entry.entry_id for entry in await shelf.listed(order=ENTRY_ORDER_OLDEST_FIRST)] == [
        entry.entry_id for entry in (*old, new)
    ]


async def test_an_id_that_comes_again_years_later_loses_nothing(shelf: Shelf) -> None:
    """It is another entry then: the frozen one stays as it is, also when its month is thawed."""
    [old] = readings(JANUARY, 1, 60)
    await shelf.log(old)
    await shelf.freeze(MONTHS[0])
    [new] = readings(NOW - DAY, 1, 60)
    new.entry_id = old.entry_id
    [result] = await shelf.log(new)
    assert result.outcome == ENTRY_OUTCOME_CREATED
    both = await shelf.listed()
    assert [entry.time for entry in both] == [new.time, old.time]
    await shelf.log(SENSOR.sensor_reading(JANUARY + 2 * DAY, 100))
    assert await shelf.hot_and_frozen() == (2, 1)
    assert [entry.time for entry in await shelf.listed()][::2] == [new.time, old.time]
    assert await shelf.freeze(MONTHS[0]) == 1
    assert await shelf.hot_and_frozen() == (1, 2)


async def test_an_id_in_capitals_is_answered_as_it_was_sent(shelf: Shelf) -> None:
    [entry] = readings(JANUARY, 1, 60)
    entry.entry_id = entry.entry_id.upper()
    await shelf.log(entry)
    await shelf.freeze(MONTHS[0])
    [found] = await shelf.listed()
    assert found.entry_id == entry.entry_id
    await shelf.thaw(MONTHS[0])
    assert await shelf.listed() == [found]


async def test_who_pages_while_months_are_moved_sees_each_entry_once(shelf: Shelf) -> None:
    entries = readings(JANUARY, 24 * 70, 30)
    for first in range(0, len(entries), 500):
        await shelf.log(*entries[first : first + 500])
    moves = 0

    async def move() -> None:
        nonlocal moves
        while True:
            for month in MONTHS:
                await shelf.freeze(month)
                moves += 1
            for month in MONTHS:
                await shelf.thaw(month)
                moves += 1

    moving = asyncio.create_task(move())
    expected = [entry.entry_id for entry in entries]
    while moves < 40:
        found = await shelf.listed(page_size=400, order=ENTRY_ORDER_OLDEST_FIRST)
        assert [entry.entry_id for entry in found] == expected
        assert [entry.entry_id for entry in await shelf.listed(page_size=300)] == expected[::-1]
        file = await shelf.exported(EXPORT_FORMAT_CSV)
        assert file.count(b"sensor_reading") == len(entries)
        assert not moving.done()
    moving.cancel()


@pytest.mark.parametrize("frozen_first", [True, False])
async def test_a_late_upload_at_the_instant_of_freezing(shelf: Shelf, frozen_first: bool) -> None:
    """Whoever comes second waits, or leaves the month for later: the late entry is there once, and so is each other."""
    old = readings(JANUARY, 5)
    await shelf.log(*old)
    late, again = SENSOR.sensor_reading(JANUARY + 9 * DAY, 100), old[7]
    holder = await asyncpg.connect(shelf.database.url)
    transaction = holder.transaction()
    await transaction.start()
    held = "select freeze_month($1, $2)" if frozen_first else "select thaw_month($1, $2)"
    await holder.execute(held, shelf.patient, MONTHS[0])
    if not frozen_first:
        assert await freeze(shelf.database, shelf.patient, MONTHS[0]) == 0
    uploading = asyncio.create_task(shelf.log(late, again))
    waiting = "select exists (select from pg_locks where locktype = 'advisory' and not granted)"
    await until(lambda: holder.fetchval(waiting))
    await transaction.commit()
    await holder.close()
    assert [result.outcome for result in await uploading] == [ENTRY_OUTCOME_CREATED, ENTRY_OUTCOME_DUPLICATE]
    assert [entry.entry_id for entry in await shelf.listed()] == [late.entry_id, *(one.entry_id for one in old[::-1])]


async def test_an_entry_that_is_changed_while_its_month_is_frozen_stays_hot(shelf: Shelf) -> None:
    old = readings(JANUARY, 1)
    await shelf.log(*old)
    writer = await asyncpg.connect(shelf.database.url)
    transaction = writer.transaction()
    await transaction.start()
    await writer.execute(
        "update entry set revision = 2, note = 'a slip' where patient_id = $1 and entry_id = $2",
        shelf.patient,
        UUID(old[5].entry_id),
    )
    freezing = asyncio.create_task(freeze(shelf.database, shelf.patient, MONTHS[0]))
    waiting = "select exists (select from pg_locks where not granted)"
    await until(lambda: writer.fetchval(waiting))
    await transaction.commit()
    await writer.close()
    assert await freezing == len(old) - 1
    assert (await shelf.revisions(old[5].entry_id))[-1].note == "a slip"
    assert len(await shelf.listed()) == len(old)


async def test_workers_killed_in_the_middle_lose_and_double_nothing(database: Database) -> None:
    """Again and again at another place; who comes after them finishes the work."""
    shelves = [Shelf(database) for _ in range(6)]
    diaries = {}
    for shelf in shelves:
        for month in range(6):
            await shelf.log(*readings(JANUARY + 31 * month * DAY, 12))
        diaries[shelf.patient] = await shelf.listed()
    frozen = "select count(*) from entry_archive where patient_id = any($1) and entry_ids <> '{}'"
    patients, killed_at = list(diaries), []
    for some in (3, 9):
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.glucose.archive.freezing", database.url
        )

        async def has_frozen(some: int = some) -> bool:
            return bool((await shelves[0].fetch(frozen, patients))[0][0] >= some)

        await until(has_frozen)
        worker.kill()
        await worker.wait()
        killed_at.append((await shelves[0].fetch(frozen, patients))[0][0])
        for shelf in shelves:
            assert await shelf.listed() == diaries[shelf.patient]
    assert killed_at[0] < 36  # in the middle, not behind the end
    await freeze_everything(database)
    for shelf in shelves:
        assert await shelf.hot_and_frozen() == (0, len(diaries[shelf.patient]))
        assert await shelf.listed() == diaries[shelf.patient]


async def test_who_moves_may_and_nobody_else(shelf: Shelf) -> None:
    await shelf.log(*readings(JANUARY, 1))
    await shelf.freeze(MONTHS[0])
    await shelf.log(*readings(NOW - DAY, 1))
    for statement in "delete from entry", "delete from entry_archive", "truncate entry_archive_2022":
        with pytest.raises(asyncpg.PostgresError) as refused:
            await shelf.fetch(statement)
        assert refused.value.sqlstate == KEPT_SQLSTATE
    # It was on for the length of the moving alone, also within the transaction.
    async with shelf.database.connection() as connection, connection.transaction():
        await connection.execute("select thaw_month($1, $2)", shelf.patient, MONTHS[0])
        with pytest.raises(asyncpg.PostgresError) as refused:
            await connection.execute("delete from entry")
        assert refused.value.sqlstate == KEPT_SQLSTATE


async def test_a_year_is_detached_and_comes_back_as_the_runbook_says(shelf: Shelf) -> None:
    year, values = "entry_archive_2018", "for values from ('2018-01-01') to ('2019-01-01')"
    await shelf.log(*readings(datetime(2018, 5, 1, tzinfo=UTC), 2))
    month = date(2018, 5, 1)
    await shelf.freeze(month)
    before = await shelf.listed()
    await shelf.fetch(f"alter table entry_archive detach partition {year} concurrently")
    assert await shelf.listed() == []
    late = SENSOR.sensor_reading(datetime(2018, 5, 9, tzinfo=UTC), 100)
    await shelf.log(late)
    assert await freeze(shelf.database, shelf.patient, month) == 0  # there is no place for it: it stays hot
    await freeze_everything(shelf.database)
    assert await shelf.hot_and_frozen() == (1, 0)
    await shelf.fetch(f"alter table entry_archive attach partition {year} {values}")
    assert [entry.entry_id for entry in await shelf.listed()] == [late.entry_id, *(one.entry_id for one in before)]
    with pytest.raises(asyncpg.PostgresError) as refused:
        await shelf.fetch(f"delete from {year}")  # noqa: S608  a name of our own
    assert refused.value.sqlstate == KEPT_SQLSTATE


async def test_going_back_behind_the_migration_thaws_everything(engines: Platform) -> None:
    async with own_database(engines, "glucose") as database:
        shelf = Shelf(database)
        await shelf.log(*readings(JANUARY, 24 * 40, 60))
        await freeze_everything(database)
        before = await shelf.fetch("select time, body from entry")
        settings = migrate.config(database.url, "glucose")
        del settings.attributes["models"]
        await asyncio.to_thread(command.downgrade, settings, "0010")
        after = await shelf.fetch("select time, entry_id, deleted, revision from entry order by time")
        assert (len(before), len(after)) == (0, 24 * 40)
        await asyncio.to_thread(command.upgrade, settings, "head")
        assert len(await shelf.listed()) == 24 * 40


async def test_reports_and_exports_are_the_same_byte_for_byte(database: Database) -> None:
    quiet, patient = Quiet(database, pool := Pool()), uuid4()
    shelf = Shelf(database, patient)
    quiet.now = NOW
    for device in "old", "new":
        for day in range(0, 400, 20):
            start = datetime(2022, 6, 1, 23, tzinfo=UTC) + day * DAY
            some = readings(start, 26)
            for entry in some:
                entry.device = device
            await shelf.log(*some, SENSOR.meal(start, 30 + day), SENSOR.note(start, "a note"))
    await shelf.log(*readings(NOW - DAY, 24))

    async def shown() -> list[bytes]:
        async with database.connection() as connection:
            while await settle(connection, 500):
                pass
        summary = await quiet.summary(patient, 3000)
        files = [await shelf.exported(kind) for kind in (EXPORT_FORMAT_CSV, EXPORT_FORMAT_JSON_LINES)]
        days = await shelf.fetch("select * from glucose_day where patient_id = $1 order by 2", patient)
        return [summary.SerializeToString(deterministic=True), *files, repr(days).encode()]

    before = await shown()
    assert await freeze_everything(database) > 10_000
    assert await shown() == before
    # A day that lies in two months, of which one is thawed: its figures are made of both.
    await shelf.thaw(date(2022, 10, 1))
    await shelf.fetch(
        "insert into glucose_day_mark (patient_id, local_date) select patient_id, local_date from glucose_day"
    )
    assert await shown() == before
    await pool.close()


async def test_a_rare_kind_is_found_however_far_back(shelf: Shelf) -> None:
    """Beyond as many months of other kinds as are looked into at once."""
    meal = SENSOR.meal(JANUARY, 40)
    await shelf.log(meal)
    for month in range(24):
        await shelf.log(*readings(JANUARY + timedelta(days=5) + 31 * month * DAY, 1))
    await freeze_everything(shelf.database)
    assert [entry.entry_id for entry in await shelf.listed(kinds=[ENTRY_KIND_MEAL])] == [meal.entry_id]
    first = await shelf.listed(order=ENTRY_ORDER_OLDEST_FIRST, end_time=to_timestamp(JANUARY + DAY))
    assert [entry.entry_id for entry in first] == [meal.entry_id]
    assert len(await shelf.listed(page_size=7)) == 1 + 24 * 12


@pytest.mark.parametrize(("months", "allowed"), [(0, True), (11, False), (12, True), (24, True), (181, False)])
def test_the_last_year_is_not_for_freezing(months: int, allowed: bool) -> None:
    common = {
        "grpc_port": 1,
        "http_port": 2,
        "database_url": "postgresql://h",
        "nats_url": "nats://h",
        "jwks_url": "http://h",
        "identity_address": "h:1",
        "service_secret": "x" * 16,
        "sealing_keys": KEYS,
        "object_store_url": "file:///x",
        "hot_months": months,
    }
    if allowed:
        assert GlucoseSettings.model_validate(common).hot_months == months
    else:
        with pytest.raises(ValidationError):
            GlucoseSettings.model_validate(common)
