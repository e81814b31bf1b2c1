"""The services' databases, with their tables and without any service at work."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from kit import migrate
from stack.platform import Platform
from stack.testing import temporary_platform
from tests.conventions.mapped import SERVICES


@pytest.fixture(scope="module")
async def databases() -> AsyncIterator[dict[str, str]]:
    """Each service's, without any service at work."""
    async with temporary_platform(("postgres",)) as platform:
        yield {service: await _migrated(platform, service) for service in SERVICES}


async def _migrated(platform: Platform, service: str) -> str:
    url = f"{platform.database_url}/retained_{service}"
    await asyncio.to_thread(migrate.upgrade, url, service)
    return url
