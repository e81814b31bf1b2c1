"""What waits is shown, by what is in the database and in JetStream; where nobody knows, nothing is shown."""

import asyncio
from collections.abc import Sequence
from math import isnan

from prometheus_client import REGISTRY
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import consumer, outbox
from kit.bus import Event, Publication
from kit.consumer import Consumer
from kit.figures import keep_figures
from stack.platform import Platform
from tests.kit.conftest import Service
from tests.kit.running import insert, running, until


def shown(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


async def test_what_waits_is_shown_and_while_nobody_knows_nothing_is(parts: Platform, service: Service) -> None:
    await insert(service, [b"1", b"2"])
    async with service.database.connection() as connection:
        await connection.execute("insert into parked_event values ('reader', 'a', 's', '', 'ValueError')")
    async with running(keep_figures(service.database, *outbox.FIGURES, *consumer.FIGURES)):
        await until(lambda: shown("apricot_outbox_events") == 2)
        assert shown("apricot_parked_events", consumer="reader") == 1
        assert (shown("apricot_relay_lag_seconds") or 0) > 0
        await parts.part("postgres").stop()
        await until(lambda: isnan(shown("apricot_outbox_events") or 0))
        assert shown("apricot_parked_events", consumer="reader") is None
        await parts.part("postgres").start()
        await until(lambda: shown("apricot_outbox_events") == 2)


async def test_work_that_hangs_is_seen_by_what_waits(service: Service) -> None:
    free = asyncio.Event()

    async def hang(_: AsyncSession, __: Sequence[Event]) -> None:
        await free.wait()

    labels = {"stream": service.name, "consumer": "hangs"}
    subject = f"apricot.{service.name}.thing.made.k"
    await service.bus.ensure_stream(service.name)
    await service.bus.publish([Publication("a", subject, b"x"), Publication("b", subject, b"x")])
    hanging = Consumer(service.bus, service.database, "hangs", service.name, [f"apricot.{service.name}.thing.>"], hang)
    async with running(hanging.run()):
        await until(lambda: shown("apricot_consumer_pending_events", **labels) == 2)
        await until(lambda: (shown("apricot_consumer_lag_seconds", **labels) or 0) > 1)
        free.set()
        await until(lambda: shown("apricot_consumer_lag_seconds", **labels) == 0)
    assert shown("apricot_consumer_pending_events", **labels) == 0
