"""Engines with the services' tables and no service, and the drill: see `drill.py`."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kit import migrate
from operations.cut import CALLERS_FIRST
from operations.place import Place
from stack.platform import Platform
from stack.testing import temporary_platform
from tests.operations.drill import Drill
from tests.operations.drill import drill as perform


@pytest.fixture(scope="session")
async def engines() -> AsyncIterator[Platform]:
    """PostgreSQL and NATS, with the tables of every service."""
    async with temporary_platform(("postgres", "nats")) as running:
        for service in CALLERS_FIRST:
            await asyncio.to_thread(migrate.upgrade, running.database_url, service)
        yield running


@pytest.fixture(scope="session")
async def empty() -> AsyncIterator[Platform]:
    """PostgreSQL and NATS, and nothing in them: where refused backups would have gone."""
    async with temporary_platform(("postgres", "nats")) as running:
        yield running


@pytest.fixture(scope="session")
async def drill(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Drill]:
    """A platform under load, backed up, killed, and restored."""
    async with perform(tmp_path_factory.mktemp("drill")) as done:
        yield done


def place_on(platform: Platform, objects: Path) -> Place:
    """Its data; identity's key is not known."""
    return Place(platform.database_url, platform.nats_url, objects.as_uri())
