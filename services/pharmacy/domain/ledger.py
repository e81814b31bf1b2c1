"""Double-entry bookkeeping: which accounts each event of money touches. Amounts are in minor units; debits are
positive, credits negative, and the entries of an event sum to zero.

What is sold is shared so: the platform takes its commission of the goods, rounded down to a whole minor unit; the rest
of the goods is the pharmacy's; the fee of the delivery is the courier's, whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

COMMISSION_PERCENT = 5


class Kind(IntEnum):
    """What an account is for, numbered as in the contract."""

    PROVIDER_CLEARING = 1
    """What a provider holds for us. Owner: the provider."""
    ORDER_ESCROW = 2
    """What was paid for orders that are not done. Owner: the order."""
    PHARMACY = 3
    """What is a pharmacy's. Owner: the pharmacy."""
    COURIER = 4
    """What is a courier's. Owner: the courier."""
    PLATFORM_COMMISSION = 5
    REFUNDS_PAYABLE = 6
    """What is to go back to buyers. Owner: the order."""
    PROVIDER_FEES = 7
    """What providers keep for their service. Owner: the provider."""
    PLATFORM_CASH = 8
    """What the platform paid by itself, past the providers."""


class Event(IntEnum):
    """What was booked, numbered as in the contract. Each happens once for its reference."""

    CAPTURE = 1
    """Reference: the payment."""
    SETTLE = 2
    """Reference: the order."""
    REFUND_REQUEST = 3
    """Reference: the refund."""
    REFUND_DONE = 4
    """Reference: the refund."""
    FEES = 5
    """Reference: the provider and the day."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account."""

    kind: Kind
    owner: str = ""
    """Empty: the platform."""


type Entries = Mapping[Account, int]
"""What each account is debited with; negative: credited."""


@dataclass(frozen=True, slots=True)
class Sale:
    """An order, as bookkeeping sees it."""

    order_id: UUID
    pharmacy_id: UUID
    courier_id: UUID | None
    """None: no courier had to do with it; what is the courier's is the pharmacy's."""
    goods_minor: int
    delivery_minor: int

    @property
    def escrow(self) -> Account:
        return Account(Kind.ORDER_ESCROW, str(self.order_id))

    @property
    def payable(self) -> Account:
        return Account(Kind.REFUNDS_PAYABLE, str(self.order_id))

    @property
    def pharmacy(self) -> Account:
        return Account(Kind.PHARMACY, str(self.pharmacy_id))

    @property
    def carrier(self) -> Account:
        return self.pharmacy if self.courier_id is None else Account(Kind.COURIER, str(self.courier_id))


COMMISSION, CASH = Account(Kind.PLATFORM_COMMISSION), Account(Kind.PLATFORM_CASH)


def commission(goods_minor: int) -> int:
    """The platform's share of goods of that price."""
    return goods_minor * COMMISSION_PERCENT // 100


def captured(sale: Sale, provider: str, amount_minor: int) -> Entries:
    """Money came for an order: in time, late, or twice."""
    return _entries((_clearing(provider), amount_minor), (sale.escrow, -amount_minor))


def settled(sale: Sale) -> Entries:
    """The order was handed over."""
    share = commission(sale.goods_minor)
    return _entries(
        (sale.escrow, sale.goods_minor + sale.delivery_minor),
        (sale.pharmacy, share - sale.goods_minor),
        (sale.carrier, -sale.delivery_minor),
        (COMMISSION, -share),
    )


def tried(sale: Sale) -> Entries:
    """The order could not be handed over at the buyer's door: the courier is paid for the way."""
    return _entries((sale.escrow, sale.delivery_minor), (sale.carrier, -sale.delivery_minor))


def refund_requested(sale: Sale, amount_minor: int) -> Entries:
    """Money is to go back that nobody has earned yet."""
    return _entries((sale.escrow, amount_minor), (sale.payable, -amount_minor))


def refund_requested_after_settling(sale: Sale, amount_minor: int) -> Entries:
    """Everything of a delivered order is to go back since the goods were faulty: the platform gives up its commission,
    the courier keeps the fee of a way that was made, the pharmacy bears the rest."""
    share = min(commission(sale.goods_minor), amount_minor)
    return _entries((sale.pharmacy, amount_minor - share), (COMMISSION, share), (sale.payable, -amount_minor))


def refund_done(sale: Sale, provider: str, amount_minor: int) -> Entries:
    """The provider has given it back."""
    return _entries((sale.payable, amount_minor), (_clearing(provider), -amount_minor))


def refund_paid(sale: Sale, amount_minor: int) -> Entries:
    """The platform has given it back by itself."""
    return _entries((sale.payable, amount_minor), (CASH, -amount_minor))


def fees_kept(provider: str, fee_minor: int) -> Entries:
    """What a provider kept of a day's movements; negative: it gave back more than it kept."""
    return _entries((Account(Kind.PROVIDER_FEES, provider), fee_minor), (_clearing(provider), -fee_minor))


def _clearing(provider: str) -> Account:
    return Account(Kind.PROVIDER_CLEARING, provider)


def _entries(*lines: tuple[Account, int]) -> Entries:
    """One entry for each account that is touched."""
    found: dict[Account, int] = {}
    for account, amount in lines:
        found[account] = found.get(account, 0) + amount
    return {account: amount for account, amount in found.items() if amount}
