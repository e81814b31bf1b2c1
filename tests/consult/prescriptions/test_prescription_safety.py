"""What may be prescribed to whom: the law's gates, and what the safety check makes of them."""

from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from apricot.consult.v1.health_record_pb2 import PREGNANCY_STATE_PREGNANT, HealthFacts
from apricot.consult.v1.prescription_pb2 import (
    FINDING_CONSEQUENCE_BLOCKS,
    FINDING_CONSEQUENCE_NEEDS_REASON,
    FINDING_SEVERITY_CONTRAINDICATED,
    FINDING_SEVERITY_MAJOR,
    FINDING_SEVERITY_UNKNOWN,
    MEDICINE_FORM_INJECTION,
    MEDICINE_ROUTE_SUBCUTANEOUS,
    Amount,
    Frequency,
    Strength,
)
from apricot.errors.v1.reason_pb2 import Reason

from formulary import data
from tests.consult.prescriptions.ward import Ward, refused
from tests.consult.prescriptions.writing import REASON, allergy, facts, item, request_id, written

INTERACTION = "interaction:A10BB12:J02AC01"


def once(code: str, milligrams: str) -> Any:
    return item(code, milligrams, frequency=Frequency(times_per_day=1), quantity=Amount(value="7", unit="{tablet}"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"eligible": None}, Reason.REASON_NOT_ELIGIBLE),
        ({"eligible": False}, Reason.REASON_NOT_ELIGIBLE),
        ({"age_years": None}, Reason.REASON_AGE_UNKNOWN),
        ({"age_years": 5}, Reason.REASON_GUARDIAN_REQUIRED),
        ({"state": 1}, Reason.REASON_WRONG_STATE),
        ({"state": 4}, Reason.REASON_WRONG_STATE),
    ],
)
async def test_only_where_the_law_allows(settled: Ward, changes: dict[str, Any], reason: Reason.ValueType) -> None:
    consultation = await settled.consult(**changes)
    for act in (settled.issue(consultation_id=consultation), settled.check(consultation=consultation)):
        with refused(reason):
            await act


async def test_a_small_child_with_a_guardian(ward: Ward) -> None:
    consultation = await ward.consult(age_years=5, guardian_present=True)
    found = {finding.key: finding for finding in await ward.check(consultation=consultation)}
    assert found["age:A10BA02"].severity == FINDING_SEVERITY_MAJOR
    assert found["daily_dose:A10BA02:child"].consequence == FINDING_CONSEQUENCE_BLOCKS
    with refused(Reason.REASON_PRESCRIPTION_UNSAFE):
        await ward.issue(consultation_id=consultation, overrides=["age:A10BA02", "daily_dose:A10BA02:child"])
    antihistamine = item(
        "R06AE07", "5", frequency=Frequency(times_per_day=1), quantity=Amount(value="7", unit="{tablet}")
    )
    made = await ward.issue(written(antihistamine), consultation_id=consultation)
    assert made.content.patient_age_years == 5


@pytest.mark.parametrize("code", ["B01AA03", "C01AA05", "C01BD01", "N05AN01", "N02AA01", "N05BA01"])
async def test_what_the_law_bans_online(settled: Ward, code: str) -> None:
    with refused(Reason.REASON_MEDICINE_NOT_ALLOWED) as metadata:
        await settled.issue(written(item(), item(code)))
    assert metadata["atc_code"] == code
    assert not (await settled.listed()).prescriptions


async def test_injections_but_of_insulin(ward: Ward) -> None:
    injection: dict[str, Any] = {
        "form": MEDICINE_FORM_INJECTION,
        "route": MEDICINE_ROUTE_SUBCUTANEOUS,
        "strength": Strength(value="100", unit="[iU]/mL"),
        "dose": Amount(value="10", unit="[iU]"),
        "quantity": Amount(value="1", unit="{pen}"),
    }
    with refused(Reason.REASON_MEDICINE_NOT_ALLOWED):
        await ward.issue(written(item("B01AB05", **injection)))
    insulin = written(item("A10AE04", **injection), item("A10AB05", **injection))
    made = await ward.issue(insulin)
    assert {finding.key for finding in made.content.findings} == {"quantity:A10AE04", "quantity:A10AB05"}


async def test_a_contraindication_blocks_whatever_the_reason(ward: Ward) -> None:
    both = written(once("A10BX02", "2"), once("C10AB04", "600"))
    (worst, *_) = await ward.check(both)
    assert (worst.severity, worst.consequence) == (FINDING_SEVERITY_CONTRAINDICATED, FINDING_CONSEQUENCE_BLOCKS)
    with refused(Reason.REASON_PRESCRIPTION_UNSAFE):
        await ward.issue(both, overrides=[worst.key, "daily_dose:C10AB04:no-maximum"])


async def test_a_major_finding_needs_the_doctor_s_reason_in_what_is_signed(ward: Ward) -> None:
    await ward.put(facts(ward.today, takes=("J02AC01",)))
    glimepiride = written(once("A10BB12", "2"))
    found = {finding.key: finding for finding in await ward.check(glimepiride)}
    assert found[INTERACTION].consequence == FINDING_CONSEQUENCE_NEEDS_REASON
    with refused(Reason.REASON_PRESCRIPTION_UNSAFE):
        await ward.issue(glimepiride)
    for idle in ("x", "aaaaaa", "ok ok ok", "观察观察", "123456", "......"):
        with refused(Reason.REASON_PRESCRIPTION_UNSAFE):
            await ward.issue(glimepiride, overrides=[INTERACTION], reason=idle)
    with refused(Reason.REASON_INVALID_FIELD):
        await ward.issue(glimepiride, overrides=[INTERACTION, "interaction:of:nothing"])
    with refused(Reason.REASON_INVALID_FIELD):
        await ward.issue(glimepiride, overrides=[INTERACTION, INTERACTION])
    made = await ward.issue(glimepiride, overrides=[INTERACTION])
    assert [(each.finding_key, each.reason) for each in made.content.overrides] == [(INTERACTION, REASON)]
    assert found[INTERACTION] in made.content.findings


async def test_what_nobody_recorded_blocks_and_is_named(ward: Ward) -> None:
    await ward.put(HealthFacts())
    found = {finding.key: finding for finding in await ward.check()}
    for key in ("allergy:not-recorded", "medicine:in-use", "kidney:A10BA02"):
        assert found[key].severity == FINDING_SEVERITY_UNKNOWN
        assert found[key].consequence == FINDING_CONSEQUENCE_BLOCKS
    assert found["pregnancy:A10BA02"].consequence == FINDING_CONSEQUENCE_NEEDS_REASON
    with refused(Reason.REASON_PRESCRIPTION_UNSAFE):
        await ward.issue(overrides=["pregnancy:A10BA02"])
    await ward.add(facts(ward.today))
    await ward.issue()


async def test_an_allergy_of_the_record_blocks(ward: Ward) -> None:
    await ward.put(facts(ward.today, allergy("A10BA02", "metformin")))
    with refused(Reason.REASON_PRESCRIPTION_UNSAFE):
        await ward.issue()


async def test_kidneys_measured_more_than_a_year_ago_are_not_known(ward: Ward) -> None:
    await ward.put(facts(ward.today, egfr=29))
    assert {finding.key: finding for finding in await ward.check()}["kidney:A10BA02"].severity == (
        FINDING_SEVERITY_CONTRAINDICATED
    )
    began = ward.clock.now
    ward.clock.advance(days=366)
    found = {finding.key: finding for finding in await ward.check()}
    ward.clock.now = began
    assert found["kidney:A10BA02"].severity == FINDING_SEVERITY_UNKNOWN


async def test_other_valid_prescriptions_count_and_the_revised_one_does_not(ward: Ward) -> None:
    made = await ward.issue()
    assert "duplicate:A10BA02:A10BA02" in {finding.key for finding in await ward.check()}
    with refused(Reason.REASON_PRESCRIPTION_UNSAFE):
        await ward.issue()
    second = await ward.revise(made)
    await ward.revoke(second)
    assert await ward.check() == []


async def test_what_the_patient_takes_may_go_on(ward: Ward) -> None:
    await ward.put(facts(ward.today, takes=("A10BA02",)))
    made = await ward.issue()
    assert [finding.key for finding in made.content.findings] == ["duplicate:A10BA02:A10BA02"]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"dose": Amount(value="0", unit="mg")}, {}),
        ({"strength": Strength(value="0.000", unit="mg")}, {}),
        ({"quantity": Amount(value="0", unit="mg")}, {}),
        ({"name_zh": " "}, {}),
        ({"duration_days": 8}, {}),
        ({"duration_days": 8}, {"long_supply_reason": " "}),
        ({"duration_days": 5, "repeats": 1}, {}),
        ({"duration_days": 43, "repeats": 1}, {"long_supply_reason": "病情稳定"}),
    ],
)
async def test_what_is_not_well_written(settled: Ward, changes: dict[str, Any], fields: dict[str, Any]) -> None:
    with refused(Reason.REASON_INVALID_FIELD):
        await settled.issue(written(item(**changes), **fields))


async def test_twelve_weeks_for_a_stable_disease(ward: Ward) -> None:
    long = item(duration_days=42, repeats=1, quantity=Amount(value="84", unit="{tablet}"))
    made = await ward.issue(written(long, long_supply_reason="病情稳定"))
    assert made.content.findings == []


@pytest.mark.parametrize(
    ("frequency", "days", "tablets", "fits"),
    [
        (Frequency(every_hours=8), 7, "21", True),
        (Frequency(every_hours=8), 7, "14", False),
        (Frequency(every_hours=168), 7, "1", True),
        (Frequency(every_hours=36), 3, "2", True),
        (Frequency(as_needed_most_per_day=2), 7, "4", True),
        (Frequency(as_needed_most_per_day=2), 7, "40", False),
    ],
)
async def test_quantities(settled: Ward, frequency: Frequency, days: int, tablets: str, fits: bool) -> None:
    said = item(frequency=frequency, duration_days=days, quantity=Amount(value=tablets, unit="{tablet}"))
    assert ("quantity:A10BA02" not in {finding.key for finding in await settled.check(written(said))}) is fits


async def test_a_check_keeps_nothing(settled: Ward) -> None:
    await settled.check()
    assert not (await settled.listed()).prescriptions
    rows = await settled.fetch("select 1 from message where consultation_id = $1", UUID(settled.consultation))
    assert rows == []


@pytest.mark.parametrize(
    ("takes", "reason"),
    [("V08AB02", Reason.REASON_PRESCRIPTION_UNSAFE), ("A10BA02", Reason.REASON_REVISION_MISMATCH)],
    ids=["what now needs a reason", "what is only to be told"],
)
async def test_what_changes_while_it_is_signed_is_not_overlooked(
    ward: Ward, takes: str, reason: Reason.ValueType
) -> None:
    with ward.interrupted(partial(ward.put, facts(ward.today, takes=(takes,)))), refused(reason):
        await ward.issue()
    assert not (await ward.listed()).prescriptions


async def test_a_check_that_cannot_run_blocks(ward: Ward, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with monkeypatch.context() as without_data:
        without_data.setattr(data, "_FOLDER", tmp_path)
        data.read_json.cache_clear()
        with pytest.raises(FileNotFoundError):
            await ward.issue()
    assert not (await ward.listed()).prescriptions
    await ward.issue()


async def test_a_change_that_changes_no_finding_does_not_matter(ward: Ward) -> None:
    with ward.interrupted(partial(ward.put, facts(ward.today, takes=("C08CA01",)))):
        made = await ward.issue()
    assert list((await ward.listed()).prescriptions) == [made]


async def test_a_crash_between_signing_and_keeping_leaves_nothing(ward: Ward) -> None:
    async def die() -> None:
        raise ConnectionResetError

    same = request_id()
    with ward.interrupted(die), pytest.raises(ConnectionResetError):
        await ward.issue(same=same)
    assert not (await ward.listed()).prescriptions
    assert await ward.fetch("select 1 from message where consultation_id = $1", UUID(ward.consultation)) == []
    made = await ward.issue(same=same)  # the same request again
    assert list((await ward.listed()).prescriptions) == [made]


async def test_a_consultation_that_ends_while_it_is_signed_gets_no_prescription(ward: Ward) -> None:
    async def close() -> None:
        await ward.fetch("update consultation set state = 3 where consultation_id = $1", UUID(ward.consultation))

    with ward.interrupted(close), refused(Reason.REASON_WRONG_STATE):
        await ward.issue()
    assert not (await ward.listed()).prescriptions


@pytest.mark.parametrize("code", ["D10BA01", "J01AA02"])
async def test_medicine_that_harms_an_unborn_child_is_refused(ward: Ward, code: str) -> None:
    known = facts(ward.today)
    known.pregnancy.state = PREGNANCY_STATE_PREGNANT
    await ward.put(known)
    found = {finding.key: finding for finding in await ward.check(written(item(code, "10")))}
    harm = found[f"pregnancy:{code}"]
    assert (harm.severity, harm.consequence) == (FINDING_SEVERITY_CONTRAINDICATED, FINDING_CONSEQUENCE_BLOCKS)
    assert harm.unreviewed
    with refused(Reason.REASON_PRESCRIPTION_UNSAFE):
        await ward.issue(written(item(code, "10")), overrides=[harm.key])


async def test_ibuprofen_beside_warfarin_is_not_passed_by_one_character(ward: Ward) -> None:
    await ward.put(facts(ward.today, takes=("B01AA03",)))
    ibuprofen = written(item("M01AE01", "300"))
    needed = [
        finding.key
        for finding in await ward.check(ibuprofen)
        if finding.consequence == FINDING_CONSEQUENCE_NEEDS_REASON
    ]
    assert "interaction:B01AA03:M01AE01" in needed
    with refused(Reason.REASON_PRESCRIPTION_UNSAFE):
        await ward.issue(ibuprofen, overrides=needed, reason="x")
    assert not (await ward.listed()).prescriptions


@pytest.mark.parametrize(("code", "is_covered"), [("E11.9", True), ("E11.2", True), ("L70.0", False), ("E10.9", False)])
async def test_eligibility_covers_its_own_category_alone(ward: Ward, code: str, is_covered: bool) -> None:
    said = written()
    said.diagnoses[0].code = code
    if is_covered:
        await ward.issue(said)
        return
    for act in (ward.check(said), ward.issue(said)):
        with refused(Reason.REASON_NOT_ELIGIBLE):
            await act


async def test_revision_for_another_diagnosis_is_refused(ward: Ward) -> None:
    made = await ward.issue()
    said = written()
    said.diagnoses.add(code="L70.0")
    with refused(Reason.REASON_NOT_ELIGIBLE):
        await ward.revise(made, said)
