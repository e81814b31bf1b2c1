"""Whether what is handed out fits dose, frequency and duration."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from formulary.amounts import Amount, substance
from formulary.findings import Consequence, Finding, Kind, Severity, found, unknown
from formulary.model import Item, Patient

_MOST = Decimal("1.5")
"""Packs are not broken: up to half as much again is no surprise."""


def check_quantities(items: Sequence[Item], _: Patient) -> Iterator[Finding]:
    """Each medicine's quantity."""
    for item in items:
        needed, given = _comparable(item)
        if needed is None or given is None or needed.unit != given.unit:
            yield unknown(
                Kind.QUANTITY,
                Consequence.INFORMS,
                [item.atc],
                subject=item.name_en,
                effect="whether the quantity lasts cannot be told from its unit",
                action="make sure that it does",
            )
        elif given.value > needed.value * _MOST or (given.value < needed.value and not item.as_needed):
            yield found(
                Kind.QUANTITY,
                Severity.MODERATE,
                [item.atc],
                subject=item.name_en,
                effect=f"{given.value:f} {given.unit} are handed out, {needed.value:f} {needed.unit} are taken",
                action="correct the quantity, or the dose",
            )


def _comparable(item: Item) -> tuple[Amount | None, Amount | None]:
    """What is taken in all and what is handed out, in one unit where that can be told."""
    taken = Amount(item.dose.value * item.doses, item.dose.unit)
    if taken.unit == item.quantity.unit:
        return taken, item.quantity
    return substance(taken, item.strength), substance(item.quantity, item.strength)
