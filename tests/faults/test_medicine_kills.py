"""`kill -9` in the middle of every step of an order, to the pharmacy and to each thing that it stands on: each step is
done once, money and stock agree, and the ledger sums to zero."""

from collections.abc import Sequence

import pytest
from apricot.pharmacy.v1.order_pb2 import ORDER_STATE_DELIVERED

from tests.e2e.market import Market
from tests.faults.errand import QUANTITY, TO_THE_DOOR, VICTIMS, agrees, begin, interrupted
from tests.faults.load import until
from tests.people import People


@pytest.mark.timeout(240)
@pytest.mark.parametrize("victims", VICTIMS, ids="+".join)
async def test_every_step_to_the_door_is_done_once(
    market: Market, patient_folk: People, victims: Sequence[str]
) -> None:
    errand = await begin(market, patient_folk)
    for step in TO_THE_DOOR:
        await interrupted(errand, step, victims)
    await errand.stands_at(ORDER_STATE_DELIVERED)
    await until(lambda: agrees(errand, sold=QUANTITY, refunded=0))
