"""Amounts and times as Alipay and WeChat write them, and their statements' tables."""

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pharmacy.providers import alipay_bill
from services.pharmacy.providers.china import china_time, is_settled, minor_of, our_id, yuan_of
from services.pharmacy.providers.port import StatementLine, UnreadableError
from services.pharmacy.providers.wechat_bill import lines_of
from stack.cashier.alipay_bill import zipped
from stack.cashier.book import Movement, Refund, Trade

PAYMENT = "0123456789abcdef0123456789abcdef"
HEAD = "交易时间,微信订单号,商户订单号,交易状态,货币种类,微信退款单号,商户退款单号,手续费,订单金额,申请退款金额"

amounts = st.integers(min_value=-(10**13), max_value=10**13)


@given(amounts)
def test_an_amount_comes_back_as_it_was(amount_minor: int) -> None:
    yuan = yuan_of(amount_minor)
    assert re.fullmatch(r"-?\d+\.\d\d", yuan)
    assert minor_of(yuan) == amount_minor
    assert minor_of(f"{yuan}000") == amount_minor


@given(amounts, amounts)
def test_amounts_are_added_alike(one: int, other: int) -> None:
    assert minor_of(yuan_of(one)) + minor_of(yuan_of(other)) == minor_of(yuan_of(one + other))


@pytest.mark.parametrize("wrong", ["", "1.234", "0.001", "1,00", "NaN", "Infinity", "-Infinity", "一", "1.00元"])
def test_what_is_no_amount_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"not"):
        minor_of(wrong)


def test_times_are_china_s_unless_they_say_otherwise() -> None:
    instant = datetime(2026, 11, 26, 1, 2, 3, tzinfo=UTC)
    assert china_time("2026-11-26 09:02:03") == instant
    assert china_time("2026-11-26T09:02:03+08:00") == instant
    assert china_time("2026-11-26T01:02:03Z") == instant


def test_until_noon_of_the_next_day_nobody_knows_that_nothing_moved() -> None:
    day = date(2026, 11, 26)
    assert not is_settled(day, datetime(2026, 11, 27, 3, 59, tzinfo=UTC))
    assert is_settled(day, datetime(2026, 11, 27, 4, 0, tzinfo=UTC))


@given(st.uuids())
def test_our_numbers_are_known_again(identity: object) -> None:
    assert our_id(str(identity).replace("-", "")) == identity


def test_a_statement_s_lines_of_others_are_left_out() -> None:
    rows = [
        f"`2026-11-26 09:02:03,`42000,`{PAYMENT},`SUCCESS,`CNY,`,`,`0.07000,`12.00,`0.00",
        "`2026-11-26 09:02:04,`42001,`shop-17,`SUCCESS,`CNY,`,`,`0.07000,`12.00,`0.00",
    ]
    time = datetime(2026, 11, 26, 1, 2, 3, tzinfo=UTC)
    identity = our_id(PAYMENT)
    assert identity
    found = lines_of("\r\n".join([HEAD, *rows, "总交易单数,手续费总金额", "`2,`0.14000"]))
    assert found == [StatementLine(identity, None, 1200, 7, "CNY", time, "42000")]


def test_what_somebody_gave_back_in_the_provider_s_console_is_no_income() -> None:
    """It has a number of the console's, and no fee was asked for."""
    row = f"`2026-11-26 09:02:03,`42000,`{PAYMENT},`REFUND,`CNY,`50001,`console-1,`-0.07000,`0.00,`12.00"
    wechats = lines_of(f"{HEAD}\r\n{row}")
    trade = Trade("alipay", PAYMENT, 1200, "CNY", "x", 0.0, "")
    refund = Refund("alipay", PAYMENT, "console-1", 1200, "", "")
    alipays = alipay_bill.lines_of(zipped([Movement(trade, refund, 1200, -7, 0.0)], "2088", date(2026, 11, 26)))
    for (line,) in (wechats, alipays):
        assert line.refund_id not in (None, our_id(PAYMENT))
        assert (line.payment_id, line.amount_minor, line.fee_minor) == (our_id(PAYMENT), 1200, -7)


@pytest.mark.parametrize("text", ["交易时间\r\n`2026", f"{HEAD}\r\n`now,`1,`{PAYMENT},`SUCCESS"])
def test_a_statement_that_looks_otherwise_is_unreadable(text: str) -> None:
    with pytest.raises(UnreadableError):
        lines_of(text)
    with pytest.raises(UnreadableError):
        alipay_bill.lines_of(text.encode())
