"""An order on its way: every act of its life, as somebody does it through the gateway."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
from apricot.consult.v1.prescription_pb2 import Prescription
from apricot.pharmacy.v1 import delivery_pb2, fulfilment_pb2, review_pb2
from apricot.pharmacy.v1.order_pb2 import (
    RETURN_REASON_DAMAGED,
    AskReturnRequest,
    CancelOrderRequest,
    Order,
    RateOrderRequest,
    WantedItem,
)
from apricot.pharmacy.v1.payment_pb2 import PAYMENT_PROVIDER_SANDBOX, StartPaymentRequest

from clients.sdk import ApricotError
from kit.schema import service_url
from services.pharmacy.domain.orders import TRANSITIONS, Act, State
from tests.e2e.market import Market, named, place, request_id, see, tablets
from tests.faults.load import until
from tests.people import People, Person

PRICE, QUANTITY, PACKS = 1990, 2, 1000
_AGAIN_SECONDS = 0.2


@dataclass
class Errand:
    """One order on its way; each step is what somebody does, and waits for what follows from it."""

    market: Market
    buyer: Person
    product_id: str
    prescription: Prescription | None = None
    doctor: Person | None = None
    order: Order = field(default_factory=Order)
    handoff: str = ""
    digest: bytes = b""
    question_id: str = ""
    acts: list[Act] = field(default_factory=list)
    """What was done, as far as the test knows."""
    state: State = State.AWAITING_PAYMENT

    def went(self, act: Act) -> None:
        """This is done."""
        if act is not Act.PLACE:
            self.state = TRANSITIONS[self.state, act]
        self.acts.append(act)

    async def go(self, *acts: Act) -> "Errand":
        """On the ordinary way."""
        for act in acts:
            for step in DO[act]:
                await step(self)
            self.went(act)
        return self

    @property
    def prescription_id(self) -> str:
        return self.prescription.prescription_id if self.prescription else ""

    @property
    def _of_it(self) -> Any:
        """What each request names."""
        return {"request_id": request_id(), "order_id": self.order.order_id}

    async def place(self) -> None:
        item = int(self.prescription is not None)
        wanted = WantedItem(product_id=self.product_id, quantity=QUANTITY, prescription_item=item)
        quote = await self.market.quote(self.buyer, wanted, prescription_id=self.prescription_id)
        self.order = await place(self.buyer, quote)

    async def start_payment(self) -> None:
        request = StartPaymentRequest(**self._of_it, provider=PAYMENT_PROVIDER_SANDBOX)
        self.handoff = (await self.buyer.session.payments.StartPayment(request)).handoff

    async def pay(self) -> None:
        await self.market.pay_by_phone("sandbox", self.handoff)
        await self.stands_at(State.IN_REVIEW if self.prescription else State.PREPARING)

    async def cancel(self) -> None:
        await self.buyer.session.orders.CancelOrder(CancelOrderRequest(**self._of_it))

    async def let_time_pass(self) -> None:
        """As long as it may stand so."""
        connection = await asyncpg.connect(service_url(self.market.platform.database_url, "pharmacy"))
        await connection.execute(
            "update medicine_order set due_time = now() where order_id = $1", UUID(self.order.order_id)
        )
        await connection.close()

        async def has_moved() -> bool:
            return int((await see(self.buyer, self.order.order_id)).state) != self.state

        await until(has_moved)

    async def claim(self) -> None:
        await self._reviews.ClaimReview(review_pb2.ClaimReviewRequest(**self._of_it))

    async def release(self) -> None:
        await self._reviews.ReleaseReview(review_pb2.ReleaseReviewRequest(**self._of_it))

    async def check(self) -> None:
        """A check that could not be made is asked for again, by hand."""
        request = review_pb2.CheckPrescriptionRequest(order_id=self.order.order_id)
        while True:
            try:
                self.digest = (await self._reviews.CheckPrescription(request)).digest
            except ApricotError as error:
                if not error.temporary:
                    raise
            else:
                return
            await asyncio.sleep(_AGAIN_SECONDS)

    async def ask(self) -> None:
        asked = await self._reviews.AskDoctor(review_pb2.AskDoctorRequest(**self._of_it, question="每天两次吗？"))
        (question,) = asked.review.questions
        self.question_id = question.question_id

    async def answer(self) -> None:
        assert self.doctor is not None
        request = review_pb2.AnswerQuestionRequest(
            request_id=request_id(), question_id=self.question_id, answer="每天两次"
        )
        await self.doctor.session.reviews.AnswerQuestion(request)

    async def approve(self) -> None:
        await self._reviews.ApprovePrescription(
            review_pb2.ApprovePrescriptionRequest(**self._of_it, check_digest=self.digest)
        )

    async def reject(self) -> None:
        await self._reviews.RejectPrescription(review_pb2.RejectPrescriptionRequest(**self._of_it, reason="剂量不清"))

    async def refuse(self) -> None:
        await self._desk.RefuseOrder(fulfilment_pb2.RefuseOrderRequest(**self._of_it, note="破损"))

    async def pack(self) -> None:
        await self.market.pack(self.order.order_id)

    async def accept(self) -> None:
        await self.market.accept(self.order.order_id)

    async def give_back(self) -> None:
        await self._courier.GiveBackJob(delivery_pb2.GiveBackJobRequest(**self._of_it))

    async def pick_up(self) -> None:
        await self.market.pick_up(self.order.order_id)

    async def go_to_door(self) -> None:
        await self.market.go_to_door()

    async def fail(self) -> None:
        reason = delivery_pb2.FAILURE_REASON_NOBODY_THERE
        await self._courier.FailDelivery(delivery_pb2.FailDeliveryRequest(**self._of_it, reason=reason))

    async def try_again(self) -> None:
        await self._courier.RetryDelivery(delivery_pb2.RetryDeliveryRequest(**self._of_it))

    async def bring_back(self) -> None:
        request = delivery_pb2.BringBackRequest(**self._of_it, position=self.market.place)
        await self._courier.BringBack(request)

    async def hand_over(self) -> None:
        await self.market.hand_over(self.buyer, self.order.order_id)

    async def ask_return(self) -> None:
        await self.buyer.session.orders.AskReturn(AskReturnRequest(**self._of_it, reason=RETURN_REASON_DAMAGED))

    async def accept_return(self) -> None:
        await self._desk.AcceptReturn(fulfilment_pb2.AcceptReturnRequest(**self._of_it))

    async def decline_return(self) -> None:
        await self._desk.DeclineReturn(fulfilment_pb2.DeclineReturnRequest(**self._of_it, note="完好"))

    async def rate(self) -> None:
        request = RateOrderRequest(**self._of_it, pharmacy_stars=5, courier_stars=4)
        rated = (await self.buyer.session.orders.RateOrder(request)).order.rating
        assert (rated.pharmacy_stars, rated.courier_stars) == (5, 4)

    async def stands_at(self, state: State) -> None:
        async def there() -> bool:
            return int((await see(self.buyer, self.order.order_id)).state) == state

        await until(there)

    @property
    def _reviews(self) -> Any:
        return self.market.pharmacist.session.reviews

    @property
    def _desk(self) -> Any:
        return self.market.pharmacist.session.fulfilment

    @property
    def _courier(self) -> Any:
        return self.market.courier.session.delivery


type Step = Callable[[Errand], Coroutine[Any, Any, None]]

DO: Mapping[Act, Sequence[Step]] = {
    Act.PLACE: (Errand.place,),
    Act.PAY: (Errand.start_payment, Errand.pay),
    Act.PAY_FOR_REVIEW: (Errand.start_payment, Errand.pay),
    Act.EXPIRE: (Errand.let_time_pass,),
    Act.CANCEL: (Errand.cancel,),
    Act.APPROVE: (Errand.claim, Errand.check, Errand.approve),
    Act.REJECT: (Errand.claim, Errand.reject),
    Act.REFUSE: (Errand.refuse,),
    Act.LAPSE: (Errand.let_time_pass,),
    Act.PACK: (Errand.pack,),
    Act.PICK_UP: (Errand.accept, Errand.pick_up),
    Act.DELIVER: (Errand.hand_over,),
    Act.FAIL: (Errand.go_to_door, Errand.fail),
    Act.REDELIVER: (Errand.try_again,),
    Act.BRING_BACK: (Errand.bring_back,),
    Act.ASK_RETURN: (Errand.ask_return,),
    Act.ACCEPT_RETURN: (Errand.accept_return,),
    Act.DECLINE_RETURN: (Errand.decline_return,),
}
"""How each act is done; the last step moves the order."""
TO_THE_DOOR = Act.PLACE, Act.PAY, Act.PACK, Act.PICK_UP, Act.DELIVER


async def begin(market: Market, patient_folk: People) -> Errand:
    """Somebody who wants what is sold without prescription."""
    buyer = await named(await patient_folk.patient())
    product = tablets("对乙酰氨基酚片", "paracetamol", "N02BE01", "500", on_prescription=False)
    return Errand(market, buyer, await market.sell(product, PRICE, PACKS))
