"""The callbacks' handler, by itself and behind the real gateway."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import web

from services.pharmacy.providers.port import Provider, Refund, Trade
from services.pharmacy.rpc.callbacks import CALLBACKS, MOST_BYTES, Callbacks
from stack.cashier.part import Cashier
from stack.platform import Platform
from tests.kit.running import until
from tests.pharmacy.providers.arranged import NAMES, build, paid
from tests.pharmacy.providers.cashier import Hands


class Till:
    """Takes what is genuine, or fails as it is told to."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, Trade | Refund]] = []
        self.failure: Exception | None = None

    async def take(self, provider: str, change: Trade | Refund) -> None:
        if self.failure:
            raise self.failure
        self.taken.append((provider, change))


@pytest.fixture
def till_keeper() -> Till:
    return Till()


@pytest.fixture
async def pharmacy(cashier: Cashier, till_keeper: Till) -> AsyncIterator[str]:
    """The URL of an HTTP side with the callbacks' routes."""
    app = web.Application()
    app.add_routes(Callbacks(build(cashier, "http://127.0.0.1"), till_keeper.take).routes())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
def served(cashier: Cashier, pharmacy: str) -> dict[str, Provider]:
    """Adapters whose provider calls that HTTP side."""
    return build(cashier, pharmacy)


def counted(provider: str, outcome: str) -> float:
    return float(CALLBACKS.labels(provider, outcome)._value.get())


async def post(url: str, body: bytes, content_type: str = "application/json") -> int:
    headers = {"Content-Type": content_type}
    async with aiohttp.ClientSession() as http, http.post(url, data=body, headers=headers) as answer:
        return answer.status


@pytest.mark.parametrize("name", NAMES)
async def test_what_is_genuine_is_taken_and_not_told_again(
    name: str, served: dict[str, Provider], till_keeper: Till, hands: Hands
) -> None:
    payment_id = await paid(served[name], hands)
    await until(lambda: bool(till_keeper.taken))
    assert till_keeper.taken == [(name, await served[name].find(payment_id))]

    async def known() -> bool:
        return [notice["taken"] for notice in await hands.told(payment_id.hex)] == [True]

    await until(known)


@pytest.mark.parametrize("name", NAMES)
async def test_in_an_outage_it_is_told_again(
    name: str, served: dict[str, Provider], till_keeper: Till, hands: Hands
) -> None:
    till_keeper.failure, before = ConnectionError("the database"), counted(name, "outage")
    payment_id = await paid(served[name], hands)

    async def tried() -> bool:
        (notice,) = await hands.told(payment_id.hex)
        assert not notice["taken"]
        return bool(notice["tries"])

    await until(tried)
    assert counted(name, "outage") > before
    till_keeper.failure = None
    await until(lambda: bool(till_keeper.taken))


@pytest.mark.parametrize("name", NAMES)
async def test_what_is_forged_is_counted_and_not_taken(
    name: str, pharmacy: str, served: dict[str, Provider], till_keeper: Till, hands: Hands
) -> None:
    await hands.notices("keep")
    payment_id = await paid(served[name], hands)
    before = counted(name, "forged")
    (answer,) = await hands.send(payment_id.hex, forge="signature")
    assert answer == {"status": 400, "body": ""}
    url = f"{pharmacy}/payments/{name}/callback"
    assert [await post(url, body) for body in (b"", b"{", b"a=b&sign=c", bytes(MOST_BYTES))] == [400] * 4
    assert await post(url, b"{}", "multipart/form-data; boundary=x") == 400
    assert counted(name, "forged") == before + 6
    assert await post(url, bytes(MOST_BYTES + 1)) == 413
    assert await post(f"{pharmacy}/payments/nobody/callback", b"{}") == 404
    assert not till_keeper.taken
    await hands.notices("send")
    await until(lambda: bool(till_keeper.taken))


async def test_a_fault_of_ours_is_no_outage(served: dict[str, Provider], till_keeper: Till, hands: Hands) -> None:
    till_keeper.failure = ZeroDivisionError()
    await hands.notices("keep")
    payment_id = await paid(served["sandbox"], hands)
    (answer,) = await hands.send(payment_id.hex)
    assert answer["status"] == 500
    till_keeper.failure = None
    await hands.notices("send")
    await until(lambda: bool(till_keeper.taken))


async def test_callbacks_pass_the_real_gateway(platform: Platform) -> None:
    cashier = platform.plan.cashier
    assert cashier
    hands = Hands(cashier)
    for name, provider in build(cashier, platform.gateway_address).items():
        payment_id, expire_time = uuid4(), datetime.now(UTC) + timedelta(minutes=15)
        order = await provider.start(payment_id, 100, "CNY", "杏林", expire_time)
        assert await hands.pay(name, order) == 200

        async def known(number: str = payment_id.hex) -> bool:
            return all(notice["taken"] for notice in await hands.told(number))

        await until(known)
        answers = await hands.send(payment_id.hex, times=2)
        assert [answer["status"] for answer in answers] == [200, 200]
        (forged,) = await hands.send(payment_id.hex, forge="signature")
        assert forged["status"] == 400
