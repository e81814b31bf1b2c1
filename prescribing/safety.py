"""What the formulary is asked, and what it answers, in the contract's words."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from apricot.consult.v1 import prescription_pb2
from apricot.consult.v1.health_record_pb2 import (
    ALLERGY_CERTAINTY_CONFIRMED,
    LIVER_STATE_CHILD_PUGH_A,
    LIVER_STATE_CHILD_PUGH_B,
    LIVER_STATE_CHILD_PUGH_C,
    LIVER_STATE_HEALTHY,
    PREGNANCY_STATE_BREASTFEEDING,
    PREGNANCY_STATE_NEITHER,
    PREGNANCY_STATE_NOT_POSSIBLE,
    PREGNANCY_STATE_PREGNANT,
    HealthFacts,
    PregnancyStatus,
)
from apricot.consult.v1.prescription_pb2 import (
    MEDICINE_FORM_INJECTION,
    MEDICINE_ROUTE_INTRAMUSCULAR,
    MEDICINE_ROUTE_INTRAVENOUS,
    MEDICINE_ROUTE_SUBCUTANEOUS,
    PRESCRIPTION_STATE_ISSUED,
    PRESCRIPTION_STATE_REPEATING,
    Finding,
    FindingConsequence,
    FindingKind,
    FindingSeverity,
    Frequency,
    PrescriptionContent,
    PrescriptionItem,
    PrescriptionState,
)

from formulary import findings
from formulary.amounts import Amount
from formulary.check import check
from formulary.model import Allergy, Item, Liver, Medicine, MedicineInUse, Patient, Pregnancy
from prescribing.recency import (
    KIDNEY_FUNCTION_DAYS,
    LIVER_FUNCTION_DAYS,
    PREGNANCY_DAYS,
    WEIGHT_DAYS,
    past_day,
    still_counts,
)

_INJECTED = {MEDICINE_ROUTE_SUBCUTANEOUS, MEDICINE_ROUTE_INTRAMUSCULAR, MEDICINE_ROUTE_INTRAVENOUS}
_PREGNANCY = {
    PREGNANCY_STATE_NOT_POSSIBLE: Pregnancy.NEITHER,
    PREGNANCY_STATE_NEITHER: Pregnancy.NEITHER,
    PREGNANCY_STATE_PREGNANT: Pregnancy.PREGNANT,
    PREGNANCY_STATE_BREASTFEEDING: Pregnancy.BREASTFEEDING,
}
_LIVER = {
    LIVER_STATE_HEALTHY: Liver.HEALTHY,
    LIVER_STATE_CHILD_PUGH_A: Liver.CHILD_PUGH_A,
    LIVER_STATE_CHILD_PUGH_B: Liver.CHILD_PUGH_B,
    LIVER_STATE_CHILD_PUGH_C: Liver.CHILD_PUGH_C,
}


def findings_of(items: Sequence[PrescriptionItem], patient: Patient, beside: Sequence[Medicine] = ()) -> list[Finding]:
    """What is unsafe about these medicines for this patient, the gravest first; and about what is handed out beside
    them."""
    return findings_of_items([_item(item) for item in items], patient, beside)


def findings_of_items(items: Sequence[Item], patient: Patient, beside: Sequence[Medicine] = ()) -> list[Finding]:
    """Return the same of items in the formulary's words, whatever they were written in."""
    return [_finding(found) for found in check(items, patient, beside)]


def patient_of(facts: HealthFacts, age_years: int, prescribed: Sequence[MedicineInUse], now: datetime) -> Patient:
    """What is known of the patient at an instant. What is too old is not known."""
    allergies = [
        Allergy(entry.atc_code, entry.name, entry.certainty == ALLERGY_CERTAINTY_CONFIRMED)
        for entry in facts.allergies.entries
    ]
    medicines = [MedicineInUse(entry.atc_code, entry.name) for entry in facts.medicines.entries]
    return Patient(
        age_years=age_years,
        allergies=allergies if facts.HasField("allergies") else None,
        medicines=medicines if facts.HasField("medicines") else None,
        prescribed=prescribed,
        egfr=_egfr(facts, now),
        pregnancy=_pregnancy(facts.pregnancy, now),
        weight_kg=_weight_kg(facts, now),
        liver=_liver(facts, now),
    )


def medicines_of(
    prescription: UUID, state: PrescriptionState.ValueType, content: PrescriptionContent | None
) -> list[MedicineInUse]:
    """What another prescription in force holds; without a content (it was altered) nobody knows what."""
    to_come = state in (PRESCRIPTION_STATE_ISSUED, PRESCRIPTION_STATE_REPEATING)
    if content is None:
        return [MedicineInUse("", f"prescription {prescription}", prescribed=True)]
    return [MedicineInUse(item.atc_code, item.name_en, prescribed=to_come) for item in content.written.items]


def _egfr(facts: HealthFacts, now: datetime) -> Decimal | None:
    if not facts.HasField("kidney_function"):
        return None
    measured = past_day(facts.kidney_function.measure_date, now)
    recent = still_counts(measured, KIDNEY_FUNCTION_DAYS, now)
    return Decimal(facts.kidney_function.egfr_ml_per_min_per_1_73_m2) if recent else None


def _weight_kg(facts: HealthFacts, now: datetime) -> Decimal | None:
    if not facts.HasField("weight"):
        return None
    recent = still_counts(past_day(facts.weight.measure_date, now), WEIGHT_DAYS, now)
    return Decimal(facts.weight.weight_grams) / 1000 if recent else None


def _liver(facts: HealthFacts, now: datetime) -> Liver:
    if not facts.HasField("liver_function"):
        return Liver.UNKNOWN
    recent = still_counts(past_day(facts.liver_function.state_date, now), LIVER_FUNCTION_DAYS, now)
    return _LIVER.get(facts.liver_function.state, Liver.UNKNOWN) if recent else Liver.UNKNOWN


def _pregnancy(status: PregnancyStatus, now: datetime) -> Pregnancy:
    if status.state not in _PREGNANCY:
        return Pregnancy.UNKNOWN
    lasting = status.state == PREGNANCY_STATE_NOT_POSSIBLE
    recent = lasting or still_counts(past_day(status.state_date, now), PREGNANCY_DAYS, now)
    return _PREGNANCY[status.state] if recent else Pregnancy.UNKNOWN


def _item(item: PrescriptionItem) -> Item:
    per_day, in_all = _doses(item.frequency, item.duration_days)
    return Item(
        atc=item.atc_code,
        name_en=item.name_en,
        name_zh=item.name_zh,
        injected=item.form == MEDICINE_FORM_INJECTION or item.route in _INJECTED,
        strength=_amount(item.strength),
        dose=_amount(item.dose),
        doses_per_day=per_day,
        doses=in_all,
        as_needed=item.frequency.WhichOneof("frequency") == "as_needed_most_per_day",
        quantity=_amount(item.quantity),
    )


def _doses(frequency: Frequency, days: int) -> tuple[int, int]:
    """The most on one day, and in all."""
    if hours := frequency.every_hours:
        return max(1, -(-24 // hours)), -(-24 * days // hours)
    times = frequency.times_per_day or frequency.as_needed_most_per_day
    return times, times * days


def _amount(amount: prescription_pb2.Amount | prescription_pb2.Strength) -> Amount:
    return Amount(Decimal(amount.value), amount.unit)


def _finding(found: findings.Finding) -> Finding:
    return Finding(
        key=found.key,
        kind=FindingKind.ValueType(found.kind),
        severity=FindingSeverity.ValueType(found.severity),
        consequence=FindingConsequence.ValueType(found.consequence),
        subject=found.subject,
        other=found.other,
        effect=found.effect,
        action=found.action,
        source=found.source,
        unreviewed=found.is_unreviewed,
    )
