"""What each doctor is found by, made anew whenever something of it changes."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.text_search import marked, may_be_mistyped, tokens
from services.consult.store.departments import departments
from services.consult.store.doctors import FEES
from services.consult.store.search_words import add_words
from services.consult.store.tables import DoctorRow, HospitalRow


class Field(StrEnum):
    """Where a word was found; the mark of its tokens. The best first."""

    NAME = "A"
    WORK = "B"
    """Department, hospital, specialties; and the name."""
    ALL = "C"
    """Also the biography."""


class Fact(StrEnum):
    """What filters ask for; the mark of its lexemes."""

    DEPARTMENT = "D"
    HOSPITAL = "H"
    GRADE = "G"
    CITY = "P"
    MODE = "M"
    LANGUAGE = "L"


@dataclass(frozen=True, slots=True)
class Document:
    """What a doctor is found by."""

    lexemes: Sequence[str]
    """Marked tokens and facts, each once, in order."""
    words: frozenset[str]
    """The words among them, as they may be mistyped."""


_WRITE = text(
    "update doctor set document = array_to_tsvector(cast(:lexemes as text[])) where doctor_id = cast(:doctor as uuid)"
)


async def index(session: AsyncSession, doctors: Sequence[DoctorRow]) -> None:
    """Let these be found by what they now say; their hospitals keep their names until the transaction ends."""
    if not doctors:
        return
    hospitals = await _kept(session, {row.hospital_id for row in doctors if row.hospital_id})
    made = {row.doctor_id: document_of(row, hospitals.get(row.hospital_id)) for row in doctors}
    await session.flush()
    await (await session.connection()).execute(
        _WRITE, [{"doctor": str(doctor), "lexemes": list(found.lexemes)} for doctor, found in made.items()]
    )
    await add_words(session, frozenset[str]().union(*(found.words for found in made.values())))


def document_of(row: DoctorRow, hospital: HospitalRow | None) -> Document:
    """What a doctor is found by."""
    return document(row.display_name, _work(row, hospital), row.biography, _facts(row, hospital))


def document(name: str, work: Iterable[str], biography: str, facts: Iterable[tuple[Fact, str]] = ()) -> Document:
    """Of a doctor's name, what tells of the work, the biography, and facts."""
    named = tokens(name)
    working = [*named, *chain.from_iterable(map(tokens, work))]
    everything = [*working, *tokens(biography)]
    fields = {Field.NAME: named, Field.WORK: working, Field.ALL: everything}
    lexemes = set[str]().union(*(marked(field, found) for field, found in fields.items()))
    return Document(
        lexemes=sorted(lexemes | {fact + value for fact, value in facts}),
        words=frozenset(token.text for token in everything if may_be_mistyped(token)),
    )


def _facts(row: DoctorRow, hospital: HospitalRow | None) -> Iterator[tuple[Fact, str]]:
    yield Fact.DEPARTMENT, row.department_code
    if hospital is not None:
        yield Fact.HOSPITAL, str(hospital.hospital_id)
        yield Fact.GRADE, hospital.grade
        yield Fact.CITY, hospital.city
    yield from ((Fact.MODE, str(mode)) for mode, column in FEES.items() if getattr(row, column) is not None)
    yield from ((Fact.LANGUAGE, language) for language in row.language_ranges)


def _work(row: DoctorRow, hospital: HospitalRow | None) -> Iterator[str]:
    department = departments()[row.department_code]
    yield from (department.name, department.name_en)
    if hospital is not None:
        yield from (hospital.name, hospital.name_en, hospital.city)
    yield from row.specialties


async def _kept(session: AsyncSession, hospital_ids: Collection[UUID]) -> dict[UUID | None, HospitalRow]:
    statement = (
        select(HospitalRow)
        .where(col(HospitalRow.hospital_id).in_(hospital_ids))
        .order_by(col(HospitalRow.hospital_id))
        .with_for_update(read=True)
    )
    return {row.hospital_id: row for row in (await session.exec(statement)).all()}
