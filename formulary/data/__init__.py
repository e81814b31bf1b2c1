"""The data files, read once."""

import csv
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


@cache
def read_csv(name: str) -> Sequence[Mapping[str, str]]:
    """A table's rows by their columns' names."""
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def read_json(name: str) -> Mapping[str, Any]:
    """A file of several tables."""
    found: Mapping[str, Any] = json.loads((_FOLDER / name).read_text(encoding="utf-8"))
    return found
