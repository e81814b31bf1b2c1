"""Every interacting pair of the data is found, in either order, of two to prescribe and of one in use."""

from itertools import product
from typing import Any

import pytest

from formulary import atc
from formulary.data import read_csv, read_json
from formulary.findings import Consequence, Kind, Severity
from formulary.medicines import names
from tests.formulary.prescribed import item, of_kind, using

PAIRS = [
    pytest.param(row, one, two, id=f"{one}-{two}")
    for row in read_json("drug_safety.json")["interactions"]
    for one, two in product(row["a_atc"], row["b_atc"])
]


def substance(group: str) -> str:
    """A code of the 5th level in a group: a known one where there is one."""
    return next((code for code in names() if code.startswith(group)), (group + "AA01"[-(7 - len(group)) :])[:7])


@pytest.mark.parametrize(("row", "one", "two"), PAIRS)
def test_a_pair_is_found_whichever_way(row: dict[str, Any], one: str, two: str) -> None:
    first, second = item(substance(one)), item(substance(two))
    both = of_kind(Kind.INTERACTION, [first, second])
    assert both == of_kind(Kind.INTERACTION, [second, first])
    (finding,) = both
    graver = Severity[row["severity"].upper()]
    assert finding.severity >= graver  # another row may say worse of the same two
    for prescribed, used in ((first, second), (second, first)):
        (with_used,) = of_kind(Kind.INTERACTION, [prescribed], using(used.atc))
        assert (with_used.key, with_used.severity) == (finding.key, finding.severity)
    assert finding.action
    assert finding.source
    assert {finding.subject, finding.other} == {first.name_en, second.name_en}


def test_all_pairs_of_the_data_are_tried() -> None:
    rows = read_json("drug_safety.json")["interactions"]
    assert len(rows) == 101
    assert len(PAIRS) == sum(len(row["a_atc"]) * len(row["b_atc"]) for row in rows)


def test_contraindicated_blocks_major_asks_moderate_informs() -> None:
    (blocked,) = of_kind(Kind.INTERACTION, [item("A10BX02"), item("C10AB04")])
    (asked,) = of_kind(Kind.INTERACTION, [item("A10BB12"), item("J02AC01")])
    (informed,) = of_kind(Kind.INTERACTION, [item("A10BB12"), item("P01AB01")])
    assert [each.consequence for each in (blocked, asked, informed)] == [
        Consequence.BLOCKS,
        Consequence.NEEDS_REASON,
        Consequence.INFORMS,
    ]


def test_a_combination_is_taken_apart() -> None:
    found = of_kind(Kind.INTERACTION, [item("C10BA02"), item("J01FA09")])  # simvastatin in it
    assert [each.severity for each in found] == [Severity.CONTRAINDICATED]
    found = of_kind(Kind.INTERACTION, [item("A10BD02"), item("C02KX01")])  # perhaps glibenclamide in it
    assert [each.severity for each in found] == [Severity.CONTRAINDICATED]


@pytest.mark.parametrize("row", read_csv("combinations.csv"), ids=lambda row: row["atc"])
def test_each_combination_finds_what_its_components_find(row: dict[str, str]) -> None:
    others = [item(code) for code in ("J01FA09", "J02AC01", "C10AB04", "C09AA02", "M01AE01", "N05AN01")]
    for component in row["components"].split():
        if len(component) == 7:
            for other in others:
                alone = of_kind(Kind.INTERACTION, [item(component), other])
                together = of_kind(Kind.INTERACTION, [item(row["atc"]), other])
                assert max((each.severity for each in alone), default=0) <= max(
                    (each.severity for each in together), default=0
                )


def test_two_that_have_nothing_to_do_with_each_other() -> None:
    assert of_kind(Kind.INTERACTION, [item("A10BA02"), item("C10AA05")]) == []


@pytest.mark.parametrize("code", ["C10BA02", "A10BD07", "C09DA01"])
def test_codes_of_combinations_that_the_data_take_apart(code: str) -> None:
    assert atc.is_taken_apart(code)


@pytest.mark.parametrize("code", ["C09BX02", "A10BD99", "A02BD04", "N02BE51"])
def test_a_combination_of_unknown_components_is_unknown(code: str) -> None:
    assert not atc.is_taken_apart(code)
    (finding,) = of_kind(Kind.MEDICINE, [item(code)])
    assert (finding.severity, finding.consequence) == (Severity.UNKNOWN, Consequence.NEEDS_REASON)
