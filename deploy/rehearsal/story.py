"""A patient's story in short, by everybody's own app through the gateway: readings seen live, a consultation, an order
brought to the door. What fails raises."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import aiohttp
from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_MODE_TEXT,
    ClaimConsultationRequest,
    CloseConsultationRequest,
    OpenConsultationRequest,
    Outcome,
)
from apricot.consult.v1.rating_pb2 import RateConsultationRequest
from apricot.identity.v1.account_pb2 import Profile, UpdateProfileRequest
from apricot.pharmacy.v1.catalog_pb2 import SearchProductsRequest
from apricot.pharmacy.v1.delivery_pb2 import (
    AcceptJobRequest,
    CompleteDeliveryRequest,
    PickUpOrderRequest,
    SetAvailabilityRequest,
)
from apricot.pharmacy.v1.fulfilment_pb2 import PackOrderRequest
from apricot.pharmacy.v1.order_pb2 import (
    ORDER_STATE_DELIVERED,
    ORDER_STATE_PREPARING,
    GetOrderRequest,
    Order,
    OrderState,
    PlaceOrderRequest,
    QuoteOrderRequest,
    WantedItem,
)
from apricot.pharmacy.v1.payment_pb2 import PAYMENT_PROVIDER_SANDBOX, StartPaymentRequest
from apricot.pharmacy.v1.place_pb2 import Address, Position
from google.protobuf.field_mask_pb2 import FieldMask

from clients.sdk import Apricot, Recorder
from stack.demo.accounts import (
    CLINICIAN_PHONE,
    COURIER_PHONE,
    PATIENT_PHONES,
    PHARMACIST_PHONE,
    PHARMACY_ID,
    PHARMACY_PLACE,
)
from stack.demo.people import SignedIn
from stack.demo.practice import open_practice

_PATIENCE_SECONDS = 30.0
_SHOP = Position(latitude=PHARMACY_PLACE[0], longitude=PHARMACY_PLACE[1])
_DOOR = Position(latitude=PHARMACY_PLACE[0] + 0.01, longitude=PHARMACY_PLACE[1])


class NotTold(Exception):
    """Something that should have followed did not."""


async def play(apricot: Apricot, cashier_url: str) -> None:
    """All of it, within a minute or so."""
    async with apricot:
        patient = await _signed_in(apricot, PATIENT_PHONES[0])
        clinician, pharmacist = [
            await _signed_in(apricot, phone, second_factor=True) for phone in (CLINICIAN_PHONE, PHARMACIST_PHONE)
        ]
        courier = await _signed_in(apricot, COURIER_PHONE)
        await _is_seen(patient, clinician)
        await _consults(patient, clinician)
        await _orders(patient, pharmacist, courier, cashier_url)


async def _signed_in(apricot: Apricot, phone: str, *, second_factor: bool = False) -> SignedIn:
    person = SignedIn(apricot, phone, lambda _: None, second_factor=second_factor)
    await person.sign_in()
    return person


async def _is_seen(patient: SignedIn, clinician: SignedIn) -> None:
    """What the patient logs comes to the clinician's watch."""
    entry = Recorder.by_hand("phone", "Asia/Shanghai").fingerstick_reading(datetime.now(UTC), 142)
    async with asyncio.timeout(_PATIENCE_SECONDS), clinician.session.watch([patient.account_id]) as watch:
        async for update in watch:
            if update.HasField("snapshot"):
                await patient.session.log(patient.account_id, [entry])
            if entry.entry_id in [one.entry_id for one in update.entries_logged.entries]:
                return
    raise NotTold("a reading")


async def _consults(patient: SignedIn, clinician: SignedIn) -> None:
    await open_practice(clinician.session)
    opening = OpenConsultationRequest(
        department_code="endocrinology", mode=CONSULTATION_MODE_TEXT, complaint="早上空腹血糖高"
    )
    consultation_id = (await patient.session.consultations.OpenConsultation(opening)).consultation.consultation_id
    await clinician.session.consultations.ClaimConsultation(ClaimConsultationRequest(consultation_id=consultation_id))
    async with (
        asyncio.timeout(_PATIENCE_SECONDS),
        patient.session.converse(consultation_id, str(uuid4())) as asking,
        clinician.session.converse(consultation_id, str(uuid4())) as answering,
    ):
        await asking.say("两个星期了")
        async for update in answering:
            if update.message.content.text == "两个星期了":
                break
    close = CloseConsultationRequest(consultation_id=consultation_id, outcome=Outcome(summary="一周后复诊"))
    await clinician.session.consultations.CloseConsultation(close)
    await patient.session.ratings.RateConsultation(RateConsultationRequest(consultation_id=consultation_id, stars=5))


async def _orders(patient: SignedIn, pharmacist: SignedIn, courier: SignedIn, cashier_url: str) -> None:
    """From the search to the door."""
    jobs = courier.session.delivery
    await jobs.SetAvailability(SetAvailabilityRequest(position=_SHOP, has_cold_box=True))
    order = await _place(patient)
    await _pay(patient, order, cashier_url)
    await _stands_at(patient, order, ORDER_STATE_PREPARING)
    await pharmacist.session.fulfilment.PackOrder(PackOrderRequest(order_id=order.order_id))
    await jobs.AcceptJob(AcceptJobRequest(order_id=order.order_id))
    await jobs.PickUpOrder(PickUpOrderRequest(order_id=order.order_id, position=_SHOP))
    code = (await _see(patient, order)).hand_over_code
    await jobs.CompleteDelivery(CompleteDeliveryRequest(order_id=order.order_id, code=code))
    await _stands_at(patient, order, ORDER_STATE_DELIVERED)


async def _place(patient: SignedIn) -> Order:
    profile = Profile(display_name="李雷", birth_date="1980-02-29")
    mask = FieldMask(paths=["display_name", "birth_date"])
    await patient.session.account.UpdateProfile(UpdateProfileRequest(profile=profile, update_mask=mask))
    search = SearchProductsRequest(
        position=_DOOR, query="布洛芬", otc_only=True, in_stock_only=True, pharmacy_id=PHARMACY_ID, page_size=1
    )
    (found,) = (await patient.session.catalog.SearchProducts(search)).products
    address = Address(recipient="李雷", phone="+8613800000000", lines="文三路 9 号", position=_DOOR)
    wanted = WantedItem(product_id=found.offer.product_id, quantity=1)
    ask = QuoteOrderRequest(pharmacy_id=PHARMACY_ID, items=[wanted], address=address)
    quote = (await patient.session.orders.QuoteOrder(ask)).quote
    return (await patient.session.orders.PlaceOrder(PlaceOrderRequest(quote_id=quote.quote_id))).order


async def _pay(patient: SignedIn, order: Order, cashier_url: str) -> None:
    """As the payment app on the buyer's phone does; the cashier then calls the pharmacy through the gateway."""
    start = StartPaymentRequest(order_id=order.order_id, provider=PAYMENT_PROVIDER_SANDBOX)
    handoff = (await patient.session.payments.StartPayment(start)).handoff
    async with aiohttp.ClientSession() as http:
        paid = await http.post(f"{cashier_url}/pay", json={"provider": "sandbox", "order": handoff})
        paid.raise_for_status()


async def _stands_at(patient: SignedIn, order: Order, state: OrderState.ValueType) -> None:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while (await _see(patient, order)).state != state:
            await asyncio.sleep(0.2)


async def _see(patient: SignedIn, order: Order) -> Order:
    return (await patient.session.orders.GetOrder(GetOrderRequest(order_id=order.order_id))).order
