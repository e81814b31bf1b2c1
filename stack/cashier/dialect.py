"""What a provider's language has to be able to say, to the cashier's other parts."""

from dataclasses import dataclass
from typing import Literal, Protocol

from aiohttp import web

from stack.cashier.book import Refund, Trade

type Forgery = Literal["signature", "certificate", "age", "app", "merchant"]


@dataclass(frozen=True, slots=True)
class Alteration:
    """What a test has changed of a notice. Signed by the right key all the same, unless it is the signature that is
    forged."""

    amount_minor: int | None = None
    currency: str | None = None
    out_trade_no: str | None = None
    state: str | None = None
    """In the provider's own words."""
    forge: Forgery | None = None
    """Signed by another key; signed by another certificate's; from an hour ago; for another app; for another
    merchant."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted to the merchant."""

    headers: dict[str, str]
    body: bytes


class Dialect(Protocol):
    """One provider's language."""

    name: str

    def routes(self) -> list[web.RouteDef]:
        """What it answers."""
        ...

    def open(self, order: str) -> Trade:
        """The buyer's app opens what the merchant's app was given. Errors: a refusal of the book's."""
        ...

    def notice(self, trade: Trade, refund: Refund | None, alteration: Alteration) -> Message:
        """That a trade was paid, or a refund done."""
        ...

    def is_taken(self, status: int, body: str) -> bool:
        """Whether the merchant's answer means that it need not be told again."""
        ...
