"""The safety data: each row is found, each medicine that is sold has all of them, and what is unknown blocks."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from formulary import safety_rows
from formulary.amounts import Amount
from formulary.check import check
from formulary.data import read_csv
from formulary.findings import Consequence, Finding, Kind, Severity
from formulary.model import Allergy, Item, Liver, Medicine, Patient, Pregnancy
from formulary.safety_rows import Aspect
from services.pharmacy.demo import read_catalogue
from tests.formulary.prescribed import item, milligrams, of_kind, patient

LEAST = Decimal("0.001")
"""Of an amount that the contract can tell."""
SOLD = sorted({product.atc_code for product in read_catalogue()})
ROWS = read_csv("safety.csv")


def restricting(*aspects: str) -> list[Any]:
    """The rows of these aspects that restrict something, each with a code of each of its groups."""
    return [
        pytest.param(row, (group + "AA01"[len(group) - 7 :] if len(group) < 7 else group), id=f"{group}-{row['limit']}")
        for row in ROWS
        if row["aspect"] in aspects and row["severity"] != "none"
        for group in row["atc"].split()
    ]


def least(row: Any) -> Severity:
    return Severity[row["severity"].upper()]


def gravest(kind: Kind, items: list[Item], whom: Patient) -> Finding:
    """The one finding of a kind: the gravest of each key is kept."""
    (found,) = [finding for finding in of_kind(kind, items, whom) if finding.severity is not Severity.UNKNOWN]
    return found


# what is sold is covered


@pytest.mark.parametrize("code", SOLD)
def test_each_sold_medicine_has_every_safety_row(code: str) -> None:
    assert safety_rows.missing(code) == []


def test_medicine_without_rows_is_missed() -> None:
    assert safety_rows.missing("D11AH05") == list(safety_rows.REQUIRED)
    assert safety_rows.missing("A10BD99") != []
    assert safety_rows.missing("A10BD05") == []  # by what it consists of, and a maximum of its own


@pytest.mark.parametrize("product", read_catalogue(), ids=lambda product: product.approval_number)
def test_each_sold_product_passes_its_own_name(product: Any) -> None:
    named = item(product.atc_code, name_en=product.name_en, name_zh=product.name_zh)
    assert [found.key for found in of_kind(Kind.MEDICINE, [named]) if found.consequence is Consequence.BLOCKS] == []


def test_each_row_names_its_source_and_whether_it_was_reviewed() -> None:
    assert all(row["source"].strip() for row in ROWS)
    assert {row["reviewed"] for row in ROWS} <= {"true", "false"}


# each row is found


@pytest.mark.parametrize(("row", "code"), restricting("pregnancy", "breastfeeding"))
def test_pregnancy_row_is_found(row: Any, code: str) -> None:
    state = Pregnancy.PREGNANT if row["aspect"] == "pregnancy" else Pregnancy.BREASTFEEDING
    assert gravest(Kind.PREGNANCY, [item(code)], patient(pregnancy=state)).severity >= least(row)
    assert of_kind(Kind.PREGNANCY, [item(code)], patient(pregnancy=Pregnancy.NEITHER)) == []
    assert of_kind(Kind.PREGNANCY, [item(code)], patient(pregnancy=Pregnancy.UNKNOWN, age_years=70)) == []
    (unknown,) = of_kind(Kind.PREGNANCY, [item(code)], patient(pregnancy=Pregnancy.UNKNOWN))
    is_grave = least(row) >= Severity.MAJOR
    assert unknown.consequence >= (Consequence.BLOCKS if is_grave else Consequence.NEEDS_REASON)


@pytest.mark.parametrize(("row", "code"), restricting("age"))
def test_age_row_is_found(row: Any, code: str) -> None:
    below = Decimal(row["limit"])
    young = patient(age_years=int((below - LEAST).to_integral_value(rounding="ROUND_FLOOR")))
    assert gravest(Kind.AGE, [item(code)], young).severity >= least(row)
    assert of_kind(Kind.AGE, [item(code)], patient(age_years=18)) == []


@pytest.mark.parametrize(("row", "code"), restricting("kidney"))
def test_kidney_row_is_found(row: Any, code: str) -> None:
    below = Decimal(row["limit"])
    most = Decimal(row["max"]) if row["max"] else None
    over = item(code, **milligrams(str(most + LEAST if most else 1)))
    assert gravest(Kind.KIDNEY, [over], patient(egfr=below - LEAST)).severity >= least(row)
    assert of_kind(Kind.KIDNEY, [over], patient(egfr=Decimal(250))) == []
    (unknown,) = of_kind(Kind.KIDNEY, [over], patient(egfr=None))
    assert unknown.severity is Severity.UNKNOWN
    assert unknown.consequence is Consequence.BLOCKS or least(row) < Severity.MAJOR


@pytest.mark.parametrize(("row", "code"), restricting("liver"))
def test_liver_row_is_found(row: Any, code: str) -> None:
    over = item(code, **milligrams(str(Decimal(row["max"] or 1) + LEAST)))
    assert gravest(Kind.LIVER, [over], patient(liver=Liver(int(row["limit"])))).severity >= least(row)
    assert of_kind(Kind.LIVER, [over], patient(liver=Liver.HEALTHY)) == []
    (unknown,) = of_kind(Kind.LIVER, [over], patient(liver=Liver.UNKNOWN))
    assert (unknown.severity, unknown.consequence) == (Severity.UNKNOWN, Consequence.INFORMS)


@pytest.mark.parametrize(("row", "code"), restricting("daily_dose"))
def test_maximum_of_a_day_is_held(row: Any, code: str) -> None:
    most, unit = Decimal(row["max"]), row["unit"]
    strength = Amount(Decimal(1), unit)
    for dose, expected in (
        (most, []),
        (most + LEAST, [Severity.MAJOR]),
        (most * Decimal("1.5"), [Severity.MAJOR]),
        (most * Decimal("1.5") + LEAST, [Severity.CONTRAINDICATED]),
    ):
        medicine = item(code, dose=Amount(dose, unit), strength=strength)
        found = of_kind(Kind.DAILY_DOSE, [medicine], patient(weight_kg=Decimal(70)))
        assert [finding.severity for finding in found] == expected


@pytest.mark.parametrize(("row", "code"), restricting("child_dose"))
def test_child_has_a_maximum_of_its_own(row: Any, code: str) -> None:
    weight, unit = Decimal(10), row["unit"].removesuffix("/kg")
    most = Decimal(row["max"]) * (weight if row["unit"] == "mg/kg" else 1)
    child = patient(age_years=int(row["limit"]), weight_kg=weight)
    at, over = (item(code, dose=Amount(dose, unit), strength=Amount(Decimal(1), unit)) for dose in (most, most + LEAST))
    assert of_kind(Kind.DAILY_DOSE, [at], child) == []
    assert [finding.severity for finding in of_kind(Kind.DAILY_DOSE, [over], child)] == [Severity.MAJOR]
    if row["unit"] == "mg/kg":
        (unknown,) = of_kind(Kind.DAILY_DOSE, [at], replace(child, weight_kg=None))
        assert unknown.consequence is Consequence.BLOCKS


def test_insulin_has_no_maximum() -> None:
    for age in (40, 8):
        dose = item("A10AE04", dose=Amount(Decimal(10), "[iU]"))
        assert of_kind(Kind.DAILY_DOSE, [dose], patient(age_years=age)) == []


# what is unknown blocks


@pytest.mark.parametrize(
    ("kind", "whom", "code"),
    [
        (Kind.PREGNANCY, patient(pregnancy=Pregnancy.PREGNANT), "D11AH05"),
        (Kind.PREGNANCY, patient(pregnancy=Pregnancy.BREASTFEEDING), "D11AH05"),
        (Kind.PREGNANCY, patient(pregnancy=Pregnancy.UNKNOWN), "D11AH05"),
        (Kind.PREGNANCY, patient(pregnancy=Pregnancy.UNKNOWN), "D10BA01"),
        (Kind.AGE, patient(age_years=17), "D11AH05"),
        (Kind.DAILY_DOSE, patient(age_years=17), "D11AH05"),
        (Kind.DAILY_DOSE, patient(age_years=17), "C09CA07"),
        (Kind.ALLERGY, patient(allergies=None), "A10BA02"),
        (Kind.ALLERGY, patient(allergies=(Allergy("", "那个白色的药", confirmed=True),)), "A10BA02"),
    ],
)
def test_unknown_about_child_pregnancy_or_allergy_blocks(kind: Kind, whom: Patient, code: str) -> None:
    blocking = [found for found in of_kind(kind, [item(code)], whom) if found.consequence is Consequence.BLOCKS]
    assert [found.severity for found in blocking] == [Severity.UNKNOWN]


def test_unknown_pregnancy_is_said_in_plain_words() -> None:
    (found,) = of_kind(Kind.PREGNANCY, [item("A10BA02")], patient(pregnancy=Pregnancy.UNKNOWN))
    assert (found.effect, found.consequence) == ("Pregnancy status is not recorded", Consequence.NEEDS_REASON)
    (found,) = of_kind(Kind.PREGNANCY, [item("B03BB01")], patient(pregnancy=Pregnancy.UNKNOWN))
    assert found.consequence is Consequence.INFORMS  # recommended in pregnancy


@pytest.mark.parametrize(
    ("whom", "medicine", "kind", "consequence"),
    [
        (patient(pregnancy=Pregnancy.PREGNANT), item("D10BA01"), Kind.PREGNANCY, Consequence.BLOCKS),
        (patient(pregnancy=Pregnancy.PREGNANT), item("J01AA02"), Kind.PREGNANCY, Consequence.BLOCKS),
        (patient(pregnancy=Pregnancy.PREGNANT), item("M01AE01"), Kind.PREGNANCY, Consequence.BLOCKS),
        (patient(), item("N02BE01", **milligrams(8000)), Kind.DAILY_DOSE, Consequence.BLOCKS),
        (patient(), item("A10BA02", **milligrams(4500)), Kind.DAILY_DOSE, Consequence.BLOCKS),
        (patient(egfr=Decimal(28)), item("M01AE01"), Kind.KIDNEY, Consequence.BLOCKS),
        (patient(egfr=Decimal(29)), item("A10BA02"), Kind.KIDNEY, Consequence.BLOCKS),
    ],
)
def test_dangerous_prescriptions_are_blocked(
    whom: Patient, medicine: Item, kind: Kind, consequence: Consequence
) -> None:
    found = of_kind(kind, [medicine], whom)
    assert [finding.consequence for finding in found] == [consequence]


def test_ibuprofen_beside_warfarin_is_grave() -> None:
    (found,) = of_kind(Kind.INTERACTION, [item("B01AA03"), item("M01AE01")])
    assert (found.severity, found.consequence) == (Severity.MAJOR, Consequence.NEEDS_REASON)


def test_what_is_sold_beside_is_held_against_the_kidneys() -> None:
    ibuprofen = Medicine("M01AE01", "ibuprofen", "布洛芬", injected=False)

    def beside(egfr: int | None) -> list[Consequence]:
        whom = patient(egfr=None if egfr is None else Decimal(egfr))
        found = check([item("C08CA01")], whom, [ibuprofen])
        return [finding.consequence for finding in found if finding.kind is Kind.KIDNEY]

    assert beside(28) == [Consequence.BLOCKS]
    assert beside(90) == []
    assert beside(None) == [Consequence.INFORMS]


def test_findings_from_unreviewed_rows_say_so() -> None:
    rows = safety_rows.of_medicine("D10BA01", Aspect.PREGNANCY)
    (found,) = of_kind(Kind.PREGNANCY, [item("D10BA01")], patient(pregnancy=Pregnancy.PREGNANT))
    assert found.is_unreviewed is not rows[0].is_reviewed
    (found,) = of_kind(Kind.DUPLICATE, [item("A10BB12"), item("A10BB07")])
    assert not found.is_unreviewed  # it rests on no row
