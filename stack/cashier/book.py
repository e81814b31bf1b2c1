"""The cashier's book: trades, their refunds, and what has still to be told. Every change is committed before it is
answered, so that a killed cashier has forgotten nothing."""

import secrets
import sqlite3
import time
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from stack.cashier.china import CHINA

FEE_PER_MILLE = 6

type Refused = Literal[
    "UNKNOWN", "PAID", "CLOSED", "NOT_PAID", "OTHER", "TOO_MUCH", "NOT_YET", "WRONG", "BUSY", "EMPTY", "IDLE"
]

_TABLES = """
create table if not exists trade (
    provider text not null, out_trade_no text not null, amount_minor int not null, currency text not null,
    description text not null, expire_time real not null, notify_url text not null, key text not null,
    prepay_id text not null unique, state text not null, reference text not null, begin_time real not null,
    pay_time real not null, primary key (provider, out_trade_no));
create table if not exists refund (
    provider text not null, out_trade_no text not null, out_refund_no text not null, amount_minor int not null,
    reason text not null, notify_url text not null, reference text not null, refund_time real not null,
    fee_minor int not null, primary key (provider, out_refund_no));
create table if not exists notice (
    notice_id integer primary key, provider text not null, out_trade_no text not null, out_refund_no text not null,
    tries int not null default 0, due_time real not null, taken int not null default 0);
create index if not exists refund_of_trade on refund (provider, out_trade_no);
create index if not exists open_notice on notice (due_time) where not taken;
create table if not exists settled (day text primary key);
"""


class RefusedError(Exception):
    """The cashier does not do it. Each dialect has its own word for the code."""

    def __init__(self, code: Refused) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Trade:
    provider: str
    out_trade_no: str
    amount_minor: int
    currency: str
    description: str
    expire_time: float
    notify_url: str
    key: str = ""
    """Which of the provider's keys signs what the merchant is told of it."""
    prepay_id: str = ""
    state: Literal["WAITING", "PAID", "CLOSED"] = "WAITING"
    reference: str = ""
    begin_time: float = 0.0
    pay_time: float = 0.0


@dataclass(frozen=True, slots=True)
class Refund:
    provider: str
    out_trade_no: str
    out_refund_no: str
    amount_minor: int
    reason: str
    notify_url: str
    reference: str = ""
    refund_time: float = 0.0
    fee_minor: int = 0
    """What the provider keeps of it: below zero, for it gives back of its fee."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What the merchant has to be told: that a trade was paid or, with `out_refund_no`, refunded."""

    notice_id: int
    provider: str
    out_trade_no: str
    out_refund_no: str
    tries: int
    due_time: float
    taken: int


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of a statement."""

    trade: Trade
    refund: Refund | None
    amount_minor: int
    fee_minor: int
    time: float


def fee_of(amount_minor: int) -> int:
    """0.6 %, halves up."""
    return (amount_minor * FEE_PER_MILLE + 500) // 1000


class Book:
    def __init__(self, file: Path) -> None:
        self._database = sqlite3.connect(file)
        self._database.row_factory = sqlite3.Row
        self._database.execute("pragma journal_mode = wal")
        self._database.execute("pragma synchronous = normal")  # survives our end; not the machine's
        self._database.executescript(_TABLES)

    def begin(self, wanted: Trade) -> Trade:
        """A trade that somebody can pay; the same again is the one there is. Errors: PAID, CLOSED, OTHER."""
        known = self.find(wanted.provider, wanted.out_trade_no)
        if known is None:
            row = (
                *(wanted.provider, wanted.out_trade_no, wanted.amount_minor, wanted.currency, wanted.description),
                *(wanted.expire_time, wanted.notify_url, wanted.key, f"wx{secrets.token_hex(17)}", time.time()),
            )
            with self._database:
                self._database.execute(
                    "insert into trade values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'WAITING', '', ?, 0.0)", row
                )
            return self.get(wanted.provider, wanted.out_trade_no)
        if known.state != "WAITING":
            raise RefusedError(known.state)
        if (known.amount_minor, known.currency) != (wanted.amount_minor, wanted.currency):
            raise RefusedError("OTHER")
        return known

    def find(self, provider: str, out_trade_no: str) -> Trade | None:
        row = self._database.execute(
            "select * from trade where provider = ? and out_trade_no = ?", (provider, out_trade_no)
        ).fetchone()
        if row is not None and row["state"] == "WAITING" and row["expire_time"] <= time.time():
            self._set_state(provider, out_trade_no, "CLOSED")
            return self.find(provider, out_trade_no)
        return None if row is None else Trade(**dict(row))

    def get(self, provider: str, out_trade_no: str) -> Trade:
        """Errors: UNKNOWN."""
        trade = self.find(provider, out_trade_no)
        if trade is None:
            raise RefusedError("UNKNOWN")
        return trade

    def by_prepay_id(self, provider: str, prepay_id: str) -> Trade:
        """Errors: UNKNOWN."""
        row = self._database.execute(
            "select out_trade_no from trade where provider = ? and prepay_id = ?", (provider, prepay_id)
        ).fetchone()
        return self.get(provider, "" if row is None else row["out_trade_no"])

    def pay(self, provider: str, out_trade_no: str) -> Trade:
        """Errors: UNKNOWN, PAID, CLOSED."""
        trade = self.get(provider, out_trade_no)
        if trade.state != "WAITING":
            raise RefusedError(trade.state)
        now = time.time()
        with self._database:
            self._database.execute(
                "update trade set state = 'PAID', reference = ?, pay_time = ? where provider = ? and out_trade_no = ?",
                (_reference(now), now, provider, out_trade_no),
            )
            self._notify(provider, out_trade_no, "", now)
        return self.get(provider, out_trade_no)

    def close(self, provider: str, out_trade_no: str) -> None:
        """One that is closed stays so. Errors: UNKNOWN, PAID."""
        trade = self.get(provider, out_trade_no)
        if trade.state == "PAID":
            raise RefusedError("PAID")
        self._set_state(provider, out_trade_no, "CLOSED")

    def refund(self, wanted: Refund) -> Refund:
        """The same again is the one there is. Errors: UNKNOWN, NOT_PAID, OTHER, TOO_MUCH."""
        trade = self.get(wanted.provider, wanted.out_trade_no)
        known = self.find_refund(wanted.provider, wanted.out_refund_no)
        if known is not None:
            if (known.out_trade_no, known.amount_minor) != (wanted.out_trade_no, wanted.amount_minor):
                raise RefusedError("OTHER")
            return known
        if trade.state != "PAID":
            raise RefusedError("NOT_PAID")
        left = trade.amount_minor - self.refunded(wanted.provider, wanted.out_trade_no)
        if not 0 < wanted.amount_minor <= left:
            raise RefusedError("TOO_MUCH")
        now = time.time()
        row = (
            *(wanted.provider, wanted.out_trade_no, wanted.out_refund_no, wanted.amount_minor, wanted.reason),
            *(wanted.notify_url, _reference(now), now, fee_of(left - wanted.amount_minor) - fee_of(left)),
        )
        with self._database:
            self._database.execute("insert into refund values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            self._notify(wanted.provider, wanted.out_trade_no, wanted.out_refund_no, now)
        return self.get_refund(wanted.provider, wanted.out_refund_no)

    def refunded(self, provider: str, out_trade_no: str) -> int:
        """All that was given back of a trade."""
        (total,) = self._database.execute(
            "select coalesce(sum(amount_minor), 0) from refund where provider = ? and out_trade_no = ?",
            (provider, out_trade_no),
        ).fetchone()
        return int(total)

    def find_refund(self, provider: str, out_refund_no: str) -> Refund | None:
        row = self._database.execute(
            "select * from refund where provider = ? and out_refund_no = ?", (provider, out_refund_no)
        ).fetchone()
        return None if row is None else Refund(**dict(row))

    def get_refund(self, provider: str, out_refund_no: str) -> Refund:
        """Errors: UNKNOWN."""
        refund = self.find_refund(provider, out_refund_no)
        if refund is None:
            raise RefusedError("UNKNOWN")
        return refund

    def settle(self, day: date) -> None:
        """Close the books of a day before it is over: its statement is there."""
        with self._database:
            self._database.execute("insert or ignore into settled values (?)", (day.isoformat(),))

    def statement(self, provider: str, day: date) -> list[Movement]:
        """Every movement of a day in China. Errors: NOT_YET."""
        settled = self._database.execute("select 1 from settled where day = ?", (day.isoformat(),)).fetchone()
        if not settled and day >= datetime.now(CHINA).date():
            raise RefusedError("NOT_YET")
        start = datetime(day.year, day.month, day.day, tzinfo=CHINA).timestamp()
        span = (provider, start, start + 24 * 60 * 60)
        paid = self._database.execute(
            "select * from trade where provider = ? and pay_time >= ? and pay_time < ?", span
        ).fetchall()
        given_back = self._database.execute(
            "select * from refund where provider = ? and refund_time >= ? and refund_time < ?", span
        ).fetchall()
        trades = [Trade(**dict(row)) for row in paid]
        refunds = [Refund(**dict(row)) for row in given_back]
        movements = [Movement(one, None, one.amount_minor, fee_of(one.amount_minor), one.pay_time) for one in trades]
        movements += [
            Movement(self.get(provider, one.out_trade_no), one, one.amount_minor, one.fee_minor, one.refund_time)
            for one in refunds
        ]
        return sorted(movements, key=lambda movement: movement.time)

    def notices(self, out_trade_no: str) -> list[Notice]:
        """All of a trade's, in the order of what happened."""
        rows = self._database.execute(
            "select * from notice where out_trade_no = ? order by notice_id", (out_trade_no,)
        ).fetchall()
        return [Notice(**dict(row)) for row in rows]

    def open_notices(self) -> list[Notice]:
        """Those that nobody has taken yet."""
        rows = self._database.execute("select * from notice where not taken order by due_time").fetchall()
        return [Notice(**dict(row)) for row in rows]

    def tried(self, notice: Notice, *, taken: bool, due_time: float) -> None:
        """Once more; if it was not taken, again at this time."""
        with self._database:
            self._database.execute(
                "update notice set tries = tries + 1, taken = ?, due_time = ? where notice_id = ?",
                (taken, due_time, notice.notice_id),
            )

    def _set_state(self, provider: str, out_trade_no: str, state: str) -> None:
        with self._database:
            self._database.execute(
                "update trade set state = ? where provider = ? and out_trade_no = ?", (state, provider, out_trade_no)
            )

    def _notify(self, provider: str, out_trade_no: str, out_refund_no: str, now: float) -> None:
        self._database.execute(
            "insert into notice (provider, out_trade_no, out_refund_no, due_time) values (?, ?, ?, ?)",
            (provider, out_trade_no, out_refund_no, now),
        )


def _reference(now: float) -> str:
    """The provider's own number, that begins with the day as theirs do."""
    return f"{datetime.fromtimestamp(now, CHINA):%Y%m%d}22001{secrets.randbelow(10**15):015}"
