"""Who may change which entry of a health record."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from apricot.consult.v1.health_record_pb2 import (
    ALLERGY_CERTAINTY_CONFIRMED,
    PREGNANCY_STATE_NEITHER,
    PREGNANCY_STATE_PREGNANT,
    Allergies,
    Allergy,
    CurrentMedicine,
    CurrentMedicines,
    HealthFacts,
    PregnancyStatus,
    RecordSource,
)
from apricot.errors.v1.reason_pb2 import Reason

from kit.errors import ApricotError
from services.consult.rpc.health_facts import added, written_anew

NOW = datetime(2026, 11, 24, tzinfo=UTC)
PATIENT, DOCTOR = RecordSource(account_id=str(uuid4())), RecordSource(account_id=str(uuid4()))
WARFARIN, PENICILLIN = str(uuid4()), str(uuid4())


def record() -> HealthFacts:
    """A record with warfarin, an allergy and a pregnancy that a doctor entered."""
    facts = HealthFacts(
        medicines=CurrentMedicines(entries=[CurrentMedicine(entry_id=WARFARIN, atc_code="B01AA03", name="华法林")]),
        allergies=Allergies(
            entries=[Allergy(entry_id=PENICILLIN, name="青霉素", certainty=ALLERGY_CERTAINTY_CONFIRMED)]
        ),
        pregnancy=PregnancyStatus(state=PREGNANCY_STATE_PREGNANT, state_date="2026-11-20"),
    )
    return added(HealthFacts(), facts, DOCTOR, NOW)


def without_warfarin(facts: HealthFacts) -> None:
    del facts.medicines.entries[:]


def another_medicine(facts: HealthFacts) -> None:
    facts.medicines.entries[0].name = "维生素"


def without_allergies(facts: HealthFacts) -> None:
    facts.ClearField("allergies")


def not_pregnant(facts: HealthFacts) -> None:
    facts.pregnancy.state = PREGNANCY_STATE_NEITHER


def pregnancy_unknown(facts: HealthFacts) -> None:
    facts.ClearField("pregnancy")


@pytest.mark.parametrize(
    "change", [without_warfarin, another_medicine, without_allergies, not_pregnant, pregnancy_unknown]
)
def test_patient_cannot_change_what_a_doctor_entered(change: Callable[[HealthFacts], None]) -> None:
    new = record()
    change(new)
    with pytest.raises(ApricotError) as caught:
        written_anew(record(), new, PATIENT, NOW)
    assert caught.value.reason == Reason.REASON_NOT_ALLOWED


def test_patient_changes_own_entries_beside_a_doctors() -> None:
    new = record()
    new.medicines.entries.append(CurrentMedicine(entry_id=str(uuid4()), name="鱼油"))
    mine = written_anew(record(), new, PATIENT, NOW)
    assert [entry.source for entry in mine.medicines.entries] == [DOCTOR, PATIENT]
    assert written_anew(mine, record(), PATIENT, NOW) == record()


def test_doctor_ends_an_entry() -> None:
    left = added(record(), HealthFacts(), DOCTOR, NOW, [WARFARIN])
    assert not left.medicines.entries
    assert [entry.entry_id for entry in left.allergies.entries] == [PENICILLIN]


def test_doctor_cannot_end_an_entry_that_is_not_there() -> None:
    with pytest.raises(ApricotError) as caught:
        added(record(), HealthFacts(), DOCTOR, NOW, [str(uuid4())])
    assert caught.value.reason == Reason.REASON_INVALID_FIELD
