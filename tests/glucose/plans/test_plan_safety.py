"""A plan's medicines come from the formulary and pass the prescription's check."""

from datetime import UTC
from typing import Any
from uuid import uuid4

import grpc
import pytest
from apricot.consult.v1.health_record_pb2 import PREGNANCY_STATE_PREGNANT, HealthFacts
from apricot.consult.v1.prescription_pb2 import (
    FINDING_CONSEQUENCE_BLOCKS,
    FINDING_CONSEQUENCE_NEEDS_REASON,
    FindingOverride,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.entry_pb2 import (
    DOSE_UNIT_MG,
    DOSE_UNIT_TABLET,
    DOSE_UNIT_UG,
    INSULIN_KIND_LONG,
    INSULIN_KIND_RAPID,
    Decimal,
)
from apricot.glucose.v1.plan_pb2 import PlanContent, PlannedMedicine

from tests.consult.prescriptions.writing import REASON, allergy, facts
from tests.glucose.plans.planned import ZONE, Clinic, refused


def planning(name: str, amount: str, unit: int = DOSE_UNIT_MG, times: int = 1, **changes: Any) -> PlanContent:
    """A plan of one medicine."""
    medicine = PlannedMedicine(
        name=name, amount=Decimal(value=amount), minutes_of_day=[480 + 60 * hour for hour in range(times)], **changes
    )
    medicine.unit = unit  # type: ignore[assignment]
    return PlanContent(medicines=[medicine], time_zone=ZONE)


async def is_refused(clinic: Clinic, said: PlanContent, *reasons: Reason.ValueType) -> None:
    with refused(*reasons):
        await clinic.create(said)
    assert not (await clinic.listed()).plans
    assert await clinic.pushed() == []


async def test_empty_plan_is_refused(clinic: Clinic) -> None:
    await is_refused(clinic, PlanContent(time_zone=ZONE, notes="  "), Reason.REASON_INVALID_FIELD)


@pytest.mark.parametrize(
    "said",
    [
        planning("insulin glargine", "300", DOSE_UNIT_UG),
        planning("insulin glargine", "10", 0, insulin_kind=INSULIN_KIND_RAPID),
        planning("insulin glargine", "10", DOSE_UNIT_MG, insulin_kind=INSULIN_KIND_LONG),
        planning("metformin", "500", 0, insulin_kind=INSULIN_KIND_LONG),
        planning("metformin", "500", 0),
        planning("the white one", "500"),
        planning("metformin", "500", atc_code="D11AH05"),
        planning("glimepiride", "2", atc_code="A10BA02"),
    ],
)
async def test_medicine_that_is_not_the_formularys_own_is_refused(clinic: Clinic, said: PlanContent) -> None:
    clinic.known.age_years = 8
    await is_refused(clinic, said, Reason.REASON_INVALID_FIELD)


async def test_insulin_beyond_any_dose_is_refused(clinic: Clinic) -> None:
    said = planning("insulin glargine", "301", 0, insulin_kind=INSULIN_KIND_LONG)
    await is_refused(clinic, said, Reason.REASON_VALUE_IMPOSSIBLE)


@pytest.mark.parametrize("name", ["insulin glargine", "甘精胰岛素"])
async def test_insulin_of_its_own_kind_is_planned(clinic: Clinic, name: str) -> None:
    made = await clinic.create(planning(name, "12", 0, insulin_kind=INSULIN_KIND_LONG))
    assert made.content.medicines[0].amount.value == "12"
    assert not made.findings


async def test_medicine_that_harms_an_unborn_child_is_refused(clinic: Clinic) -> None:
    clinic.known.facts = facts(clinic.clock.now.date().isoformat())
    clinic.known.facts.pregnancy.state = PREGNANCY_STATE_PREGNANT
    await is_refused(clinic, planning("enalapril", "10"), Reason.REASON_PRESCRIPTION_UNSAFE)
    await clinic.create(planning("insulin glargine", "12", 0, insulin_kind=INSULIN_KIND_LONG))


async def test_dose_above_the_maximum_is_refused(clinic: Clinic) -> None:
    await is_refused(clinic, planning("metformin", "1500", times=3), Reason.REASON_PRESCRIPTION_UNSAFE)
    await is_refused(clinic, planning("metformin", "2", DOSE_UNIT_TABLET), Reason.REASON_PRESCRIPTION_UNSAFE)


async def test_poor_kidneys_and_allergies_are_thought_of(clinic: Clinic) -> None:
    today = clinic.clock.now.astimezone(UTC).date().isoformat()
    clinic.known.facts = facts(today, egfr=28)
    await is_refused(clinic, planning("metformin", "500"), Reason.REASON_PRESCRIPTION_UNSAFE)
    clinic.known.facts = facts(today, allergy("A10BA02", "metformin"))
    await is_refused(clinic, planning("metformin", "500"), Reason.REASON_PRESCRIPTION_UNSAFE)


async def test_nothing_known_of_the_patient_blocks_medicines_alone(clinic: Clinic) -> None:
    clinic.known.facts = HealthFacts()
    await is_refused(clinic, planning("metformin", "500"), Reason.REASON_PRESCRIPTION_UNSAFE)
    assert FINDING_CONSEQUENCE_BLOCKS in {
        found.consequence for found in await clinic.check(planning("metformin", "500"))
    }
    await clinic.create(PlanContent(notes="每天走三十分钟", time_zone=ZONE))


async def test_unknown_age_is_refused_by_its_own_reason(clinic: Clinic) -> None:
    clinic.known.age_years = None
    await is_refused(clinic, planning("metformin", "500"), Reason.REASON_AGE_UNKNOWN)


async def test_check_that_cannot_run_sends_no_plan(clinic: Clinic) -> None:
    clinic.known.error = grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata())
    await is_refused(clinic, planning("metformin", "500"), Reason.REASON_UNAVAILABLE)


async def test_reason_with_substance_passes_a_major_finding(clinic: Clinic) -> None:
    clinic.known.facts = facts(clinic.clock.now.date().isoformat(), takes=("J02AC01",))
    said = planning("glimepiride", "2")
    needed = [each for each in await clinic.check(said) if each.consequence == FINDING_CONSEQUENCE_NEEDS_REASON]
    assert [each.key for each in needed] == ["interaction:A10BB12:J02AC01"]
    with refused(Reason.REASON_PRESCRIPTION_UNSAFE):
        await clinic.create(said, overrides=[FindingOverride(finding_key=needed[0].key, reason="x")])
    override = FindingOverride(finding_key=needed[0].key, reason=REASON)
    made = await clinic.create(said, overrides=[override])
    assert (list(made.overrides), made.findings[0].key) == ([override], needed[0].key)


async def test_revision_is_checked_too_and_a_repeat_is_not(clinic: Clinic) -> None:
    same = str(uuid4())
    made = await clinic.create(planning("metformin", "500"), request_id=same)
    with refused(Reason.REASON_PRESCRIPTION_UNSAFE):
        await clinic.revise(made, planning("metformin", "1500", times=3))
    clinic.known.age_years = None
    assert await clinic.create(planning("metformin", "500"), request_id=same) == made


async def test_lines_of_one_medicine_are_one_dose_of_a_day(clinic: Clinic) -> None:
    twice = planning("metformin", "1000")
    twice.medicines.extend(planning("Metformin", "1000").medicines)
    await clinic.create(twice)
    twice.medicines.extend(planning("二甲双胍", "2000").medicines)
    with refused(Reason.REASON_PRESCRIPTION_UNSAFE):
        await clinic.create(twice)
