"""Laws of the whole check, whatever is prescribed to whomever."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from formulary.amounts import Amount
from formulary.check import check
from formulary.findings import Consequence, Finding, Severity
from formulary.medicines import names
from formulary.model import Allergy, Item, MedicineInUse, Patient, Pregnancy
from tests.formulary.prescribed import item

_CODES = st.one_of(
    st.sampled_from(sorted(names())),
    st.sampled_from(["A10BD07", "C09DA01", "C10BA02", "J01EE01", "A10BD99", "D11AH05", "J01DC02", "C09BX02"]),
)
_GROUPS = st.sampled_from(["", "J01C", "A10BB", "M01A", "C09AA02", "J01CA04", "D11AH05"])
_AMOUNTS = st.builds(
    Amount,
    st.decimals(min_value="0.001", max_value=99999, places=3),
    st.sampled_from(["mg", "g", "{tablet}", "mL", "{drop}", "[iU]"]),
)


@st.composite
def items(draw: st.DrawFn) -> Item:
    return item(
        draw(_CODES),
        injected=draw(st.booleans()),
        dose=draw(_AMOUNTS),
        quantity=draw(_AMOUNTS),
        doses_per_day=draw(st.integers(1, 6)),
    )


_ALLERGIES = st.lists(
    st.builds(Allergy, _GROUPS, st.sampled_from(["penicillin", "阿莫西林", "x"]), st.booleans()), max_size=3
)
_IN_USE = st.lists(
    st.builds(MedicineInUse, st.one_of(_CODES, st.just("")), st.just("in use"), st.booleans()), max_size=3
)
_PATIENTS = st.builds(
    Patient,
    age_years=st.integers(0, 100),
    allergies=st.one_of(st.none(), _ALLERGIES),
    medicines=st.one_of(st.none(), _IN_USE),
    prescribed=_IN_USE,
    egfr=st.one_of(st.none(), st.decimals(min_value=0, max_value=150, places=0)),
    pregnancy=st.sampled_from(Pregnancy),
    weight_kg=st.one_of(st.none(), st.decimals(min_value=1, max_value=200, places=0)),
)
LAW = settings(max_examples=60, deadline=None)
_LISTS = st.lists(items(), min_size=1, max_size=5)


def grave(findings: list[Finding]) -> set[str]:
    return {finding.key for finding in findings if finding.severity is Severity.CONTRAINDICATED}


def worst(findings: list[Finding]) -> int:
    return max((finding.consequence for finding in findings), default=0)


@LAW
@given(st.data(), _LISTS, _PATIENTS)
def test_the_order_of_items_and_facts_does_not_matter(data: st.DataObject, some: list[Item], whom: Patient) -> None:
    shuffled = data.draw(st.permutations(some))
    other = replace(whom, prescribed=data.draw(st.permutations(whom.prescribed)))
    assert [(found.key, found.severity) for found in check(some, whom)] == [
        (found.key, found.severity) for found in check(shuffled, other)
    ]


@LAW
@given(_LISTS, items(), _PATIENTS)
def test_another_item_takes_no_contraindication_away(some: list[Item], more: Item, whom: Patient) -> None:
    before, after = check(some, whom), check([*some, more], whom)
    assert grave(before) <= grave(after)
    assert worst(before) <= worst(after)


@LAW
@given(_LISTS, _PATIENTS)
def test_what_becomes_unknown_is_never_safer(some: list[Item], whom: Patient) -> None:
    """Forgetting the kidneys, the allergies, the medicines in use or the child never lets through what was held up."""
    known = check(some, whom)
    for forgotten in (
        replace(whom, egfr=None),
        replace(whom, allergies=None),
        replace(whom, medicines=None),
        replace(whom, pregnancy=Pregnancy.UNKNOWN),
        replace(whom, weight_kg=None),
    ):
        assert worst(check(some, forgotten)) >= worst(known)


@LAW
@given(items(), _PATIENTS)
def test_a_medicine_that_nobody_knows_is_never_without_a_finding(some: Item, whom: Patient) -> None:
    stranger = replace(some, atc="D11AH05", name_en="stranger", name_zh="陌生")
    found = [finding for finding in check([stranger], whom) if finding.severity is Severity.UNKNOWN]
    assert max(finding.consequence for finding in found) >= Consequence.NEEDS_REASON


@LAW
@given(items(), st.integers(1, 150))
def test_less_kidney_is_never_safer(some: Item, egfr: int) -> None:
    def consequence(value: int) -> int:
        whom = Patient(40, (), (), (), Decimal(value), Pregnancy.NEITHER)
        return worst(check([some], whom))

    assert consequence(egfr - 1) >= consequence(egfr)
