"""What a provider's words for a state mean to us; a word that we do not know is no payment."""

from typing import Any
from uuid import uuid4

import pytest

from kit.outages import is_outage
from services.pharmacy.providers.port import Provider, Refund, RefundState, Trade, TradeState, UnreadableError
from tests.pharmacy.providers.arranged import AMOUNT, refunded
from tests.pharmacy.providers.cashier import Hands, Merchant
from tests.pharmacy.providers.test_forged_callbacks import callback, dropped

TRADES = [
    ("alipay", "WAIT_BUYER_PAY", TradeState.WAITING),
    ("alipay", "TRADE_SUCCESS", TradeState.PAID),
    ("alipay", "TRADE_FINISHED", TradeState.PAID),
    ("alipay", "TRADE_CLOSED", TradeState.PAID),  # it tells when it was paid: it was given back since
    ("wechat", "SUCCESS", TradeState.PAID),
    ("wechat", "REFUND", TradeState.PAID),
    ("wechat", "NOTPAY", TradeState.WAITING),
    ("wechat", "USERPAYING", TradeState.WAITING),
    ("wechat", "ACCEPT", TradeState.WAITING),
    ("wechat", "PAYERROR", TradeState.WAITING),
    ("wechat", "CLOSED", TradeState.CLOSED),
    ("wechat", "REVOKED", TradeState.CLOSED),
]
REFUNDS = [
    ("SUCCESS", RefundState.DONE),
    ("PROCESSING", RefundState.UNDER_WAY),
    ("CLOSED", RefundState.FAILED),
    ("ABNORMAL", RefundState.FAILED),  # the buyer's account is closed or frozen
]


@pytest.mark.parametrize(("name", "word", "state"), TRADES)
async def test_a_payment_s_state(
    name: str, word: str, state: TradeState, providers: dict[str, Provider], hands: Hands, merchant: Merchant
) -> None:
    call = await callback(providers[name], hands, merchant, state=word)
    said = await providers[name].read_callback(call.headers, call.body)
    assert isinstance(said, Trade)
    assert (said.state, said.amount_minor) == (state, AMOUNT)


@pytest.mark.parametrize(("word", "state"), REFUNDS)
async def test_a_refund_s_state(
    word: str, state: RefundState, providers: dict[str, Provider], hands: Hands, merchant: Merchant
) -> None:
    wechat = providers["wechat"]
    payment_id = await dropped(wechat, hands)
    await hands.notices("keep")
    await refunded(wechat, payment_id, 7)
    await hands.send(payment_id.hex, index=1, state=word)
    call = await merchant.next()
    await hands.notices("drop")
    said = await wechat.read_callback(call.headers, call.body)
    assert isinstance(said, Refund)
    assert (said.state, said.amount_minor) == (state, 7)


@pytest.mark.parametrize(
    ("name", "alteration"),
    [
        ("alipay", {"state": "TRADE_PENDING"}),
        ("wechat", {"state": "PENDING"}),
        ("alipay", {"out_trade_no": "another-system-17"}),
        ("wechat", {"out_trade_no": "another-system-17"}),
    ],
)
async def test_what_nobody_understands_is_not_guessed_at_and_told_again(
    name: str, alteration: dict[str, Any], providers: dict[str, Provider], hands: Hands, merchant: Merchant
) -> None:
    call = await callback(providers[name], hands, merchant, **alteration)
    with pytest.raises(UnreadableError) as caught:
        await providers[name].read_callback(call.headers, call.body)
    assert is_outage(caught.value)


async def test_a_refund_that_alipay_took_and_did_not_carry_out_is_asked_for_again(
    providers: dict[str, Provider], hands: Hands
) -> None:
    alipay = providers["alipay"]
    payment_id, refund_id = await dropped(alipay, hands), uuid4()
    await hands.fail("refund", "IDLE")
    said = await alipay.refund(payment_id, refund_id, 7, AMOUNT, "CNY", "x")
    assert said.state is RefundState.UNDER_WAY
    assert await alipay.find_refund(payment_id, refund_id) is None
    said = await alipay.refund(payment_id, refund_id, 7, AMOUNT, "CNY", "x")
    assert said.state is RefundState.DONE
    assert await alipay.find_refund(payment_id, refund_id) == said
