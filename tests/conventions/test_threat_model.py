"""The threat model promises what tests hold: each of them is there, and pytest collects it."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "docs" / "threat-model.md"
TESTPATHS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["testpaths"]
CITED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
STRIDE = set("STRIDE")


def lines() -> list[list[str]]:
    """Each threat: its letter, its words, what holds, and what covers it."""
    rows = [line.strip("|").split("|") for line in MODEL.read_text().splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in row] for row in rows]
    return [row for row in cells if row[1] not in ("threat", "---") and row[0] != "---"]


@cache
def collected(path: str) -> frozenset[str]:
    """The tests of a file as pytest finds them: functions of the module, by their name."""
    tree = ast.parse((ROOT / path).read_text())
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return frozenset(name for name in functions if name.startswith("test_"))


CITATIONS = sorted(set(CITED.findall(MODEL.read_text())))


@pytest.mark.parametrize(("path", "name"), CITATIONS, ids=[f"{path}::{name}" for path, name in CITATIONS])
def test_what_covers_a_threat_is_there(path: str, name: str) -> None:
    assert Path(path).parts[0] in TESTPATHS
    assert Path(path).name.startswith("test_")
    assert (ROOT / path).is_file(), "the threat model names a file that is not there"
    assert name in collected(path)


def test_every_threat_is_covered_or_says_why_not() -> None:
    for letter, threat, holds, covered in lines():
        assert letter in STRIDE, threat
        assert holds, threat
        reason = covered.partition("not covered: ")[2]
        assert CITED.search(covered) or len(reason) > 20, threat


def test_each_edge_has_its_threats() -> None:
    edges = MODEL.read_text().split("\n## ")[1:]
    assert len(edges) == 12
    for edge in edges:
        assert edge.count("\n| ") > 3, edge.splitlines()[0]
