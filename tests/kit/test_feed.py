"""The feed and the pipe: every event once and in order, whatever happens to NATS."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import nats.errors
import pytest

from kit.bus import Bus, Event, Publication
from kit.feed import Feed, replay
from stack.platform import Platform
from tests.kit.conftest import Service
from tests.kit.running import published, running, until


def publications(service: Service, numbers: range) -> list[Publication]:
    return [Publication(f"e{n}", f"apricot.{service.name}.thing.made.k", bytes(8000), n) for n in numbers]


async def test_it_goes_on_over_deaths_of_nats(service: Service, parts: Platform) -> None:
    seen: list[int] = []
    lost: list[bool] = []
    feed = Feed(service.bus, service.name, lambda event: seen.append(event.transaction_id), lambda: lost.append(True))
    await feed.start()
    async with running(feed.run()):
        for start in range(0, 600, 300):
            await _publish(service, range(start, start + 300))
            parts.part("nats").kill()
            await parts.part("nats").wait_ready()
        await until(lambda: len(seen) >= 600)
    assert seen == list(range(600))
    assert lost == []


async def test_what_it_recalls_is_known_once_it_has_started(service: Service) -> None:
    await service.bus.ensure_stream(service.name)
    await _publish(service, range(300))
    seen: list[int] = []
    feed = Feed(service.bus, service.name, lambda event: seen.append(event.transaction_id))
    await feed.start(recall=timedelta(minutes=1))
    assert seen == list(range(300))
    async with running(feed.run()):
        await _publish(service, range(300, 600))
        await until(lambda: len(seen) >= 600)
    assert seen == list(range(600))


async def test_a_stream_made_anew_is_a_loss(service: Service) -> None:
    seen: list[Event] = []
    lost: list[bool] = []
    feed = Feed(service.bus, service.name, seen.append, lambda: lost.append(True))
    await feed.start()
    async with running(feed.run()):
        await _publish(service, range(5))
        await until(lambda: len(seen) == 5)
        await service.bus.jetstream.delete_stream(service.name)
        await until(lambda: bool(lost))
        await _publish(service, range(5, 8))
        await until(lambda: len(seen) == 8)


async def test_a_replay_holds_what_it_is_asked_for(service: Service) -> None:
    await service.bus.ensure_stream(service.name)
    await _publish(service, range(10))
    wanted = [f"apricot.{service.name}.thing.*.k"]
    assert [e.sequence async for e in replay(service.bus, service.name, 3, 7, wanted)] == [3, 4, 5, 6, 7]
    assert [e.sequence async for e in replay(service.bus, service.name, 9, 7, wanted)] == []
    assert [e.sequence async for e in replay(service.bus, service.name, 30, 40, wanted)] == []
    nobody = [f"apricot.{service.name}.thing.*.nobody"]
    assert [e.sequence async for e in replay(service.bus, service.name, 1, 10, nobody)] == []


async def test_a_broken_publication_keeps_its_order(service: Service, parts: Platform) -> None:
    """What is in flight when NATS dies may be lost, but never a first event before a second."""
    await service.bus.ensure_stream(service.name)
    observer = await Bus.connect(parts.nats_url, "observer")
    for start in range(0, 4000, 2000):
        publishing = asyncio.create_task(service.bus.publish(publications(service, range(start, start + 2000))))
        await until(lambda start=start: _reached(observer, service.name, start + 1))  # type: ignore[misc]
        parts.part("nats").kill()
        with suppress(OSError, nats.errors.Error):
            await publishing
        await parts.part("nats").wait_ready()
        stored = [event.transaction_id for event in await _all(service)]
        assert stored == list(range(len(stored)))
        await _publish(service, range(start, start + 2000))
    await observer.close()
    assert [event.transaction_id for event in await _all(service)] == list(range(4000))


async def test_what_nats_cannot_take_is_no_outage(service: Service) -> None:
    await service.bus.ensure_stream(service.name)
    with pytest.raises(nats.errors.MaxPayloadError):
        await service.bus.publish([Publication("big", f"apricot.{service.name}.thing.made.k", bytes(9 << 20))])


async def _publish(service: Service, numbers: range) -> None:
    while True:
        with suppress(OSError, nats.errors.Error):
            return await service.bus.publish(publications(service, numbers))
        await asyncio.sleep(0.05)


async def _reached(observer: Bus, name: str, sequence: int) -> bool:
    with suppress(nats.errors.Error):
        return (await observer.ensure_stream(name)).last_sequence >= sequence
    return False


async def _all(service: Service) -> list[Event]:
    while True:
        with suppress(OSError, nats.errors.Error):
            return await published(service.bus, service.name)
        await asyncio.sleep(0.05)
