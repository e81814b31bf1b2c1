"""Two medicines together: by pairs of ATC groups, in either order, combinations taken apart."""

from collections.abc import Iterator, Sequence

from formulary import atc
from formulary.data import read_json
from formulary.findings import Finding, Kind, Severity, found
from formulary.model import Medicine, Patient


def check_interactions(items: Sequence[Medicine], patient: Patient) -> Iterator[Finding]:
    """Each medicine to be prescribed with each other one and with each in use."""
    for place, item in enumerate(items):
        for other in items[place + 1 :]:
            yield from _between(item.atc, item.name_en, other.atc, other.name_en)
        for used in patient.in_use:
            if used.atc:
                yield from _between(item.atc, item.name_en, used.atc, used.name)


def _between(one: str, one_name: str, two: str, two_name: str) -> Iterator[Finding]:
    (one, one_name), (two, two_name) = sorted([(one, one_name), (two, two_name)])
    first, second = atc.parts(one), atc.parts(two)
    for row in read_json("drug_safety.json")["interactions"]:
        a, b = row["a_atc"], row["b_atc"]
        if (atc.any_in(first, a) and atc.any_in(second, b)) or (atc.any_in(first, b) and atc.any_in(second, a)):
            condition = f" ({row['condition']})" if "condition" in row else ""
            yield found(
                Kind.INTERACTION,
                Severity[row["severity"].upper()],
                [one, two],
                subject=one_name,
                other=two_name,
                effect=f"{row['a']} with {row['b']}: {row['effect']}",
                action=f"{row['action']}{condition}",
                source=row["source"],
                is_reviewed=row["reviewed"],
            )
