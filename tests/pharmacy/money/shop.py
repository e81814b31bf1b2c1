"""A pharmacy whose money is in this process, on real PostgreSQL, with providers of its own and a clock that the test
moves."""

from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID, uuid4

from apricot.pharmacy.v1 import ledger_pb2 as books_pb
from apricot.pharmacy.v1 import payment_pb2 as pb
from apricot.pharmacy.v1.ledger_pb2 import AccountKind, LedgerEntry
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import contract
from kit.call import Call, Caller
from kit.database import Database
from services.pharmacy import life
from services.pharmacy.domain.jobs import Act as JobAct
from services.pharmacy.domain.jobs import Failure
from services.pharmacy.domain.orders import Act, State
from services.pharmacy.events import Telling
from services.pharmacy.money.reconciler import Reconciler
from services.pharmacy.money.till import Till
from services.pharmacy.rpc.ledger import Ledger
from services.pharmacy.rpc.payments import Payments
from services.pharmacy.store import jobs, orders
from services.pharmacy.store.job_tables import JobRow
from services.pharmacy.store.order_tables import OrderRow
from services.pharmacy.work.books import Books
from services.pharmacy.work.payments import PaymentLooks
from services.pharmacy.work.refunds import Refunds
from tests.in_process import HandClock
from tests.pharmacy.money.arranged import DELIVERY, GOODS, TOTAL, add_order, add_pharmacy
from tests.pharmacy.money.till import Bank

SANDBOX, ALIPAY, WECHAT = (
    pb.PAYMENT_PROVIDER_SANDBOX,
    pb.PAYMENT_PROVIDER_ALIPAY,
    pb.PAYMENT_PROVIDER_WECHAT,
)
COMMISSION = 449
"""Five percent of the goods, rounded down."""


__all__ = ["ALIPAY", "COMMISSION", "DELIVERY", "GOODS", "SANDBOX", "TOTAL", "WECHAT", "Shop", "new_id"]


def new_id() -> str:
    return str(uuid4())


class Nobody:
    """A relay and hints that nobody hears of."""

    async def wake(self) -> None:
        return

    async def send(self, key: str, payload: bytes = b"") -> None:
        return


class Shop:
    """The service and its worker, with a buyer, a pharmacist, a courier and an admin whom no other test knows. Its
    payments are never looked at by another test's worker: each has a database of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = HandClock()
        self.banks = {name: Bank(name, self.clock) for name in ("sandbox", "alipay")}
        self.bank = self.banks["sandbox"]
        telling = Telling(cast(Any, Nobody()), cast(Any, Nobody()))
        providers: Any = self.banks
        self.till = Till(database, telling, providers, self.clock)
        reconciler = Reconciler(database, providers, self.clock)
        self.payments = Payments(database, telling, self.till, self.clock)
        self.ledger = Ledger(database, telling, reconciler, self.clock)
        self.looks = PaymentLooks(database, self.till, self.clock)
        self.refunding = Refunds(database, self.till, self.clock)
        self.books = Books(database, reconciler, self.clock)
        self.buyer, self.pharmacist, self.courier, self.admin = uuid4(), uuid4(), uuid4(), uuid4()
        self.pharmacy = uuid4()

    async def open(self) -> "Shop":
        """The pharmacy is there, and its pharmacist works in it."""
        await add_pharmacy(self.database, self.pharmacy, self.pharmacist, self.clock.now)
        return self

    async def order(self, goods: int = GOODS, delivery: int = DELIVERY) -> UUID:
        """An order of the buyer's that waits for payment."""
        return await add_order(self.database, self.pharmacy, self.buyer, goods, delivery, self.clock.now)

    async def paid_order(self, **amounts: int) -> tuple[UUID, UUID]:
        """An order, and the payment by which it is paid."""
        order_id = await self.order(**amounts)
        payment_id = await self.start(order_id)
        await self.till.take("sandbox", self.bank.pay(payment_id))
        return order_id, payment_id

    async def delivered_order(self, **amounts: int) -> tuple[UUID, UUID]:
        """Likewise, handed over."""
        order_id, payment_id = await self.paid_order(**amounts)
        await self.move(order_id, Act.PACK, Act.PICK_UP, Act.DELIVER)
        return order_id, payment_id

    async def move(
        self, order_id: UUID, *acts: Act, failure: Failure = Failure.NOBODY_THERE, unseen: bool = False
    ) -> None:
        """What happens to an order elsewhere; why it fails, where it does, and whether he was seen at the door."""
        for act in acts:
            async with self.database.transaction() as session:
                row = await orders.lock_order(session, order_id)
                assert row is not None
                if act is Act.PICK_UP:
                    await self._is_fetched(session, row)
                if act is Act.FAIL:
                    job = await self._job(session, row)
                    job.failure, job.failed_unseen = failure, unseen
                await life.move(session, row, act, None, self.clock.now)

    async def _is_fetched(self, session: AsyncSession, row: OrderRow) -> None:
        job = await self._job(session, row)
        jobs.move(job, JobAct.ACCEPT)
        jobs.move(job, JobAct.PICK_UP)
        job.courier_id = row.courier_id = self.courier
        job.accept_time = self.clock.now

    async def _job(self, session: AsyncSession, row: OrderRow) -> JobRow:
        job = await jobs.find(session, row.patient_id, row.order_id)
        assert job is not None
        return job

    async def state(self, order_id: UUID) -> State:
        async with self.database.transaction() as session:
            row = await orders.find(session, self.buyer, order_id)
            assert row is not None
            return State(row.state)

    async def start(
        self, order_id: UUID, provider: pb.PaymentProvider.ValueType = SANDBOX, by: UUID | None = None
    ) -> UUID:
        return UUID((await self.start_whole(order_id, provider, by)).payment.payment_id)

    async def start_whole(
        self,
        order_id: UUID,
        provider: pb.PaymentProvider.ValueType = SANDBOX,
        by: UUID | None = None,
        request_id: str = "",
    ) -> pb.StartPaymentResponse:
        self.clock.advance(seconds=1)  # so that attempts have an order
        request = pb.StartPaymentRequest(request_id=request_id or new_id(), order_id=str(order_id), provider=provider)
        return await self.payments.StartPayment(request, self.call("PaymentService/StartPayment", by))

    async def get(self, payment_id: UUID, by: UUID | None = None) -> pb.Payment:
        request = pb.GetPaymentRequest(payment_id=str(payment_id))
        return (await self.payments.GetPayment(request, self.call("PaymentService/GetPayment", by))).payment

    async def attempts(self, order_id: UUID, by: UUID | None = None) -> list[pb.Payment]:
        request = pb.ListPaymentsRequest(order_id=str(order_id))
        response = await self.payments.ListPayments(request, self.call("PaymentService/ListPayments", by))
        return list(response.payments)

    async def entries(self, order_id: UUID) -> list[LedgerEntry]:
        """What was booked of an order."""
        request = books_pb.ListLedgerEntriesRequest(order_id=str(order_id))
        call = self.call("LedgerService/ListLedgerEntries", self.admin)
        return list((await self.ledger.ListLedgerEntries(request, call)).entries)

    async def accounts(self, order_id: UUID) -> dict[str, int]:
        """What an order left on each kind of account; those with nothing are left out."""
        found: dict[str, int] = {}
        for entry in await self.entries(order_id):
            name = AccountKind.Name(entry.account).removeprefix("ACCOUNT_KIND_").lower()
            found[name] = found.get(name, 0) + entry.amount_minor
        assert sum(found.values()) == 0
        return {name: amount for name, amount in found.items() if amount}

    async def refund_rows(self, order_id: UUID) -> list[Any]:
        return await self.fetch("select * from refund where order_id = $1 order by create_time", order_id)

    async def disputes(self) -> list[books_pb.Dispute]:
        request = books_pb.ListDisputesRequest()
        response = await self.ledger.ListDisputes(request, self.call("LedgerService/ListDisputes", self.admin))
        return list(response.disputes)

    async def work(self) -> None:
        """What is due in the worker, a little later."""
        self.clock.advance(seconds=1)
        await self.looks.look_due()
        await self.refunding.give_back_due()

    def call(self, method: str, by: UUID | None = None) -> Call:
        """A call as the chain hands it on: the buyer's, or somebody else's."""
        made = Call(contract.methods()[f"/apricot.pharmacy.v1.{method}"], new_id())
        roles = {self.pharmacist: "pharmacist", self.courier: "courier", self.admin: "admin"}
        who = by or self.buyer
        granted = frozenset({"patient", roles.get(who, "patient")})
        made.signed_in = Caller(who, uuid4(), granted, datetime(2100, 1, 1, tzinfo=UTC))
        return made

    async def fetch(self, statement: str, *values: Any) -> list[Any]:
        async with self.database.connection() as connection:
            return list(await connection.fetch(statement, *values))
