"""`apricot.pharmacy.v1.PaymentService`."""

from uuid import UUID, uuid4

from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1 import payment_pb2 as pb
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError, invalid_field, not_found
from kit.idempotency import answer_once, first_answer
from services.pharmacy.domain.orders import State as OrderState
from services.pharmacy.domain.orders import WrongStateError
from services.pharmacy.domain.payments import MOST_ATTEMPTS, Act, State, next_look
from services.pharmacy.events import Telling
from services.pharmacy.money.asking import patiently
from services.pharmacy.money.till import Till
from services.pharmacy.providers.port import AlreadyPaidError, Provider, RefusedError
from services.pharmacy.rpc.seeing import require_order
from services.pharmacy.store import orders, payments
from services.pharmacy.store.order_tables import OrderRow
from services.pharmacy.store.payment_bodies import payment_bodies, provider_name
from services.pharmacy.store.payment_tables import PaymentRow


class Payments:
    """Attempts to pay an order. A provider is asked outside of every transaction; what it says the till takes in."""

    def __init__(self, database: Database, telling: Telling, till: Till, clock: Clock) -> None:
        self._database = database
        self._telling = telling
        self._till = till
        self._clock = clock

    async def StartPayment(self, request: pb.StartPaymentRequest, call: Call) -> pb.StartPaymentResponse:
        provider = self._till.providers.get(provider_name(request.provider))
        if provider is None:
            raise invalid_field("provider", "is not offered here")
        async with self._database.transaction() as session:
            if (first := await first_answer(session, call, request, pb.StartPaymentResponse)) is not None:
                return first
            earlier = await self._give_up_others(session, call, request.order_id, provider)
        for one in earlier:
            await patiently(self._till.look(one), one.provider)
        async with self._database.transaction() as session:
            attempt = await self._attempt(session, call, request.order_id, provider)
        handoff = attempt.handoff or await self._begin(provider, attempt)
        async with self._database.transaction() as session:

            async def answer() -> pb.StartPaymentResponse:
                order = await self._payable(session, call, request.order_id)
                payment = await payments.find(session, order.patient_id, attempt.payment_id, lock=True)
                if payment is None or payment.state != State.STARTED:
                    raise WrongStateError("the payment was given up meanwhile")
                payment.handoff = handoff
                (body,) = await payment_bodies(session, [payment])
                return pb.StartPaymentResponse(payment=body, handoff=handoff)

            return await answer_once(session, call, request, pb.StartPaymentResponse, answer)

    async def GetPayment(self, request: pb.GetPaymentRequest, call: Call) -> pb.GetPaymentResponse:
        caller, payment_id = call.caller.account_id, UUID(request.payment_id)
        async with self._database.transaction() as session:
            payment = await payments.find(session, caller, payment_id)
        if payment is not None and payment.next_look_time is not None:
            await patiently(self._till.look(payment), payment.provider)
        async with self._database.transaction() as session:
            payment = await payments.find(session, caller, payment_id)
            if payment is None:
                raise not_found("payment")
            (body,) = await payment_bodies(session, [payment])
            return pb.GetPaymentResponse(payment=body)

    async def ListPayments(self, request: pb.ListPaymentsRequest, call: Call) -> pb.ListPaymentsResponse:
        async with self._database.transaction() as session:
            seen = await require_order(session, call, request.order_id, self._clock())
            if not (seen.is_buyer or seen.is_staff):
                raise not_found("order")
            found = await payments.of_order(session, seen.order.patient_id, seen.order.order_id)
            response = pb.ListPaymentsResponse(payments=await payment_bodies(session, found))
        await self._telling.wake()
        return response

    async def _payable(self, session: AsyncSession, call: Call, order_id: str) -> OrderRow:
        """The caller's own order, locked, while it may be paid. Errors: NOT_FOUND, `WrongStateError`."""
        order = await orders.find(session, call.caller.account_id, UUID(order_id), lock=True)
        if order is None:
            raise not_found("order")
        if order.state != OrderState.AWAITING_PAYMENT or order.due_time is None or order.due_time <= self._clock():
            raise WrongStateError("the order does not wait for payment")
        return order

    async def _give_up_others(
        self, session: AsyncSession, call: Call, order_id: str, provider: Provider
    ) -> list[PaymentRow]:
        """Attempts with other providers, which are to be closed before the next one begins."""
        order = await self._payable(session, call, order_id)
        started = await payments.of_order(session, order.patient_id, order.order_id, State.STARTED, lock=True)
        others = [one for one in started if one.provider != provider.name]
        for one in others:
            payments.move(one, Act.GIVE_UP, self._clock())
        return others

    async def _attempt(self, session: AsyncSession, call: Call, order_id: str, provider: Provider) -> PaymentRow:
        """The attempt with this provider that runs, or a new one. Errors: TOO_MANY."""
        order, now = await self._payable(session, call, order_id), self._clock()
        before = await payments.of_order(session, order.patient_id, order.order_id)
        running = [one for one in before if one.state == State.STARTED]
        if running and running[0].provider == provider.name:
            return running[0]
        if running:
            raise WrongStateError("another provider was chosen at the same time")
        if len(before) >= MOST_ATTEMPTS:
            raise ApricotError(Reason.REASON_TOO_MANY, "too many attempts to pay this order")
        assert order.due_time is not None, "it waits for payment"  # noqa: S101
        payment = PaymentRow(
            payment_id=uuid4(),
            order_id=order.order_id,
            patient_id=order.patient_id,
            provider=provider.name,
            state=State.STARTED,
            amount_minor=order.goods_minor + order.delivery_minor,
            currency=order.currency,
            next_look_time=next_look(0, order.due_time, now),
            create_time=now,
            expire_time=order.due_time,
        )
        session.add(payment)
        return payment

    async def _begin(self, provider: Provider, payment: PaymentRow) -> str:
        """What the app hands to the provider's software. Errors: OUTSIDE_POLICY, `WrongStateError`, an outage."""
        description = f"Apricot {payment.order_id.hex[:8]}"  # what was bought is nobody else's business
        try:
            return await provider.start(
                payment.payment_id, payment.amount_minor, payment.currency, description, payment.expire_time
            )
        except AlreadyPaidError as error:
            await patiently(self._till.look(payment), payment.provider)
            raise WrongStateError("it is paid already") from error
        except RefusedError as error:
            async with self._database.transaction() as session:
                await orders.lock_order(session, payment.order_id)
                await payments.give_up_open(session, payment.patient_id, payment.order_id, self._clock())
            raise ApricotError(Reason.REASON_OUTSIDE_POLICY, "the provider does not take this payment") from error
