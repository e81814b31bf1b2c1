"""The departments, named after the national catalogue of clinical departments (诊疗科目名录, 1994, and later)."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "departments.csv"


@dataclass(frozen=True, slots=True)
class Department:
    """A department of medicine."""

    code: str
    name: str
    """In Chinese."""
    name_en: str


@cache
def departments() -> Mapping[str, Department]:
    """All of them by code, in the file's order."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: Department(**row) for row in csv.DictReader(file)}
