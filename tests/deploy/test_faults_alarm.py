"""Faults are made on a real platform, and a real Prometheus with the real rules tells of them, and when they are over.

Windows and limits of the rules are shortened, nothing else: nobody waits for an hour here.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp
import asyncpg
import pytest

from clients.sdk import Apricot, ApricotError, Recorder
from deploy.dashboards.prometheus import Prometheus, scraping
from deploy.dashboards.rules import hastened
from kit.schema import service_url
from stack.platform import Platform
from stack.testing import temporary_platform
from tests.deploy.rules import program
from tests.patience import PATIENCE
from tests.people import People, Person, new_phone

SENSOR = Recorder.by_hand("sensor", "Asia/Shanghai")
HUNG = {"ConsumerStuck", "AlertsNotEvaluated"}
ATTACKED = {"SignInsAttacked", "TokensRefused"}
CUT = {"EventsNotPublished", "LiveWatchesIncomplete", "CallsFail", "MetricsMissing"}


@pytest.fixture(scope="module")
async def own() -> AsyncIterator[Platform]:
    async with temporary_platform(demo=True, gateway_sign_in_requests_per_minute=100_000) as running:
        yield running


@pytest.fixture(scope="module")
async def watched(own: Platform, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Prometheus]:
    program("prometheus")
    async with scraping(own, tmp_path_factory.mktemp("prometheus"), hastened(), 1.0) as prometheus:
        yield prometheus


@pytest.fixture(scope="module")
async def folk(own: Platform) -> AsyncIterator[People]:
    async with Apricot(own.gateway_address.removeprefix("http://")) as apricot:
        yield People(apricot, own.part("identity").log.path)


@pytest.mark.programs
async def test_faults_are_told_and_so_is_their_end(own: Platform, watched: Prometheus, folk: People) -> None:
    patient = await folk.patient()
    async with forever(lambda: log_reading(patient)):
        async with alerts_locked(own), forever(lambda: guess_password(folk)), forever(lambda: forge_token(own)):
            await until_firing(watched, HUNG | ATTACKED)
        await until_quiet(watched, HUNG | ATTACKED)
        await asyncio.gather(own.part("nats").stop(), own.part("identity").stop())
        async with forever(lambda: ask_for_code(folk)):
            await until_firing(watched, CUT)
        await asyncio.gather(own.part("nats").start(), own.part("identity").start())
        await until_quiet(watched, CUT)


async def until_firing(prometheus: Prometheus, alerts: set[str]) -> None:
    """All of them, at one time or another."""
    missing = set(alerts)
    async with asyncio.timeout(PATIENCE):
        while missing := missing - await prometheus.firing():
            await asyncio.sleep(0.5)


async def until_quiet(prometheus: Prometheus, alerts: set[str]) -> None:
    """None of them."""
    async with asyncio.timeout(PATIENCE):
        while alerts & await prometheus.firing():
            await asyncio.sleep(0.5)


@asynccontextmanager
async def forever(act: Callable[[], Coroutine[Any, Any, object]]) -> AsyncIterator[None]:
    """Again and again while the block runs; that it fails is what is looked at."""

    async def go_on() -> None:
        while True:
            try:
                await act()
            except ApricotError:
                await asyncio.sleep(0)
            await asyncio.sleep(0.05)

    task = asyncio.create_task(go_on())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
    assert task.cancelled()


@asynccontextmanager
async def alerts_locked(platform: Platform) -> AsyncIterator[None]:
    """The evaluation of alerts hangs on a lock that somebody forgot."""
    connection = await asyncpg.connect(service_url(platform.database_url, "glucose"))
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("lock table alert_state in access exclusive mode")
    try:
        yield
    finally:
        await transaction.rollback()
        await connection.close()


async def log_reading(patient: Person) -> None:
    await patient.session.log(patient.account_id, [SENSOR.sensor_reading(datetime.now(UTC), 120)])


async def guess_password(folk: People) -> None:
    await folk.apricot.sign_in_with_password(new_phone(), "a guess at a password")


async def ask_for_code(folk: People) -> None:
    await folk.apricot.request_code(new_phone())


async def forge_token(platform: Platform) -> None:
    headers = {"authorization": "Bearer eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmVk"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.get(f"{platform.gateway_address}/v1/me") as answer,
    ):
        assert answer.status == 401
