"""Every rule of the formulary reaches the pharmacist's check; what it does there follows from its severity."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from apricot.consult.v1.health_record_pb2 import (
    PREGNANCY_STATE_NEITHER,
    PREGNANCY_STATE_PREGNANT,
    Allergies,
    BodyWeight,
    CurrentMedicines,
    HealthFacts,
    PregnancyStatus,
)
from apricot.consult.v1.prescription_pb2 import (
    FINDING_CONSEQUENCE_BLOCKS,
    FINDING_CONSEQUENCE_INFORMS,
    FINDING_CONSEQUENCE_NEEDS_REASON,
    FINDING_KIND_INTERACTION,
    FINDING_SEVERITY_CONTRAINDICATED,
    FINDING_SEVERITY_MAJOR,
    FINDING_SEVERITY_MODERATE,
    FINDING_SEVERITY_UNKNOWN,
    PrescriptionItem,
)
from apricot.errors.v1.reason_pb2 import Reason

from formulary.data import read_json
from formulary.medicines import names
from tests.consult.prescriptions.writing import allergy, facts, item
from tests.pharmacy.review.dispensary import Dispensary, by_key, checked, needing_reason, refused, tablets

PAIRS: Sequence[Mapping[str, Any]] = read_json("drug_safety.json")["interactions"]
SEVERITIES = {
    "moderate": (FINDING_SEVERITY_MODERATE, FINDING_CONSEQUENCE_INFORMS),
    "major": (FINDING_SEVERITY_MAJOR, FINDING_CONSEQUENCE_NEEDS_REASON),
    "contraindicated": (FINDING_SEVERITY_CONTRAINDICATED, FINDING_CONSEQUENCE_BLOCKS),
}


def substance_of(group: str) -> str:
    """A substance of the group; one that the data know by name, where there is one."""
    return next((code for code in sorted(names()) if code.startswith(group)), f"{group}AA01"[: max(7, len(group))])


def gravest_of(one: str, other: str) -> str:
    """The severity of two substances together, by a look at the data of its own."""

    def holds(groups: Sequence[str], code: str) -> bool:
        return any(code.startswith(group) for group in groups)

    found: list[str] = [
        row["severity"]
        for row in PAIRS
        if (holds(row["a_atc"], one) and holds(row["b_atc"], other))
        or (holds(row["a_atc"], other) and holds(row["b_atc"], one))
    ]
    return max(found, key=list(SEVERITIES).index)


@pytest.mark.parametrize("row", PAIRS, ids=lambda row: f"{row['a']}-{row['b']}")
async def test_each_pair_of_the_data_does_what_its_severity_says(settled: Dispensary, row: Mapping[str, Any]) -> None:
    for group_a, group_b in {(row["a_atc"][0], row["b_atc"][0]), (row["a_atc"][-1], row["b_atc"][-1])}:
        prescribed, taken = substance_of(group_a), substance_of(group_b)
        await settled.ward.put(facts(settled.ward.today, takes=(taken,)))
        order = await settled.order(await settled.prescribe(item(prescribed)))
        await settled.claim(order)
        made = await settled.check(order)
        key = "interaction:" + ":".join(sorted([prescribed, taken]))
        finding = by_key(made.check)[key]
        assert finding.kind == FINDING_KIND_INTERACTION
        assert (finding.severity, finding.consequence) == SEVERITIES[gravest_of(prescribed, taken)]
        reasons = needing_reason(made.check, but=[key])
        blocked = [each for each in made.check.findings if each.consequence == FINDING_CONSEQUENCE_BLOCKS]
        if finding.consequence == FINDING_CONSEQUENCE_INFORMS and not blocked:
            await settled.approve(order, made.digest, *reasons)
        else:
            with refused(Reason.REASON_PRESCRIPTION_UNSAFE, Reason.REASON_MEDICINE_NOT_ALLOWED):
                await settled.approve(order, made.digest, *reasons)


async def test_a_major_finding_is_approved_with_a_reason_and_kept_with_it(settled: Dispensary) -> None:
    await settled.ward.put(facts(settled.ward.today, takes=("J02AC01",)))
    order = await settled.order(await settled.prescribe(item("A10BB12", "2")))
    await settled.claim(order)
    made = await settled.check(order)
    reasons = needing_reason(made.check)
    assert "interaction:A10BB12:J02AC01" in reasons
    with refused(Reason.REASON_PRESCRIPTION_UNSAFE):
        await settled.approve(order, made.digest)
    with refused(Reason.REASON_INVALID_FIELD):
        await settled.approve(order, made.digest, *reasons, "interaction:of:nothing")
    review = await settled.approve(order, made.digest, *reasons)
    assert [each.finding_key for each in review.decision.reasons] == reasons


async def test_a_contraindication_is_not_approved_whatever_the_reason(settled: Dispensary) -> None:
    await settled.ward.put(facts(settled.ward.today))
    order = await settled.order(await settled.prescribe(item("A10BX02", "2"), item("C10AB04", "600")))
    await settled.claim(order)
    made = await settled.check(order)
    assert made.check.findings[0].severity == FINDING_SEVERITY_CONTRAINDICATED
    with refused(Reason.REASON_PRESCRIPTION_UNSAFE):
        await settled.approve(order, made.digest, *[finding.key for finding in made.check.findings])


async def test_the_online_ban(settled: Dispensary) -> None:
    await settled.ward.put(facts(settled.ward.today))
    order = await settled.order(await settled.prescribe(item("B01AA03", "3")))
    await settled.claim(order)
    made = await settled.check(order)
    assert by_key(made.check)["not_allowed:B01AA03"].consequence == FINDING_CONSEQUENCE_BLOCKS
    with refused(Reason.REASON_MEDICINE_NOT_ALLOWED):
        await settled.approve(order, made.digest, *needing_reason(made.check))


@pytest.mark.parametrize(
    ("known", "key", "consequence"),
    [
        ({"takes": ("A10BA02",)}, "duplicate:A10BA02:A10BA02", FINDING_CONSEQUENCE_INFORMS),
        ({"egfr": 29}, "kidney:A10BA02", FINDING_CONSEQUENCE_BLOCKS),
        ({"egfr": 40}, "kidney:A10BA02", FINDING_CONSEQUENCE_NEEDS_REASON),
    ],
)
async def test_what_the_record_says(settled: Dispensary, known: dict[str, Any], key: str, consequence: int) -> None:
    await settled.ward.put(facts(settled.ward.today, **known))
    assert by_key(await checked(settled, item()))[key].consequence == consequence


def days_ago(dispensary: Dispensary, days: int) -> str:
    return (dispensary.clock.now.date() - timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    ("prescribed", "lasts", "key"),
    [
        (item(), 365, "kidney:A10BA02"),
        (item("C10AA05", "20"), 30, "pregnancy:C10AA05"),
        (item("A10BF01", "100"), 365, "daily_dose:A10BF01:weight"),
    ],
    ids=["kidneys", "pregnancy", "weight"],
)
async def test_what_is_too_old_is_not_known(
    settled: Dispensary, prescribed: PrescriptionItem, lasts: int, key: str
) -> None:
    for days, is_known in ((lasts, True), (lasts + 1, False)):
        day = days_ago(settled, days)
        known = facts(day)
        known.pregnancy.CopyFrom(PregnancyStatus(state=PREGNANCY_STATE_NEITHER, state_date=day))
        known.weight.CopyFrom(BodyWeight(weight_grams=60_001, measure_date=day))
        await settled.ward.put(known)
        found = by_key(await checked(settled, prescribed))
        assert (key not in found) is is_known
        if not is_known:
            consequence = found[key].severity, found[key].consequence
            assert consequence == (FINDING_SEVERITY_UNKNOWN, FINDING_CONSEQUENCE_BLOCKS)


async def test_little_weight(settled: Dispensary) -> None:
    known = facts(settled.ward.today)
    known.weight.CopyFrom(BodyWeight(weight_grams=60_000, measure_date=settled.ward.today))
    await settled.ward.put(known)
    found = by_key(await checked(settled, item("A10BF01", "100")))
    assert found["daily_dose:A10BF01"].consequence == FINDING_CONSEQUENCE_NEEDS_REASON


async def test_allergies(settled: Dispensary) -> None:
    await settled.ward.put(facts(settled.ward.today, allergy("A10BA02", "metformin")))
    assert by_key(await checked(settled, item()))["allergy:A10BA02:A10BA02"].consequence == FINDING_CONSEQUENCE_BLOCKS


async def test_the_dose_of_a_day(settled: Dispensary) -> None:
    await settled.ward.put(facts(settled.ward.today))
    found = by_key(await checked(settled, item("A10BA02", "1200")))
    assert found["daily_dose:A10BA02"].severity == FINDING_SEVERITY_MAJOR


async def test_pregnancy(settled: Dispensary) -> None:
    known = facts(settled.ward.today)
    known.pregnancy.CopyFrom(PregnancyStatus(state=PREGNANCY_STATE_PREGNANT, state_date=settled.ward.today))
    await settled.ward.put(known)
    found = by_key(await checked(settled, item("C09AA05", "5")))
    assert found["pregnancy:C09AA05"].consequence == FINDING_CONSEQUENCE_BLOCKS


async def test_age(settled: Dispensary) -> None:
    await settled.ward.put(facts(settled.ward.today))
    found = by_key(await checked(settled, item(), patient_age_years=9))
    assert found["age:A10BA02"].severity == FINDING_SEVERITY_MAJOR


async def test_the_quantity(settled: Dispensary) -> None:
    await settled.ward.put(facts(settled.ward.today))
    found = by_key(await checked(settled, item(quantity=tablets(99))))
    assert found["quantity:A10BA02"].consequence == FINDING_CONSEQUENCE_INFORMS


async def test_what_is_unknown_is_said_as_unknown(settled: Dispensary) -> None:
    await settled.ward.put(HealthFacts())
    found = by_key(await checked(settled, item(), item("X99ZZ99")))
    for key in ("allergy:not-recorded", "medicine:in-use", "kidney:A10BA02"):
        assert (found[key].severity, found[key].consequence) == (FINDING_SEVERITY_UNKNOWN, FINDING_CONSEQUENCE_BLOCKS)
    assert found["medicine:X99ZZ99"].severity == FINDING_SEVERITY_UNKNOWN
    assert found["pregnancy:A10BA02"].severity == FINDING_SEVERITY_UNKNOWN


async def test_a_medicine_by_a_name_alone_is_unknown(settled: Dispensary) -> None:
    known = facts(settled.ward.today, takes=("C08CA01",))
    known.medicines.entries[0].atc_code, known.medicines.entries[0].name = "", "奶奶的药"
    await settled.ward.put(known)
    found = by_key(await checked(settled, item()))
    assert found["medicine::奶奶的药"].severity == FINDING_SEVERITY_UNKNOWN


async def test_nothing_recorded_is_not_the_same_as_none(settled: Dispensary) -> None:
    await settled.ward.put(HealthFacts(allergies=Allergies(), medicines=CurrentMedicines()))
    found = by_key(await checked(settled, item()))
    assert not {"allergy:not-recorded", "medicine:in-use"} & set(found)
