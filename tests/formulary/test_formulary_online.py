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


@pytest.mark.parametrize("name", ROWS)
def test_each_entry_is_found_by_each_of_its_codes_and_words(name: str) -> None:
    for group in ROWS[name]["atc"].split():
        whole = (group + "AA01"[len(group) - 7 :] if len(group) < 7 else group)[:7]
        (finding,) = of_kind(Kind.NOT_ALLOWED, [item(whole, name_zh="别的", name_en="another")])
        assert finding.consequence is Consequence.BLOCKS
    for word in ROWS[name]["words"].split():
        named = {"name_en": f"{word} phosphate"} if word.isascii() else {"name_zh": f"复方{word}片"}
        assert banned_by(item("D11AH05", **{"name_zh": "别的", "name_en": "another"} | named))


@pytest.mark.parametrize("name", ["氨酚伪麻美芬片", "酚麻美敏片", "洛芬待因缓释片", "复方甘草片", "复方甘草口服溶液"])
def test_remedies_for_a_cold_that_hold_what_is_banned(name: str) -> None:
    """By the name that is on the box, whatever code it is sold under."""
    assert banned_by(item("N02BE51", name_zh=name))
    assert banned_by(item("A05BA08", name_zh="复方甘草酸苷片")) is None


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
