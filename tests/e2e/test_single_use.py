"""A prescription is one order's, its owner's, and as it was signed: through the gateway."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest
from apricot.consult.v1.prescription_pb2 import Amount, Prescription
from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1.ledger_pb2 import GetLedgerBalancesRequest
from apricot.pharmacy.v1.order_pb2 import ORDER_STATE_IN_REVIEW, Order, Quote, WantedItem
from apricot.pharmacy.v1.payment_pb2 import PAYMENT_PROVIDER_SANDBOX
from apricot.pharmacy.v1.product_pb2 import ProductContent
from apricot.pharmacy.v1.review_pb2 import CheckPrescriptionRequest, ClaimReviewRequest
from sqlmodel import text

from clients.sdk import ApricotError
from kit.database import Database
from services.pharmacy.store.prescription_tables import PrescriptionRow
from stack.platform import Platform
from tests.consult.doctors import listed_doctor
from tests.consult.prescriptions.writing import facts, written
from tests.e2e.market import Market, has_heard, named, place, request_id, see, tablets
from tests.e2e.prescribing import prescribed
from tests.kit.running import until
from tests.people import People, Person

PLACE = 28.0, 102.0
TRIES = 8


async def test_of_two_pharmacies_one_sells_it(platform: Platform, people: People) -> None:
    patient, prescription = await _prescribed(people)
    quotes = list[Quote]()
    for _ in range(2):
        market = await Market.open(platform, people, PLACE)
        wanted = WantedItem(product_id=await market.sell(_metformin(), 1990), quantity=1, prescription_item=1)
        await until(lambda: has_heard(market, patient, wanted, prescription.prescription_id))  # noqa: B023  at once
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


async def test_nobody_else_s_and_nothing_altered_is_sold(platform: Platform, people: People) -> None:
    """Altered behind the services' backs: nobody can order by it, and what was ordered before is not packed."""
    patient, prescription = await _prescribed(people)
    market = await Market.open(platform, people, PLACE)
    wanted = WantedItem(product_id=await market.sell(_metformin(), 1990), quantity=1, prescription_item=1)
    told = prescription.prescription_id
    await until(lambda: has_heard(market, patient, wanted, told))
    other = await named(await people.patient())
    await _is_refused(market, other, wanted, told)

    order = await place(patient, await market.quote(patient, wanted, prescription_id=told))
    await market.pay(patient, order.order_id, PAYMENT_PROVIDER_SANDBOX)

    async def in_review() -> bool:
        return (await see(patient, order.order_id)).state == ORDER_STATE_IN_REVIEW

    await until(in_review)
    await _alter(platform, prescription)
    await _is_refused(market, patient, wanted, told)
    reviews = market.pharmacist.session.reviews
    await reviews.ClaimReview(ClaimReviewRequest(request_id=request_id(), order_id=order.order_id))
    with pytest.raises(ApricotError) as unchecked:
        await reviews.CheckPrescription(CheckPrescriptionRequest(order_id=order.order_id))
    assert unchecked.value.reason == Reason.REASON_PRESCRIPTION_NOT_VALID
    with pytest.raises(ApricotError) as unpacked:
        await market.pack(order.order_id)
    assert unpacked.value.reason == Reason.REASON_WRONG_STATE


async def _prescribed(people: People) -> tuple[Person, Prescription]:
    doctor, patient = await listed_doctor(people, "endocrinology"), await named(await people.patient())
    known = facts(datetime.now(UTC).date().isoformat())
    return patient, await prescribed(doctor, patient, written(), known)


def _metformin() -> ProductContent:
    metformin = tablets("盐酸二甲双胍片", "metformin", "A10BA02", "500", on_prescription=True)
    metformin.pack.CopyFrom(Amount(value="14", unit="{tablet}"))
    return metformin


async def _is_refused(market: Market, buyer: Person, wanted: WantedItem, prescription_id: str) -> None:
    with pytest.raises(ApricotError) as caught:
        await market.quote(buyer, wanted, prescription_id=prescription_id)
    assert caught.value.reason == Reason.REASON_PRESCRIPTION_NOT_VALID


async def _alter(platform: Platform, prescription: Prescription) -> None:
    """As somebody who owns the database: past the triggers."""
    database = Database(platform.database_url, "pharmacy", platform.sealing_keys("pharmacy"))
    async with database.transaction() as session:
        await (await session.connection()).execute(text("set local session_replication_role = replica"))
        row = await session.get_one(PrescriptionRow, (UUID(prescription.prescription_id), prescription.revision))
        content = prescription.content
        content.written.items[0].quantity.value = "140"
        row.signed_content = content.SerializeToString(deterministic=True)
    await database.close()
