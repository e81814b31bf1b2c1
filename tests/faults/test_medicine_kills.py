"""`kill -9` in the middle of every step of an order, to the pharmacy and to each thing that it stands on: each step is
done once, money and stock agree, and the ledger sums to zero."""

from collections.abc import Sequence

import pytest

from tests.e2e.market import Market
from tests.faults.agreement import agrees, shelf_agrees
from tests.faults.errand import DO, TO_THE_DOOR, begin
from tests.faults.wounds import VICTIMS, interrupted
from tests.people import People


@pytest.mark.parametrize("victims", VICTIMS, ids="+".join)
async def test_every_step_to_the_door_is_done_once(
    market: Market, patient_folk: People, victims: Sequence[str]
) -> None:
    errand = await begin(market, patient_folk)
    for act in TO_THE_DOOR:
        for step in DO[act]:
            await interrupted(errand, step, victims)
        errand.went(act)
    await agrees(errand)
    await shelf_agrees(market, errand.product_id)
