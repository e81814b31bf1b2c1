"""Which packs stand for which order: of each medicine those that expire first, to orders as they come."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from uuid import UUID

type Shelf = tuple[UUID, UUID]
"""Where packs of one product stand: pharmacy and product."""


UNPAID_PER_BUYER = 5
"""So many orders of one buyer wait for payment at a time, where nothing else is set: each holds packs for nothing."""


class TooManyUnpaidError(Exception):
    """As many orders of the buyer's wait for payment as may."""


@dataclass(frozen=True, slots=True)
class Lot:
    """Packs of one lot that may be held."""

    lot_id: UUID
    shelf: Shelf
    expiry_date: date
    free: int
    """How many packs nobody holds."""


@dataclass(frozen=True, slots=True)
class Line:
    """What an order wants of one product."""

    line: int
    """Its number in the order."""
    shelf: Shelf
    quantity: int


@dataclass(frozen=True, slots=True)
class Held:
    """Packs of one lot that stand for one line."""

    lot_id: UUID
    line: int
    quantity: int


class OutOfStockError(Exception):
    """Fewer packs are free than an order wants."""

    def __init__(self, product_id: UUID, available: int) -> None:
        super().__init__("fewer are in stock than asked for")
        self.product_id = product_id
        self.available = available


def allot(orders: Iterable[Sequence[Line]], lots: Iterable[Lot]) -> list[list[Held] | OutOfStockError]:
    """What each order holds, in their order: all that it wants or nothing, which leaves more for those behind it."""
    first_expiring = sorted(lots, key=lambda lot: (lot.shelf, lot.expiry_date, lot.lot_id))
    shelves = {shelf: list(standing) for shelf, standing in groupby(first_expiring, key=lambda lot: lot.shelf)}
    free = {lot.lot_id: lot.free for lot in first_expiring}
    return [_missing(lines, shelves, free) or _take(lines, shelves, free) for lines in orders]


def _missing(
    lines: Sequence[Line], shelves: Mapping[Shelf, Sequence[Lot]], free: Mapping[UUID, int]
) -> OutOfStockError | None:
    """What keeps an order from being filled."""
    wanted: dict[Shelf, int] = {}
    for line in lines:
        wanted[line.shelf] = wanted.get(line.shelf, 0) + line.quantity
    for shelf, quantity in wanted.items():
        available = sum(free[lot.lot_id] for lot in shelves.get(shelf, ()))
        if available < quantity:
            return OutOfStockError(shelf[1], available)
    return None


def _take(lines: Sequence[Line], shelves: Mapping[Shelf, Sequence[Lot]], free: dict[UUID, int]) -> list[Held]:
    """All that an order wants, which is there."""
    held = []
    for line in lines:
        wanted = line.quantity
        for lot in shelves[line.shelf]:
            if (taken := min(wanted, free[lot.lot_id])) > 0:
                free[lot.lot_id] -= taken
                wanted -= taken
                held.append(Held(lot.lot_id, line.line, taken))
    return held
