"""Where databases went back in time and the streams did not: new streams, and each event handled once."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from google.protobuf.empty_pb2 import Empty
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.bus import Bus, Event
from kit.consumer import Consumer
from kit.database import Database
from kit.outbox import Relay, add_event
from operations.backup import back_up
from operations.folder import Folder
from operations.restore import renew_streams
from stack.platform import Platform
from tests.kit.running import published, running, until
from tests.operations.conftest import place_on
from tests.operations.test_refusals import quiet


async def test_each_event_is_handled_once_across_a_new_epoch(engines: Platform, tmp_path: Path) -> None:
    place = place_on(engines, tmp_path / "objects")
    bus, consult, pharmacy = (
        await Bus.connect(engines.nats_url, "renewed"),
        Database(engines.database_url, "consult", engines.sealing_keys("consult")),
        Database(engines.database_url, "pharmacy", engines.sealing_keys("pharmacy")),
    )
    heard, enough = list[str](), asyncio.Event()

    async def hear(_: AsyncSession, events: Sequence[Event]) -> None:
        heard.extend(event.key for event in events)
        enough.set()

    def consumer() -> Consumer:
        return Consumer(bus, pharmacy, "pharmacy-renewed", "consult", ["apricot.consult.tale.>"], hear)

    async def tell(name: str) -> None:
        async with consult.transaction() as session:
            add_event(session, f"apricot.consult.tale.told.{name}", Empty())

    async def told() -> list[str]:
        return [event.key for event in await published(bus, "consult") if event.noun == "tale"]

    async with running(Relay(consult.url, bus, "consult").run()):
        async with running(consumer().run()):
            await tell("first")
            await enough.wait()
        await tell("second")

        async def both() -> bool:
            return len(await told()) == 2

        await until(both)
    old = await bus.ensure_stream("consult")
    await back_up(place, tmp_path / "backup", None, quiet)
    await consult.close()
    await pharmacy.close()
    await renew_streams(Folder(tmp_path / "backup", None, quiet), place)
    assert (await bus.ensure_stream("consult")).epoch != old.epoch
    assert await told() == ["first", "second"]
    enough.clear()
    async with running(consumer().run()):
        await enough.wait()
    assert heard == ["first", "second"]
    await pharmacy.close()
    await bus.close()
