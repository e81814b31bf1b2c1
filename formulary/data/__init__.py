"""The data files, read once, and only where they are sound."""

import csv
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from formulary.soundness import UnsoundDataError, require_sound

_FOLDER = Path(__file__).parent
INJECTIONS = "注射剂（降糖类药物除外）"
"""The law's entry that no row tells of: a medicine's form does."""


@cache
def read_csv(name: str) -> Sequence[Mapping[str, str]]:
    """A table's rows by their columns' names. Errors: `UnsoundDataError`."""
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    require_sound(name, {"": rows})
    return rows


@cache
def read_json(name: str) -> Mapping[str, Any]:
    """A file of several tables. Errors: `UnsoundDataError`."""
    found: Mapping[str, Any] = json.loads((_FOLDER / name).read_text(encoding="utf-8"))
    require_sound(name, found)
    return found


def read_ban() -> Sequence[Mapping[str, str]]:
    """The rows of the list of what may not be sold online, every entry of the law's among them but the one that is held
    by how a medicine is given. Errors: `UnsoundDataError`."""
    law, rows = read_json("drug_safety.json")["cn_online_retail_prohibited_2022_111"], read_csv("online_ban.csv")
    entries = {*law["categories"], *law["single_ingredient_generics"]} - {INJECTIONS}
    if missing := entries - {row["entry"] for row in rows}:
        raise UnsoundDataError(f"online_ban.csv has no {', '.join(sorted(missing))}")
    return rows


def read_all() -> None:
    """Whoever serves checks does this first, and does not start without sound data. Errors: `UnsoundDataError`; those
    of files and of what they are written in."""
    read_csv("safety.csv")
    read_csv("allergens.csv")
    read_csv("combinations.csv")
    read_csv("medicines.csv")
    read_json("limits.json")
    read_ban()
