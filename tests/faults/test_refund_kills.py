"""`kill -9` while an order is given up, and while its money goes back: once, and the ledger sums to zero."""

from collections.abc import Sequence

import aiohttp
import pytest
from apricot.pharmacy.v1.order_pb2 import ORDER_STATE_CANCELLED

from tests.e2e.market import Market
from tests.faults.errand import TO_THE_DOOR, VICTIMS, Errand, agrees, are_back, begin, interrupted, kill
from tests.faults.load import until
from tests.people import People


@pytest.mark.timeout(240)
@pytest.mark.parametrize("victims", VICTIMS, ids="+".join)
async def test_to_give_an_order_up_is_done_once(market: Market, patient_folk: People, victims: Sequence[str]) -> None:
    errand = await packed(market, patient_folk)
    await interrupted(errand, Errand.cancel, victims)
    await _has_given_everything_back(errand)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("victims", VICTIMS[1:3] + VICTIMS[4:], ids="+".join)
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_money_goes_back_once(market: Market, patient_folk: People, victims: Sequence[str], moment: str) -> None:
    """The refund hangs at the provider, not done yet or done without an answer."""
    errand = await packed(market, patient_folk)
    await _control(market, "hold", kind="refund", moment=moment)
    await errand.cancel()

    async def hangs() -> bool:
        return bool((await _control(market, "held"))["waiting"])

    await until(hangs)
    kill(market.platform, victims)
    await are_back(market.platform, victims)
    await _control(market, "release")
    await _has_given_everything_back(errand)


async def packed(market: Market, patient_folk: People) -> Errand:
    errand = await begin(market, patient_folk)
    for step in TO_THE_DOOR[:4]:
        await step(errand)
    return errand


async def _has_given_everything_back(errand: Errand) -> None:
    await errand.stands_at(ORDER_STATE_CANCELLED)
    await until(lambda: agrees(errand, sold=0, refunded=errand.order.total.minor_units))


async def _control(market: Market, what: str, **wanted: str) -> dict[str, int]:
    address = market.platform.part("cashier").program.address
    async with aiohttp.ClientSession(f"http://{address}") as http:
        asked = http.get("/control/held") if what == "held" else http.post(f"/control/{what}", json=wanted)
        async with asked as answer:
            answer.raise_for_status()
            found: dict[str, int] = await answer.json()
            return found
