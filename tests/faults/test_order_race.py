"""`kill -9` to a replica of the pharmacy, and to what it stands on, while a crowd buys the last boxes: nothing is sold
twice, nothing acknowledged is lost, nothing stays held for nobody."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from kit.database import Database
from stack.platform import Platform
from stack.testing import temporary_platform
from tests.pharmacy.orders.rush import assert_only_these_hold, doors, gather_buyers, insist, shop_with

CROWD, BOXES = 1000, 100


@pytest.fixture(scope="module")
async def drugstore() -> AsyncIterator[Platform]:
    """Two replicas behind the gateway; each test leaves it whole."""
    async with temporary_platform(
        ("postgres", "nats", "migrate", "identity", "pharmacy", "gateway"),
        pharmacy_replicas=2,
        gateway_user_requests_per_second=10_000,
    ) as running:
        yield running


@pytest.mark.parametrize("parts", [("pharmacy-1",), ("postgres",)], ids="+".join)
async def test_the_last_boxes_are_sold_once(drugstore: Platform, parts: Sequence[str]) -> None:
    database = Database(drugstore.database_url or "", "pharmacy", drugstore.sealing_keys)
    shop = await shop_with(database, BOXES // 2, BOXES // 2)
    buyers = await gather_buyers(drugstore, shop, CROWD)
    async with doors(drugstore) as stubs:
        tries = [asyncio.create_task(insist(stubs[number % len(stubs)], one)) for number, one in enumerate(buyers)]

        await asyncio.wait(tries, return_when=asyncio.FIRST_COMPLETED)
        assert sum(not one.done() for one in tries) > CROWD // 2
        for part in parts:
            drugstore.part(part).kill()
        for part in parts:
            await drugstore.part(part).wait_ready()
        outcomes = await asyncio.gather(*tries)
    await database.close()
    shop.database = Database(drugstore.database_url or "", "pharmacy", drugstore.sealing_keys)
    await assert_only_these_hold(shop, buyers, outcomes, BOXES)
    await shop.database.close()
