"""Paying through the real gateway, the real cashier and its callbacks, at each provider."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from apricot.errors.v1.reason_pb2 import REASON_NOT_FOUND
from apricot.pharmacy.v1 import ledger_pb2 as books_pb
from apricot.pharmacy.v1 import payment_pb2 as pb
from apricot.pharmacy.v1.order_pb2 import ORDER_STATE_AWAITING_PAYMENT, ORDER_STATE_PREPARING, GetOrderRequest

from clients.sdk import ApricotError
from kit.clock import utc_now
from kit.database import Database
from kit.times import to_datetime
from services.pharmacy import life
from services.pharmacy.domain.orders import Act
from services.pharmacy.domain.reconciliation import ZONE
from services.pharmacy.store import orders
from services.pharmacy.store.payment_bodies import provider_name
from stack.platform import Platform
from tests.kit.running import until
from tests.people import People, Person
from tests.pharmacy.money.arranged import DELIVERY, GOODS, TOTAL, add_order, add_pharmacy
from tests.pharmacy.providers.cashier import Hands

PROVIDERS = [
    pb.PAYMENT_PROVIDER_SANDBOX,
    pb.PAYMENT_PROVIDER_ALIPAY,
    pb.PAYMENT_PROVIDER_WECHAT,
]


@pytest.fixture(scope="module")
async def buyer(people: People) -> Person:
    return await people.patient()


@pytest.fixture
async def order_id(buyer: Person, pharmacy_database: Database) -> UUID:
    pharmacy = uuid4()
    await add_pharmacy(pharmacy_database, pharmacy, uuid4(), utc_now())
    return await add_order(pharmacy_database, pharmacy, UUID(buyer.account_id), GOODS, DELIVERY, utc_now())


@pytest.fixture
async def hands(platform: Platform) -> AsyncIterator[Hands]:
    assert platform.plan.cashier
    hands = Hands(platform.plan.cashier)
    yield hands
    await hands.notices("send")


async def start(buyer: Person, order_id: UUID, provider: pb.PaymentProvider.ValueType) -> pb.StartPaymentResponse:
    request = pb.StartPaymentRequest(request_id=str(uuid4()), order_id=str(order_id), provider=provider)
    return await buyer.session.payments.StartPayment(request)


async def state(buyer: Person, order_id: UUID) -> int:
    return (await buyer.session.orders.GetOrder(GetOrderRequest(order_id=str(order_id)))).order.state


async def attempts(buyer: Person, order_id: UUID) -> list[pb.Payment]:
    request = pb.ListPaymentsRequest(order_id=str(order_id))
    return list((await buyer.session.payments.ListPayments(request)).payments)


async def move(database: Database, order_id: UUID, act: Act) -> None:
    async with database.transaction() as session:
        row = await orders.lock_order(session, order_id)
        assert row is not None
        await life.move(session, row, act, None, utc_now())


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_paid_by_callback_and_paid_back_by_the_worker(
    provider: pb.PaymentProvider.ValueType,
    buyer: Person,
    order_id: UUID,
    hands: Hands,
    pharmacy_database: Database,
    people: People,
) -> None:
    begun = await start(buyer, order_id, provider)
    assert await state(buyer, order_id) == ORDER_STATE_AWAITING_PAYMENT
    assert await hands.pay(provider_name(provider), begun.handoff) == 200

    async def is_paid() -> bool:
        return await state(buyer, order_id) == ORDER_STATE_PREPARING

    await until(is_paid)
    await move(pharmacy_database, order_id, Act.CANCEL)

    async def is_back() -> bool:
        (payment,) = await attempts(buyer, order_id)
        return [each.state for each in payment.refunds] == [pb.REFUND_STATE_DONE]

    await until(is_back)
    (payment,) = await attempts(buyer, order_id)
    assert (payment.state, payment.counted) == (pb.PAYMENT_STATE_PAID, True)
    assert payment.refunded.minor_units == payment.amount.minor_units == TOTAL
    admin = (await people.admin()).session
    request = books_pb.ListLedgerEntriesRequest(order_id=str(order_id))
    entries = (await admin.ledger.ListLedgerEntries(request)).entries
    assert len(entries) == 6
    assert sum(entry.amount_minor for entry in entries) == 0
    balances = (await admin.ledger.GetLedgerBalances(books_pb.GetLedgerBalancesRequest())).balances
    assert sum(each.amount_minor for each in balances) == 0


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_callback_that_is_lost_is_found_when_the_app_comes_back(
    provider: pb.PaymentProvider.ValueType, buyer: Person, order_id: UUID, hands: Hands
) -> None:
    begun = await start(buyer, order_id, provider)
    await hands.notices("drop")
    assert await hands.pay(provider_name(provider), begun.handoff) == 200
    request = pb.GetPaymentRequest(payment_id=begun.payment.payment_id)
    assert (await buyer.session.payments.GetPayment(request)).payment.state == pb.PAYMENT_STATE_PAID
    assert await state(buyer, order_id) == ORDER_STATE_PREPARING


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_who_cancels_while_paying_gets_it_back(
    provider: pb.PaymentProvider.ValueType,
    buyer: Person,
    order_id: UUID,
    hands: Hands,
    pharmacy_database: Database,
) -> None:
    begun = await start(buyer, order_id, provider)
    await hands.notices("drop")
    assert await hands.pay(provider_name(provider), begun.handoff) == 200
    await hands.notices("send")
    await move(pharmacy_database, order_id, Act.CANCEL)  # nobody has heard of the money

    async def is_back() -> bool:
        (payment,) = await attempts(buyer, order_id)
        return [each.state for each in payment.refunds] == [pb.REFUND_STATE_DONE]

    await until(is_back)
    (payment,) = await attempts(buyer, order_id)
    assert [(each.cause, each.amount.minor_units) for each in payment.refunds] == [(pb.REFUND_CAUSE_TOO_LATE, TOTAL)]


async def test_another_s_payment_is_none(buyer: Person, order_id: UUID, people: People) -> None:
    begun = await start(buyer, order_id, pb.PAYMENT_PROVIDER_SANDBOX)
    other = (await people.patient()).session.payments
    request = pb.StartPaymentRequest(
        request_id=str(uuid4()), order_id=str(order_id), provider=pb.PAYMENT_PROVIDER_SANDBOX
    )
    for asking in (
        other.StartPayment(request),
        other.GetPayment(pb.GetPaymentRequest(payment_id=begun.payment.payment_id)),
        other.ListPayments(pb.ListPaymentsRequest(order_id=str(order_id))),
    ):
        with pytest.raises(ApricotError) as refused:
            await asking
        assert refused.value.reason == REASON_NOT_FOUND


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_provider_s_statement_tells_the_same(
    provider: pb.PaymentProvider.ValueType, buyer: Person, order_id: UUID, hands: Hands, people: People
) -> None:
    begun = await start(buyer, order_id, provider)
    assert await hands.pay(provider_name(provider), begun.handoff) == 200

    async def is_paid() -> bool:
        return await state(buyer, order_id) == ORDER_STATE_PREPARING

    await until(is_paid)
    (payment,) = await attempts(buyer, order_id)
    day = to_datetime(payment.pay_time).astimezone(ZONE).date().isoformat()
    await hands.settle(day)
    ledger = (await people.admin()).session.ledger
    request = books_pb.ReconcileDayRequest(request_id=str(uuid4()), provider=provider, date=day)
    report = (await ledger.ReconcileDay(request)).report
    assert report.matched_count >= 1
    assert payment.payment_id not in {each.payment_id for each in report.differences}
    assert report.fee_minor > 0
    kept = books_pb.GetReconciliationRequest(provider=provider, date=day)
    assert (await ledger.GetReconciliation(kept)).report == report
