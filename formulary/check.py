"""All checks of a prescription."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from formulary.age_and_pregnancy import check_age, check_pregnancy
from formulary.allergies import check_allergies
from formulary.doses import check_doses
from formulary.duplicates import check_duplicates
from formulary.findings import Finding
from formulary.interactions import check_interactions
from formulary.kidney import check_kidney
from formulary.liver import check_liver
from formulary.medicines import check_medicines
from formulary.model import Item, Medicine, MedicineInUse, Patient
from formulary.online import check_online
from formulary.quantities import check_quantities

_CHECKS = (
    check_online,
    check_medicines,
    check_interactions,
    check_duplicates,
    check_allergies,
    check_doses,
    check_kidney,
    check_liver,
    check_age,
    check_pregnancy,
    check_quantities,
)
_WITHOUT_A_DOSE = (
    check_online,
    check_interactions,
    check_duplicates,
    check_allergies,
    check_kidney,
    check_liver,
    check_age,
    check_pregnancy,
)


def check(items: Sequence[Item], patient: Patient, beside: Sequence[Medicine] = ()) -> list[Finding]:
    """What is unsafe, the gravest first, one finding for each key. Nothing found does not mean safe: what the data do
    not hold, they do not know. What is handed out beside the prescription is checked too, as far as that can be done
    without a dose."""
    also = [MedicineInUse(one.atc, one.name_en, prescribed=True) for one in beside]
    taking = replace(patient, prescribed=[*patient.prescribed, *also])
    gravest: dict[str, Finding] = {}
    for made in chain(
        (finding for each in _CHECKS for finding in each(items, taking)),
        (finding for each in _WITHOUT_A_DOSE for finding in each(beside, patient)),
    ):
        gravest[made.key] = min(made, gravest.get(made.key, made), key=_order)
    return sorted(gravest.values(), key=_order)


def _order(finding: Finding) -> tuple[int, int, str, str]:
    return -finding.consequence, -finding.severity, finding.key, finding.effect
