"""Whether a data file is what the rules take it for. A table that came to nothing, or a row that no rule understands,
would make what is dangerous look safe: such a file is refused as a whole, and so is every check that needs it."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

type Tables = Mapping[str, Any]
type Row = Mapping[str, Any]


class UnsoundDataError(Exception):
    """A data file is empty, or holds what no rule understands; the message says where."""


_CODE = re.compile(r"[A-Z](\d\d([A-Z]([A-Z](\d\d)?)?)?)?")
_SEVERITIES = ("minor", "moderate", "major", "contraindicated")
_ASPECTS = ("pregnancy", "breastfeeding", "age", "kidney", "liver", "daily_dose", "interactions", "child_dose")
_BY_LIMIT = ("age", "kidney", "liver")
_BY_MAXIMUM = ("daily_dose", "child_dose")
_UNITS = ("mg", "[iU]", "mg/kg")
_SOURCED = ("severity", "effect", "action", "source", "reviewed")
_COLUMNS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "drug_safety.json": {
        "interactions": ("a", "a_atc", "b", "b_atc", *_SOURCED),
    },
    "limits.json": {
        "dose_with": ("atc", "with", "max", "source", "reviewed"),
        "weight": ("atc", "up_to_kg", "max", "source", "reviewed"),
        "cross_reactions": ("a_atc", "b_atc", *_SOURCED),
    },
    "safety.csv": {"": ("atc", "aspect", "source")},
    "allergens.csv": {"": ("atc", "names")},
    "combinations.csv": {"": ("atc", "name_en", "components")},
    "medicines.csv": {"": ("atc", "name_en", "name_zh")},
    "online_ban.csv": {"": ("entry",)},
}
"""What each row of each table has to say."""


def require_sound(name: str, tables: Tables) -> None:
    """Errors: `UnsoundDataError`."""
    for table, columns in _COLUMNS[name].items():
        rows = tables.get(table)
        if not isinstance(rows, list) or not rows:
            raise UnsoundDataError(f"{name} has no {table or 'rows'}")
        for number, row in enumerate(rows, start=1):
            for column in columns:
                if not _KINDS.get(column, _is_text)(row.get(column)):
                    raise UnsoundDataError(f"{name}: {table} {number} has no {column} that can be understood")
    for further in _FURTHER.get(name, ()):
        if not further(tables):
            raise UnsoundDataError(f"{name}: {further.__doc__}")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _are_codes(value: Any) -> bool:
    codes = value.split() if isinstance(value, str) else value
    return isinstance(codes, list) and bool(codes) and all(_CODE.fullmatch(code) for code in codes)


_KINDS: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("atc", "a_atc", "b_atc", "with", "components"), _are_codes),
    **dict.fromkeys(("max", "up_to_kg"), _is_amount),
    "aspect": lambda value: value in _ASPECTS,
    "severity": lambda value: value in _SEVERITIES,
    "reviewed": lambda value: isinstance(value, bool),
}
"""What is no text."""


def _has_the_law(tables: Tables) -> bool:
    """the law's list is not there"""
    law = tables.get("cn_online_retail_prohibited_2022_111", {})
    return bool(law.get("categories") and law.get("single_ingredient_generics") and law.get("source"))


def _restricts(tables: Tables) -> bool:
    """a restriction is none that the rules understand"""
    return all(map(_is_restriction, tables[""]))


def _is_restriction(row: Row) -> bool:
    if row["reviewed"] not in ("true", "false") or row["severity"] not in (*_SEVERITIES, "none"):
        return False
    amounts = [row[column] for column in ("limit", "max") if row[column]]
    if not all(re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", amount) for amount in amounts):
        return False
    if row["max"] and row["unit"] not in _UNITS:
        return False
    if row["severity"] == "none":
        return not amounts
    if row["aspect"] in _BY_MAXIMUM:
        return bool(row["max"]) and float(row["max"]) > 0 and bool(row["limit"]) is (row["aspect"] == "child_dose")
    return bool(row["limit"]) is (row["aspect"] in _BY_LIMIT) and _is_text(row["effect"]) and _is_text(row["action"])


def _has_mixed_groups(tables: Tables) -> bool:
    """the mixed groups are not there"""
    return _are_codes(tables.get("mixed_groups"))


def _finds_what_is_banned(tables: Tables) -> bool:
    """an entry of the ban can be found by no code and no word"""
    return all(_are_codes(row["atc"]) or _is_text(row["words"]) for row in tables[""])


def _tells_medicines_from_others(tables: Tables) -> bool:
    """the allergens lack a class of medicines, or what is no medicine"""
    return {"J01C", "V01AA08"} <= {row["atc"] for row in tables[""]}


_FURTHER: Mapping[str, Sequence[Callable[[Tables], bool]]] = {
    "drug_safety.json": [_has_the_law],
    "limits.json": [_has_mixed_groups],
    "safety.csv": [_restricts],
    "allergens.csv": [_tells_medicines_from_others],
    "online_ban.csv": [_finds_what_is_banned],
}
