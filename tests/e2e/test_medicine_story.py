"""One medicine's story, from the signed prescription of a real consultation to the refill: everything through the
gateway, with each payment provider."""

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from apricot.consult.v1.prescription_pb2 import (
    PRESCRIPTION_STATE_REPEATING,
    Amount,
    GetPrescriptionRequest,
    Prescription,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.entry_pb2 import DOSE_UNIT_TABLET
from apricot.identity.v1.audit_pb2 import ListAccessEventsRequest
from apricot.pharmacy.v1.catalog_pb2 import GetPharmacyRequest, SearchProductsRequest
from apricot.pharmacy.v1.delivery_pb2 import GetCourierStandingRequest, ListJobsRequest
from apricot.pharmacy.v1.ledger_pb2 import GetLedgerBalancesRequest, GetPharmacyBalanceRequest
from apricot.pharmacy.v1.order_pb2 import (
    ORDER_STATE_DELIVERED,
    ORDER_STATE_IN_REVIEW,
    ORDER_STATE_ON_THE_WAY,
    ORDER_STATE_PREPARING,
    ORDER_STATE_READY,
    Order,
    OrderAct,
    RateOrderRequest,
    WantedItem,
)
from apricot.pharmacy.v1.payment_pb2 import (
    PAYMENT_PROVIDER_ALIPAY,
    PAYMENT_PROVIDER_SANDBOX,
    PAYMENT_PROVIDER_WECHAT,
    PaymentProvider,
)
from apricot.pharmacy.v1.product_pb2 import ProductContent
from apricot.pharmacy.v1.refill_pb2 import (
    SUPPLY_BASIS_MEASURED,
    SUPPLY_STATE_LOW,
    ListSuppliesRequest,
    PrepareReorderRequest,
)
from apricot.pharmacy.v1.review_pb2 import (
    ApprovePrescriptionRequest,
    CheckPrescriptionRequest,
    ClaimReviewRequest,
    ListPendingReviewsRequest,
)

from clients.sdk import ApricotError, Recorder
from kit.database import Database
from stack.platform import Platform
from tests.consult.doctors import listed_doctor
from tests.consult.prescriptions.writing import facts, item, written
from tests.e2e.market import Market, has_heard, named, place, request_id, see, tablets
from tests.e2e.prescribing import prescribed
from tests.kit.running import until
from tests.people import People, Person

PRICE = 2390
DAYS = 4
"""Fewer than the refill's margin: the reminder is due when the prescription may be filled again."""
ZONES = "Asia/Shanghai", "Europe/London", "America/Los_Angeles"
"""In one of them it is day."""
PLACES = {
    PAYMENT_PROVIDER_SANDBOX: (25.0, 102.0),
    PAYMENT_PROVIDER_ALIPAY: (26.0, 102.0),
    PAYMENT_PROVIDER_WECHAT: (27.0, 102.0),
}


@pytest.mark.parametrize("provider", PLACES, ids=PaymentProvider.Name)
async def test_from_a_prescription_to_the_refill(
    platform: Platform, people: People, provider: PaymentProvider.ValueType
) -> None:
    market = await Market.open(platform, people, PLACES[provider])
    doctor = await listed_doctor(people, "endocrinology", fee_minor=1900)
    patient = await named(await people.patient())
    metformin = tablets("盐酸二甲双胍片", "metformin", "A10BA02", "500", on_prescription=True)
    metformin.pack.CopyFrom(Amount(value=str(2 * DAYS), unit="{tablet}"))
    product_id = await market.sell(metformin, PRICE)

    prescription = await _prescribes(doctor, patient)
    assert await _is_told_of(patient, market, metformin) == ""
    order = await _orders(patient, market, product_id, prescription)
    await market.pay(patient, order.order_id, provider)
    await _stands_at(patient, order, ORDER_STATE_IN_REVIEW)
    await _is_not_packed(market, order)
    await _is_approved(market, patient, order)
    assert await _is_told_of(patient, market, metformin) == metformin.dosage
    await market.pack(order.order_id)
    await _stands_at(patient, order, ORDER_STATE_READY)
    await _is_brought(market, patient, order)
    await _is_rated(market, patient, order)
    await _is_dispensed_once(patient, market, product_id, prescription)
    await _is_to_be_refilled(patient, product_id, prescription)
    await _is_reminded(platform, patient, order)
    await _balances(market, order)
    await _knows_who_looked(patient, market)


async def _prescribes(doctor: Person, patient: Person) -> Prescription:
    wanted = item(duration_days=DAYS, quantity=Amount(value=str(2 * DAYS), unit="{tablet}"), repeats=1)
    return await prescribed(
        doctor, patient, written(wanted, long_supply_reason="慢性病"), facts(datetime.now(UTC).date().isoformat())
    )


async def _is_told_of(patient: Person, market: Market, content: ProductContent) -> str:
    """How it is taken, as far as the law shows it."""
    request = SearchProductsRequest(position=market.door, query="二甲双胍", pharmacy_id=market.pharmacy_id)
    (found,) = (await patient.session.catalog.SearchProducts(request)).products
    assert found.product.content.name_zh == content.name_zh
    assert found.offer.price.minor_units == PRICE
    return found.product.content.dosage


async def _orders(patient: Person, market: Market, product_id: str, prescription: Prescription) -> Order:
    with pytest.raises(ApricotError) as caught:
        await market.quote(patient, WantedItem(product_id=product_id, quantity=1))
    assert caught.value.reason == Reason.REASON_PRESCRIPTION_REQUIRED
    return await _place(patient, market, product_id, prescription)


async def _place(patient: Person, market: Market, product_id: str, prescription: Prescription) -> Order:
    wanted = WantedItem(product_id=product_id, quantity=1, prescription_item=1)
    await until(lambda: has_heard(market, patient, wanted, prescription.prescription_id))
    quote = await market.quote(patient, wanted, prescription_id=prescription.prescription_id)
    assert quote.needs_review
    return await place(patient, quote)


async def _stands_at(patient: Person, order: Order, state: int) -> None:
    async def there() -> bool:
        return (await see(patient, order.order_id)).state == state

    await until(there)


async def _is_not_packed(market: Market, order: Order) -> None:
    with pytest.raises(ApricotError) as caught:
        await market.pack(order.order_id)
    assert caught.value.reason == Reason.REASON_WRONG_STATE


async def _is_approved(market: Market, patient: Person, order: Order) -> None:
    review = market.pharmacist.session.reviews
    pending = (await review.ListPendingReviews(ListPendingReviewsRequest())).reviews
    assert [one.order_id for one in pending] == [order.order_id]
    await review.ClaimReview(ClaimReviewRequest(request_id=request_id(), order_id=order.order_id))
    checked = await review.CheckPrescription(CheckPrescriptionRequest(order_id=order.order_id))
    assert not checked.check.findings
    await review.ApprovePrescription(
        ApprovePrescriptionRequest(request_id=request_id(), order_id=order.order_id, check_digest=checked.digest)
    )
    await _stands_at(patient, order, ORDER_STATE_PREPARING)


async def _is_brought(market: Market, patient: Person, order: Order) -> None:
    """The courier is seen on the way, and asks for the code at the door."""
    jobs = (await market.courier.session.delivery.ListJobs(ListJobsRequest())).jobs
    assert [job.order_id for job in jobs] == [order.order_id]
    await market.fetch(order.order_id)
    await _stands_at(patient, order, ORDER_STATE_ON_THE_WAY)
    async with patient.session.watch_order(order.order_id) as watch:
        await market.go_to_door()
        acts = list[OrderAct.ValueType]()
        async for update in watch:
            match update.WhichOneof("update"):
                case "order":
                    acts += [step.act for step in update.order.steps]
                case "position":
                    assert update.position.position == market.door
                    await market.hand_over(patient, order.order_id)
                case "step":
                    acts.append(update.step.act)
    assert [OrderAct.Name(act).removeprefix("ORDER_ACT_") for act in acts] == [
        "PLACE",
        "PAY_FOR_REVIEW",
        "APPROVE",
        "PACK",
        "PICK_UP",
        "DELIVER",
    ]
    assert (await see(patient, order.order_id)).state == ORDER_STATE_DELIVERED


async def _is_rated(market: Market, patient: Person, order: Order) -> None:
    rate = RateOrderRequest(
        request_id=request_id(), order_id=order.order_id, pharmacy_stars=5, courier_stars=4, words="很快"
    )
    rated = (await patient.session.orders.RateOrder(rate)).order
    assert (rated.rating.pharmacy_stars, rated.rating.courier_stars) == (5, 4)
    shop = await patient.session.catalog.GetPharmacy(GetPharmacyRequest(pharmacy_id=market.pharmacy_id))
    assert (shop.pharmacy.rating_average, shop.pharmacy.rating_count) == (5, 1)
    standing = await market.courier.session.delivery.GetCourierStanding(GetCourierStandingRequest())
    assert (standing.average_stars, standing.rating_count) == (4, 1)


async def _is_dispensed_once(patient: Person, market: Market, product_id: str, prescription: Prescription) -> None:
    """It is marked where it was written; its repeat is too early, since nothing was taken yet."""
    request = GetPrescriptionRequest(prescription_id=prescription.prescription_id)

    async def marked() -> bool:
        found = (await patient.session.prescriptions.GetPrescription(request)).prescription
        return found.state == PRESCRIPTION_STATE_REPEATING

    await until(marked)
    wanted = WantedItem(product_id=product_id, quantity=1, prescription_item=1)
    with pytest.raises(ApricotError) as caught:
        await market.quote(patient, wanted, prescription_id=prescription.prescription_id)
    assert caught.value.reason == Reason.REASON_OUTSIDE_POLICY


async def _is_to_be_refilled(patient: Person, product_id: str, prescription: Prescription) -> None:
    request = ListSuppliesRequest(patient_id=patient.account_id)

    async def low() -> bool:
        supplies = (await patient.session.refills.ListSupplies(request)).supplies
        return [(one.atc_code, one.state, one.repeats_left) for one in supplies] == [("A10BA02", SUPPLY_STATE_LOW, 1)]

    await until(low)
    again = await patient.session.refills.PrepareReorder(PrepareReorderRequest(atc_code="A10BA02"))
    assert [(one.product_id, one.quantity) for one in again.quote_request.items] == [(product_id, 1)]
    assert again.quote_request.prescription_id == prescription.prescription_id


async def _is_reminded(platform: Platform, patient: Person, order: Order) -> None:
    """By day, where she is: she takes a tablet and logs it; the days pass, it is looked at as it is each day, and one
    touch orders it again."""
    now = datetime.now(UTC)
    zone = next(zone for zone in ZONES if now.astimezone(ZoneInfo(zone)).hour in range(9, 19))
    tablet = Recorder.by_hand("phone", zone).medicine_dose(now, "二甲双胍片", "1", DOSE_UNIT_TABLET, atc_code="A10BA02")
    await patient.session.log(patient.account_id, [tablet])
    database, account = (
        Database(platform.database_url, "pharmacy", platform.sealing_keys("pharmacy")),
        UUID(patient.account_id),
    )

    async def measured() -> bool:
        request = ListSuppliesRequest(patient_id=patient.account_id)
        (supply,) = (await patient.session.refills.ListSupplies(request)).supplies
        return (supply.basis, supply.state) == (SUPPLY_BASIS_MEASURED, SUPPLY_STATE_LOW)

    async with database.connection() as connection:
        sooner = "update prescription_claim set end_time = end_time - make_interval(days => $2) where patient_id = $1"
        await connection.execute(sooner, account, DAYS)
        await connection.execute("update supply set due_time = now() where patient_id = $1", account)
        await until(measured)
        pushed = "select kind, reference_id from push where account_id = $1 and kind like 'refill%'"
        assert [tuple(row) for row in await connection.fetch(pushed, account)] == [("refill", UUID(order.order_id))]
    await database.close()
    again = await patient.session.refills.PrepareReorder(PrepareReorderRequest(atc_code="A10BA02"))
    again.quote_request.request_id = request_id()
    again.quote_request.address.CopyFrom(order.address)
    quote = (await patient.session.orders.QuoteOrder(again.quote_request)).quote
    assert (quote.prescription_id, quote.needs_review) == (again.quote_request.prescription_id, True)


async def _balances(market: Market, order: Order) -> None:
    """Every fen is somewhere, and the pharmacy's share is the pharmacy's."""
    found = await market.admin.session.ledger.GetLedgerBalances(GetLedgerBalancesRequest())
    assert sum(balance.amount_minor for balance in found.balances) == 0
    request = GetPharmacyBalanceRequest(pharmacy_id=market.pharmacy_id)
    (owed,) = (await market.pharmacist.session.ledger.GetPharmacyBalance(request)).balances
    goods = order.goods.minor_units
    assert (owed.currency_code, owed.amount_minor) == ("CNY", goods - goods * 5 // 100)


async def _knows_who_looked(patient: Person, market: Market) -> None:
    async def told() -> bool:
        events = (await patient.session.audit.ListAccessEvents(ListAccessEventsRequest(page_size=1000))).events
        pharmacist = {
            event.action.rpartition("/")[2] for event in events if event.actor_id == market.pharmacist.account_id
        }
        courier = {event.action.rpartition("/")[2] for event in events if event.actor_id == market.courier.account_id}
        return {"CheckPrescription", "ApprovePrescription", "PackOrder"} <= pharmacist and "PickUpOrder" in courier

    await until(told)
