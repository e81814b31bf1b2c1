"""The pharmacy wounded while an order is watched: `kill -9` of the replicas, and NATS away."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from apricot.pharmacy.v1.order_pb2 import ORDER_STATE_DELIVERED

from clients.sdk import OrderWatch
from kit.database import Database
from stack.platform import Platform
from tests.faults.load import until
from tests.patience import PATIENCE
from tests.people import People
from tests.pharmacy.delivery.carried_orders import carried, positions_of, walk

PARTS = ("pharmacy-1", "nats", "pharmacy-2")


@pytest.fixture(scope="module")
async def database(wounded: Platform) -> AsyncIterator[Database]:
    opened = Database(wounded.database_url, "pharmacy", wounded.sealing_keys("pharmacy"))
    yield opened
    await opened.close()


class Seen:
    """What came out of a watch."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.places = 0

    async def has(self, steps: int = 0, places: int = 0) -> None:
        """Wait until so many have come."""
        await until(lambda: len(self.steps) >= steps and self.places >= places)

    async def read(self, watch: OrderWatch) -> None:
        """To its end."""
        known = 0
        async for update in watch:
            if update.HasField("order") and not known:
                known = len(update.order.steps)
            if update.HasField("step"):
                self.steps.append(update.step.sequence - known)
            self.places += update.HasField("position")


async def test_a_watched_order_misses_and_doubles_nothing(wounded: Platform, folk: People, database: Database) -> None:
    made = await carried(database, await folk.patient(), await folk.new_courier())
    buyers, couriers = Seen(), asyncio.create_task(made.courier.session.report_location(walk()))
    reading = asyncio.create_task(buyers.read(made.buyer.session.watch_order(made.order_id)))
    await buyers.has(places=1)
    *others, last = PARTS
    for number, part in enumerate(others):
        wounded.part(part).kill()
        await made.failed()
        await made.tried_again()
        await wounded.part(part).wait_ready()
        await buyers.has(steps=2 * (number + 1))
        await buyers.has(places=buyers.places + 1)  # he is seen again
    wounded.part(last).kill()
    assert await made.completed((await made.seen()).hand_over_code) == ORDER_STATE_DELIVERED
    async with asyncio.timeout(PATIENCE):
        await reading
        await couriers
    await wounded.part(last).wait_ready()
    assert buyers.steps == list(range(1, 2 * len(others) + 2))
    assert await positions_of(database, made.order_id) == 0
