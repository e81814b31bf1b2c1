"""What depends on the kidneys."""

from collections.abc import Iterator, Sequence

from formulary import safety_rows
from formulary.doses import daily
from formulary.findings import Consequence, Finding, Kind, Severity, found, unknown
from formulary.model import Item, Medicine, Patient
from formulary.safety_rows import Aspect, Row


def check_kidney(items: Sequence[Medicine], patient: Patient) -> Iterator[Finding]:
    """Yield a finding for each medicine that the kidneys forbid or limit, or whose need for them cannot be told."""
    for item in items:
        rows = [row for row in safety_rows.of_medicine(item.atc, Aspect.KIDNEY) if row.severity is not None]
        if patient.egfr is None:
            if rows:
                yield _not_known(item, max(row.severity for row in rows if row.severity is not None))
            continue
        for row in rows:
            if row.severity is not None and patient.egfr < row.limit and may_exceed(item, items, row):
                yield found(
                    Kind.KIDNEY,
                    row.severity,
                    [item.atc],
                    subject=item.name_en,
                    effect=f"{row.effect} below {row.limit.normalize():f} mL/min/1.73 m²",
                    action=row.action,
                    source=row.source,
                    is_reviewed=row.is_reviewed,
                )


def may_exceed(item: Medicine, items: Sequence[Medicine], row: Row) -> bool:
    """Return whether a day's dose is more than a row allows; a row without a maximum allows none, and what cannot be
    told may be more."""
    if row.maximum is None or not isinstance(item, Item) or item.atc not in row.groups:
        return True
    same = [each for each in items if isinstance(each, Item) and each.atc == item.atc]
    taken = daily(same, row.maximum.unit)
    return taken is None or taken > row.maximum.value


def _not_known(item: Medicine, gravest: Severity) -> Finding:
    """Block a prescription as the worst that may be true would. What is sold freely beside it is only told of."""
    blocks = isinstance(item, Item) and gravest >= Severity.MAJOR
    return unknown(
        Kind.KIDNEY,
        Consequence.BLOCKS if blocks else Consequence.INFORMS,
        [item.atc],
        subject=item.name_en,
        effect="it depends on the kidneys, and their function is not known",
        action="have it measured, and record it",
    )
