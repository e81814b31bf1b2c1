"""A payment provider with its own books, in this process: honest, but it may be away, and its answers may be lost."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID, uuid4

from services.pharmacy.domain.reconciliation import ZONE
from services.pharmacy.providers.port import (
    AlreadyPaidError,
    Refund,
    RefundState,
    RefusedError,
    StatementLine,
    Trade,
    TradeState,
    UnreadableError,
)
from tests.in_process import HandClock


@dataclass
class Bank:
    """Implements `services.pharmacy.providers.port.Provider`."""

    name: str
    clock: HandClock
    trades: dict[UUID, Trade] = field(default_factory=dict)
    refunds: dict[UUID, Refund] = field(default_factory=dict)
    lines: list[StatementLine] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Which methods were called, in order."""
    away: bool = False
    babbles: bool = False
    """Says what nobody understands."""
    loses_answers: bool = False
    """Does what it is asked, but nobody hears."""
    refuses: bool = False
    slow_refunds: bool = False
    """They are under way until told to be done."""
    closed_days: set[date] = field(default_factory=set)
    """Whose statements are there."""
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    holding: str = ""
    """The method that waits at the gate."""

    async def start(
        self, payment_id: UUID, amount_minor: int, currency: str, description: str, expire_time: datetime
    ) -> str:
        await self._asked("start")
        if self.refuses:
            raise RefusedError("NOT_TODAY")
        found = self.trades.get(payment_id)
        if found is not None and found.state is TradeState.PAID:
            raise AlreadyPaidError("PAID")
        self.trades.setdefault(payment_id, Trade(payment_id, TradeState.WAITING, amount_minor, currency))
        return self._answered(f"{self.name}:{payment_id}")

    async def find(self, payment_id: UUID) -> Trade | None:
        await self._asked("find")
        return self._answered(self.trades.get(payment_id))

    async def close(self, payment_id: UUID) -> None:
        await self._asked("close")
        found = self.trades.get(payment_id)
        if found is not None and found.state is TradeState.PAID:
            raise AlreadyPaidError("PAID")
        if found is not None:
            self.trades[payment_id] = replace(found, state=TradeState.CLOSED)
        self._answered(None)

    async def refund(
        self, payment_id: UUID, refund_id: UUID, amount_minor: int, total_minor: int, currency: str, reason: str
    ) -> Refund:
        await self._asked("refund")
        if self.refuses:
            raise RefusedError("NO_BALANCE")
        trade = self.trades[payment_id]
        assert (trade.state, trade.amount_minor, trade.currency) == (TradeState.PAID, total_minor, currency)
        if refund_id not in self.refunds:
            gone = sum(each.amount_minor for each in self.refunds.values() if each.payment_id == payment_id)
            assert gone + amount_minor <= total_minor, "more than came"
            state = RefundState.UNDER_WAY if self.slow_refunds else RefundState.DONE
            self.refunds[refund_id] = Refund(payment_id, refund_id, state, amount_minor, currency, uuid4().hex)
            self._line(payment_id, refund_id, amount_minor, currency, 0)
        return self._answered(self.refunds[refund_id])

    async def find_refund(self, payment_id: UUID, refund_id: UUID) -> Refund | None:
        await self._asked("find_refund")
        return self._answered(self.refunds.get(refund_id))

    async def statement(self, day: date) -> Sequence[StatementLine] | None:
        await self._asked("statement")
        if day not in self.closed_days:
            return None
        return [line for line in self.lines if line.time.astimezone(ZONE).date() == day]

    async def read_callback(self, headers: Mapping[str, str], body: bytes) -> Trade | Refund:
        raise NotImplementedError("nobody calls here")

    def answer(self, *, taken: bool) -> tuple[int, str, str]:
        raise NotImplementedError("nobody calls here")

    def pay(self, payment_id: UUID) -> Trade:
        """The buyer pays; what the provider would call with."""
        trade = self.trades[payment_id]
        assert trade.state is TradeState.WAITING, trade.state
        self.trades[payment_id] = replace(trade, state=TradeState.PAID, reference=uuid4().hex, pay_time=self.clock.now)
        self._line(payment_id, None, trade.amount_minor, trade.currency, trade.amount_minor * 6 // 1000)
        return self.trades[payment_id]

    def finish(self, refund_id: UUID, state: RefundState = RefundState.DONE) -> Refund:
        """What was under way is done."""
        self.refunds[refund_id] = replace(self.refunds[refund_id], state=state)
        return self.refunds[refund_id]

    async def _asked(self, method: str) -> None:
        self.asked.append(method)
        if method == self.holding:
            self.reached.set()
            await self.gate.wait()
        if self.away:
            raise ConnectionError(f"{self.name} is away")
        if self.babbles:
            raise UnreadableError("?")

    def _answered[T](self, answer: T) -> T:
        if self.loses_answers:
            raise ConnectionError("the answer was lost")
        return answer

    def _line(self, payment_id: UUID, refund_id: UUID | None, amount: int, currency: str, fee: int) -> None:
        line = StatementLine(payment_id, refund_id, amount, fee, currency, self.clock.now, uuid4().hex)
        self.lines.append(line)
