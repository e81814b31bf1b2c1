"""What is wrong with a data file is found before anything is checked by it: nothing looks safe because a row is
gone."""

import csv
import json
import shutil
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from formulary import atc, data, medicines, online, safety_rows
from formulary.check import check
from formulary.data import read_all, read_csv, read_json
from formulary.online import ban_on
from formulary.soundness import UnsoundDataError
from services.consult import main as consult
from services.glucose import main as glucose
from services.pharmacy import main as pharmacy
from tests.formulary.prescribed import item, patient

JSONS = {name: read_json(name) for name in ("drug_safety.json", "limits.json")}
_READ = {"drug_safety.json": {"interactions"}, "limits.json": set(JSONS["limits.json"])}
"""The strong inhibitors are written out in each row, so that no rule reads their list."""
TABLES = [(name, table) for name, read in _READ.items() for table in sorted(read)]
CSVS = "safety.csv", "allergens.csv", "combinations.csv", "medicines.csv", "online_ban.csv"


def forget() -> None:
    """As a process that has just begun."""
    files, kept = (read_csv, read_json), (atc._components, medicines.names, medicines._groups, medicines.allergens)
    for each in (*files, *kept, online._rows, safety_rows._rows, safety_rows._paired):
        each.cache_clear()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the data that may be spoilt."""
    copy = tmp_path / "data"
    shutil.copytree(data._FOLDER, copy)
    monkeypatch.setattr(data, "_FOLDER", copy)
    forget()
    yield copy
    monkeypatch.undo()
    forget()


def spoil(folder: Path, name: str, change: Callable[[Any], None]) -> None:
    tables = json.loads((folder / name).read_text(encoding="utf-8"))
    change(tables)
    (folder / name).write_text(json.dumps(tables), encoding="utf-8")


def refuses_everything() -> None:
    with pytest.raises(UnsoundDataError):
        check([item("A10BA02"), item("C08CA01")], patient())
    with pytest.raises(UnsoundDataError):
        read_all()


def test_the_data_are_sound(folder: Path) -> None:
    read_all()
    assert check([item("A10BA02")], patient()) is not None


@pytest.mark.parametrize(("name", "table"), TABLES, ids=lambda value: value)
def test_a_table_that_came_to_nothing(folder: Path, name: str, table: str) -> None:
    spoil(folder, name, lambda tables: tables.update({table: []}))
    refuses_everything()
    spoil(folder, name, lambda tables: tables.pop(table))
    forget()
    refuses_everything()


@pytest.mark.parametrize(
    ("name", "table", "column", "value"),
    [
        ("drug_safety.json", "interactions", "severity", "grave"),
        ("drug_safety.json", "interactions", "a_atc", []),
        ("drug_safety.json", "interactions", "b_atc", ["warfarin"]),
        ("drug_safety.json", "interactions", "reviewed", "no"),
        ("limits.json", "dose_with", "max", 0),
        ("limits.json", "weight", "up_to_kg", "many"),
        ("limits.json", "cross_reactions", "b_atc", [""]),
    ],
)
def test_a_row_that_no_rule_understands(folder: Path, name: str, table: str, column: str, value: Any) -> None:
    spoil(folder, name, lambda tables: tables[table][-1].update({column: value}))
    refuses_everything()


@pytest.mark.parametrize(
    ("aspect", "column", "value"),
    [
        ("pregnancy", "aspect", "perhaps"),
        ("pregnancy", "severity", "grave"),
        ("pregnancy", "effect", ""),
        ("pregnancy", "reviewed", ""),
        ("age", "limit", ""),
        ("age", "limit", "young"),
        ("kidney", "limit", "-1"),
        ("daily_dose", "max", ""),
        ("daily_dose", "max", "0"),
        ("daily_dose", "unit", "g"),
        ("child_dose", "limit", ""),
        ("interactions", "source", ""),
        ("liver", "atc", "warfarin"),
    ],
)
def test_safety_row_without_meaning_is_refused(folder: Path, aspect: str, column: str, value: str) -> None:
    rows = [dict(row) for row in read_csv("safety.csv")]
    forget()
    wanted = (
        row for row in rows if row["aspect"] == aspect and (aspect == "interactions" or row["severity"] != "none")
    )
    next(wanted)[column] = value
    with (folder / "safety.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    refuses_everything()


@pytest.mark.parametrize("name", CSVS)
def test_a_list_without_rows(folder: Path, name: str) -> None:
    header = (folder / name).read_text(encoding="utf-8").splitlines()[0]
    (folder / name).write_text(f"{header}\n", encoding="utf-8")
    refuses_everything()


@pytest.mark.parametrize(
    "serve", [consult.serve, glucose.serve, pharmacy.serve], ids=lambda serve: serve.__module__.split(".")[1]
)
async def test_a_service_does_not_start_with_it(
    folder: Path, serve: Callable[[Any], Coroutine[Any, Any, None]]
) -> None:
    """Before anything else, so that a release with such a file replaces none that works."""
    spoil(folder, "drug_safety.json", lambda tables: tables.update({"interactions": []}))
    with pytest.raises(UnsoundDataError):
        await serve(None)


def test_an_entry_of_the_law_that_the_list_lost(folder: Path) -> None:
    """Neither a check nor the catalogue goes on without it."""
    rows = [row for row in read_csv("online_ban.csv") if row["entry"] != "华法林"]
    forget()
    with (folder / "online_ban.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["entry", "atc", "words"])
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(UnsoundDataError):
        check([item("A10BA02")], patient())
    with pytest.raises(UnsoundDataError):
        ban_on("B01AA03", "warfarin", "华法林", injected=False)
    with pytest.raises(UnsoundDataError):
        read_all()


@pytest.mark.parametrize("name", [*JSONS, *CSVS])
def test_a_file_that_is_torn(folder: Path, name: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    (folder / name).write_text(text[: len(text) // 2] + ('"' if name in CSVS else ""), encoding="utf-8")
    with pytest.raises(Exception, match=r".") as caught:
        read_all()
    assert isinstance(caught.value, UnsoundDataError | ValueError | csv.Error)
