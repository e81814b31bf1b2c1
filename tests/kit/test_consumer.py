"""The durable consumer: at least once made once; what never will succeed is parked."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.bus import Event, Publication
from kit.consumer import Consumer, Handler
from stack.platform import Platform
from tests.kit.conftest import Service
from tests.kit.running import running, until


def consumer(service: Service, handler: Handler) -> Consumer:
    subjects = [f"apricot.{service.name}.thing.>"]
    return Consumer(service.bus, service.database, "reader", service.name, subjects, handler)


async def publish(service: Service, *event_ids: str) -> None:
    await service.bus.ensure_stream(service.name)
    await service.bus.publish(
        [Publication(event_id, f"apricot.{service.name}.thing.made.k", b"x") for event_id in event_ids]
    )


async def handled(service: Service) -> list[str]:
    async with service.database.connection() as connection:
        rows = await connection.fetch("select event_id from handled_event order by event_id")
    return [row["event_id"] for row in rows]


async def test_a_redelivered_event_is_handled_once(service: Service) -> None:
    """The handler's work is stored, and then the acknowledgement is lost."""
    calls: list[str] = []

    async def handle(_: AsyncSession, events: Sequence[Event]) -> None:
        calls.extend(event.event_id for event in events)

    await publish(service, "a", "b")
    async with running(consumer(service, handle).run()):
        await until(lambda: len(calls) == 2)
    await service.bus.jetstream.delete_consumer(service.name, "reader")
    await publish(service, "c")
    async with running(consumer(service, handle).run(), consumer(service, handle).run()):
        await until(lambda: len(calls) >= 3)
    assert sorted(calls) == ["a", "b", "c"]
    assert await handled(service) == ["a", "b", "c"]


async def test_what_a_failed_handler_wrote_is_undone_and_tried_again(service: Service) -> None:
    tries: list[int] = []

    async def handle(session: AsyncSession, events: Sequence[Event]) -> None:
        tries.append(len(tries))
        await (await session.connection()).execute(
            text("insert into outbox (subject, payload) values ('apricot.x', '')")
        )
        if len(tries) == 1:
            raise ValueError(events[0].event_id)

    await publish(service, "a")
    async with running(consumer(service, handle).run()):
        await until(lambda: _handled(service, ["a"]))
    async with service.database.connection() as connection:
        assert await connection.fetchval("select count(*) from outbox") == 1


async def test_poison_is_parked_and_the_next_goes_on(service: Service) -> None:
    async def handle(_: AsyncSession, events: Sequence[Event]) -> None:
        if any(event.event_id == "poison" for event in events):
            raise ValueError("never")

    await publish(service, "poison", "good")
    async with running(consumer(service, handle).run()):
        await until(lambda: _handled(service, ["good"]))
        await until(lambda: _parked(service, "poison"))


async def test_it_waits_out_an_outage_of_postgres(service: Service, parts: Platform) -> None:
    calls: list[str] = []

    async def handle(_: AsyncSession, events: Sequence[Event]) -> None:
        calls.extend(event.event_id for event in events)

    async with running(consumer(service, handle).run()):
        await publish(service, "a")
        await until(lambda: _handled(service, ["a"]))
        parts.part("postgres").kill()
        await publish(service, "b")
        await parts.part("postgres").wait_ready()
        await until(lambda: _handled(service, ["a", "b"]))
    assert {*calls} == {"a", "b"}


async def _handled(service: Service, event_ids: list[str]) -> bool:
    return await handled(service) == event_ids


async def _parked(service: Service, event_id: str) -> bool:
    async with service.database.connection() as connection:
        row = await connection.fetchrow("select event_id, error from parked_event")
    return row is not None and (row["event_id"], row["error"]) == (event_id, "ValueError")
