"""How much is handed out: exact, enough, and never a unit too much."""

import json
from decimal import Decimal

import pytest
from apricot.consult.v1.prescription_pb2 import MEDICINE_FORM_INJECTION
from hypothesis import given
from hypothesis import strategies as st

from clients.clinician.models.prescription import amounts
from clients.clinician.models.prescription.amounts import Amount
from clients.clinician.models.prescription.line import Fault, Line, Often, computed_quantity, faults, item_of
from clients.clinician.models.prescription.writing import Diagnosis, Writing, of_text, to_text
from formulary import amounts as formulary_amounts
from formulary.quantities import check_quantities
from prescribing.safety import _item
from tests.clinician.prescription.consulting_room import METFORMIN

values = st.decimals("0.001", "9999", places=3)
strengths = st.sampled_from(["mg", "g", "ug", "[iU]", "mg/mL", "ug/mL", "[iU]/mL", "mg/g", "%"])
units = st.sampled_from(["mg", "g", "ug", "mL", "[iU]", "{tablet}", "{capsule}", "{puff}", "{drop}", "{pen}", "{box}"])


@given(dose=values, doses=st.integers(1, 500))
def test_whole_tablets_are_enough_and_none_is_too_much(dose: Decimal, doses: int) -> None:
    needed = amounts.quantity(Amount(dose, "{tablet}"), doses, None, "{tablet}")
    if needed is None:
        assert dose * doses > 999999
        return
    assert needed == needed.to_integral_value()
    assert needed - 1 < dose * doses <= needed


@given(dose=values, strength=values, doses=st.integers(1, 500))
def test_milligrams_become_whole_tablets(dose: Decimal, strength: Decimal, doses: int) -> None:
    needed = amounts.quantity(Amount(dose, "mg"), doses, Amount(strength, "mg"), "{tablet}")
    if needed is None:
        assert dose * doses / strength > 999999
        return
    assert needed * strength >= dose * doses
    assert (needed - 1) * strength < dose * doses


@given(dose=values, strength=values, per=strengths, unit=units)
def test_the_app_and_the_formulary_convert_alike(dose: Decimal, strength: Decimal, per: str, unit: str) -> None:
    ours = amounts.substance(Amount(dose, unit), Amount(strength, per))
    theirs = formulary_amounts.substance(formulary_amounts.Amount(dose, unit), formulary_amounts.Amount(strength, per))
    assert ours == (theirs and Amount(theirs.value, theirs.unit))


@given(
    dose=st.decimals("0.5", "4", places=1),
    often=st.sampled_from(list(Often)),
    count=st.integers(1, 24),
    days=st.integers(1, 84),
)
def test_the_formulary_finds_nothing_in_what_was_computed(dose: Decimal, often: Often, count: int, days: int) -> None:
    line = Line(**(METFORMIN | {"dose": str(dose), "often": often, "count": str(count), "days": str(days)}))  # type: ignore[arg-type]
    told = [finding.effect for finding in check_quantities([_item(item_of(line))], None)]  # type: ignore[arg-type]
    taken = _item(item_of(line)).doses * dose
    whole = int(taken) + (taken != int(taken))
    assert told == [] or whole > taken * Decimal("1.5"), told


@pytest.mark.parametrize(
    ("dose", "unit", "count", "days", "strength", "per", "wanted", "holds", "expected"),
    [
        ("1", "{tablet}", "2", "7", "500", "mg", "{tablet}", "", "14"),
        ("0.5", "{tablet}", "3", "7", "500", "mg", "{tablet}", "", "11"),
        ("1", "g", "2", "7", "500", "mg", "{tablet}", "", "28"),
        ("10", "mL", "3", "5", "20", "mg/mL", "mL", "", "150"),
        ("10", "[iU]", "1", "28", "100", "[iU]/mL", "{pen}", "3", "1"),
        ("24", "[iU]", "2", "28", "100", "[iU]/mL", "{pen}", "3", "5"),
        ("10", "[iU]", "1", "28", "100", "[iU]/mL", "{pen}", "", ""),
        ("1", "{drop}", "1", "7", "1", "mg/mL", "{bottle}", "", ""),
        ("1.2345", "{tablet}", "1", "7", "500", "mg", "{tablet}", "", ""),
        ("", "{tablet}", "1", "7", "500", "mg", "{tablet}", "", ""),
    ],
)
def test_known_quantities(
    dose: str, unit: str, count: str, days: str, strength: str, per: str, wanted: str, holds: str, expected: str
) -> None:
    line = Line(
        dose=dose, dose_unit=unit, count=count, days=days, strength=strength, strength_unit=per, quantity_unit=wanted,
        form=MEDICINE_FORM_INJECTION, holds=holds, holds_unit="mL", container="{pen}",
    )  # fmt: skip
    assert computed_quantity(line) == expected


@pytest.mark.parametrize(
    ("changes", "field", "fault"),
    [
        ({"dose": ""}, "dose", Fault.MISSING),
        ({"dose": "0"}, "dose", Fault.NUMBER),
        ({"dose": "1,5"}, "dose", Fault.NUMBER),
        ({"dose": "1e3"}, "dose", Fault.NUMBER),
        ({"dose": "٣"}, "dose", Fault.NUMBER),
        ({"atc_code": "A10"}, "atc_code", Fault.CODE),
        ({"name_en": "x" * 101}, "name_en", Fault.RANGE),
        ({"count": "25"}, "frequency", Fault.RANGE),
        ({"days": "85"}, "duration_days", Fault.RANGE),
        ({"days": "43", "repeats": "1"}, "repeats", Fault.SUPPLY),
        ({"repeats": "12"}, "repeats", Fault.RANGE),
        ({"repeats": "-1"}, "repeats", Fault.NUMBER),
    ],
)
def test_what_is_wrong_is_told_at_its_field(changes: dict[str, str], field: str, fault: Fault) -> None:
    assert faults(Line(**METFORMIN)) == {}  # type: ignore[arg-type]
    assert faults(Line(**(METFORMIN | changes)))[field] is fault  # type: ignore[arg-type]


texts = st.text(max_size=20)
lines = st.builds(Line, name_zh=texts, dose=texts, count=texts, days=texts, quantity=texts, instructions=texts)


@given(
    written=st.builds(
        Writing,
        lines=st.lists(lines, min_size=1, max_size=5).map(tuple),
        diagnoses=st.lists(st.builds(Diagnosis, texts, texts), min_size=1, max_size=5).map(tuple),
        long_supply_reason=texts,
        reasons=st.dictionaries(texts, texts),
        sent=texts,
    )
)
def test_a_draft_gives_back_every_letter_also_to_another_version(written: Writing) -> None:
    kept = to_text(written)
    assert of_text(kept) == written
    newer = json.loads(kept) | {"unheard": 1}
    newer["lines"][0]["of"] = 2
    assert of_text(json.dumps(newer)) == written


@given(text=st.text(max_size=12))
def test_whatever_is_typed_breaks_nothing(text: str) -> None:
    line = Line(dose=text, count=text, days=text, strength=text, repeats=text, quantity=text)
    faults(line)
    computed = computed_quantity(line)
    assert not computed or amounts.number(computed)
