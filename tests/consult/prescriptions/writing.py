"""What doctors write and patients tell, for the tests of prescriptions."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from apricot.consult.v1.consultation_pb2 import DiagnosisCode
from apricot.consult.v1.health_record_pb2 import (
    ALLERGY_CERTAINTY_CONFIRMED,
    LIVER_STATE_CHILD_PUGH_B,
    LIVER_STATE_HEALTHY,
    PREGNANCY_STATE_NOT_POSSIBLE,
    PREGNANCY_STATE_PREGNANT,
    Allergies,
    Allergy,
    BodyWeight,
    CurrentMedicine,
    CurrentMedicines,
    HealthFacts,
    KidneyFunction,
    LiverFunction,
    PregnancyStatus,
)
from apricot.consult.v1.prescription_pb2 import (
    MEDICINE_FORM_TABLET,
    MEDICINE_ROUTE_ORAL,
    Amount,
    Frequency,
    PrescriptionItem,
    Strength,
    WrittenPrescription,
)

from formulary.medicines import names

REASON = "已向患者说明风险，一周后复查"
"""Why all the same, with substance."""


def request_id() -> str:
    return str(uuid4())


def item(atc_code: str = "A10BA02", milligrams: str = "500", **changes: Any) -> PrescriptionItem:
    """A tablet twice a day for a week, whole days' worth of them."""
    known = names().get(atc_code)
    fields: dict[str, Any] = {
        "name_en": known.en if known else "stranger",
        "name_zh": known.zh if known else "陌生",
        "strength": Strength(value=milligrams, unit="mg"),
        "form": MEDICINE_FORM_TABLET,
        "route": MEDICINE_ROUTE_ORAL,
        "dose": Amount(value="1", unit="{tablet}"),
        "frequency": Frequency(times_per_day=2),
        "duration_days": 7,
        "quantity": Amount(value="14", unit="{tablet}"),
        "instructions": "饭后服用",
    }
    return PrescriptionItem(atc_code=atc_code, **(fields | changes))


def written(*items: PrescriptionItem, **changes: Any) -> WrittenPrescription:
    """Metformin, or these."""
    return WrittenPrescription(
        items=items or [item()], diagnoses=[DiagnosisCode(code="E11.9", description="2型糖尿病")], **changes
    )


def allergy(atc_code: str, name: str, **changes: Any) -> Allergy:
    return Allergy(
        entry_id=str(uuid4()), atc_code=atc_code, name=name, certainty=ALLERGY_CERTAINTY_CONFIRMED, **changes
    )


def facts(day: str, *allergies: Allergy, takes: tuple[str, ...] = (), egfr: int = 90) -> HealthFacts:
    """All that is asked for, as of a day."""
    return HealthFacts(
        allergies=Allergies(entries=allergies),
        medicines=CurrentMedicines(
            entries=[CurrentMedicine(entry_id=str(uuid4()), atc_code=code, name=f"a {code}") for code in takes]
        ),
        kidney_function=KidneyFunction(egfr_ml_per_min_per_1_73_m2=egfr, measure_date=day),
        pregnancy=PregnancyStatus(state=PREGNANCY_STATE_NOT_POSSIBLE, state_date=day),
        liver_function=LiverFunction(state=LIVER_STATE_HEALTHY, state_date=day),
    )


def every_kind(day: str) -> dict[str, HealthFacts]:
    """Return what a doctor may enter, one item of each kind of the contract, by the kind's name."""
    medicine = CurrentMedicine(entry_id=str(uuid4()), atc_code="B01AA03", name="华法林")
    kinds = {
        "allergies": HealthFacts(allergies=Allergies(entries=[allergy("J01C", "青霉素")])),
        "medicines": HealthFacts(medicines=CurrentMedicines(entries=[medicine])),
        "kidney_function": HealthFacts(
            kidney_function=KidneyFunction(egfr_ml_per_min_per_1_73_m2=28, measure_date=day),
        ),
        "pregnancy": HealthFacts(pregnancy=PregnancyStatus(state=PREGNANCY_STATE_PREGNANT, state_date=day)),
        "weight": HealthFacts(weight=BodyWeight(weight_grams=71500, measure_date=day)),
        "liver_function": HealthFacts(liver_function=LiverFunction(state=LIVER_STATE_CHILD_PUGH_B, state_date=day)),
    }
    assert kinds.keys() == set(HealthFacts.DESCRIPTOR.fields_by_name)
    return kinds


def all_of(kinds: Iterable[HealthFacts]) -> HealthFacts:
    """Return one record of all."""
    facts = HealthFacts()
    for kind in kinds:
        facts.MergeFrom(kind)
    return facts
