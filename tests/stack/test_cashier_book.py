"""The cashier's book by itself, and its keys."""

import stat
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stack.cashier.book import Book, Refund, RefusedError, Trade, fee_of
from stack.cashier.china import CHINA, minor, yuan
from stack.cashier.keys import keep, load

PROVIDER = "sandbox"


def book_with(amount_minor: int, number: str = "a") -> Book:
    """A book with one payment."""
    book = Book(Path(":memory:"))
    book.begin(Trade(PROVIDER, number, amount_minor, "CNY", "x", time.time() + 60, "http://x"))
    book.pay(PROVIDER, number)
    return book


def refund(amount_minor: int, number: str) -> Refund:
    return Refund(PROVIDER, "a", number, amount_minor, "x", "")


@given(st.integers(1, 10**9), st.lists(st.integers(-5, 10**9), max_size=8))
def test_no_more_goes_back_than_came_and_the_fee_goes_back_with_it(amount: int, wanted: Sequence[int]) -> None:
    book, left = book_with(amount), amount
    for number, part in enumerate(wanted):
        if 0 < part <= left:
            book.refund(refund(part, str(number)))
            left -= part
        else:
            with pytest.raises(RefusedError):
                book.refund(refund(part, str(number)))
    assert book.refunded(PROVIDER, "a") == amount - left
    day = datetime.now(CHINA).date()
    book.settle(day)
    lines = book.statement(PROVIDER, day)
    assert sum(line.fee_minor for line in lines) == fee_of(left)
    assert sum(-line.amount_minor if line.refund else line.amount_minor for line in lines) == left


def test_a_day_that_is_not_over_has_no_statement() -> None:
    book, today = book_with(1), datetime.now(CHINA).date()
    with pytest.raises(RefusedError) as caught:
        book.statement(PROVIDER, today)
    assert caught.value.code == "NOT_YET"


def test_what_happened_is_told_in_its_order() -> None:
    book = book_with(100)
    book.refund(refund(1, "r1"))
    book.refund(refund(1, "r1"))
    book.refund(refund(2, "r2"))
    assert [notice.out_refund_no for notice in book.notices("a")] == ["", "r1", "r2"]
    assert len(book.open_notices()) == 3
    book.tried(book.notices("a")[0], taken=True, due_time=0.0)
    assert len(book.open_notices()) == 2


@given(st.integers(-(10**12), 10**12))
def test_yuan_are_written_with_two_places(amount_minor: int) -> None:
    text = yuan(amount_minor)
    assert text[-3] == "."
    assert minor(text.removeprefix("-")) == abs(amount_minor)


def test_keys_are_made_once_and_only_those_that_are_wanted(tmp_path: Path) -> None:
    file = tmp_path / "cashier" / "keys.json"
    sandbox = keep(file, ["sandbox"])
    assert (sandbox.alipay, sandbox.wechat) == (None, None)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    both = keep(file, ["alipay"])
    assert both.sandbox_secret == sandbox.sandbox_secret
    assert both.alipay
    assert keep(file, ["sandbox", "alipay"]) == both == load(file)
