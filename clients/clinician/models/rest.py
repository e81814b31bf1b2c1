"""The moment after things have moved: what a hand meant is no longer where it aimed."""

from collections.abc import Callable

REST_SECONDS = 0.3
"""A hand that is on its way needs as long to notice that what it aims at has moved."""


class Rest:
    """Clicks rest for a moment after rows have moved."""

    def __init__(self, steady: Callable[[], float]) -> None:
        """`steady` tells seconds and never goes back."""
        self._steady = steady
        self._until = float("-inf")

    def begin(self) -> None:
        """Things have moved just now."""
        self._until = self._steady() + REST_SECONDS

    @property
    def is_over(self) -> bool:
        """Whether a click means what it hits."""
        return self._steady() >= self._until
