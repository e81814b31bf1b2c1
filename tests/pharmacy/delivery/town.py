"""Couriers and their orders in this process, on a database of their own, with a clock that the test moves."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1 import delivery_pb2 as pb
from apricot.pharmacy.v1 import order_pb2
from apricot.pharmacy.v1.delivery_pb2 import Job, ReportLocationRequest
from apricot.pharmacy.v1.order_pb2 import Order

from kit import contract
from kit.call import Call, Caller
from kit.database import Database
from kit.hints import Hints
from kit.times import to_timestamp
from services.pharmacy.domain.geography import Position
from services.pharmacy.domain.orders import Act
from services.pharmacy.events import Telling
from services.pharmacy.rpc.delivery import Delivery
from services.pharmacy.rpc.errors import ERRORS
from services.pharmacy.rpc.hand_over import HandOver
from services.pharmacy.rpc.order_watches import OrderWatches
from services.pharmacy.rpc.orders import Orders
from services.pharmacy.rpc.streams import Streams
from services.pharmacy.work.jobs import JobTimer
from tests.in_process import HandClock, refused_by
from tests.pharmacy.delivery import arranged
from tests.pharmacy.delivery.arranged import SHOP, position


class _NoBus:
    """Hints stay in this process, or are lost there."""

    def __init__(self) -> None:
        self.client = self
        self.published: list[tuple[str, bytes]] = []

    async def publish(self, subject: str, payload: bytes) -> None:
        self.published.append((subject, payload))


class _NoRelay:
    async def wake(self) -> None:
        return


class Replica:
    """One process's classes."""

    def __init__(self, database: Database, clock: HandClock) -> None:
        relations = cast(Any, SimpleNamespace(on_session_end=[]))
        self.end_sessions = relations.on_session_end
        self.bus = _NoBus()
        self.hints = Hints(cast(Any, self.bus), "pharmacy")
        self.streams = Streams(relations)
        self.watches = OrderWatches(database, self.hints, self.streams)
        self.hand_over = HandOver("a secret of the tests")
        telling = Telling(cast(Any, _NoRelay()), self.hints)
        self.delivery = Delivery(database, telling, self.hints, self.streams, self.hand_over, clock)
        self.job_timer = JobTimer(database, telling, clock)
        nobody: Any = None  # orders are arranged, nobody buys here
        self.orders = Orders(database, telling, nobody, nobody, self.hand_over, self.watches, clock)


class Town:
    """A pharmacy, its staff, and a buyer, whom no other test knows."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = HandClock()
        self.replica = Replica(database, self.clock)
        self.buyer, self.pharmacist = uuid4(), uuid4()
        self.pharmacy_id = uuid4()

    async def open(self) -> "Town":
        self.pharmacy_id = await arranged.add_pharmacy(self.database, self.clock())
        await arranged.add_staff(self.database, self.pharmacy_id, self.pharmacist, self.clock())
        return self

    def call(self, method: str, by: UUID, session: UUID | None = None) -> Call:
        service = "OrderService" if method in ("GetOrder", "WatchOrder") else "DeliveryService"
        made = Call(contract.methods()[f"/apricot.pharmacy.v1.{service}/{method}"], "1")
        roles = {"patient"} if by == self.buyer else {"patient", "pharmacist" if by == self.pharmacist else "courier"}
        made.signed_in = Caller(by, session or uuid4(), frozenset(roles), datetime.max.replace(tzinfo=UTC))
        return made

    async def ready(self, *, cold_chain: bool = False, buyer: UUID | None = None, shop: Position = SHOP) -> UUID:
        """A packed order, of this pharmacy or of another one there."""
        pharmacy = self.pharmacy_id
        if shop != SHOP:
            pharmacy = await arranged.add_pharmacy(self.database, self.clock(), shop)
        order = await arranged.add_order(
            self.database, pharmacy, buyer or self.buyer, self.clock(), cold_chain=cold_chain, shop=shop
        )
        await self.move(order, Act.PACK)
        self.clock.advance(microseconds=1)  # steps of one instant are told apart by so much
        return order

    async def move(self, order: UUID, act: Act) -> None:
        await arranged.move(self.database, order, act, self.clock())

    async def on_duty(self, place: Position = SHOP, *, cold_box: bool = False) -> UUID:
        """A new courier."""
        courier = uuid4()
        await self.available(courier, place, cold_box=cold_box)
        return courier

    async def available(self, courier: UUID, place: Position | None, *, cold_box: bool = False) -> None:
        request = pb.SetAvailabilityRequest(
            request_id=str(uuid4()), position=position(place) if place else None, has_cold_box=cold_box
        )
        answer = await self.replica.delivery.SetAvailability(request, self.call("SetAvailability", courier))
        assert answer.on_duty == (place is not None)

    async def jobs(self, courier: UUID) -> list[Job]:
        """What he is offered, page by page."""
        request, found = pb.ListJobsRequest(page_size=2), list[Job]()
        while True:
            answer = await self.replica.delivery.ListJobs(request, self.call("ListJobs", courier))
            found += answer.jobs
            request.page_token = answer.next_page_token
            if not answer.next_page_token:
                return found

    async def offered(self, courier: UUID) -> list[UUID]:
        return [UUID(job.order_id) for job in await self.jobs(courier)]

    async def act(self, method: str, order: UUID, courier: UUID, **fields: Any) -> Any:
        """A method on an order; its delivery, where the answer has one."""
        given = {"request_id": str(uuid4()), "order_id": str(order)} | fields
        request = getattr(pb, f"{method}Request")(**given)
        answer = await getattr(self.replica.delivery, method)(request, self.call(method, courier))
        return getattr(answer, "delivery", None)

    async def accept(self, order: UUID, courier: UUID) -> pb.Delivery:
        return cast(pb.Delivery, await self.act("AcceptJob", order, courier))

    async def pick_up(self, order: UUID, courier: UUID, place: Position = SHOP) -> pb.Delivery:
        return cast(pb.Delivery, await self.act("PickUpOrder", order, courier, position=position(place)))

    async def carried(self, *, cold_chain: bool = False) -> tuple[UUID, UUID]:
        """An order, and who has it on his way."""
        order = await self.ready(cold_chain=cold_chain)
        courier = await self.on_duty(cold_box=cold_chain)
        await self.accept(order, courier)
        await self.pick_up(order, courier)
        return order, courier

    async def log(self, order: UUID, courier: UUID, celsius: float, at: datetime | None = None) -> pb.Delivery:
        time = to_timestamp(at or self.clock())
        return cast(pb.Delivery, await self.act("RecordTemperature", order, courier, celsius=celsius, time=time))

    async def fail(self, order: UUID, courier: UUID, why: Any = pb.FAILURE_REASON_NOBODY_THERE, note: str = "") -> Any:
        return await self.act("FailDelivery", order, courier, reason=why, note=note)

    async def bring_back(self, order: UUID, courier: UUID, place: Position = SHOP) -> Any:
        return await self.act("BringBack", order, courier, position=position(place))

    async def complete(self, order: UUID, courier: UUID, code: str = "", **fields: Any) -> Any:
        code = code or self.replica.hand_over.code(order)
        return await self.act("CompleteDelivery", order, courier, code=code, **fields)

    def wrong_code(self, order: UUID) -> str:
        return f"{(int(self.replica.hand_over.code(order)) + 1) % 1_000_000:06}"

    async def order(self, order: UUID, by: UUID | None = None) -> Order:
        request = order_pb2.GetOrderRequest(order_id=str(order))
        return (await self.replica.orders.GetOrder(request, self.call("GetOrder", by or self.buyer))).order

    async def mine(self, courier: UUID, *, past: bool = False) -> list[pb.Delivery]:
        request, found = pb.ListMyDeliveriesRequest(past=past, page_size=2), list[pb.Delivery]()
        while True:
            call = self.call("ListMyDeliveries", courier)
            answer = await self.replica.delivery.ListMyDeliveries(request, call)
            found += answer.deliveries
            request.page_token = answer.next_page_token
            if not answer.next_page_token:
                return found

    async def standing(self, courier: UUID) -> pb.GetCourierStandingResponse:
        call = self.call("GetCourierStanding", courier)
        return await self.replica.delivery.GetCourierStanding(pb.GetCourierStandingRequest(), call)

    async def rated(self, courier: UUID, *stars: int) -> None:
        """By buyers, one after the other."""
        for number in stars:
            self.clock.advance(seconds=1)
            buyer = uuid4()
            order = await arranged.add_order(self.database, self.pharmacy_id, buyer, self.clock())
            await self.fetch(
                "insert into order_rating (order_id, patient_id, pharmacy_id, courier_id, pharmacy_stars, "
                "courier_stars, words, create_time) values ($1, $2, $3, $4, 5, $5, '', $6)",
                order,
                buyer,
                self.pharmacy_id,
                courier,
                number,
                self.clock(),
            )

    def seen(self, place: Position, **sooner: float) -> ReportLocationRequest:
        """Where somebody is now, or was that much sooner."""
        now = self.clock.now
        self.clock.advance(**{unit: -amount for unit, amount in sooner.items()})
        time, self.clock.now = to_timestamp(self.clock()), now
        return ReportLocationRequest(position=position(place), time=time)

    async def fetch(self, statement: str, *values: Any) -> list[Any]:
        async with self.database.connection() as connection:
            return list(await connection.fetch(statement, *values))

    async def erase(self, statement: str, *values: Any) -> None:
        """As the database's owner can: what is kept goes too."""
        async with self.database.connection() as connection, connection.transaction():
            await connection.execute("set local session_replication_role = replica")
            await connection.execute(statement, *values)

    async def pushed(self, order: UUID, kind: str = "delivery") -> list[UUID]:
        rows = await self.fetch("select account_id from push where reference_id = $1 and kind = $2", order, kind)
        return [row["account_id"] for row in rows]


def refused(*reasons: Reason.ValueType) -> AbstractContextManager[dict[str, str]]:
    """The block ends with one of these reasons."""
    return refused_by(ERRORS, *reasons)
