"""An order on a prescription that walks its whole life, with the real parts' stores behind it."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID, uuid4

from apricot.pharmacy.v1 import order_pb2 as pb

from services.pharmacy import life
from services.pharmacy.domain.jobs import Act as JobAct
from services.pharmacy.domain.jobs import Failure
from services.pharmacy.domain.jobs import State as JobState
from services.pharmacy.domain.ledger import Kind
from services.pharmacy.domain.orders import Act, State
from services.pharmacy.domain.payments import State as PaymentState
from services.pharmacy.domain.reviews import Act as ReviewAct
from services.pharmacy.domain.reviews import State as ReviewState
from services.pharmacy.money.till import Till
from services.pharmacy.store import jobs, orders, reviews
from services.pharmacy.store.order_tables import OrderRow
from services.pharmacy.store.payment_tables import PaymentRow
from tests.pharmacy.money.till import Bank
from tests.pharmacy.orders.shop import Shop

GOODS, DELIVERY, COMMISSION = 2 * 1990 + 100, 601, 204
TOTAL = GOODS + DELIVERY

WAYS: dict[State, tuple[Act, ...]] = {
    State.AWAITING_PAYMENT: (),
    State.IN_REVIEW: (Act.PAY_FOR_REVIEW,),
    State.PREPARING: (Act.PAY_FOR_REVIEW, Act.APPROVE),
    State.READY: (Act.PAY_FOR_REVIEW, Act.APPROVE, Act.PACK),
    State.ON_THE_WAY: (Act.PAY_FOR_REVIEW, Act.APPROVE, Act.PACK, Act.PICK_UP),
    State.UNDELIVERED: (Act.PAY_FOR_REVIEW, Act.APPROVE, Act.PACK, Act.PICK_UP, Act.FAIL),
    State.DELIVERED: (Act.PAY_FOR_REVIEW, Act.APPROVE, Act.PACK, Act.PICK_UP, Act.DELIVER),
    State.RETURNING: (Act.PAY_FOR_REVIEW, Act.APPROVE, Act.PACK, Act.PICK_UP, Act.DELIVER, Act.ASK_RETURN),
}
"""How an order on a prescription gets where something can still happen to it."""
ENDS = {
    State.AWAITING_PAYMENT: Act.CANCEL,
    State.IN_REVIEW: Act.CANCEL,
    State.PREPARING: Act.CANCEL,
    State.READY: Act.CANCEL,
    State.ON_THE_WAY: Act.DELIVER,
    State.UNDELIVERED: Act.BRING_BACK,
    State.RETURNING: Act.ACCEPT_RETURN,
}
"""How an order gets to an end from where it stands."""


@dataclass(frozen=True)
class Found:
    """What all the parts of the pharmacy say of one order."""

    on_hand: int
    """Packs on the shelves, of 14."""
    held: int
    claim: str
    review: ReviewState | None
    job: JobState | None
    payment: PaymentState
    going_back: int
    """Money that goes back to the buyer."""
    owned: dict[Kind, int]
    """Whose the money is that the provider has."""
    supplies: int
    """How many of the two medicines the patient has."""


class Walk:
    """One order, and everything that follows from what happens to it."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.bank = Bank("sandbox", shop.clock)
        telling, providers = shop.orders._telling, cast(Any, {"sandbox": self.bank})
        self.till = Till(shop.database, telling, providers, shop.clock)
        self.courier = uuid4()
        self.courier_is_seen = True
        """At the door, where it fails."""
        self.order = pb.Order()
        self.payment = uuid4()
        self.prescription: dict[str, Any] = {}

    async def begin(self, *, on_prescription: bool = True) -> "Walk":
        """Ordered; its payment has begun."""
        shop, tablets = self.shop, await self.shop.sell(uuid4(), prescription_only=on_prescription)
        await shop.execute("update product set atc_code = 'A10BH01' where product_id = $1", shop.product)
        await shop.execute("update offer set price_minor = 100 where product_id = $1", shop.product)
        await shop.stock(4, product=tablets)
        self.prescription = await shop.prescribe(packs=2) if on_prescription else {}
        item = int(on_prescription)
        quote = await shop.quote(shop.wanted(2, tablets, item=item), shop.wanted(1), **self.prescription)
        self.order = await shop.place(quote)
        row = PaymentRow(
            payment_id=self.payment,
            order_id=self.order_id,
            patient_id=shop.buyer,
            provider="sandbox",
            state=PaymentState.STARTED,
            amount_minor=TOTAL,
            currency="CNY",
            create_time=shop.clock.now,
            expire_time=shop.clock.now,
        )
        await shop.add(row)
        await self.bank.start(self.payment, TOTAL, "CNY", "", shop.clock.now)
        return self

    @property
    def order_id(self) -> UUID:
        return UUID(self.order.order_id)

    async def go(self, *acts: Act, by: UUID | None = None) -> "Walk":
        """These happen to it, one after the other."""
        for act in acts:
            self.shop.clock.advance(seconds=1)
            if act in (Act.PAY, Act.PAY_FOR_REVIEW):
                await self.till.take("sandbox", self.bank.pay(self.payment))
                continue
            async with self.shop.database.transaction() as session:
                row = await orders.lock_order(session, self.order_id)
                assert row is not None
                await self._before(session, row, act)
                await life.move(session, row, act, by, self.shop.clock.now)
        return self

    async def _before(self, session: Any, row: OrderRow, act: Act) -> None:
        """What the part does whose act it is."""
        if act in (Act.APPROVE, Act.REJECT):
            review = await reviews.find(session, row.patient_id, row.order_id, lock=True)
            assert review is not None
            reviews.move(review, ReviewAct.CLAIM, self.shop.clock.now, pharmacist_id=self.shop.pharmacist)
            review.check_digest = review.decision = b"decided"
            reviews.move(review, ReviewAct[act.name], self.shop.clock.now)
        if act is Act.PICK_UP:
            job = await jobs.find(session, row.patient_id, row.order_id, lock=True)
            assert job is not None
            job.courier_id = row.courier_id = self.courier
            job.accept_time = job.pick_up_time = self.shop.clock.now
            jobs.move(job, JobAct.ACCEPT)
            jobs.move(job, JobAct.PICK_UP)
        if act is Act.FAIL:
            job = await jobs.find(session, row.patient_id, row.order_id, lock=True)
            assert job is not None
            job.failure, job.failed_unseen = Failure.NOBODY_THERE, not self.courier_is_seen

    async def found(self) -> Found:
        """How everything stands."""
        on_hand, held = await self.shop.held_packs()
        claim = await self._one("select state from prescription_claim where order_id = $1")
        review = await self._one("select state from review where order_id = $1")
        job = await self._one("select state from delivery_job where order_id = $1")
        rows = await self.shop.fetch(
            "select account, -sum(amount_minor) as has from ledger_entry where order_id = $1 group by account",
            self.order_id,
        )
        assert sum(row["has"] for row in rows) == 0
        accounts = {Kind(row["account"]): int(row["has"]) for row in rows if row["has"]}
        accounts.pop(Kind.PROVIDER_CLEARING, None)
        return Found(
            on_hand=on_hand,
            held=held,
            claim={None: "", 1: "live", 2: "free", 3: "used"}[claim],
            review=None if review is None else ReviewState(review),
            job=None if job is None else JobState(job),
            payment=PaymentState(await self._one("select state from payment where order_id = $1")),
            going_back=await self._one("select sum(amount_minor) from refund where order_id = $1") or 0,
            owned=accounts,
            supplies=await self._one("select count(*) from supply_lot where order_id = $1 and end_time is null"),
        )

    async def _one(self, query: str) -> Any:
        rows = await self.shop.fetch(query, self.order_id)
        return rows[0][0] if rows else None
