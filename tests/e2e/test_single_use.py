"""A prescription used at the same instant in two pharmacies, through the gateway: one order gets it."""

import asyncio
from datetime import UTC, datetime

from apricot.consult.v1.prescription_pb2 import Amount
from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1.ledger_pb2 import GetLedgerBalancesRequest
from apricot.pharmacy.v1.order_pb2 import Order, Quote, WantedItem

from clients.sdk import ApricotError
from stack.platform import Platform
from tests.consult.doctors import listed_doctor
from tests.consult.prescriptions.writing import facts, written
from tests.e2e.market import Market, named, place, tablets
from tests.e2e.prescribing import prescribed
from tests.kit.running import until
from tests.people import People, Person

PLACE = 28.0, 102.0
TRIES = 8


async def test_of_two_pharmacies_one_sells_it(platform: Platform, people: People) -> None:
    doctor, patient = await listed_doctor(people, "endocrinology"), await named(await people.patient())
    metformin = tablets("盐酸二甲双胍片", "metformin", "A10BA02", "500", on_prescription=True)
    metformin.pack.CopyFrom(Amount(value="14", unit="{tablet}"))
    prescription = await prescribed(doctor, patient, written(), facts(datetime.now(UTC).date().isoformat()))
    quotes = list[Quote]()
    for _ in range(2):
        market = await Market.open(platform, people, PLACE)
        product_id = await market.sell(metformin, 1990)
        wanted = WantedItem(product_id=product_id, quantity=1, prescription_item=1)
        await until(lambda: _has_heard(market, patient, wanted, prescription.prescription_id))  # noqa: B023  at once
        quotes += [
            await market.quote(patient, wanted, prescription_id=prescription.prescription_id) for _ in range(TRIES // 2)
        ]
    outcomes = await asyncio.gather(*(place(patient, quote) for quote in quotes), return_exceptions=True)
    orders = [one for one in outcomes if isinstance(one, Order)]
    refusals = [one.reason for one in outcomes if isinstance(one, ApricotError)]
    assert len(orders) == 1
    assert refusals == [Reason.REASON_PRESCRIPTION_USED] * (TRIES - 1)
    balances = (await market.admin.session.ledger.GetLedgerBalances(GetLedgerBalancesRequest())).balances
    assert sum(one.amount_minor for one in balances) == 0


async def _has_heard(market: Market, patient: Person, wanted: WantedItem, prescription_id: str) -> bool:
    """The pharmacy hears of prescriptions by events."""
    try:
        await market.quote(patient, wanted, prescription_id=prescription_id)
    except ApricotError as error:
        if error.reason != Reason.REASON_PRESCRIPTION_NOT_VALID:
            raise
        return False
    return True
