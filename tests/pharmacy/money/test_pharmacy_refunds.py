"""Money that goes back: how much, whose, once, and across outages."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from apricot.errors.v1.reason_pb2 import REASON_NOT_FOUND, REASON_WRONG_STATE
from apricot.pharmacy.v1 import ledger_pb2 as books_pb
from apricot.pharmacy.v1 import payment_pb2 as pb
from prometheus_client import REGISTRY
from sqlalchemy.exc import IntegrityError

from services.pharmacy.domain.jobs import Failure
from services.pharmacy.domain.orders import Act, State
from services.pharmacy.domain.payments import Cause
from services.pharmacy.providers.port import Refund, RefundState
from services.pharmacy.rpc.errors import ERRORS
from services.pharmacy.store import orders, payments, refunds
from services.pharmacy.store.figures import FIGURES
from tests.in_process import refused_by
from tests.pharmacy.money.shop import COMMISSION, DELIVERY, GOODS, TOTAL, Shop, new_id


async def the_refund(shop: Shop, order_id: UUID) -> pb.Refund:
    (payment,) = await shop.attempts(order_id)
    (refund,) = payment.refunds
    return refund


@pytest.mark.parametrize("acts", [(Act.CANCEL,), (Act.REFUSE,), (Act.LAPSE,), (Act.PACK, Act.CANCEL)])
async def test_an_order_that_is_given_up_is_paid_back_whole(shop: Shop, acts: tuple[Act, ...]) -> None:
    order_id, _ = await shop.paid_order()
    await shop.move(order_id, *acts)
    assert await shop.accounts(order_id) == {"provider_clearing": TOTAL, "refunds_payable": -TOTAL}
    await shop.work()
    refund = await the_refund(shop, order_id)
    assert (refund.cause, refund.state) == (pb.REFUND_CAUSE_ORDER_GIVEN_UP, pb.REFUND_STATE_DONE)
    assert await shop.accounts(order_id) == {}
    assert [each.amount_minor for each in shop.bank.refunds.values()] == [TOTAL]
    pushed = await shop.fetch("select from push where account_id = $1 and reference_id = $2", shop.buyer, order_id)
    assert len(pushed) >= 2 + len(acts)  # paid, each act, and that the money went back


async def test_an_order_that_nobody_paid_is_given_up_without_a_refund(shop: Shop) -> None:
    order_id = await shop.order()
    await shop.start(order_id)
    await shop.move(order_id, Act.CANCEL)
    await shop.work()
    assert await shop.refund_rows(order_id) == []
    assert [each.state for each in await shop.attempts(order_id)] == [pb.PAYMENT_STATE_CLOSED]


@pytest.mark.parametrize("failure", [Failure.NOBODY_THERE, Failure.REFUSED, Failure.WRONG_ADDRESS])
async def test_a_way_in_vain_is_the_courier_s(shop: Shop, failure: Failure) -> None:
    order_id, _ = await shop.paid_order()
    await shop.move(order_id, Act.PACK, Act.PICK_UP, Act.FAIL, Act.BRING_BACK, failure=failure)
    await shop.work()
    refund = await the_refund(shop, order_id)
    assert (refund.cause, refund.amount.minor_units) == (pb.REFUND_CAUSE_NOT_DELIVERED, GOODS)
    assert await shop.accounts(order_id) == {"provider_clearing": DELIVERY, "courier": -DELIVERY}


@pytest.mark.parametrize(
    ("acts", "failure"),
    [
        ((Act.LAPSE,), Failure.NOBODY_THERE),  # six hours on the way, and nobody came
        ((Act.FAIL, Act.LAPSE), Failure.NOBODY_THERE),  # nor was it brought back
        ((Act.FAIL, Act.BRING_BACK), Failure.COLD_CHAIN_BROKEN),
        ((Act.FAIL, Act.BRING_BACK), Failure.OTHER),
        ((Act.FAIL, Act.REDELIVER, Act.LAPSE), Failure.NOBODY_THERE),
    ],
)
async def test_what_did_not_fail_at_the_buyer_s_door_costs_him_nothing(
    shop: Shop, acts: tuple[Act, ...], failure: Failure
) -> None:
    order_id, _ = await shop.paid_order()
    await shop.move(order_id, Act.PACK, Act.PICK_UP, *acts, failure=failure)
    assert await shop.state(order_id) is State.CANCELLED
    await shop.work()
    assert (await the_refund(shop, order_id)).amount.minor_units == TOTAL
    assert await shop.accounts(order_id) == {}  # the courier has nothing of it


@pytest.mark.parametrize("failure", [Failure.NOBODY_THERE, Failure.REFUSED, Failure.WRONG_ADDRESS])
async def test_who_was_not_seen_at_the_door_is_not_paid(shop: Shop, failure: Failure) -> None:
    order_id, _ = await shop.paid_order()
    await shop.move(order_id, Act.PACK, Act.PICK_UP, Act.FAIL, Act.BRING_BACK, failure=failure, unseen=True)
    await shop.work()
    refund = await the_refund(shop, order_id)
    assert (refund.cause, refund.amount.minor_units) == (pb.REFUND_CAUSE_ORDER_GIVEN_UP, TOTAL)
    assert await shop.accounts(order_id) == {}


async def test_who_breaks_the_cold_chain_is_not_paid_whatever_he_says(shop: Shop) -> None:
    order_id, _ = await shop.paid_order()
    await shop.move(order_id, Act.PACK, Act.PICK_UP)
    await shop.fetch("update delivery_job set break_time = now(), break_celsius = 9 where order_id = $1", order_id)
    await shop.move(order_id, Act.FAIL, Act.BRING_BACK, failure=Failure.NOBODY_THERE)
    await shop.work()
    assert await shop.accounts(order_id) == {}


async def test_what_was_delivered_is_shared(shop: Shop) -> None:
    order_id, _ = await shop.delivered_order()
    assert await shop.accounts(order_id) == {
        "provider_clearing": TOTAL,
        "pharmacy": COMMISSION - GOODS,
        "courier": -DELIVERY,
        "platform_commission": -COMMISSION,
    }
    owners = {entry.owner for entry in await shop.entries(order_id)}
    assert {str(shop.pharmacy), str(shop.courier), "sandbox", str(order_id)} <= owners


async def test_faulty_goods_cost_the_pharmacy_and_not_the_courier(shop: Shop) -> None:
    order_id, _ = await shop.delivered_order()
    await shop.move(order_id, Act.ASK_RETURN, Act.ACCEPT_RETURN)
    await shop.work()
    assert await shop.state(order_id) is State.RETURNED
    assert (await the_refund(shop, order_id)).amount.minor_units == TOTAL
    assert await shop.accounts(order_id) == {"pharmacy": DELIVERY, "courier": -DELIVERY}


async def test_a_declined_return_moves_no_money(shop: Shop) -> None:
    order_id, _ = await shop.delivered_order()
    before = await shop.entries(order_id)
    await shop.move(order_id, Act.ASK_RETURN, Act.DECLINE_RETURN)
    assert await shop.entries(order_id) == before


async def test_a_refund_waits_for_a_provider_that_is_away_and_is_done_once(shop: Shop) -> None:
    order_id, _ = await shop.paid_order()
    shop.bank.away = True
    await shop.move(order_id, Act.CANCEL)
    for _ in range(4):
        await shop.work()
        shop.clock.advance(minutes=10)
    assert (await the_refund(shop, order_id)).state == pb.REFUND_STATE_REQUESTED
    shop.bank.away, shop.bank.loses_answers = False, True
    await shop.work()  # it is done, but nobody hears
    assert len(shop.bank.refunds) == 1
    shop.bank.loses_answers = False
    shop.clock.advance(minutes=20)
    await shop.work()
    assert (await the_refund(shop, order_id)).state == pb.REFUND_STATE_DONE
    assert len(shop.bank.refunds) == 1
    assert await shop.accounts(order_id) == {}


async def test_a_refusal_of_what_was_done_already_is_no_failure(shop: Shop) -> None:
    """Nobody shall pay it back a second time by another way."""
    order_id, _ = await shop.paid_order()
    await shop.move(order_id, Act.CANCEL)
    shop.bank.loses_answers = True
    await shop.work()
    shop.bank.loses_answers, shop.bank.refuses = False, True  # "it was refunded whole"
    shop.clock.advance(minutes=1)
    await shop.work()
    assert (await the_refund(shop, order_id)).state == pb.REFUND_STATE_DONE
    assert await shop.accounts(order_id) == {}


async def late_refunds(shop: Shop) -> int:
    """What an operator sees."""
    (figure,) = [each for each in FIGURES if each.gauge._name == "apricot_refunds_late"]
    return int((await shop.fetch(figure.query))[0][0])


@pytest.mark.parametrize(("state", "hours"), [(RefundState.UNDER_WAY, 5 * 24), (None, 1)])
async def test_a_refund_that_takes_too_long_is_shown(shop: Shop, state: RefundState | None, hours: int) -> None:
    """The provider has taken it, or does not take it: our account there is empty."""
    order_id, _ = await shop.paid_order()
    shop.bank.slow_refunds, shop.bank.away = state is not None, state is None
    await shop.move(order_id, Act.CANCEL)
    await shop.work()
    for passed, late in ((hours - 0.1, 0), (hours + 0.1, 1)):
        decided = datetime.now(UTC) - timedelta(hours=passed)
        await shop.fetch("update refund set create_time = $2 where order_id = $1", order_id, decided)
        assert await late_refunds(shop) == late


async def test_pauses_grow_while_a_provider_is_away(shop: Shop) -> None:
    order_id, _ = await shop.paid_order()
    shop.bank.away = True
    await shop.move(order_id, Act.CANCEL)
    for _ in range(360):
        await shop.refunding.give_back_due()
        shop.clock.advance(seconds=10)
    assert 5 <= shop.bank.asked.count("refund") <= 12


async def test_a_worker_that_dies_while_it_pays_back_delays_it(shop: Shop) -> None:
    order_id, _ = await shop.paid_order()
    await shop.move(order_id, Act.CANCEL)
    shop.bank.holding = "refund"
    dying = asyncio.create_task(shop.work())
    await shop.bank.reached.wait()
    dying.cancel()
    shop.bank.holding = ""
    shop.clock.advance(minutes=1)
    await shop.work()
    assert (await the_refund(shop, order_id)).state == pb.REFUND_STATE_DONE


async def test_many_workers_pay_back_once(shop: Shop) -> None:
    paid = [(await shop.paid_order())[0] for _ in range(5)]
    for order_id in paid:
        await shop.move(order_id, Act.CANCEL)
    shop.clock.advance(seconds=1)
    await asyncio.gather(*(shop.refunding.give_back_due() for _ in range(4)))
    assert shop.bank.asked.count("refund") == 5
    for order_id in paid:
        assert (await the_refund(shop, order_id)).state == pb.REFUND_STATE_DONE


async def test_one_that_is_under_way_is_asked_about_until_its_end(shop: Shop) -> None:
    order_id, _ = await shop.paid_order()
    shop.bank.slow_refunds = True
    await shop.move(order_id, Act.CANCEL)
    await shop.work()
    refund = await the_refund(shop, order_id)
    assert refund.state == pb.REFUND_STATE_UNDER_WAY
    assert await shop.accounts(order_id) == {"provider_clearing": TOTAL, "refunds_payable": -TOTAL}
    shop.bank.finish(UUID(refund.refund_id))
    shop.clock.advance(minutes=1)
    await shop.work()
    assert shop.bank.asked[-1] == "find_refund"
    assert (await the_refund(shop, order_id)).state == pb.REFUND_STATE_DONE
    before = len(shop.bank.asked)
    shop.clock.advance(days=1)
    await shop.work()
    assert len(shop.bank.asked) == before


async def test_what_is_told_of_a_refund_ends_alike_in_any_order(shop: Shop) -> None:
    for told in set(permutations([RefundState.UNDER_WAY, RefundState.DONE, RefundState.DONE, RefundState.FAILED])):
        order_id, payment_id = await shop.paid_order()
        await shop.move(order_id, Act.CANCEL)
        refund_id = UUID((await the_refund(shop, order_id)).refund_id)
        for state in told:
            await shop.till.take("sandbox", Refund(payment_id, refund_id, state, TOTAL, "CNY"))
        assert (await the_refund(shop, order_id)).state == pb.REFUND_STATE_DONE
        assert await shop.accounts(order_id) == {}
        done = await shop.fetch("select from ledger_entry where event = 4 and reference = $1", str(refund_id))
        assert len(done) == 2


async def test_a_failed_refund_is_an_operator_s_who_has_it_tried_again(shop: Shop) -> None:
    order_id, payment_id = await shop.paid_order()
    shop.bank.refuses = True
    await shop.move(order_id, Act.CANCEL)
    await shop.work()
    refund = await the_refund(shop, order_id)
    assert refund.state == pb.REFUND_STATE_FAILED
    assert await shop.accounts(order_id) == {"provider_clearing": TOTAL, "refunds_payable": -TOTAL}
    (found,) = [each for each in await shop.disputes() if each.payment_id == str(payment_id)]
    assert (found.kind, found.refund_id) == (books_pb.DISPUTE_KIND_REFUND_FAILED, refund.refund_id)
    shop.bank.refuses = False
    shop.clock.advance(days=1)
    await shop.work()
    assert (await the_refund(shop, order_id)).state == pb.REFUND_STATE_FAILED  # nobody said that it may be tried again
    request = books_pb.RetryRefundRequest(request_id=new_id(), refund_id=refund.refund_id)
    call = shop.call("LedgerService/RetryRefund", shop.admin)
    answers = [await shop.ledger.RetryRefund(request, call) for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0].refund.state == pb.REFUND_STATE_REQUESTED
    await shop.work()
    assert (await the_refund(shop, order_id)).state == pb.REFUND_STATE_DONE
    with refused_by(ERRORS, REASON_WRONG_STATE):
        await shop.ledger.RetryRefund(
            books_pb.RetryRefundRequest(request_id=new_id(), refund_id=refund.refund_id), call
        )
    with refused_by(ERRORS, REASON_NOT_FOUND):
        await shop.ledger.RetryRefund(books_pb.RetryRefundRequest(request_id=new_id(), refund_id=new_id()), call)


@pytest.mark.parametrize("by_provider", [False, True])
async def test_what_an_operator_gave_back_by_another_way_is_booked_once(shop: Shop, by_provider: bool) -> None:
    """The buyer's account at the provider is closed: a transfer, or another number in the provider's console."""
    order_id, payment_id = await shop.paid_order()
    await shop.move(order_id, Act.CANCEL)
    refund_id = (await the_refund(shop, order_id)).refund_id
    request = books_pb.SettleRefundRequest(
        request_id=new_id(), refund_id=refund_id, reference="transfer 17", by_provider=by_provider
    )
    call = shop.call("LedgerService/SettleRefund", shop.admin)
    with refused_by(ERRORS, REASON_WRONG_STATE):  # it may still go back by itself
        await shop.ledger.SettleRefund(request, call)
    shop.bank.refuses = True
    await shop.work()
    await shop.books.weigh_once()
    waiting = REGISTRY.get_sample_value("apricot_refunds_failed")
    assert waiting
    answers = [await shop.ledger.SettleRefund(request, call) for _ in range(2)]
    assert answers[0] == answers[1]
    assert (await the_refund(shop, order_id)).state == answers[0].refund.state == pb.REFUND_STATE_SETTLED
    assert await shop.accounts(order_id) == (
        {} if by_provider else {"provider_clearing": TOTAL, "platform_cash": -TOTAL}
    )
    await shop.books.weigh_once()
    assert REGISTRY.get_sample_value("apricot_refunds_failed") == waiting - 1
    before = await shop.entries(order_id)
    await shop.till.take("sandbox", Refund(payment_id, UUID(refund_id), RefundState.DONE, TOTAL, "CNY"))
    assert await shop.entries(order_id) == before
    told = {each.kind for each in await shop.disputes() if each.payment_id == str(payment_id)}
    assert books_pb.DISPUTE_KIND_CONTRADICTION in told  # it went back twice
    with refused_by(ERRORS, REASON_WRONG_STATE):
        await shop.ledger.RetryRefund(books_pb.RetryRefundRequest(request_id=new_id(), refund_id=refund_id), call)
    request.request_id = new_id()
    with refused_by(ERRORS, REASON_WRONG_STATE):
        await shop.ledger.SettleRefund(request, call)
    request.refund_id, request.request_id = new_id(), new_id()
    with refused_by(ERRORS, REASON_NOT_FOUND):
        await shop.ledger.SettleRefund(request, call)


async def test_a_refund_that_does_not_fit_is_not_ours(shop: Shop) -> None:
    order_id, payment_id = await shop.paid_order()
    await shop.move(order_id, Act.CANCEL)
    refund_id = UUID((await the_refund(shop, order_id)).refund_id)
    done, stranger = RefundState.DONE, uuid4()
    await shop.till.take("sandbox", Refund(payment_id, refund_id, done, TOTAL - 1, "CNY"))
    await shop.till.take("sandbox", Refund(payment_id, refund_id, done, TOTAL, "USD"))
    await shop.till.take("alipay", Refund(payment_id, refund_id, done, TOTAL, "CNY"))
    await shop.till.take("sandbox", Refund(payment_id, stranger, done, TOTAL, "CNY"))
    await shop.till.take("sandbox", Refund(stranger, refund_id, done, TOTAL, "CNY"))
    assert (await the_refund(shop, order_id)).state == pb.REFUND_STATE_REQUESTED
    told = [each.kind for each in await shop.disputes() if UUID(each.payment_id) in (payment_id, stranger)]
    assert sorted(told) == sorted(
        [
            books_pb.DISPUTE_KIND_AMOUNT,
            books_pb.DISPUTE_KIND_CURRENCY,
            books_pb.DISPUTE_KIND_WRONG_PROVIDER,
            books_pb.DISPUTE_KIND_UNKNOWN,
            books_pb.DISPUTE_KIND_UNKNOWN,
        ]
    )


@pytest.mark.parametrize(("amount", "cause"), [(1, Cause.TOO_LATE), (1, Cause.NOT_DELIVERED)])
async def test_more_than_came_never_goes_back(shop: Shop, amount: int, cause: Cause) -> None:
    """Whatever the code asks for, the database refuses it."""
    order_id, payment_id = await shop.paid_order()
    await shop.move(order_id, Act.CANCEL)
    with pytest.raises(IntegrityError):
        await _request(shop, order_id, payment_id, amount, cause)


async def test_one_cause_pays_back_once(shop: Shop) -> None:
    order_id, payment_id = await shop.paid_order()
    await _request(shop, order_id, payment_id, 1, Cause.NOT_DELIVERED)
    with pytest.raises(IntegrityError):
        await _request(shop, order_id, payment_id, 1, Cause.NOT_DELIVERED)


async def _request(shop: Shop, order_id: UUID, payment_id: UUID, amount: int, cause: Cause) -> None:
    async with shop.database.transaction() as session:
        order = await orders.lock_order(session, order_id)
        payment = await payments.find(session, shop.buyer, payment_id, lock=True)
        assert order is not None
        assert payment is not None
        await refunds.request(session, order, payment, amount, cause, shop.clock.now)
