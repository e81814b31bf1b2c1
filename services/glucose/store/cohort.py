"""Queries on many patients at once, each within the ranges of time that the caller may see of each patient."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg
from apricot.glucose.v1.alert_pb2 import ALERT_URGENCY_URGENT, Alert

from services.glucose.domain.cohort import Totals
from services.glucose.store.days import FIGURES
from services.glucose.store.entries import READINGS
from services.glucose.store.lists import Opening, newest_entries


class Range(NamedTuple):
    """From an instant to another, of one patient's time."""

    patient_id: UUID
    start_time: datetime
    end_time: datetime


class DayRange(NamedTuple):
    """Local days, both included, and the instants between which their readings may be seen."""

    patient_id: UUID
    first_date: date
    last_date: date
    start_time: datetime
    end_time: datetime


class NewestReading(NamedTuple):
    """When, and how far the patient's wall clock was ahead of UTC."""

    time: datetime
    utc_offset_minutes: int


# A day counts when all its readings may be seen. One that is marked (`wanted`) is made on the spot.
_TOTALS = f"""
with asked as (
  select * from unnest($1::uuid[], $2::date[], $3::date[], $4::timestamptz[], $5::timestamptz[])
                as asked (patient_id, first_date, last_date, start_time, end_time)
), wanted as (
  select * from unnest($6::uuid[], $7::date[]) as wanted (patient_id, local_date)
), fresh as (
  {FIGURES}
), day as (
  select kept.* from asked cross join lateral (
    select * from glucose_day where glucose_day.patient_id = asked.patient_id
    and local_date between first_date and last_date and first_time >= start_time and last_time < end_time offset 0
  ) as kept
  where (kept.patient_id, kept.local_date) not in (select patient_id, local_date from wanted)
  union all
  select fresh.* from asked join fresh using (patient_id)
  where local_date between first_date and last_date and first_time >= start_time and last_time < end_time
)
select patient_id, covered_minutes > 0 as from_sensor, sum(very_low_count), sum(low_count), sum(in_range_count),
       sum(high_count), sum(very_high_count), sum(sum_mg_per_dl), sum(sum_of_squares), sum(covered_minutes)
from day group by patient_id, from_sensor order by from_sensor
"""  # noqa: S608  constants


async def marked_days(
    connection: asyncpg.Connection, days: Sequence[DayRange], most: int
) -> Sequence[tuple[UUID, date]]:
    """Those of the days whose readings changed since their figures were made; at most so many."""
    rows = await connection.fetch(
        "select distinct patient_id, local_date from unnest($1::uuid[], $2::date[], $3::date[]) "
        "as asked (patient_id, first_date, last_date) join glucose_day_mark using (patient_id) "
        "where local_date between first_date and last_date limit $4",
        *_columns([day[:3] for day in days], 3),
        most,
    )
    return [(patient, day) for patient, day in rows]


async def totals(
    connection: asyncpg.Connection, days: Sequence[DayRange], marked: Sequence[tuple[UUID, date]]
) -> dict[UUID, Totals]:
    """What each patient's days add up to: those with a sensor, or where there is none, those with fingersticks. A day
    that has readings beyond its range is left out. The figures of marked days are made from the diary."""
    rows = await connection.fetch(_TOTALS, *_columns(days, 5), *_columns(marked, 2))
    return {patient: Totals(*found) for patient, _, *found in rows}  # a sensor's row comes last


async def newest_readings(connection: asyncpg.Connection, ranges: Sequence[Range]) -> dict[UUID, NewestReading]:
    """Each patient's newest reading within the ranges."""
    found = await newest_entries(connection, [Opening(patient, READINGS, *times) for patient, *times in ranges], 1)
    return {patient: NewestReading(newest.time, newest.utc_offset_minutes) for patient, [newest] in found.items()}


async def last_contacts(connection: asyncpg.Connection, ranges: Sequence[Range]) -> dict[UUID, datetime]:
    """When somebody other than the patient last wrote or planned something, within the ranges."""
    rows = await connection.fetch(
        "select asked.patient_id, time "
        "from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) as asked (patient_id, start_time, end_time), "
        "lateral (select time from timeline_item where timeline_item.patient_id = asked.patient_id "
        "  and step in (11, 12) and actor_id <> asked.patient_id and time >= start_time and time < end_time "
        "  order by time desc limit 1) as found "
        "order by time",
        *_columns(ranges, 3),
    )
    return dict(map(tuple, rows))


async def unacknowledged_alerts(
    connection: asyncpg.Connection, patients: Iterable[UUID]
) -> dict[UUID, tuple[int, int]]:
    """Of each patient who has any: active alerts that nobody acknowledged, and how many of them are urgent."""
    rows = await connection.fetch(
        "select patient_id, body from alert where patient_id = any($1) and resolve_time is null and not acknowledged",
        list(patients),
    )
    counts: dict[UUID, tuple[int, int]] = {}
    for patient, body in rows:
        alerts, urgent = counts.get(patient, (0, 0))
        counts[patient] = alerts + 1, urgent + (Alert.FromString(body).urgency == ALERT_URGENCY_URGENT)
    return counts


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> Sequence[Sequence[object]]:
    return list(zip(*rows, strict=True)) if rows else [()] * width
