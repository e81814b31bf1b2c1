"""A pharmacy in business, through the gateway: its shelf, its pharmacist, a courier, and buyers who pay by phone."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import aiohttp
from apricot.consult.v1.prescription_pb2 import MEDICINE_FORM_TABLET, Amount, Strength
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.account_pb2 import Profile, UpdateProfileRequest
from apricot.money.v1.money_pb2 import Money
from apricot.pharmacy.v1.catalog_pb2 import (
    AddStaffRequest,
    OfferPrice,
    PutOffersRequest,
    PutPharmacyRequest,
    SetStockRequest,
    UpsertProductsRequest,
)
from apricot.pharmacy.v1.delivery_pb2 import (
    AcceptJobRequest,
    CompleteDeliveryRequest,
    PickUpOrderRequest,
    ReportLocationRequest,
    SetAvailabilityRequest,
)
from apricot.pharmacy.v1.fulfilment_pb2 import PackOrderRequest
from apricot.pharmacy.v1.order_pb2 import (
    GetOrderRequest,
    Order,
    PlaceOrderRequest,
    Quote,
    QuoteOrderRequest,
    WantedItem,
)
from apricot.pharmacy.v1.payment_pb2 import PaymentProvider, StartPaymentRequest
from apricot.pharmacy.v1.pharmacy_pb2 import DeliveryArea, OpeningHours, OpeningInterval, PharmacyContent
from apricot.pharmacy.v1.place_pb2 import Address, Position
from apricot.pharmacy.v1.product_pb2 import (
    PRODUCT_CLASS_OTC_GREEN,
    PRODUCT_CLASS_PRESCRIPTION,
    PRODUCT_STORAGE_ROOM,
    ProductContent,
)
from google.protobuf.field_mask_pb2 import FieldMask

from clients.sdk import ApricotError
from stack.platform import Platform
from tests.people import People, Person

ALWAYS = OpeningHours(
    intervals=[OpeningInterval(weekday=day, opens_minute=0, closes_minute=1440) for day in range(1, 8)]
)
DOOR_DEGREES = 0.01
"""North of the pharmacy: some 1.1 km."""
PACKS = 1000


def request_id() -> str:
    return str(uuid4())


def yuan(minor_units: int) -> Money:
    return Money(currency_code="CNY", minor_units=minor_units)


def tablets(name_zh: str, name_en: str, atc_code: str, milligrams: str, *, on_prescription: bool) -> ProductContent:
    """A box of 28 that nobody else sells."""
    return ProductContent(
        approval_number=f"国药准字H{uuid4().hex[:12]}",
        atc_code=atc_code,
        name_zh=name_zh,
        name_en=name_en,
        manufacturer="杏林制药",
        strength=Strength(value=milligrams, unit="mg"),
        form=MEDICINE_FORM_TABLET,
        pack=Amount(value="28", unit="{tablet}"),
        product_class=PRODUCT_CLASS_PRESCRIPTION if on_prescription else PRODUCT_CLASS_OTC_GREEN,
        storage=PRODUCT_STORAGE_ROOM,
        leaflet="详见说明书",
        indications="2型糖尿病" if on_prescription else "疼痛",
        dosage="遵医嘱",
    )


@dataclass(frozen=True)
class Market:
    """One pharmacy and its people. Each market is a place of its own: couriers of another are far away."""

    platform: Platform
    admin: Person
    pharmacist: Person
    courier: Person
    pharmacy_id: str
    place: Position

    @classmethod
    async def open(cls, platform: Platform, people: People, place: tuple[float, float]) -> "Market":
        """A pharmacy that is always open, at a latitude and longitude that no other test uses."""
        admin, pharmacist, courier = await people.admin(), await people.new_pharmacist(), await people.new_courier()
        latitude, longitude = place
        found = cls(
            platform, admin, pharmacist, courier, str(uuid4()), Position(latitude=latitude, longitude=longitude)
        )
        await found._establish()
        return found

    @property
    def door(self) -> Position:
        """Where orders go."""
        return Position(latitude=self.place.latitude + DOOR_DEGREES, longitude=self.place.longitude)

    async def _establish(self) -> None:
        content = PharmacyContent(
            name="杏林大药房",
            licence_number=uuid4().hex,
            licence_expiry_date="2099-12-31",
            address="文三路 1 号",
            phone="+8657100000000",
            position=self.place,
            delivery_area=DeliveryArea(radius_metres=5000),
            hours=ALWAYS,
            time_zone="Asia/Shanghai",
            preparing_minutes=10,
            delivery_base=yuan(500),
            delivery_per_km=yuan(100),
            open_for_orders=True,
        )
        catalog = self.admin.session.catalog
        await catalog.PutPharmacy(
            PutPharmacyRequest(request_id=request_id(), pharmacy_id=self.pharmacy_id, content=content)
        )
        await catalog.AddStaff(
            AddStaffRequest(
                request_id=request_id(), pharmacy_id=self.pharmacy_id, account_id=self.pharmacist.account_id
            )
        )
        await self.courier.session.delivery.SetAvailability(
            SetAvailabilityRequest(request_id=request_id(), position=self.place, has_cold_box=True)
        )

    async def sell(self, content: ProductContent, price_minor: int, packs: int = PACKS) -> str:
        """Put it on the shelf; the product's id."""
        upsert = UpsertProductsRequest(request_id=request_id(), products=[content])
        product_id = (await self.admin.session.catalog.UpsertProducts(upsert)).results[0].product_id
        catalog = self.pharmacist.session.catalog
        offer = OfferPrice(product_id=product_id, price=yuan(price_minor))
        await catalog.PutOffers(PutOffersRequest(request_id=request_id(), pharmacy_id=self.pharmacy_id, offers=[offer]))
        await catalog.SetStock(
            SetStockRequest(
                request_id=request_id(),
                pharmacy_id=self.pharmacy_id,
                product_id=product_id,
                lot_number="A1",
                expiry_date="2099-12-31",
                on_hand=packs,
            )
        )
        return product_id

    async def quote(self, buyer: Person, *wanted: WantedItem, prescription_id: str = "") -> Quote:
        """What it would cost at the door."""
        request = QuoteOrderRequest(
            request_id=request_id(),
            pharmacy_id=self.pharmacy_id,
            items=wanted,
            address=Address(recipient="李雷", phone="+8613800000000", lines="文三路 9 号", position=self.door),
            prescription_id=prescription_id,
            prescription_revision=1 if prescription_id else 0,
        )
        return (await buyer.session.orders.QuoteOrder(request)).quote

    async def pay(self, buyer: Person, order_id: str, provider: PaymentProvider.ValueType) -> None:
        """As the app on the phone does with what it is given."""
        start = StartPaymentRequest(request_id=request_id(), order_id=order_id, provider=provider)
        handoff = (await buyer.session.payments.StartPayment(start)).handoff
        name = PaymentProvider.Name(provider).removeprefix("PAYMENT_PROVIDER_").lower()
        await self.pay_by_phone(name, handoff)

    async def pay_by_phone(self, provider: str, handoff: str) -> None:
        """The provider's own software on the phone."""
        cashier = self.platform.part("cashier").program.address
        async with aiohttp.ClientSession() as http:
            paid = await http.post(f"http://{cashier}/pay", json={"provider": provider, "order": handoff})
            paid.raise_for_status()

    async def pack(self, order_id: str) -> None:
        """By the pharmacist."""
        await self.pharmacist.session.fulfilment.PackOrder(PackOrderRequest(request_id=request_id(), order_id=order_id))

    async def fetch(self, order_id: str) -> None:
        """By the courier: accepted, and picked up at the pharmacy."""
        await self.accept(order_id)
        await self.pick_up(order_id)

    async def accept(self, order_id: str) -> None:
        """By the courier."""
        accept = AcceptJobRequest(request_id=request_id(), order_id=order_id)
        await self.courier.session.delivery.AcceptJob(accept)

    async def pick_up(self, order_id: str) -> None:
        """By the courier, at the pharmacy."""
        pick_up = PickUpOrderRequest(request_id=request_id(), order_id=order_id, position=self.place)
        await self.courier.session.delivery.PickUpOrder(pick_up)

    async def go_to_door(self) -> None:
        """The courier tells that he is there."""
        place = ReportLocationRequest(position=self.door)
        place.time.FromDatetime(datetime.now(UTC))

        async def places() -> AsyncIterator[ReportLocationRequest]:
            yield place

        await self.courier.session.report_location(places())

    async def hand_over(self, buyer: Person, order_id: str) -> None:
        """At the door, by the code that the buyer's order shows."""
        code = (await see(buyer, order_id)).hand_over_code
        await self.courier.session.delivery.CompleteDelivery(
            CompleteDeliveryRequest(request_id=request_id(), order_id=order_id, code=code)
        )


async def named(buyer: Person) -> Person:
    """With a real name, as buyers of medicine have one."""
    profile = Profile(display_name="李雷", birth_date="1980-02-29")
    mask = FieldMask(paths=["display_name", "birth_date"])
    update = UpdateProfileRequest(request_id=request_id(), profile=profile, update_mask=mask)
    await buyer.session.account.UpdateProfile(update)
    return buyer


async def place(buyer: Person, quote: Quote) -> Order:
    """Order what was quoted."""
    request = PlaceOrderRequest(request_id=request_id(), quote_id=quote.quote_id)
    return (await buyer.session.orders.PlaceOrder(request)).order


async def has_heard(market: Market, patient: Person, wanted: WantedItem, prescription_id: str) -> bool:
    """The pharmacy hears of prescriptions by events."""
    try:
        await market.quote(patient, wanted, prescription_id=prescription_id)
    except ApricotError as error:
        if error.reason != Reason.REASON_PRESCRIPTION_NOT_VALID:
            raise
        return False
    return True


async def see(somebody: Person, order_id: str) -> Order:
    """As it now stands."""
    return (await somebody.session.orders.GetOrder(GetOrderRequest(order_id=order_id))).order
