"""How many doctors each further choice of a filter would find."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

import asyncpg

from services.consult.store.doctors import FEES
from services.consult.store.search import Filters, conditions, offer


class _Facet(Enum):
    """What is counted, by the column that parts the doctors for it."""

    DEPARTMENTS = "department_code"
    PLACES = "hospital_id"
    MODES = "fee"


@dataclass(frozen=True, slots=True)
class Counts:
    """By each value, over everybody whom the other filters leave."""

    departments: Counter[str] = field(default_factory=Counter)
    hospital_grades: Counter[str] = field(default_factory=Counter)
    cities: Counter[str] = field(default_factory=Counter)
    modes: Counter[int] = field(default_factory=Counter)


async def count(connection: asyncpg.Connection, wanted: Filters) -> Counts:
    """Count all facets; those that count the same doctors, in one pass."""
    over = {
        _Facet.DEPARTMENTS: replace(wanted, department_code=""),
        _Facet.PLACES: replace(wanted, city="", hospital_grades=()),
        _Facet.MODES: replace(wanted, modes=()),
    }
    counts, left = Counts(), list(over)
    while left:
        together = [facet for facet in left if over[facet] == over[left[0]]]
        left = [facet for facet in left if facet not in together]
        for row in await _counted(connection, over[together[0]], together, wanted.maximum_fee_minor):
            _add(counts, row, together, wanted)
    return counts


async def _counted(
    connection: asyncpg.Connection, doctors: Filters, facets: Sequence[_Facet], maximum_fee_minor: int | None
) -> list[asyncpg.Record]:
    """The doctors by department, and by grade and city of their hospitals; and how many of each work in which mode."""
    made = conditions(doctors)
    offers = ["false"] * len(FEES)
    if _Facet.MODES in facets:
        offers = [offer(made, column, maximum_fee_minor) for column in FEES.values()]
    by_hospital, by_department = _Facet.PLACES in facets, list(facets) != [_Facet.PLACES]
    parts = ["(department_code)"] * by_department + ["(hospital_id)"] * by_hospital
    found: list[asyncpg.Record] = await connection.fetch(
        "select department_code, grade, city, sum(doctors)::int as doctors, "  # noqa: S608  fixed words and placeholders
        "sum(text)::int as text, sum(voice)::int as voice, sum(video)::int as video "
        f"from (select {'' if by_department else 'null::text as '}department_code, "
        f" {'' if by_hospital else 'null::uuid as '}hospital_id, count(*) as doctors, "
        f" count(*) filter (where {offers[0]}) as text, count(*) filter (where {offers[1]}) as voice, "
        f" count(*) filter (where {offers[2]}) as video "
        f" from doctor where {made} group by grouping sets ({', '.join(parts)})"
        ") as counted left join hospital using (hospital_id) group by department_code, grade, city",
        *made.arguments,
    )
    return found


def _add(counts: Counts, row: asyncpg.Record, facets: Sequence[_Facet], wanted: Filters) -> None:
    """Count a row of `_counted`: one of a department, or of a place."""
    if row["department_code"] is not None:
        if _Facet.DEPARTMENTS in facets:
            counts.departments[row["department_code"]] += row["doctors"]
        if _Facet.MODES in facets:
            counts.modes.update(dict(zip(FEES, (row["text"], row["voice"], row["video"]), strict=True)))
    elif row["city"] is not None:
        if row["grade"] and wanted.city in ("", row["city"]):
            counts.hospital_grades[row["grade"]] += row["doctors"]
        if not wanted.hospital_grades or row["grade"] in wanted.hospital_grades:
            counts.cities[row["city"]] += row["doctors"]
