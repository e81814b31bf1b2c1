"""A pharmacy in this process, on real PostgreSQL, with a clock that the test moves."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from apricot.consult.v1 import prescription_pb2
from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1 import fulfilment_pb2, pharmacy_pb2
from apricot.pharmacy.v1 import order_pb2 as pb
from apricot.pharmacy.v1.events_pb2 import OrderChanged
from apricot.pharmacy.v1.place_pb2 import Address, Position
from apricot.pharmacy.v1.product_pb2 import ProductContent

from kit import contract
from kit.call import Call, Caller
from kit.database import Database
from kit.profiles import Profile
from kit.times import to_timestamp
from services.pharmacy.domain import prescriptions
from services.pharmacy.domain.hours import ALWAYS
from services.pharmacy.domain.orders import TRANSITIONS, Act, State, due_time
from services.pharmacy.rpc.errors import ERRORS
from services.pharmacy.rpc.fulfilment import Fulfilment
from services.pharmacy.rpc.hand_over import HandOver
from services.pharmacy.rpc.orders import Orders
from services.pharmacy.store.catalog_tables import LotRow, OfferRow, ProductRow
from services.pharmacy.store.pharmacy_tables import PharmacyRow, StaffRow
from services.pharmacy.store.prescription_tables import PrescriptionRow
from services.pharmacy.work.orders import OrderTimer
from tests.in_process import HandClock, refused_by

PRICE = 1990
LAST_DAY = date(2027, 6, 30)
HERE = Position(latitude=31.2304, longitude=121.4737)
DOOR = Position(latitude=31.2394, longitude=121.4737)
"""A kilometre north."""
AROUND_THE_CLOCK = pharmacy_pb2.OpeningHours(
    intervals=[
        pharmacy_pb2.OpeningInterval(
            weekday=each.weekday, opens_minute=each.opens_minute, closes_minute=each.closes_minute
        )
        for each in ALWAYS
    ]
)

CONTENT = ProductContent(
    strength=prescription_pb2.Strength(value="500", unit="mg"),
    pack=prescription_pb2.Amount(value="60", unit="{tablet}"),
)


def new_id() -> str:
    return str(uuid4())


def address(position: Position = DOOR) -> Address:
    return Address(recipient="小杏", phone="+8613800000000", lines="延安路 1 号", position=position)


class _NoTelling:
    """Nobody watches here."""

    async def wake(self) -> None:
        return

    async def changed(self, *orders: UUID) -> None:
        return


class _Genuine:
    """Every signature is; the doctor's keys are tested where prescriptions are."""

    async def judge(self, *_: object) -> int:
        return prescription_pb2.GENUINENESS_GENUINE


class Shop:
    """The service and its worker's timer, with one pharmacy that sells one product."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = HandClock()
        self.buyer_name = "小杏"
        telling = cast(Any, _NoTelling())

        async def profile(_: Call) -> Profile:
            return Profile(self.buyer_name, None)

        handing = HandOver("a secret of the test"), cast(Any, None)  # nobody watches here
        self.orders = Orders(database, telling, profile, cast(Any, _Genuine()), *handing, self.clock)
        self.fulfilment = Fulfilment(database, telling, self.clock)
        self.timer = OrderTimer(database, telling, self.clock)
        self.pharmacy, self.product = uuid4(), uuid4()
        self.buyer, self.pharmacist = uuid4(), uuid4()

    async def open(self, **terms: Any) -> "Shop":
        """It is open around the clock, with ten packs on the shelf."""
        await self.add_pharmacy(self.pharmacy, **terms)
        await self.add(StaffRow(pharmacy_id=self.pharmacy, account_id=self.pharmacist, add_time=self.clock.now))
        await self.sell(self.product)
        await self.stock(10)
        return self

    async def add_pharmacy(self, pharmacy_id: UUID, **terms: Any) -> None:
        """One that delivers everywhere within half a degree."""
        row = PharmacyRow(
            pharmacy_id=pharmacy_id,
            name="杏林药房",
            name_en="Apricot Grove Pharmacy",
            licence_number=new_id(),
            licence_expiry_date=date(2030, 1, 1),
            address="",
            phone="",
            latitude=HERE.latitude,
            longitude=HERE.longitude,
            delivery_area=[(121.0, 31.0), (122.0, 31.0), (122.0, 31.5), (121.0, 31.5)],
            hours=AROUND_THE_CLOCK.SerializeToString(),
            time_zone="Asia/Shanghai",
            preparing_minutes=10,
            delivery_base_minor=500,
            delivery_per_km_minor=100,
            currency="CNY",
            update_time=self.clock.now,
        )
        for name, value in terms.items():
            setattr(row, name, value)
        await self.add(row)

    async def sell(self, product_id: UUID, *, price: int = PRICE, **facts: Any) -> UUID:
        """A product, and what the pharmacy asks for it."""
        row = ProductRow(
            product_id=product_id,
            approval_number="国药准字H00000001",
            atc_code="A10BA02",
            name_zh="二甲双胍",
            name_en="metformin",
            pack="500 mg × 60",
            prescription_only=facts.get("prescription_only", False),
            cold_chain=facts.get("cold_chain", False),
            content=CONTENT.SerializeToString(),
            update_time=self.clock.now,
        )
        await self.add(row)
        await self.add(
            OfferRow(pharmacy_id=self.pharmacy, product_id=product_id, price_minor=price, update_time=self.clock.now)
        )
        return product_id

    async def stock(self, packs: int, last_day: date = LAST_DAY, product: UUID | None = None) -> UUID:
        """A lot on the shelf."""
        row = LotRow(
            lot_id=uuid4(),
            pharmacy_id=self.pharmacy,
            product_id=product or self.product,
            lot_number=new_id()[:8],
            expiry_date=last_day,
            on_hand=packs,
            update_time=self.clock.now,
        )
        await self.add(row)
        return row.lot_id

    async def add(self, row: Any) -> None:
        async with self.database.transaction() as session:
            session.add(row)

    async def prescribe(self, packs: int = 2) -> dict[str, Any]:
        """The buyer has a prescription of so many packs, valid for three days; as a quote's request names it."""
        item = prescription_pb2.PrescriptionItem(
            atc_code="A10BA02",
            strength=CONTENT.strength,
            quantity=prescription_pb2.Amount(value=str(packs), unit="{box}"),
            dose=prescription_pb2.Amount(value="1", unit="{tablet}"),
            duration_days=30,
        )
        content = prescription_pb2.PrescriptionContent(
            prescription_id=new_id(),
            revision=1,
            patient_id=str(self.buyer),
            doctor_id=new_id(),
            written=prescription_pb2.WrittenPrescription(items=[item]),
            issue_time=to_timestamp(self.clock.now),
            expire_time=to_timestamp(self.clock.now + timedelta(days=3)),
        )
        row = PrescriptionRow(
            prescription_id=UUID(content.prescription_id),
            revision=1,
            patient_id=self.buyer,
            signed_content=content.SerializeToString(),
            signature=b"",
            key_id=uuid4(),
            state=prescriptions.State.ISSUED,
        )
        await self.add(row)
        return {"prescription_id": content.prescription_id, "prescription_revision": 1}

    def wanted(self, quantity: int = 1, product: UUID | None = None, item: int = 0) -> pb.WantedItem:
        return pb.WantedItem(product_id=str(product or self.product), quantity=quantity, prescription_item=item)

    async def quote(self, *items: pb.WantedItem, by: UUID | None = None, **fields: Any) -> pb.Quote:
        given = {
            "request_id": new_id(),
            "pharmacy_id": str(self.pharmacy),
            "items": items or [self.wanted()],
            "address": address(),
        }
        request = pb.QuoteOrderRequest(**(given | fields))
        return (await self.orders.QuoteOrder(request, self.call("QuoteOrder", by))).quote

    async def place(self, quote: pb.Quote | None = None, by: UUID | None = None, request_id: str = "") -> pb.Order:
        quote = quote or await self.quote(by=by)
        request = pb.PlaceOrderRequest(request_id=request_id or new_id(), quote_id=quote.quote_id)
        return (await self.orders.PlaceOrder(request, self.call("PlaceOrder", by))).order

    async def put(self, order: pb.Order, state: State) -> pb.Order:
        """The order as it stands when it has just come so far: by the parts that pay, review and deliver."""
        now = self.clock.now
        await self.execute(
            "update medicine_order set state = $2, update_time = $3, due_time = $4, end_time = $5, "
            "last_sequence = last_sequence + 1 where order_id = $1",
            UUID(order.order_id),
            state,
            now,
            due_time(state, now),
            None if state.is_open else now,
        )
        act = next((act for (_, act), after in TRANSITIONS.items() if after is state), Act.PLACE)
        await self.execute(
            "insert into order_step select order_id, last_sequence, patient_id, $2, state, null, $3, '' "
            "from medicine_order where order_id = $1",
            UUID(order.order_id),
            act,
            now,
        )
        return await self.get(order, by=UUID(order.patient_id))

    async def placed(self, state: State = State.AWAITING_PAYMENT, quantity: int = 1) -> pb.Order:
        """An order of the buyer's that stands so."""
        order = await self.place(await self.quote(self.wanted(quantity)))
        return order if state is State.AWAITING_PAYMENT else await self.put(order, state)

    async def get(self, order: pb.Order, by: UUID | None = None) -> pb.Order:
        request = pb.GetOrderRequest(order_id=order.order_id)
        return (await self.orders.GetOrder(request, self.call("GetOrder", by))).order

    async def cancel(self, order: pb.Order, by: UUID | None = None, request_id: str = "") -> pb.Order:
        request = pb.CancelOrderRequest(request_id=request_id or new_id(), order_id=order.order_id)
        return (await self.orders.CancelOrder(request, self.call("CancelOrder", by))).order

    async def ask_return(self, order: pb.Order, by: UUID | None = None) -> pb.Order:
        request = pb.AskReturnRequest(
            request_id=new_id(), order_id=order.order_id, reason=pb.RETURN_REASON_DAMAGED, note="破损"
        )
        return (await self.orders.AskReturn(request, self.call("AskReturn", by))).order

    async def rate(self, order: pb.Order, by: UUID | None = None, stars: int = 4) -> pb.Order:
        request = pb.RateOrderRequest(
            request_id=new_id(), order_id=order.order_id, pharmacy_stars=stars, courier_stars=5, words="好"
        )
        return (await self.orders.RateOrder(request, self.call("RateOrder", by))).order

    async def pack(self, order: pb.Order, by: UUID | None = None) -> fulfilment_pb2.PackOrderResponse:
        request = fulfilment_pb2.PackOrderRequest(request_id=new_id(), order_id=order.order_id)
        return await self.fulfilment.PackOrder(request, self.staff_call("PackOrder", by))

    async def refuse(self, order: pb.Order, by: UUID | None = None) -> pb.Order:
        request = fulfilment_pb2.RefuseOrderRequest(request_id=new_id(), order_id=order.order_id, note="缺货")
        return (await self.fulfilment.RefuseOrder(request, self.staff_call("RefuseOrder", by))).order

    async def accept_return(self, order: pb.Order, by: UUID | None = None) -> pb.Order:
        request = fulfilment_pb2.AcceptReturnRequest(request_id=new_id(), order_id=order.order_id)
        return (await self.fulfilment.AcceptReturn(request, self.staff_call("AcceptReturn", by))).order

    async def decline_return(self, order: pb.Order, by: UUID | None = None) -> pb.Order:
        request = fulfilment_pb2.DeclineReturnRequest(request_id=new_id(), order_id=order.order_id, note="完好")
        return (await self.fulfilment.DeclineReturn(request, self.staff_call("DeclineReturn", by))).order

    async def list_for_staff(self, by: UUID | None = None, **fields: Any) -> Any:
        request = fulfilment_pb2.ListPharmacyOrdersRequest(pharmacy_id=str(self.pharmacy), **fields)
        return await self.fulfilment.ListPharmacyOrders(request, self.staff_call("ListPharmacyOrders", by))

    def call(self, method: str, by: UUID | None = None) -> Call:
        """A call as the chain hands it on: the buyer's, or somebody else's."""
        return _call(f"OrderService/{method}", by or self.buyer, "patient")

    def staff_call(self, method: str, by: UUID | None = None) -> Call:
        """The pharmacist's, or another one's."""
        return _call(f"FulfilmentService/{method}", by or self.pharmacist, "pharmacist")

    async def shelf(self, lot_id: UUID) -> tuple[int, int]:
        """How many packs of a lot are there, and how many of them are held."""
        (row,) = await self.fetch("select on_hand, held from stock_lot where lot_id = $1", lot_id)
        return row["on_hand"], row["held"]

    async def held_packs(self) -> tuple[int, int]:
        """How many packs of the pharmacy's are there, and how many are held."""
        (row,) = await self.fetch(
            "select sum(on_hand) as on_hand, sum(held) as held from stock_lot where pharmacy_id = $1", self.pharmacy
        )
        return row["on_hand"], row["held"]

    async def holds(self, order: pb.Order) -> list[tuple[UUID, int, int]]:
        """Lot, packs and state of what is or was held for an order, what expires first before the rest."""
        rows = await self.fetch(
            "select lot_id, quantity, state from stock_hold join stock_lot using (lot_id) "
            "where order_id = $1 order by line, expiry_date, lot_id",
            UUID(order.order_id),
        )
        return [tuple(row) for row in rows]

    async def told(self, order: pb.Order) -> list[int]:
        """The acts that were published of an order, in their order."""
        rows = await self.fetch(
            "select payload from outbox where subject = $1 order by id",
            f"apricot.pharmacy.order.changed.{order.patient_id}",
        )
        events = [OrderChanged.FromString(row["payload"]) for row in rows]
        return [event.step.act for event in events if event.order_id == order.order_id]

    async def fetch(self, statement: str, *values: Any) -> list[Any]:
        async with self.database.connection() as connection:
            return list(await connection.fetch(statement, *values))

    async def execute(self, statement: str, *values: Any) -> None:
        async with self.database.connection() as connection:
            await connection.execute(statement, *values)


def _call(method: str, by: UUID, role: str) -> Call:
    made = Call(contract.methods()[f"/apricot.pharmacy.v1.{method}"], new_id())
    made.signed_in = Caller(by, uuid4(), frozenset({"patient", role}), datetime(2100, 1, 1, tzinfo=UTC))
    return made


@contextmanager
def refused(reason: Reason.ValueType, **metadata: str) -> Iterator[None]:
    """The block ends with this reason and this metadata."""
    with refused_by(ERRORS, reason) as found:
        yield
    assert found == metadata
