"""Amounts of doses: exact decimals, never binary floating point."""

from decimal import Decimal

from services.glucose.domain.entries import ImpossibleAmountError

MOST_INSULIN_UNITS = Decimal(300)


def require_possible_insulin(amount_units: str) -> None:
    """More than 0 and at most 300 international units. Errors: `ImpossibleAmountError`."""
    if not 0 < Decimal(amount_units) <= MOST_INSULIN_UNITS:
        raise ImpossibleAmountError(f"a dose of insulin is more than 0 and at most {MOST_INSULIN_UNITS} units")


def require_possible_medicine(amount: str) -> None:
    """More than 0. Errors: `ImpossibleAmountError`."""
    if not Decimal(amount) > 0:
        raise ImpossibleAmountError("a dose is more than 0")
