"""The daily figures of a patient's glucose readings, kept in `glucose_day`.

Every change of a reading marks its day, in the transaction of the change itself (`glucose_day_mark`). `settle` takes
marks and makes the figures of their days anew from the diary, so it does not matter in which order changes came, how
often a day was marked, or who died half way. Who reads takes the figures of days without a mark, and makes those of the
others on the spot: what is read is right at every moment; the fewer marks, the sooner it is read.
"""

import asyncpg

from glycemia.units import Bound, Unit
from services.glucose.domain.cohort import BAND_EDGES_MG_PER_DL
from services.glucose.store.archive import Span, frozen, hot

_LOCK = 4_871_206  # the advisory lock that lets one worker at a time settle
_EDGES = {unit: f"array{list(edges)}::float8[]" for unit, edges in BAND_EDGES_MG_PER_DL.items()}

_READING = "time", "kind", "device", "utc_offset_minutes", "unit", "mg_per_dl", "bound"
_AROUND = Span(
    "wanted.patient_id",
    "(wanted.local_date - interval '14 hours') at time zone 'UTC'",
    "(wanted.local_date + interval '38 hours') at time zone 'UTC'",
    "'{10, 11}'::int2[]",
)

# What the readings of each `wanted (patient_id, local_date)` add up to. 10 is a sensor's reading, 11 a fingerstick.
# - The day is the reading's own, by its own offset from UTC, which is never beyond 14 hours.
# - On a day with a sensor its readings count, on a day without the fingersticks.
# - Of devices side by side, in each quarter of an hour (UTC) one counts: that with the newest reading on this day. No
#   sensor lets more than a quarter pass, so no time counts twice.
# - A sensor's reading stands for the median time between its readings on this day, in whole minutes, 1 to 15; for 5
#   where there is but one.
FIGURES = f"""
select wanted.patient_id, wanted.local_date, figures.*
from wanted cross join lateral (
  with reading as (
    select time, kind, device, mg_per_dl::float8 as mg_per_dl,
           case bound when {Bound.LOW:d} then 0 when {Bound.HIGH:d} then 4 else
             width_bucket(mg_per_dl::float8, case unit when {Unit.MMOL_PER_L:d} then {_EDGES[Unit.MMOL_PER_L]}
                                                       else {_EDGES[Unit.MG_PER_DL]} end) end as band,
           extract(epoch from time - lag(time) over (partition by kind, device order by time))::float8 / 60 as gap,
           max(time) over (partition by kind, device) as newest,
           kind = min(kind) over () as counts
    from ({hot(_READING, _AROUND)} union all {frozen(_READING, _AROUND)}) as reading
    where (time at time zone 'UTC' + utc_offset_minutes * interval '1 minute')::date = wanted.local_date
  ), sensor as materialized (
    select device, least(greatest(coalesce(round(percentile_cont(0.5) within group (order by gap)), 5), 1), 15)::int
                   as minutes
    from reading where kind = 10 group by device
  ), counted as (
    select time, mg_per_dl, band, device,
           device = first_value(device) over (
             partition by date_bin('15 minutes', time, 'epoch') order by newest desc, device
           ) as alone
    from reading where counts
  )
  select count(*)::int as readings_count,
         (count(*) filter (where band = 0))::int as very_low_count,
         (count(*) filter (where band = 1))::int as low_count,
         (count(*) filter (where band = 2))::int as in_range_count,
         (count(*) filter (where band = 3))::int as high_count,
         (count(*) filter (where band = 4))::int as very_high_count,
         coalesce(sum(mg_per_dl), 0) as sum_mg_per_dl,
         coalesce(sum(mg_per_dl * mg_per_dl), 0) as sum_of_squares,
         coalesce(sum(minutes), 0)::int as covered_minutes,
         min(time) as first_time,
         max(time) as last_time
  from counted left join sensor using (device) where alone
) as figures
"""  # noqa: S608  constants

_SETTLE = f"""
with wanted as (
  select distinct patient_id, local_date from glucose_day_mark order by patient_id, local_date limit $1
), taken as (
  delete from glucose_day_mark using wanted
  where glucose_day_mark.patient_id = wanted.patient_id and glucose_day_mark.local_date = wanted.local_date
), kept as (
  insert into glucose_day (
    patient_id, local_date, readings_count, very_low_count, low_count, in_range_count, high_count, very_high_count,
    sum_mg_per_dl, sum_of_squares, covered_minutes, first_time, last_time)
  {FIGURES}
  on conflict (patient_id, local_date) do update set
    readings_count = excluded.readings_count, very_low_count = excluded.very_low_count,
    low_count = excluded.low_count, in_range_count = excluded.in_range_count, high_count = excluded.high_count,
    very_high_count = excluded.very_high_count, sum_mg_per_dl = excluded.sum_mg_per_dl,
    sum_of_squares = excluded.sum_of_squares, covered_minutes = excluded.covered_minutes,
    first_time = excluded.first_time, last_time = excluded.last_time
)
select count(*) from wanted
"""  # noqa: S608  constants


async def settle(connection: asyncpg.Connection, most: int) -> int:
    """Make the figures of marked days anew and take their marks away; at most so many days, and how many it were. One
    statement sees marks and readings as of one instant; the lock, taken before, keeps an older look from overwriting a
    newer."""
    async with connection.transaction():
        if not await connection.fetchval("select pg_try_advisory_xact_lock($1)", _LOCK):
            return 0
        return int(await connection.fetchval(_SETTLE, most))
