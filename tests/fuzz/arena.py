"""Where it is fought: a platform of its own, with somebody on it to be protected."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from clients.sdk import Apricot
from stack.platform import Platform
from stack.testing import temporary_platform
from tests.e2e.conftest import Doors
from tests.e2e.market import Market
from tests.e2e.signer import Signer
from tests.fuzz.campaign import Campaign
from tests.fuzz.victim import seed_victim
from tests.people import People


@asynccontextmanager
async def arena() -> AsyncIterator[Platform]:
    """What is sent in an admin's name would be in other tests' way."""
    async with temporary_platform(
        demo=True,  # for its admin, who approves licences
        glucose_replicas=2,
        gateway_user_requests_per_second=10_000,
        gateway_sign_in_requests_per_minute=100_000,
    ) as running:
        yield running


@asynccontextmanager
async def prepared(platform: Platform, seed: int) -> AsyncIterator[Campaign]:
    """A campaign against it, with a victim seeded."""
    doors = Doors(platform)
    try:
        async with Apricot(platform.gateway_address.removeprefix("http://")) as client:
            people = People(client, platform.part("identity").log.path)
            market = await Market.open(platform, people, (10.0, 100.0))
            victim = await seed_victim(people, market, doors)
            own = await people.patient()
            yield Campaign(doors, await Signer.of(platform), victim, own.account_id, seed)
    finally:
        await doors.close()
