"""The other checks: duplicates, allergies, doses, kidneys, age, pregnancy, quantities, names, and what is unknown."""

from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from formulary.amounts import Amount
from formulary.check import check
from formulary.data import read_json
from formulary.findings import Consequence, Kind, Severity
from formulary.model import Allergy, Medicine, MedicineInUse
from tests.formulary.prescribed import item, milligrams, of_kind, patient, using

LEAST = Decimal("0.001")
"""Of an amount that the contract can tell."""
BLOCKS, NEEDS_REASON = Consequence.BLOCKS, Consequence.NEEDS_REASON


def severities(kind: Kind, *args: Any) -> list[Severity]:
    return [finding.severity for finding in of_kind(kind, *args)]


def test_nothing_is_found_of_what_is_right() -> None:
    metformin = item("A10BA02", dose=Amount(Decimal(500), "mg"), quantity=Amount(Decimal(3500), "mg"))
    assert check([metformin], patient()) == []


# duplicates


def test_the_same_kind_twice() -> None:
    assert severities(Kind.DUPLICATE, [item("A10BB12"), item("A10BB07")]) == [Severity.MAJOR]
    assert severities(Kind.DUPLICATE, [item("A10BA02"), item("A10BA02")]) == [Severity.MAJOR]
    assert severities(Kind.DUPLICATE, [item("A10BA02"), item("A10BD07")]) == [Severity.MAJOR]
    assert severities(Kind.DUPLICATE, [item("A10BB12")], using("A10BB07")) == [Severity.MAJOR]


def test_basal_and_rapid_insulin_go_together_and_two_of_one_kind_do_not() -> None:
    assert severities(Kind.DUPLICATE, [item("A10AE04"), item("A10AB05")]) == []
    assert severities(Kind.DUPLICATE, [item("A10AB04"), item("A10AB05")]) == [Severity.MAJOR]
    assert severities(Kind.DUPLICATE, [item("A10AE04"), item("A10AE05")]) == [Severity.MAJOR]
    assert severities(Kind.DUPLICATE, [item("A10AE04")], using("A10AE06")) == [Severity.MAJOR]


def test_what_the_patient_takes_may_go_on_but_not_be_prescribed_twice() -> None:
    assert severities(Kind.DUPLICATE, [item("A10BA02")], using("A10BA02")) == [Severity.MODERATE]
    twice = patient(prescribed=(MedicineInUse("A10BA02", "metformin", prescribed=True),))
    assert severities(Kind.DUPLICATE, [item("A10BA02")], twice) == [Severity.MAJOR]


@pytest.mark.parametrize("group", read_json("limits.json")["mixed_groups"])
def test_groups_of_this_and_that_are_no_kind(group: str) -> None:
    some, other = item(f"{group}17"), item(f"{group}18")
    assert severities(Kind.DUPLICATE, [some, other]) == [Severity.MODERATE]
    assert severities(Kind.DUPLICATE, [some, some]) == [Severity.MAJOR]


def test_what_is_handed_out_beside_is_no_duplicate_either() -> None:
    """Two boxes for one headache, or one of what is taken already."""
    ibuprofen, naproxen = Medicine("M01AE01", "ibuprofen", "布洛芬", injected=False), item("M01AE02")
    for whom, beside in ((patient(), [ibuprofen, naproxen]), (using("M01AE02"), [ibuprofen])):
        found = [each for each in check([item("A10BA02")], whom, beside) if each.kind is Kind.DUPLICATE]
        assert [(each.key, each.severity) for each in found] == [("duplicate:M01AE01:M01AE02", Severity.MAJOR)]


# allergies


@pytest.mark.parametrize(
    ("allergy", "code", "severity"),
    [
        (Allergy("J01CA04", "amoxicillin", confirmed=True), "J01CA04", Severity.CONTRAINDICATED),
        (Allergy("J01CA04", "amoxicillin", confirmed=False), "J01CA04", Severity.MAJOR),
        (Allergy("", "阿莫西林", confirmed=True), "J01CA04", Severity.CONTRAINDICATED),
        (Allergy("", "Amoxicillin", confirmed=True), "J01CA01", Severity.MAJOR),
        (Allergy("J01CA04", "amoxicillin", confirmed=True), "J01CA01", Severity.MAJOR),
        (Allergy("J01C", "penicillins", confirmed=True), "J01CA04", Severity.CONTRAINDICATED),
        (Allergy("J01C", "penicillins", confirmed=True), "J01DC02", Severity.MAJOR),
        (Allergy("J01CA04", "amoxicillin", confirmed=True), "J01DH02", Severity.MODERATE),
        (Allergy("B01AC06", "aspirin", confirmed=True), "M01AE01", Severity.MAJOR),
        (Allergy("J01EA01", "trimethoprim", confirmed=True), "J01EE01", Severity.CONTRAINDICATED),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_an_allergy_to_a_substance_then_to_its_class(allergy: Allergy, code: str, severity: Severity) -> None:
    assert severities(Kind.ALLERGY, [item(code)], patient(allergies=(allergy,))) == [severity]


CROSSED = [
    pytest.param(row, one, other, id=f"{one}-{other}")
    for row in read_json("limits.json")["cross_reactions"]
    for one, other in product(row["a_atc"], row["b_atc"])
    if not (one.startswith(other) or other.startswith(one))
]


@pytest.mark.parametrize(("row", "one", "other"), CROSSED)
def test_each_cross_reaction_of_the_data(row: dict[str, Any], one: str, other: str) -> None:
    """Whichever of the two the patient is allergic to."""
    for allergic, given in ((one, other), (other, one)):
        whom = patient(allergies=(Allergy(allergic, "what it was", confirmed=True),))
        medicine = item((given + "AA01"[len(given) - 7 :])[:7])
        assert severities(Kind.ALLERGY, [medicine], whom) == [Severity[row["severity"].upper()]]


def test_an_allergy_to_something_else() -> None:
    penicillin = patient(allergies=(Allergy("J01C", "penicillins", confirmed=True),))
    assert severities(Kind.ALLERGY, [item("A10BA02")], penicillin) == []


def test_an_allergy_of_no_code_is_unknown_and_of_the_medicine_s_name_is_not() -> None:
    named = patient(allergies=(Allergy("", "dust from hell", confirmed=True),))
    (finding,) = of_kind(Kind.ALLERGY, [item("A10BA02")], named)
    assert (finding.severity, finding.consequence) == (Severity.UNKNOWN, BLOCKS)
    named = patient(allergies=(Allergy("", "substance D11AH05", confirmed=True),))
    assert Severity.CONTRAINDICATED in severities(Kind.ALLERGY, [item("D11AH05")], named)


@pytest.mark.parametrize(
    ("name", "code", "severity"),
    [
        ("青霉素", "J01CA04", Severity.CONTRAINDICATED),
        ("Penicillin", "J01CA04", Severity.CONTRAINDICATED),
        ("青霉素 penicillin", "J01CA04", Severity.CONTRAINDICATED),
        ("头孢类", "J01DC02", Severity.CONTRAINDICATED),
        ("阿司匹林", "M01AE01", Severity.MAJOR),
    ],
)
def test_allergy_by_everyday_name_is_found(name: str, code: str, severity: Severity) -> None:
    whom = patient(allergies=(Allergy("", name, confirmed=True),))
    assert severities(Kind.ALLERGY, [item(code)], whom) == [severity]


@pytest.mark.parametrize("name", ["花生", "peanut", "花粉", "尘螨", "海鲜"])
def test_allergy_to_no_medicine_blocks_nothing(name: str) -> None:
    assert severities(Kind.ALLERGY, [item("A10BA02")], patient(allergies=(Allergy("", name, confirmed=True),))) == []


def test_unknown_combination_blocks_where_allergies_are_recorded() -> None:
    whom = patient(allergies=(Allergy("J01C", "penicillins", confirmed=True),))
    (finding,) = of_kind(Kind.ALLERGY, [item("A10BD99")], whom)
    assert (finding.severity, finding.consequence) == (Severity.UNKNOWN, BLOCKS)
    assert of_kind(Kind.ALLERGY, [item("A10BD99")]) == []


def test_allergies_that_nobody_asked_for_block() -> None:
    (finding,) = of_kind(Kind.ALLERGY, [item("A10BA02")], patient(allergies=None))
    assert (finding.severity, finding.consequence) == (Severity.UNKNOWN, BLOCKS)


# doses


def test_doses_of_a_day_are_summed_over_times_and_items() -> None:
    three = item("A10BA02", doses_per_day=3, **milligrams(850))
    assert severities(Kind.DAILY_DOSE, [three]) == []
    assert severities(Kind.DAILY_DOSE, [three, item("A10BA02", **milligrams(1))]) == [Severity.MAJOR]
    tablets = item("A10BA02", strength=Amount(Decimal(500), "mg"), dose=Amount(Decimal(2), "{tablet}"), doses_per_day=3)
    assert severities(Kind.DAILY_DOSE, [tablets]) == [Severity.MAJOR]
    grams = item("A10BA02", dose=Amount(Decimal("2.551"), "g"))
    assert severities(Kind.DAILY_DOSE, [grams]) == [Severity.MAJOR]


def test_a_dose_that_cannot_be_told_blocks() -> None:
    drops = item("C10AA01", dose=Amount(Decimal(2), "{drop}"))
    (finding,) = of_kind(Kind.DAILY_DOSE, [drops])
    assert (finding.severity, finding.consequence) == (Severity.UNKNOWN, BLOCKS)


@pytest.mark.parametrize("row", read_json("limits.json")["dose_with"], ids=lambda row: f"{row['atc']}-{row['with'][0]}")
def test_another_medicine_lowers_the_maximum(row: dict[str, Any]) -> None:
    most = Decimal(str(row["max"]))
    for dose, is_over in ((most, False), (most + LEAST, True)):
        medicine = item(row["atc"], **milligrams(str(dose)))
        assert severities(Kind.DAILY_DOSE, [medicine]) == []
        for other in row["with"]:
            found = of_kind(Kind.DAILY_DOSE, [medicine], using((other + "01")[:7]))
            assert bool(found) is is_over


@pytest.mark.parametrize("row", read_json("limits.json")["weight"], ids=lambda row: row["atc"])
def test_little_weight_lowers_the_maximum(row: dict[str, Any]) -> None:
    most, light = Decimal(str(row["max"])), Decimal(row["up_to_kg"])
    at, over = (item(row["atc"], **milligrams(str(dose))) for dose in (most, most + LEAST))
    for weight in (light, light + LEAST, None):
        assert of_kind(Kind.DAILY_DOSE, [at], patient(weight_kg=weight)) == []
    assert severities(Kind.DAILY_DOSE, [over], patient(weight_kg=light)) == [Severity.MAJOR]
    assert severities(Kind.DAILY_DOSE, [over], patient(weight_kg=light + LEAST)) == []
    (unknown,) = of_kind(Kind.DAILY_DOSE, [over], patient(weight_kg=None))
    assert (unknown.severity, unknown.consequence) == (Severity.UNKNOWN, BLOCKS)


def test_the_kidneys_count_for_what_is_in_a_combination() -> None:
    assert severities(Kind.KIDNEY, [item("A10BD07")], patient(egfr=Decimal(20))) == [Severity.CONTRAINDICATED]
    assert severities(Kind.KIDNEY, [item("A10BD07")], patient(egfr=None)) == [Severity.UNKNOWN]


def test_kidney_function_that_is_not_known_matters_only_where_it_is_needed() -> None:
    assert of_kind(Kind.KIDNEY, [item("C08CA01")], patient(egfr=None)) == []


# names, codes, quantities


def test_a_medicine_that_the_data_do_not_hold_is_unknown() -> None:
    (finding,) = of_kind(Kind.MEDICINE, [item("D11AH05")])
    assert (finding.severity, finding.consequence) == (Severity.UNKNOWN, NEEDS_REASON)
    (finding,) = of_kind(Kind.MEDICINE, [item("A10BA02")], using("D11AH05"))
    assert (finding.severity, finding.consequence) == (Severity.UNKNOWN, NEEDS_REASON)
    nameless = patient(medicines=(MedicineInUse("", "the white one"),))
    (finding,) = of_kind(Kind.MEDICINE, [item("A10BA02")], nameless)
    assert (finding.severity, finding.consequence) == (Severity.UNKNOWN, NEEDS_REASON)


def test_medicines_in_use_that_nobody_asked_for_block() -> None:
    (finding,) = of_kind(Kind.MEDICINE, [item("A10BA02")], patient(medicines=None))
    assert (finding.severity, finding.consequence) == (Severity.UNKNOWN, BLOCKS)


@pytest.mark.parametrize("names", [{"name_en": "glimepiride"}, {"name_zh": "格列美脲"}])
def test_a_name_that_is_not_the_code_s_blocks(names: dict[str, str]) -> None:
    (finding,) = of_kind(Kind.MEDICINE, [item("A10BA02", **names)])
    assert finding.consequence is BLOCKS
    assert of_kind(Kind.MEDICINE, [item("A10BA02", name_en="Metformin hydrochloride", name_zh="盐酸二甲双胍")]) == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [("7", []), ("10", []), ("6", [Severity.MODERATE]), ("11", [Severity.MODERATE])],
)
def test_a_quantity_fits_dose_frequency_and_duration(given: str, expected: list[Severity]) -> None:
    quantity = Amount(Decimal(given), "{tablet}")
    assert severities(Kind.QUANTITY, [item("A10BA02", quantity=quantity)]) == expected


def test_quantities_in_other_units() -> None:
    pens = item("A10AE04", dose=Amount(Decimal(10), "[iU]"), quantity=Amount(Decimal(1), "{pen}"))
    assert severities(Kind.QUANTITY, [pens]) == [Severity.UNKNOWN]
    tablets = item("A10BA02", strength=Amount(Decimal(500), "mg"), dose=Amount(Decimal(1000), "mg"))
    assert severities(Kind.QUANTITY, [tablets]) == [Severity.MODERATE]  # seven tablets of fourteen
    few = item("A10BA02", as_needed=True, quantity=Amount(Decimal(3), "{tablet}"))
    assert severities(Kind.QUANTITY, [few]) == []
