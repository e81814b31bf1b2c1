"""`kill -9` while the money of an order that was given up goes back: once, and the ledger sums to zero."""

from collections.abc import Sequence

import aiohttp
import pytest

from services.pharmacy.domain.orders import Act
from tests.e2e.market import Market
from tests.faults.agreement import agrees, shelf_agrees
from tests.faults.errand import Errand, begin
from tests.faults.load import until
from tests.faults.wounds import VICTIMS, interrupted, wound
from tests.people import People


@pytest.mark.parametrize("victims", VICTIMS, ids="+".join)
async def test_to_give_an_order_up_is_done_once(market: Market, patient_folk: People, victims: Sequence[str]) -> None:
    errand = await packed(market, patient_folk)
    await interrupted(errand, Errand.cancel, victims)
    errand.went(Act.CANCEL)
    await _has_given_everything_back(errand)


@pytest.mark.parametrize("victims", VICTIMS[1:3] + VICTIMS[4:], ids="+".join)
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_money_goes_back_once(market: Market, patient_folk: People, victims: Sequence[str], moment: str) -> None:
    """The refund hangs at the provider, not done yet or done without an answer."""
    errand = await packed(market, patient_folk)
    await _control(market, "hold", kind="refund", moment=moment)
    await errand.go(Act.CANCEL)

    async def hangs() -> bool:
        return bool((await _control(market, "held"))["waiting"])

    await until(hangs)
    await wound(market.platform, victims)
    await _control(market, "release")
    await _has_given_everything_back(errand)


async def packed(market: Market, patient_folk: People) -> Errand:
    return await (await begin(market, patient_folk)).go(Act.PLACE, Act.PAY, Act.PACK)


async def _has_given_everything_back(errand: Errand) -> None:
    await agrees(errand)
    await shelf_agrees(errand.market, errand.product_id)


async def _control(market: Market, what: str, **wanted: str) -> dict[str, int]:
    address = market.platform.part("cashier").program.address
    async with aiohttp.ClientSession(f"http://{address}") as http:
        asked = http.get("/control/held") if what == "held" else http.post(f"/control/{what}", json=wanted)
        async with asked as answer:
            answer.raise_for_status()
            found: dict[str, int] = await answer.json()
            return found
