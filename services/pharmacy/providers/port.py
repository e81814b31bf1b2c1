"""What every payment provider can do, in our words. Each adapter speaks one provider's language."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto
from typing import Protocol
from uuid import UUID


class TradeState(Enum):
    """Where a payment stands at the provider."""

    WAITING = auto()
    """Nobody has paid yet."""
    PAID = auto()
    """Also when it was refunded, in part or whole."""
    CLOSED = auto()
    """It cannot be paid any more, and was not."""


@dataclass(frozen=True, slots=True)
class Trade:
    """A payment as the provider knows it."""

    payment_id: UUID
    """Ours; the provider's `out_trade_no` is its 32 hexadecimal digits."""
    state: TradeState
    amount_minor: int
    currency: str
    reference: str = ""
    """The provider's own number of it; empty until somebody began to pay."""
    pay_time: datetime | None = None


class RefundState(Enum):
    """Where a refund stands at the provider."""

    UNDER_WAY = auto()
    DONE = auto()
    FAILED = auto()
    """It will not be done; a person has to look."""


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund as the provider knows it."""

    payment_id: UUID
    refund_id: UUID
    """Ours; asking again with the same one refunds nothing twice."""
    state: RefundState
    amount_minor: int
    currency: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement of a day's statement."""

    payment_id: UUID
    refund_id: UUID | None
    """None: money that came in."""
    amount_minor: int
    """Always positive."""
    fee_minor: int
    """What the provider kept of it; below zero of a refund, for which it gives back of its fee."""
    currency: str
    time: datetime
    reference: str


class ForgedCallbackError(Exception):
    """A callback that the provider did not sign, or that is not for us, or too old to be taken."""


class RefusedError(Exception):
    """The provider does not do it; asking again does not help."""


class AlreadyPaidError(RefusedError):
    """It cannot be closed: it was paid."""


class UnreadableError(ConnectionError):
    """The provider says what nobody understands: an outage of its kind, at which somebody has to look."""


@contextmanager
def reading() -> Iterator[None]:
    """Around what takes a provider's words apart. A state or a column that is new ends in `UnreadableError`, neither
    in a guess nor in the end of the process, which has other payments to look after."""
    try:
        yield
    except (OSError, RefusedError):
        raise
    except Exception as error:
        raise UnreadableError(repr(error)[:100]) from error


class Provider(Protocol):
    """A payment provider. Errors of each method, beside those named: an outage (`kit.outages`)."""

    name: str
    """As in the contract, in the callback's path and in the tables: "sandbox", "alipay", "wechat"."""

    async def start(
        self, payment_id: UUID, amount_minor: int, currency: str, description: str, expire_time: datetime
    ) -> str:
        """Begin a payment; the answer goes to the app, for the provider's own software on the phone. The same again
        begins nothing new. Errors: `RefusedError`, `AlreadyPaidError`."""
        ...

    async def find(self, payment_id: UUID) -> Trade | None:
        """Where it stands; None: the provider does not know it (some do not until the buyer opens it)."""
        ...

    async def close(self, payment_id: UUID) -> None:
        """Nobody can pay it any more; one that the provider does not know, or that is closed, is left alone. Errors:
        `AlreadyPaidError`."""
        ...

    async def refund(
        self, payment_id: UUID, refund_id: UUID, amount_minor: int, total_minor: int, currency: str, reason: str
    ) -> Refund:
        """Give back some of what was paid. Errors: `RefusedError`."""
        ...

    async def find_refund(self, payment_id: UUID, refund_id: UUID) -> Refund | None:
        """Where it stands; None: the provider does not know it."""
        ...

    async def statement(self, day: date) -> Sequence[StatementLine] | None:
        """Every movement of a day in China; None: it is not there yet."""
        ...

    async def read_callback(self, headers: Mapping[str, str], body: bytes) -> Trade | Refund:
        """What a callback says, once its signature, certificate and age are verified. Errors: `ForgedCallbackError`."""
        ...

    def answer(self, *, taken: bool) -> tuple[int, str, str]:
        """What the provider wants to hear: status, content type, body. Taken: it need not call again."""
        ...
