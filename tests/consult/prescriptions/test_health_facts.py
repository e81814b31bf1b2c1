"""Who may change which entry of a health record."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from apricot.consult.v1.health_record_pb2 import CurrentMedicine, HealthFacts, RecordSource
from apricot.errors.v1.reason_pb2 import Reason

from kit.errors import ApricotError
from services.consult.rpc.health_facts import added, written_anew
from tests.consult.prescriptions.writing import all_of, every_kind

NOW = datetime(2026, 11, 24, tzinfo=UTC)
PATIENT, DOCTOR = RecordSource(account_id=str(uuid4())), RecordSource(account_id=str(uuid4()))
KINDS = every_kind("2026-11-20")
[WARFARIN] = [entry.entry_id for entry in KINDS["medicines"].medicines.entries]
[PENICILLIN] = [entry.entry_id for entry in KINDS["allergies"].allergies.entries]


def record() -> HealthFacts:
    """Return a record with an item of every kind that a doctor entered."""
    return added(HealthFacts(), all_of(KINDS.values()), DOCTOR, NOW)


def refused_fields(new: HealthFacts) -> str:
    """Return which parts a patient is told that a doctor entered."""
    with pytest.raises(ApricotError) as caught:
        written_anew(record(), new, PATIENT, NOW)
    assert caught.value.reason == Reason.REASON_NOT_ALLOWED
    return caught.value.metadata["fields"]


@pytest.mark.parametrize("kind", KINDS)
def test_patient_cannot_leave_out_what_a_doctor_entered(kind: Any) -> None:
    new = record()
    new.ClearField(kind)
    assert refused_fields(new) == kind


@pytest.mark.parametrize("kind", KINDS)
def test_patient_cannot_change_what_a_doctor_entered(kind: str) -> None:
    new = record()
    part = getattr(new, kind)
    item = part.entries[0] if hasattr(part, "entries") else part
    field = next(field for field in item.DESCRIPTOR.fields if field.name != "entry_id" and not field.message_type)
    setattr(item, field.name, type(getattr(item, field.name))())
    assert refused_fields(new) == kind


@pytest.mark.parametrize("kind", ["allergies", "medicines"])
def test_patient_cannot_say_none_where_a_doctor_entered_one(kind: str) -> None:
    new = record()
    del getattr(new, kind).entries[:]
    assert refused_fields(new) == kind


def test_patient_is_told_every_part_at_once() -> None:
    assert set(refused_fields(HealthFacts()).split(",")) == KINDS.keys()


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
