"""The worker between NATS and PostgreSQL: from a stored reading to a watcher, and the dead-man alarm."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID, uuid4

import pytest
from apricot.glucose.v1 import alert_pb2 as pb
from apricot.glucose.v1.entry_pb2 import Entry
from apricot.glucose.v1.watch_pb2 import WatchPatientsResponse

from clients.sdk import Recorder
from kit import migrate
from kit.clock import utc_now
from kit.consumer import Consumer
from kit.service_identity import ServiceIdentity
from services.glucose.domain.alerts.pace import Pace
from services.glucose.rpc.vigil import LAG_LIMIT, Vigil
from services.glucose.work.alerting import Alerting
from services.glucose.work.progress import CONSUMER, SUBJECTS, Progress
from stack.platform import Platform
from stack.testing import temporary_platform
from tests.glucose.alerts.clinic import ZONE, Circle, recipient
from tests.glucose.wired import Wired, wired
from tests.kit.running import running, until
from tests.patience import PATIENCE


@pytest.fixture(scope="module")
async def engines() -> AsyncIterator[Platform]:
    """PostgreSQL and NATS of its own, since the worker takes every event that it finds."""
    async with temporary_platform(("postgres", "nats")) as platform:
        await asyncio.to_thread(migrate.upgrade, platform.database_url, "glucose")
        yield platform


class Work:
    """One worker beside a replica."""

    def __init__(self, replica: Wired) -> None:
        circle = cast(ServiceIdentity, Circle())
        self.alerting = Alerting(replica.database, replica.relay, circle, utc_now, Pace(), pushing=False)
        self.progress = Progress(replica.database, replica.bus, utc_now)
        look = self.progress.following(self.alerting.look)
        self.consumer = Consumer(
            replica.bus, replica.database, CONSUMER, "glucose", SUBJECTS, look, replica.relay.wake, ack_wait_seconds=5
        )


@pytest.fixture
async def replica(engines: Platform) -> AsyncIterator[Wired]:
    async with wired(engines) as found:
        async with found.database.connection() as connection:
            await connection.execute("delete from alert_state")  # nobody is overdue by another test's clock
        yield found


def low() -> Entry:
    return Recorder.by_hand("sensor", ZONE).sensor_reading(datetime.now(UTC), 50)


async def alert_in(watch: AsyncIterator[WatchPatientsResponse]) -> pb.Alert:
    async with asyncio.timeout(PATIENCE):
        async for message in watch:
            if message.HasField("alert_changed"):
                return message.alert_changed.alert
    raise AssertionError


async def test_a_reading_becomes_an_alert_at_the_watcher_and_is_marked_as_delivered(replica: Wired) -> None:
    patient, work = uuid4(), Work(replica)
    async with running(work.consumer.run(), replica.receipts.run()), aclosing(replica.watch(patient)) as watch:
        await replica.log(patient, low())
        alert = await alert_in(watch)
        assert alert.rule == pb.ALERT_RULE_URGENT_LOW
        assert recipient(alert, patient).state == pb.RECIPIENT_STATE_RAISED
        alert = await alert_in(watch)
        assert recipient(alert, patient).state == pb.RECIPIENT_STATE_DELIVERED
    async with aclosing(replica.watch(patient)) as watch:
        snapshot = (await anext(watch)).snapshot
        assert list(snapshot.active_alerts) == [alert]


async def test_many_workers_raise_each_alert_once(replica: Wired) -> None:
    patients = [uuid4() for _ in range(40)]
    workers = [Work(replica) for _ in range(3)]

    async def alerts() -> list[UUID]:
        async with replica.database.connection() as connection:
            rows = await connection.fetch("select patient_id from alert where patient_id = any($1)", patients)
        return [row["patient_id"] for row in rows]

    async def all_there() -> bool:
        return len(await alerts()) >= len(patients)

    async with running(*(work.consumer.run() for work in workers)):
        await asyncio.gather(*(replica.log(patient, low()) for patient in patients))
        await until(all_there)
    assert sorted(await alerts()) == sorted(patients)


async def test_watchers_are_told_when_nobody_looks_and_when_somebody_does_again(replica: Wired) -> None:
    ahead = timedelta(0)
    vigil = replica.vigil = Vigil(lambda: utc_now() + ahead)
    work = Work(replica)
    began = utc_now()

    async def is_followed() -> bool:
        return vigil.complete_until > began

    async with running(work.consumer.run(), work.progress.run()):
        await until(is_followed)
    stopped_at = vigil.complete_until
    ahead = LAG_LIMIT + (utc_now() - stopped_at)
    async with aclosing(replica.watch(uuid4())) as watch:
        messages = [await anext(watch) for _ in range(3)]
        alarm = messages[-1].alerts_interrupted
        assert alarm.interrupted
        assert messages[1].heartbeat.alerts_complete_until == alarm.since
        async with running(work.consumer.run(), work.progress.run()):
            ahead = timedelta(0)
            async with asyncio.timeout(PATIENCE):
                while not (message := await anext(watch)).HasField("alerts_interrupted"):
                    pass
        assert not message.alerts_interrupted.interrupted


async def test_what_is_overdue_holds_the_word_back(replica: Wired) -> None:
    """Time alone raises alerts too: a worker that has stopped to look at who is due is as good as dead."""
    vigil = replica.vigil = Vigil(utc_now)
    overdue, work = utc_now() - timedelta(minutes=5), Work(replica)
    async with replica.database.connection() as connection:
        await connection.execute("insert into alert_state values ($1, $2)", uuid4(), overdue)

    async def is_held_back() -> bool:
        return vigil.complete_until == overdue

    async def goes_on() -> bool:
        return vigil.complete_until > overdue

    async with running(work.consumer.run(), work.progress.run()):
        await until(is_held_back)
        assert vigil.interrupted_since(was_interrupted=False) == overdue
        async with running(work.alerting.run_due()):
            await until(goes_on)
