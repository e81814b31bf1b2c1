"""The outbox's relay against real PostgreSQL and NATS: in order, each event once, one relay at a time."""

import asyncio

import asyncpg
import nats.errors
import pytest

from kit import outbox
from kit.bus import Publication
from kit.outages import is_outage
from kit.outbox import Relay
from stack.platform import Platform
from tests.kit.conftest import Service
from tests.kit.running import insert, outbox_size, published, running, until


def relay_of(service: Service) -> Relay:
    return Relay(service.database.url, service.bus, service.name)


async def payloads(service: Service) -> list[int]:
    return [int(event.payload) for event in await published(service.bus, service.name)]


async def test_events_come_out_in_the_order_of_their_transactions(service: Service) -> None:
    relay = relay_of(service)
    async with running(relay.run()):
        for number in range(0, 60, 3):
            await insert(service, [str(number + each).encode() for each in range(3)])
            await relay.wake()
        await until(lambda: _is_empty(service))
    assert await payloads(service) == list(range(60))


async def test_a_row_that_commits_late_is_not_skipped(service: Service) -> None:
    late = await asyncpg.connect(service.database.url)
    async with running(relay_of(service).run()):
        transaction = late.transaction()
        await transaction.start()
        await late.execute(
            "insert into outbox (subject, payload) values ($1, '1')", f"apricot.{service.name}.thing.made.k"
        )
        await insert(service, [b"2"])
        await until(lambda: _has(service, 1))
        await transaction.commit()
        await until(lambda: _has(service, 2))
    await late.close()
    assert await payloads(service) == [2, 1]


async def test_order_and_once_over_deaths_of_nats_and_postgres(service: Service, parts: Platform) -> None:
    count = 4000
    relay = relay_of(service)
    async with running(relay.run()):
        writing = asyncio.create_task(_write_through(service, relay, count))
        for number, part in enumerate(("nats", "postgres"), 1):
            await until(lambda number=number: _has(service, number * 1000))  # type: ignore[misc]
            parts.part(part).kill()
            await parts.part(part).wait_ready()
        await writing
        await until(lambda: _is_empty(service))
    assert await payloads(service) == list(range(count))


async def test_what_was_published_before_an_outage_is_not_published_again(service: Service) -> None:
    """Even when JetStream has forgotten the ids: its window is two minutes, here a moment."""
    await service.bus.ensure_stream(service.name)
    info = await service.bus.jetstream.stream_info(service.name)
    await service.bus.jetstream.update_stream(info.config, duplicate_window=0.1)
    await insert(service, [b"0", b"1"])
    async with running(relay_of(service).run()):
        await until(lambda: _has(service, 2))
        rows = [int(event.event_id.split("-")[1]) for event in await published(service.bus, service.name)]
        await until(lambda: _is_empty(service))
    async with service.database.connection() as connection:  # a crash of PostgreSQL has lost the deletion
        await connection.execute(
            "insert into outbox (id, subject, payload, create_time) overriding system value "
            "select id, $1, 'again', now() - interval '2 seconds' from unnest($2::bigint[]) as id",
            f"apricot.{service.name}.thing.made.k",
            rows,
        )
    await insert(service, [b"2"])
    await asyncio.sleep(0.2)  # the window
    async with running(relay_of(service).run()):
        await until(lambda: _is_empty(service))
    assert await payloads(service) == [0, 1, 2]


async def test_one_relay_works_and_another_takes_over(service: Service) -> None:
    first, second = relay_of(service), relay_of(service)
    async with running(first.run(), second.run()):
        await until(lambda: first._active or second._active)
        for number in range(5):
            await insert(service, [str(number).encode()])
            await until(lambda number=number: _has(service, number + 1))  # type: ignore[misc]
            assert await _cut_off_relays(service) == 1
            await until(lambda: first._active or second._active)
    assert await payloads(service) == list(range(5))


async def test_a_relay_that_hangs_loses_its_place(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its process is there, and its connection too; only it does nothing more."""
    monkeypatch.setattr(outbox, "_HUNG_SECONDS", 1)
    hung = relay_of(service)
    never = asyncio.Event()
    monkeypatch.setattr(hung, "_rest", never.wait)
    async with running(hung.run()):
        await until(lambda: hung._active)
        async with running(relay_of(service).run()):
            await insert(service, [b"0"])
            await until(lambda: _has(service, 1))
    assert await payloads(service) == [0]


async def test_the_idle_relay_wakes_the_active_one(service: Service) -> None:
    first, second = relay_of(service), relay_of(service)
    async with running(first.run(), second.run()):
        await until(lambda: first._active or second._active)
        idle = second if first._active else first
        loop = asyncio.get_running_loop()
        for number in range(10):
            began = loop.time()
            await insert(service, [str(number).encode()])
            await idle.wake()
            await until(lambda number=number: _has(service, number + 1))  # type: ignore[misc]
            assert loop.time() - began < 0.8  # not by the tick of a second


async def _write_through(service: Service, relay: Relay, count: int) -> None:
    """One writer, who sends again what may be lost; the database tells whether it was."""
    async with service.database.connection() as connection:
        await connection.execute("create table written (number int primary key)")
    for number in range(0, count, 20):
        while not await _is_written(service, range(number, number + 20)):
            await asyncio.sleep(0.05)
        await relay.wake()


async def _is_written(service: Service, numbers: range) -> bool:
    try:
        async with service.database.connection() as connection:
            await connection.execute(
                "with new as (insert into written select unnest($2::int[]) on conflict do nothing returning number) "
                "insert into outbox (subject, payload) "
                "select $1, convert_to(number::text, 'utf8') from new order by number",
                f"apricot.{service.name}.thing.made.k",
                list(numbers),
            )
    except Exception as error:
        if not is_outage(error):
            raise
        return False
    return True


async def _cut_off_relays(service: Service) -> int:
    """End the connection of whoever holds the lock; how many did."""
    async with service.database.connection() as connection:
        found = await connection.fetch(
            "select pg_terminate_backend(pid) from pg_locks join pg_database on database = pg_database.oid "
            "where locktype = 'advisory' and datname = current_database() and granted"
        )
    return len(found)


async def _is_empty(service: Service) -> bool:
    return await outbox_size(service) == 0


async def _has(service: Service, count: int) -> bool:
    """Whether so many events are in the stream."""
    try:
        info = await service.bus.jetstream.stream_info(service.name, subjects_filter=f"apricot.{service.name}.*.made.>")
    except nats.errors.Error:
        return False
    return sum((info.state.subjects or {}).values()) >= count


async def test_what_no_stream_has_stored_is_not_published(service: Service) -> None:
    """As when the stream has no leader: NATS then answers, but with nothing."""
    with pytest.raises(ConnectionError):
        await service.bus.publish([Publication(f"{service.name}-1", f"apricot.{service.name}.thing.made.k", b"1")])
