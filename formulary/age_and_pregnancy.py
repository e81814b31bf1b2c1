"""Age, pregnancy and breastfeeding. What the data do not tell of a child or of a pregnant patient blocks."""

from collections.abc import Iterator, Sequence

from formulary import safety_rows
from formulary.findings import Consequence, Finding, Kind, Severity, found, unknown
from formulary.model import ADULT_YEARS, Medicine, Patient, Pregnancy
from formulary.safety_rows import Aspect, Row

_CHILDBEARING_YEARS = range(10, 61)
"""Wide: outside of it nobody is asked."""
_ASPECTS = {Pregnancy.PREGNANT: Aspect.PREGNANCY, Pregnancy.BREASTFEEDING: Aspect.BREASTFEEDING}


def check_age(items: Sequence[Medicine], patient: Patient) -> Iterator[Finding]:
    """Yield a finding for each medicine that is not for the young, or of which the data do not tell."""
    for item in items:
        for row in safety_rows.of_medicine(item.atc, Aspect.AGE):
            if row.severity is not None and patient.age_years < row.limit:
                effect = f"{row.effect} below {row.limit.normalize():f} years"
                yield _from_row(Kind.AGE, item, row, row.severity, effect)
        if patient.age_years < ADULT_YEARS and not safety_rows.is_covered(item.atc, Aspect.AGE):
            yield unknown(
                Kind.AGE,
                Consequence.BLOCKS,
                [item.atc],
                subject=item.name_en,
                effect="the data do not tell from which age it may be given",
                action="give another medicine, or refer to a visit in person",
            )


def check_pregnancy(items: Sequence[Medicine], patient: Patient) -> Iterator[Finding]:
    """Yield what each medicine may do to an unborn or breastfed child."""
    if patient.pregnancy is Pregnancy.NEITHER or patient.age_years not in _CHILDBEARING_YEARS:
        return
    for item in items:
        if patient.pregnancy is Pregnancy.UNKNOWN:
            yield _not_recorded(item)
        else:
            yield from _to_child(item, patient.pregnancy)


def _not_recorded(item: Medicine) -> Finding:
    """Block as much as the worst that may be true."""
    severities = [
        row.severity
        for aspect in _ASPECTS.values()
        for row in safety_rows.of_medicine(item.atc, aspect)
        if row.severity
    ]
    if not all(safety_rows.is_covered(item.atc, aspect) for aspect in _ASPECTS.values()):
        consequence = Consequence.BLOCKS
    elif severities:
        consequence = Consequence.BLOCKS if max(severities) >= Severity.MAJOR else Consequence.NEEDS_REASON
    else:
        consequence = Consequence.INFORMS
    return unknown(
        Kind.PREGNANCY,
        consequence,
        [item.atc],
        subject=item.name_en,
        effect="Pregnancy status is not recorded",
        action="ask, and record it",
    )


def _to_child(item: Medicine, state: Pregnancy) -> Iterator[Finding]:
    aspect = _ASPECTS[state]
    for row in safety_rows.of_medicine(item.atc, aspect):
        if row.severity is None:
            yield _from_row(Kind.PREGNANCY, item, row, Severity.MINOR, row.effect or "no restriction known")
        else:
            yield _from_row(Kind.PREGNANCY, item, row, row.severity, row.effect)
    if not safety_rows.is_covered(item.atc, aspect):
        yield unknown(
            Kind.PREGNANCY,
            Consequence.BLOCKS,
            [item.atc],
            subject=item.name_en,
            effect=f"the data do not tell what it does to the child of a {state.name.lower()} patient",
            action="give another medicine, or refer to a visit in person",
        )


def _from_row(kind: Kind, item: Medicine, row: Row, severity: Severity, effect: str) -> Finding:
    return found(
        kind,
        severity,
        [item.atc],
        subject=item.name_en,
        effect=effect,
        action=row.action or "nothing more is asked for",
        source=row.source,
        is_reviewed=row.is_reviewed,
    )
