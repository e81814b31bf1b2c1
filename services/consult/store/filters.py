"""Which doctors a search wants, as conditions of SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from kit.text_search import Token, condition, has_fact
from services.consult.store.doctors import FEES
from services.consult.store.documents import Fact, Field

_MATCHES = "document @@ cast(cast({} as text) as tsquery)"


@dataclass(frozen=True, slots=True)
class Filters:
    """Who is wanted, at this instant. What is empty does not narrow."""

    now: datetime
    query: Sequence[Token] = ()
    matches: str = ""
    """The part of those whom the query finds, as `tsquery`; empty: all."""
    meant: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What a word of the query may have meant, where nobody has it."""
    department_code: str = ""
    hospital_id: UUID | None = None
    city: str = ""
    hospital_grades: Sequence[str] = ()
    modes: Sequence[int] = ()
    maximum_fee_minor: int | None = None
    minimum_rating: float = 0
    available_before: datetime | None = None
    language: str = ""


class Conditions:
    """Conditions that all hold, with the arguments of their placeholders."""

    def __init__(self, *first: str) -> None:
        self._all = list(first)
        self.arguments: list[Any] = []

    def add(self, sql: str, *values: object) -> None:
        """One more, with a pair of braces for each value."""
        self._all.append(sql.format(*map(self.argument, values)))

    def argument(self, value: object) -> str:
        """The placeholder of one more value."""
        self.arguments.append(value)
        return f"${len(self.arguments)}"

    def __str__(self) -> str:
        return " and ".join(self._all)


def conditions(wanted: Filters) -> Conditions:
    """Of the doctors who are found: listed, with a licence that lives, and as wanted."""
    made = Conditions("listed")
    made.add("licence_end_time > {}", wanted.now)
    if wanted.query:
        _add_matches(made, wanted)
    else:
        _add_choices(made, wanted)
    if wanted.maximum_fee_minor is not None:
        offers = [offer(made, column, wanted.maximum_fee_minor) for column in fee_columns(wanted.modes)]
        made.add(f"({' or '.join(offers)})")
    if wanted.minimum_rating:
        made.add("rating_average >= cast({} as real)", wanted.minimum_rating)
    if wanted.available_before:
        made.add("next_slot_time >= {} and next_slot_time < {}", wanted.now, wanted.available_before)
    return made


def _add_matches(made: Conditions, wanted: Filters) -> None:
    """Words and choices as one question to the index of words."""
    choices = {
        Fact.DEPARTMENT: [wanted.department_code] if wanted.department_code else [],
        Fact.HOSPITAL: [str(wanted.hospital_id)] if wanted.hospital_id else [],
        Fact.CITY: [wanted.city] if wanted.city else [],
        Fact.GRADE: wanted.hospital_grades,
        Fact.MODE: [str(mode) for mode in wanted.modes],
        Fact.LANGUAGE: [wanted.language] if wanted.language else [],
    }
    facts = [has_fact(fact, values) for fact, values in choices.items() if values]
    made.add(_MATCHES, " & ".join([wanted.matches or condition(wanted.query, Field.ALL, wanted.meant), *facts]))


def _add_choices(made: Conditions, wanted: Filters) -> None:
    """Without words, by columns."""
    if wanted.department_code:
        made.add("department_code = {}", wanted.department_code)
    if wanted.hospital_id:
        made.add("hospital_id = {}", wanted.hospital_id)
    if wanted.city:
        made.add("hospital_id in (select hospital_id from hospital where city = {})", wanted.city)
    if wanted.hospital_grades:
        made.add("hospital_id in (select hospital_id from hospital where grade = any({}))", wanted.hospital_grades)
    if wanted.modes:
        made.add(f"({' or '.join(offer(made, column, None) for column in fee_columns(wanted.modes))})")
    if wanted.language:
        made.add("{} = any(language_ranges)", wanted.language)


def fee_columns(modes: Sequence[int]) -> list[str]:
    """The fees of these modes; of none: the lowest of all."""
    return [FEES[mode] for mode in modes] or ["lowest_fee_minor"]


def offer(made: Conditions, column: str, maximum_fee_minor: int | None) -> str:
    """The condition that a doctor works in a mode, for no more than this."""
    if maximum_fee_minor is None:
        return f"{column} is not null"
    return f"{column} <= {made.argument(maximum_fee_minor)}"
