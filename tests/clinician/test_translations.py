"""Every word of the app is there in Chinese."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from clients.clinician.translations import FOLDER
from clients.clinician.translations.__main__ import sources_of_rooms

_ROOMS = {room: sources for room, sources in sources_of_rooms().items() if sources}


def _words(path: Path) -> set[tuple[str, str]]:
    """Each with its context; those that are there in Chinese."""
    found = set[tuple[str, str]]()
    for context in ElementTree.parse(path).iterfind("context"):  # noqa: S314  our own file
        for message in context.iterfind("message"):
            translation = message.find("translation")
            if translation is not None and translation.get("type") is None and translation.text:
                found.add((context.findtext("name", ""), message.findtext("source", "")))
    return found


def _all(path: Path) -> set[tuple[str, str]]:
    tree = ElementTree.parse(path)  # noqa: S314
    return {
        (context.findtext("name", ""), message.findtext("source", ""))
        for context in tree.iterfind("context")
        for message in context.iterfind("message")
    }


@pytest.mark.parametrize("room", _ROOMS)
def test_every_word_is_translated(room: str, tmp_path: Path) -> None:
    """What the code says now, taken anew, against what the .ts file has."""
    now = tmp_path / "now_zh.ts"
    update = Path(sys.executable).parent / "pyside6-lupdate"
    subprocess.run(
        [update, *map(str, _ROOMS[room]), "-locations", "none", "-ts", str(now)], check=True, capture_output=True
    )
    said = _all(now) if now.exists() else set()
    kept = FOLDER / f"{room}_zh.ts"
    assert said <= (_words(kept) if kept.exists() else set())
    assert said or not kept.exists(), "words that nobody says any more"


def test_what_the_app_loads_is_made() -> None:
    """By make, before the tests."""
    assert {path.stem for path in FOLDER.glob("*.ts")} == {path.stem for path in FOLDER.glob("*.qm")}
