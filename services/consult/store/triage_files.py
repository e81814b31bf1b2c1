"""The triage's data files, row by row: what a row lacks or gets wrong is told with its file and line."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

_CLASS = re.compile(r"\{([a-z_]+)\}")


class DataError(Exception):
    """A row of a data file is wrong."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its place, for what is wrong with it."""

    place: str
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values[column]

    def split(self, column: str) -> list[str]:
        """The values of a column that holds several, between bars."""
        return [value for value in self[column].split("|") if value]

    def number(self, column: str) -> float | None:
        """None where it is empty."""
        return float(self[column]) if self[column] else None

    def wrong(self, what: str) -> DataError:
        return DataError(f"{self.place}: {what}")

    def require(self, what: str, value: str, known: Mapping[str, object] | frozenset[str] | set[str]) -> str:
        """The value, if it is known. Errors: DataError."""
        if value not in known:
            raise self.wrong(f"unknown {what} {value!r}")
        return value


def rows(folder: Path, name: str) -> Iterator[Row]:
    """Those of a file. Errors: DataError (a column is missing in a row)."""
    with (folder / name).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for values in reader:
            row = Row(f"{name}:{reader.line_num}", values)
            if None in values or None in values.values():
                raise row.wrong("too many or too few columns")
            yield row


class Classes:
    """Sets of words that stand for each other, written `{pain}` in a phrase."""

    def __init__(self, folder: Path) -> None:
        self._rows = list(rows(folder, "classes.csv"))
        self._words = {
            (row["name"], language): row.split(f"words_{language}") for row in self._rows for language in ("zh", "en")
        }

    def words(self) -> Iterator[tuple[str, str]]:
        """Each word of each class, with the class."""
        for row in self._rows:
            for language in ("zh", "en"):
                for word in row.split(f"words_{language}"):
                    yield from ((written, row["name"]) for written in self._written_out(row, word, language))

    def pairs(self, row: Row) -> Iterator[tuple[str, str]]:
        """The classes that tell a row's symptom together, two and two. Errors: DataError (an unknown class)."""
        for pair in row.split("together"):
            first, _, second = pair.partition("+")
            for name in (first, second):
                row.require("class", name, {name for name, _ in self._words})
            yield first, second

    def expand(self, row: Row, language: str) -> Iterator[str]:
        """Every phrase of a row in a language, its classes written out. Errors: DataError (an unknown class)."""
        for phrase in row.split(f"phrases_{language}"):
            yield from self._written_out(row, phrase, language)

    def _written_out(self, row: Row, phrase: str, language: str) -> Iterator[str]:
        plain = _CLASS.split(phrase)
        names = plain[1::2]
        for name in names:
            if (name, language) not in self._words:
                raise row.wrong(f"unknown class {name!r}")
        choices = [
            [written for word in self._words[name, language] for written in self._written_out(row, word, language)]
            for name in names
        ]
        for chosen in product(*choices):
            yield plain[0] + "".join(word + after for word, after in zip(chosen, plain[2::2], strict=True))
