"""A desk without a platform, whose clock stands still: for what a window shows of what is known already."""

from collections.abc import AsyncIterator

import pytest
from apricot.identity.v1.account_pb2 import Account

from clients.clinician.models.desk import Desk
from clients.clinician.models.settings import Settings
from clients.sdk import Apricot, SavedSession
from tests.clinician.patient.scene import Clock


@pytest.fixture
def clock() -> Clock:
    """The desk's."""
    return Clock()


@pytest.fixture
async def still_desk(settings: Settings, clock: Clock) -> AsyncIterator[Desk]:
    """Nobody is at the address of its session, and nothing asks."""
    async with Apricot("127.0.0.1:1") as nobody:
        yield Desk(nobody.resume(SavedSession("", "")), Account(), settings, now=clock)
