"""Products, pharmacies, offers and lots as tests arrange them, and calls without a wire."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from apricot.consult.v1.prescription_pb2 import MEDICINE_FORM_TABLET, Amount, Strength
from apricot.money.v1.money_pb2 import Money
from apricot.pharmacy.v1 import catalog_pb2 as pb
from apricot.pharmacy.v1.pharmacy_pb2 import DeliveryArea, PharmacyContent
from apricot.pharmacy.v1.place_pb2 import Address, Position
from apricot.pharmacy.v1.product_pb2 import PRODUCT_CLASS_OTC_GREEN, PRODUCT_STORAGE_ROOM, ProductContent

from kit import contract
from kit.call import Call, Caller
from kit.database import Database
from services.pharmacy.domain.hours import ALWAYS
from services.pharmacy.rpc.catalog import Catalog
from services.pharmacy.store.catalog_tables import LotRow, OfferRow
from services.pharmacy.store.opening import opening_hours
from services.pharmacy.store.order_tables import OrderItemRow, OrderRow
from tests.in_process import HandClock

HERE = Position(latitude=30.27, longitude=120.16)
METRES_PER_DEGREE = 111_195.08
_numbers = count(1)


def yuan(amount: float) -> Money:
    return Money(currency_code="CNY", minor_units=round(amount * 100))


def north_of(place: Position, metres: float) -> Position:
    return Position(latitude=place.latitude + metres / METRES_PER_DEGREE, longitude=place.longitude)


def medicine(**told: Any) -> ProductContent:
    """What is told of a product; something else each time."""
    content = ProductContent(
        approval_number=f"国药准字H{next(_numbers):08d}",
        atc_code="N02BE01",
        name_zh="对乙酰氨基酚片",
        name_en="paracetamol",
        manufacturer="示范药业",
        strength=Strength(value="500", unit="mg"),
        form=MEDICINE_FORM_TABLET,
        pack=Amount(value="20", unit="{tablet}"),
        product_class=PRODUCT_CLASS_OTC_GREEN,
        storage=PRODUCT_STORAGE_ROOM,
    )
    content.MergeFrom(ProductContent(**told))
    return content


def drugstore(**told: Any) -> PharmacyContent:
    """What is told of a pharmacy: always open, delivering three kilometres around."""
    content = PharmacyContent(
        name="药房",
        licence_number=f"浙DA{next(_numbers):07d}",
        licence_expiry_date="2030-12-31",
        address="文三路",
        phone="+8657112345678",
        position=HERE,
        delivery_area=DeliveryArea(radius_metres=3000),
        hours=opening_hours(ALWAYS),
        time_zone="Asia/Shanghai",
        preparing_minutes=10,
        delivery_base=yuan(3),
        delivery_per_km=yuan(1),
        open_for_orders=True,
    )
    for field, value in told.items():
        if isinstance(value, str | int | bool):
            setattr(content, field, value)
        else:
            getattr(content, field).CopyFrom(value)
    return content


def call(method: str, account: UUID | None = None, *roles: str) -> Call:
    """A call of the catalogue's by somebody."""
    made = Call(contract.methods()[f"/apricot.pharmacy.v1.CatalogService/{method}"], str(uuid4()))
    made.signed_in = Caller(
        account or uuid4(), uuid4(), frozenset({"patient", *roles}), datetime(2200, 1, 1, tzinfo=UTC)
    )
    return made


@dataclass
class Shop:
    """The catalogue's service, with its database behind it."""

    database: Database
    catalog: Catalog
    clock: HandClock

    async def ask(self, request: Any, account: UUID | None = None, *roles: str) -> Any:
        """The answer to a request of somebody with these roles."""
        method = type(request).__name__.removesuffix("Request")
        if "request_id" in request.DESCRIPTOR.fields_by_name and not request.request_id:
            request.request_id = str(uuid4())
        return await getattr(self.catalog, method)(request, call(method, account, *roles))

    async def products(self, *contents: ProductContent) -> list[str]:
        """Taken in; their ids."""
        answer = await self.ask(pb.UpsertProductsRequest(products=contents))
        assert not any(result.reason for result in answer.results), answer
        return [result.product_id for result in answer.results]

    async def pharmacy(self, **told: Any) -> str:
        """A new one; its id."""
        request = pb.PutPharmacyRequest(pharmacy_id=str(uuid4()), content=drugstore(**told))
        await self.ask(request)
        return request.pharmacy_id

    async def staff(self, pharmacy_id: str) -> UUID:
        """Somebody who works there from now on."""
        account = uuid4()
        await self.ask(pb.AddStaffRequest(pharmacy_id=pharmacy_id, account_id=str(account)))
        return account

    async def offer(
        self, pharmacy_id: str, product_id: str, price: float = 10, packs: int = 5, days: int = 300
    ) -> None:
        """An offer, with one lot where there are packs."""
        pharmacy, product, now = UUID(pharmacy_id), UUID(product_id), self.clock()
        async with self.database.transaction() as session:
            session.add(
                OfferRow(pharmacy_id=pharmacy, product_id=product, price_minor=round(price * 100), update_time=now)
            )
            await session.flush()
            if packs:
                session.add(
                    LotRow(
                        lot_id=uuid4(),
                        pharmacy_id=pharmacy,
                        product_id=product,
                        lot_number="1",
                        expiry_date=self.today() + timedelta(days=days),
                        on_hand=packs,
                        update_time=now,
                    )
                )

    def today(self) -> date:
        return self.clock().date()

    async def order(self, patient: UUID, pharmacy_id: str, state: int, *, approved: bool, atc_code: str) -> None:
        """An order on a prescription, put where it stands."""
        now, order_id = self.clock(), uuid4()
        async with self.database.transaction() as session:
            session.add(
                OrderRow(
                    order_id=order_id,
                    patient_id=patient,
                    pharmacy_id=UUID(pharmacy_id),
                    state=state,
                    prescription_id=uuid4(),
                    prescription_revision=1,
                    needs_review=True,
                    approved=approved,
                    goods_minor=1000,
                    delivery_minor=300,
                    currency="CNY",
                    buyer_name="王芳",
                    address=Address().SerializeToString(),
                    latitude=HERE.latitude,
                    longitude=HERE.longitude,
                    distance_metres=10,
                    cold_chain=False,
                    last_sequence=1,
                    create_time=now,
                    update_time=now,
                )
            )
            await session.flush()
            session.add(
                OrderItemRow(
                    order_id=order_id,
                    line=1,
                    patient_id=patient,
                    product_id=uuid4(),
                    quantity=1,
                    price_minor=1000,
                    name_zh="药",
                    name_en="medicine",
                    atc_code=atc_code,
                    pack="1",
                    prescription_only=True,
                    prescription_item=1,
                )
            )
