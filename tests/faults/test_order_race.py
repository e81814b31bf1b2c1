"""`kill -9` to a replica of the pharmacy, and to what it stands on, while a crowd buys the last boxes: nothing is sold
twice, nothing acknowledged is lost, nothing stays held for nobody."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import pytest

from kit.database import Database
from services.pharmacy.domain.orders import State
from services.pharmacy.store.stock import Hold
from stack.platform import Platform
from stack.testing import temporary_platform
from tests.pharmacy.orders.rush import assert_only_these_hold, doors, gather_buyers, insist, shop_with

CROWD, BOXES = 1000, 100
SMALL_CROWD, NEVER_PAID = 300, 40


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
    database = Database(drugstore.database_url or "", "pharmacy", drugstore.sealing_keys("pharmacy"))
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
    shop.database = Database(drugstore.database_url or "", "pharmacy", drugstore.sealing_keys("pharmacy"))
    await assert_only_these_hold(shop, buyers, outcomes, BOXES)
    await shop.database.close()


async def test_what_nobody_pays_for_is_sold_to_others(drugstore: Platform) -> None:
    """Whoever got nothing keeps on trying; the worker is killed while the holds of those who do not pay lapse."""
    database = Database(drugstore.database_url or "", "pharmacy", drugstore.sealing_keys("pharmacy"))
    shop = await shop_with(database, BOXES)
    buyers = await gather_buyers(drugstore, shop, SMALL_CROWD)
    async with doors(drugstore) as stubs:
        outcomes = await asyncio.gather(*(insist(stubs[n % len(stubs)], one) for n, one in enumerate(buyers)))
        await assert_only_these_hold(shop, buyers, outcomes, BOXES)
        winners = [one for one, outcome in zip(buyers, outcomes, strict=True) if outcome == "PLACED"]
        losers = [one for one in buyers if one not in winners]
        lapsed = [UUID(one.quote_id) for one in winners[:NEVER_PAID]]
        placed = list[UUID]()

        async def keep_trying(number: int) -> None:
            while len(placed) < NEVER_PAID:
                if await insist(stubs[number % len(stubs)], losers[number]) == "PLACED":
                    placed.append(UUID(losers[number].quote_id))
                    return

        tries = [asyncio.create_task(keep_trying(number)) for number in range(len(losers))]
        await shop.execute("update medicine_order set due_time = now() where order_id = any($1)", lapsed)
        await asyncio.wait(tries, return_when=asyncio.FIRST_COMPLETED)
        drugstore.part("pharmacy-worker").kill()
        await drugstore.part("pharmacy-worker").wait_ready()
        await asyncio.gather(*tries)
    orders = await shop.fetch("select order_id, state from medicine_order where pharmacy_id = $1", shop.pharmacy)
    assert {row["order_id"] for row in orders if row["state"] == State.EXPIRED} == set(lapsed)
    assert {UUID(one.quote_id) for one in winners[NEVER_PAID:]} | set(placed) == {
        row["order_id"] for row in orders if row["state"] == State.AWAITING_PAYMENT
    }
    holds = await shop.fetch(
        "select state from stock_hold join stock_lot using (lot_id) where pharmacy_id = $1", shop.pharmacy
    )
    assert Counter(row["state"] for row in holds) == {Hold.HELD: BOXES, Hold.RELEASED: NEVER_PAID}
    assert await shop.held_packs() == (BOXES, BOXES)
    await database.close()
