"""What depends on the liver. Nobody measures it before each prescription: what is not recorded is told, and blocks
nothing."""

from collections.abc import Iterator, Sequence

from formulary import safety_rows
from formulary.findings import Consequence, Finding, Kind, found, unknown
from formulary.kidney import may_exceed
from formulary.model import Liver, Medicine, Patient
from formulary.safety_rows import Aspect

_CLASSES = {1: "A", 2: "B", 3: "C"}


def check_liver(items: Sequence[Medicine], patient: Patient) -> Iterator[Finding]:
    """Yield a finding for each medicine that liver disease forbids or limits."""
    for item in items:
        for row in safety_rows.of_medicine(item.atc, Aspect.LIVER):
            if row.severity is None:
                continue
            if patient.liver is Liver.UNKNOWN:
                yield unknown(
                    Kind.LIVER,
                    Consequence.INFORMS,
                    [item.atc],
                    subject=item.name_en,
                    effect=f"Liver function is not recorded. From Child-Pugh {_CLASSES[int(row.limit)]}: {row.effect}",
                    action="ask about liver disease, and record it",
                    source=row.source,
                    is_reviewed=row.is_reviewed,
                )
            elif patient.liver.value >= row.limit and may_exceed(item, items, row):
                yield found(
                    Kind.LIVER,
                    row.severity,
                    [item.atc],
                    subject=item.name_en,
                    effect=f"{row.effect} (from Child-Pugh {_CLASSES[int(row.limit)]})",
                    action=row.action,
                    source=row.source,
                    is_reviewed=row.is_reviewed,
                )
