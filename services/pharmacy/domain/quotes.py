"""What a quote promises, and for how long."""

from collections.abc import Sequence
from datetime import timedelta

QUOTE_TIME = timedelta(minutes=10)
"""How long a quote may be ordered."""


class PriceChangedError(Exception):
    """A price or the fee is no longer what the quote said."""


def require_same_prices(quoted: Sequence[int], asked: Sequence[int | None]) -> None:
    """What was quoted is what is asked now; None: it is sold no longer. Errors: `PriceChangedError`."""
    if list(quoted) != list(asked):
        raise PriceChangedError("a price or fee is no longer what the quote said")
