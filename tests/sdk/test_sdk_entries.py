"""Entries as the contract wants them."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import protovalidate
import pytest
from apricot.glucose.v1.entry_pb2 import (
    DOSE_UNIT_MG,
    EXERCISE_KIND_WALKING,
    GLUCOSE_BOUND_LOW,
    GLUCOSE_UNIT_MMOL_PER_L,
    INSULIN_KIND_LONG,
    INSULIN_KIND_RAPID,
    MEAL_CONTEXT_FASTING,
    Entry,
)

from clients.sdk import Recorder

PATIENT = "7d3c1f0a-2b4e-4c6d-8e9f-0a1b2c3d4e5f"
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
HAND = Recorder.by_hand("phone", "Asia/Shanghai")
METER = Recorder.of_device(PATIENT, "accu-chek/77", "Asia/Shanghai")


def test_every_kind_keeps_the_contracts_rules() -> None:
    entries = [
        HAND.sensor_reading(NOON, 40, bound=GLUCOSE_BOUND_LOW),
        HAND.fingerstick_reading(NOON, 5.6, GLUCOSE_UNIT_MMOL_PER_L, meal_context=MEAL_CONTEXT_FASTING),
        HAND.meal(NOON, 45, energy_kcal=400, description="面条"),
        HAND.exercise(NOON, EXERCISE_KIND_WALKING, 30),
        HAND.insulin_dose(NOON, INSULIN_KIND_RAPID, Decimal("4.50")),
        HAND.medicine_dose(NOON, "metformin", "1E+3", DOSE_UNIT_MG, atc_code="A10BA02"),
        HAND.ketone(NOON, 0.4),
        HAND.weight(NOON, 71.5),
        HAND.blood_pressure(NOON, 120, 80, 66),
        HAND.note(NOON, "slept badly"),
    ]
    for entry in entries:
        protovalidate.validate(entry)
    kinds = [entry.WhichOneof("content") for entry in entries]
    assert kinds == [field.name for field in Entry.DESCRIPTOR.oneofs_by_name["content"].fields]
    assert entries[4].insulin_dose.amount_units.value == "4.50"
    assert entries[5].medicine_dose.amount.value == "1000"


def test_by_hand_every_entry_is_new() -> None:
    assert HAND.note(NOON, "same").entry_id != HAND.note(NOON, "same").entry_id


def test_a_device_read_out_again_gives_the_same_ids() -> None:
    in_shanghai = NOON.astimezone(ZoneInfo("Asia/Shanghai"))
    assert METER.fingerstick_reading(NOON, 99) == METER.fingerstick_reading(in_shanghai, 99)


def test_what_differs_in_the_natural_key_differs_in_id() -> None:
    other_patient = Recorder.of_device(PATIENT.replace("7", "8"), "accu-chek/77", "Asia/Shanghai")
    other_device = Recorder.of_device(PATIENT, "accu-chek/78", "Asia/Shanghai")
    entries = [
        METER.fingerstick_reading(NOON, 99),
        METER.sensor_reading(NOON, 99),
        METER.sensor_reading(NOON.replace(microsecond=1), 99),
        METER.insulin_dose(NOON, INSULIN_KIND_RAPID, "4"),
        METER.insulin_dose(NOON, INSULIN_KIND_LONG, "4"),
        METER.medicine_dose(NOON, "metformin", "1", DOSE_UNIT_MG),
        METER.medicine_dose(NOON, "acarbose", "1", DOSE_UNIT_MG),
        other_patient.fingerstick_reading(NOON, 99),
        other_device.fingerstick_reading(NOON, 99),
    ]
    assert len({entry.entry_id for entry in entries}) == len(entries)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        HAND.note(datetime(2026, 1, 1), "when?")  # noqa: DTZ001
