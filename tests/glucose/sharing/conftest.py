"""One PostgreSQL and one NATS for the tests of sharing; a patient and grants for each."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from kit import migrate
from services.glucose.rpc import live
from stack.platform import Platform
from stack.testing import temporary_platform
from tests.glucose.sharing.service import Service
from tests.glucose.wired import Wired, wired
from tests.kit.identity import relations


@pytest.fixture(scope="package")
async def engines() -> AsyncIterator[Platform]:
    async with temporary_platform(("postgres", "nats")) as platform:
        await asyncio.to_thread(migrate.upgrade, platform.database_url, "glucose")
        yield platform


@pytest.fixture(scope="package")
async def parts(engines: Platform) -> AsyncIterator[Wired]:
    async with wired(engines) as made:
        yield made


@pytest.fixture
async def service(parts: Wired, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.05)
    async with relations() as grants:
        yield Service(parts, grants)
