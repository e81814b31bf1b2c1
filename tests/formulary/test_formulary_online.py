"""What may not be prescribed online."""

import pytest

from formulary.data import INJECTIONS, read_csv, read_json
from formulary.findings import Consequence, Kind
from formulary.online import banned_by
from tests.formulary.prescribed import item, of_kind

LAW = read_json("drug_safety.json")["cn_online_retail_prohibited_2022_111"]
ROWS = {row["entry"]: row for row in read_csv("online_ban.csv")}


def test_every_entry_of_the_list_has_its_row() -> None:
    assert set(ROWS) == {*LAW["categories"], *LAW["single_ingredient_generics"]} - {INJECTIONS}


@pytest.mark.parametrize("name", LAW["single_ingredient_generics"])
def test_each_substance_is_found_by_its_code_and_by_its_name(name: str) -> None:
    for code in ROWS[name]["atc"].split():
        assert banned_by(item(code, name_zh="别的", name_en="another"))
    assert banned_by(item("D11AH05", name_zh=name, name_en="another"))


@pytest.mark.parametrize("code", ["N02AB03", "N05BA01", "J07BB02", "B05AA01", "R05DA09", "H01AC01", "A14AA01"])
def test_categories(code: str) -> None:
    (finding,) = of_kind(Kind.NOT_ALLOWED, [item(code)])
    assert finding.consequence is Consequence.BLOCKS
    assert "2022" in finding.source


@pytest.mark.parametrize(
    ("code", "banned"), [("A10AE04", False), ("A10BJ02", False), ("J01DD04", True), ("B01AB05", True)]
)
def test_injections_are_banned_but_those_that_lower_glucose(code: str, banned: bool) -> None:
    assert (banned_by(item(code, injected=True)) is not None) is banned


@pytest.mark.parametrize("code", ["A10BA02", "C10AA05", "J01FA09", "C08CA01", "B01AC06"])
def test_what_is_allowed(code: str) -> None:
    assert banned_by(item(code)) is None


def test_a_word_is_a_whole_word() -> None:
    assert banned_by(item("G03AA99", name_en="ethinylestradiol", name_zh="炔雌醇")) is None
    assert banned_by(item("D11AH05", name_en="Pseudoephedrine hydrochloride"))
