"""`kill -9` of each part in the middle of an upload, of log calls and of two watches."""

import pytest

from clients.sdk import ApricotError
from stack.platform import Platform
from tests.faults.load import under_load, until
from tests.people import People

PARTS = [
    ("glucose-1",),
    ("glucose-1", "glucose-2"),
    ("nats",),
    ("postgres",),
    ("gateway",),
    ("identity",),
    ("postgres", "nats"),
]


@pytest.mark.parametrize("parts", PARTS, ids="+".join)
async def test_nothing_acknowledged_is_lost_and_nothing_doubled(
    wounded: Platform, folk: People, parts: tuple[str, ...]
) -> None:
    async with under_load(await folk.patient()):
        for part in parts:
            wounded.part(part).kill()
        for part in parts:
            await wounded.part(part).wait_ready()
    await until(lambda: _signs_in(folk))


async def _signs_in(folk: People) -> bool:
    """Identity too serves again: the gateway rests a replica that has refused calls for two seconds."""
    try:
        await folk.patient()
    except ApricotError:
        return False
    return True
