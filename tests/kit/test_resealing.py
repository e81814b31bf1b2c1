"""Keys change while everything goes on, whoever dies meanwhile."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlmodel import col, select, update

from kit import resealing
from kit.clock import utc_now
from kit.database import Database
from kit.resealing import SETTLED, Resealing, resealed
from kit.sealing import NO_KEYS, UNREADABLE, SealingKeys
from tests.in_process import HandClock
from tests.kit.conftest import Service
from tests.kit.running import running, until
from tests.kit.sealed_things import CREATE, NEW, OLD, ROTATED, TABLES, FrozenRow, ThingRow

BEFORE, AFTER = SealingKeys({"old": OLD}), SealingKeys({"new": NEW})
OLDER = SealingKeys({"old": OLD, "new": NEW})
"""Of a process that has heard of the new key, and seals by the old one."""


@asynccontextmanager
async def opened(service: Service, keys: SealingKeys) -> AsyncIterator[Database]:
    """As a process with these keys has it."""
    database = Database(service.database.url, service.name, keys)
    yield database
    await database.close()


@pytest.fixture
async def things(service: Service) -> Service:
    async with service.database.connection() as connection:
        await connection.execute(CREATE.format(resealed=resealed("body")))
    return service


async def put(service: Service, keys: SealingKeys, numbers: Iterable[int], place: UUID | None = None) -> None:
    async with opened(service, keys) as database, database.transaction() as session:
        for number in numbers:
            body, words = expected([number])[number]
            session.add(ThingRow(place=place or uuid4(), number=number, body=body, words=words))
            session.add(FrozenRow(number=number, body=body))


async def read(service: Service, keys: SealingKeys) -> dict[int, tuple[bytes, str | None]]:
    async with opened(service, keys) as database, database.transaction() as session:
        rows = (await session.exec(select(ThingRow))).all()
        frozen = {row.number: row.body for row in await session.exec(select(FrozenRow))}
    assert frozen == {row.number: row.body for row in rows}
    return {row.number: (row.body, row.words) for row in rows}


def expected(numbers: Iterable[int]) -> dict[int, tuple[bytes, str | None]]:
    return {number: (f"body {number}".encode(), f"words {number}" * (number % 3)) for number in numbers}


async def kept_under(service: Service, keys: SealingKeys) -> list[int]:
    """How many of the things are as these keys would seal them: bodies, words; and frozen bodies."""
    async with service.database.connection() as connection:
        things = await connection.fetchrow(
            "select count(*) filter (where substr(body, 1, $2) = $1), count(*) filter (where starts_with(words, $3)) "
            "from thing",
            keys.prefix,
            len(keys.prefix),
            keys.text_prefix,
        )
        frozen = await connection.fetchval(
            "select count(*) from frozen where substr(body, 1, $2) = $1", keys.prefix, len(keys.prefix)
        )
    return [*things, frozen]


async def unfinished(service: Service) -> int:
    async with service.database.connection() as connection:
        return int(await connection.fetchval(resealing.FIGURE.query))


async def test_a_key_is_changed_and_the_old_one_can_go(things: Service) -> None:
    await put(things, BEFORE, range(2_000))
    clock = HandClock()
    async with opened(things, ROTATED) as database:
        walker = Resealing(database, clock, TABLES)
        await walker.walk_all()
        assert await kept_under(things, AFTER) == [2_000, 1_333, 2_000]
        assert await unfinished(things) == 2  # somebody may still write with the old one
        clock.now += SETTLED
        await walker.walk_all()
    assert await unfinished(things) == 0
    assert await read(things, AFTER) == expected(range(2_000))


async def test_what_was_never_sealed_is_sealed(things: Service) -> None:
    await put(things, NO_KEYS, range(20))
    async with opened(things, AFTER) as database:
        await Resealing(database, HandClock(), TABLES).walk_all()
    assert await kept_under(things, AFTER) == [20, 13, 20]
    assert await read(things, AFTER) == expected(range(20))


async def test_what_an_older_process_writes_behind_the_walk_is_found(things: Service) -> None:
    await put(things, BEFORE, [1])
    clock = HandClock()
    async with opened(things, ROTATED) as database:
        walker = Resealing(database, clock, TABLES)
        await walker.walk_all()
        await put(things, BEFORE, [2], place=UUID(int=0))
        clock.now += SETTLED
        await walker.walk_all()
        assert await unfinished(things) == 2  # something was found: once more
        await walker.walk_all()
    assert await unfinished(things) == 0
    assert await read(things, AFTER) == expected([1, 2])


async def test_another_first_key_begins_anew(things: Service) -> None:
    await put(things, BEFORE, range(5))
    clock = HandClock()
    for keys in BEFORE, ROTATED:
        async with opened(things, keys) as database:
            walker = Resealing(database, clock, TABLES)
            await walker.walk_all()
            assert await unfinished(things) == 2
            clock.now += SETTLED
            await walker.walk_all()
            assert await unfinished(things) == 0
    assert await kept_under(things, AFTER) == [5, 3, 5]


async def test_while_plain_comes_first_nothing_is_touched(things: Service) -> None:
    await put(things, BEFORE, range(5))
    async with opened(things, SealingKeys({"new": NEW, "old": OLD}, seals=False)) as database:
        await Resealing(database, HandClock(), TABLES).walk_all()
    assert await kept_under(things, BEFORE) == [5, 3, 5]


async def test_whoever_changes_a_row_meanwhile_wins(things: Service) -> None:
    await put(things, BEFORE, range(300))
    place = uuid4()
    await put(things, BEFORE, [1_000], place=place)

    async def write(database: Database) -> None:
        for turn in range(200):
            async with database.transaction() as session:
                row = await session.get_one(ThingRow, (place, 1_000))
                row.words = f"turn {turn}"

    async with opened(things, ROTATED) as database, opened(things, OLDER) as older:
        walker = Resealing(database, HandClock(), TABLES)

        async def walk() -> None:
            for _ in range(20):
                async with database.connection() as connection:
                    await connection.execute("delete from resealing")
                await walker.walk_all()

        await asyncio.gather(write(older), walk())
    found = await read(things, ROTATED)
    assert found.pop(1_000) == (b"body 1000", "turn 199")
    assert found == expected(range(300))


async def test_a_row_that_somebody_holds_is_left_for_later(things: Service) -> None:
    await put(things, BEFORE, range(20))
    async with opened(things, ROTATED) as database:
        walker = Resealing(database, HandClock(), TABLES)
        async with things.database.connection() as connection, connection.transaction():
            await connection.execute("select from thing where number = 7 for update")
            await walker.walk_all()
            assert await kept_under(things, AFTER) == [0, 0, 20]
        await walker.walk_all()
    assert await kept_under(things, AFTER) == [20, 13, 20]


async def test_a_walk_that_is_killed_is_gone_on_with(things: Service) -> None:
    await put(things, BEFORE, range(3_000))

    async def begun() -> bool:
        return (await kept_under(things, AFTER))[2] > 0

    command = (sys.executable, "-m", "tests.kit.sealed_things", things.database.url, things.name)
    process = await asyncio.create_subprocess_exec(*command)
    await until(begun)
    process.kill()
    await process.wait()
    assert len(await read(things, ROTATED)) == 3_000
    async with opened(things, ROTATED) as database:
        await Resealing(database, utc_now, TABLES).walk_all()
    assert await kept_under(things, AFTER) == [3_000, 2_000, 3_000]
    assert await read(things, AFTER) == expected(range(3_000))


async def test_several_share_the_walk(things: Service) -> None:
    await put(things, BEFORE, range(3_000))
    async with opened(things, ROTATED) as one, opened(things, ROTATED) as other:
        tasks = [Resealing(database, HandClock(), TABLES).run() for database in (one, other)]

        async def all_are_sealed() -> bool:
            return await kept_under(things, AFTER) == [3_000, 2_000, 3_000]

        async with running(*tasks):
            await until(all_are_sealed)
    assert await read(things, AFTER) == expected(range(3_000))


async def test_what_a_statement_writes_is_sealed_too(things: Service) -> None:
    await put(things, BEFORE, [1, 2])
    async with opened(things, BEFORE) as database, database.transaction() as session:
        (kept,) = (await session.exec(select(ThingRow).where(col(ThingRow.number) == 1))).all()
        await session.exec(update(ThingRow).where(col(ThingRow.number) == 1).values(body=b"other", words=""))
        assert (kept.body, kept.words) == (b"other", "")
    assert await kept_under(things, BEFORE) == [2, 1, 2]


async def test_what_no_key_opens_is_told_and_stays(things: Service) -> None:
    await put(things, SealingKeys({"lost": OLD}), [1])
    clock, before = HandClock(), UNREADABLE._value.get()
    async with opened(things, AFTER) as database:
        walker = Resealing(database, clock, TABLES)
        await walker.walk_all()
        clock.now += SETTLED
        await walker.walk_all()
    assert UNREADABLE._value.get() > before
    assert await unfinished(things) == 2
    assert await read(things, SealingKeys({"lost": OLD})) == expected([1])


async def test_what_was_cut_off_keeps_nothing_else_from_being_sealed_anew(things: Service) -> None:
    await put(things, BEFORE, range(3))
    async with things.database.connection() as connection:
        cut = "update thing set body = substr(body, 1, 30), words = left(words, 45) where number = 1"
        await connection.execute(cut)
    async with opened(things, ROTATED) as database:
        await Resealing(database, HandClock(), TABLES).walk_all()
    assert await kept_under(things, AFTER) == [2, 1, 3]


async def test_a_frozen_row_changes_its_seal_alone(things: Service) -> None:
    await put(things, BEFORE, [1])
    for allowed in "off", "on":
        async with things.database.connection() as connection:
            await connection.execute("select set_config('apricot.resealing', $1, false)", allowed)
            with pytest.raises(asyncpg.PostgresError) as refused:
                await connection.execute("update frozen set body = 'x', other = 'changed'")
        assert refused.value.sqlstate == "APR99"
    async with opened(things, BEFORE) as database, database.transaction() as session:
        assert (await session.exec(select(FrozenRow).where(col(FrozenRow.number) == 1))).one().body == b"body 1"
