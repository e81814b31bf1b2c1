"""Old months of patients' diaries, frozen: a row of arrays each.

Nothing is frozen here. The version before does not know the table: workers freeze when they are told to, once that is
gone.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, REAL

from kit.retention import guards

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_KEEP = "15 years"
_FIRST_YEARS, _LAST_YEAR = (2000, 2015), 2045
_NOT_MOVING = "current_setting('apricot.moving', true) is distinct from 'on'"
"""Whoever moves entries neither ends nor changes them: the retention lets it, and no day is marked."""

_MARKS = {
    "mark_logged_days": "insert on entry referencing new table as changed",
    "mark_days_before_amendment": "update on entry referencing old table as changed",
    "mark_days_after_amendment": "update on entry referencing new table as changed",
    "mark_removed_days": "delete on entry referencing old table as changed",
}

# An entry's body begins with its id, which the row has already; what begins otherwise is kept whole. 0a is the field's
# tag, and 24 its length.
_BODIES = (
    """
    create function frozen_body(entry_id uuid, body bytea) returns bytea language sql stable parallel safe as $$
      select case when substr(body, 1, 38) = '\\x0a24'::bytea || convert_to(entry_id::text, 'UTF8')
                   and substr(body, 39, 1) not in ('\\x0a', '')
                  then substr(body, 39) else body end
    $$
    """,
    """
    create function thawed_body(entry_id uuid, body bytea) returns bytea language sql stable parallel safe as $$
      select case when substr(body, 1, 1) = '\\x0a' then body
                  else '\\x0a24'::bytea || convert_to(entry_id::text, 'UTF8') || body end
    $$
    """,
)

_LOCK = """
create function month_lock(of_patient uuid, of_month date) returns bigint language sql immutable as $$
  select hashtextextended('month ' || of_patient::text, of_month - date '2000-01-01')
$$
"""

_ARRAYS = {
    "entry_id": "entry_ids",
    "time": "times",
    "kind": "kinds",
    "device": "devices",
    "slot": "slots",
    "utc_offset_minutes": "utc_offsets_minutes",
    "unit": "units",
    "mg_per_dl": "values_mg_per_dl",
    "content_digest": "content_digests",
    "body": "bodies",
}
_ENTRY, _MONTH = ", ".join(_ARRAYS), ", ".join(_ARRAYS.values())
_UNPACKED = f"unnest({_MONTH}) as frozen ({_ENTRY})"
_PACKED = ", ".join(f"coalesce(array_agg({name} order by time, entry_id), '{{}}')" for name in _ARRAYS)
_RENEWED = ", ".join(f"{array} = excluded.{array}" for array in _ARRAYS.values())
_MOVED = _ENTRY.replace("body", "{}(entry_id, body) as body")

# What is not yet frozen of the month joins what is. Who writes into the month has its lock: then it waits for the next
# round. The year is what readers rely on (`store/archive.py: ALWAYS_HOT`).
_FREEZE = f"""
create function freeze_month(of_patient uuid, of_month date) returns int language plpgsql
set apricot.moving = 'on' as $$
declare
  starts timestamptz := of_month::timestamp at time zone 'UTC';
  ends timestamptz := (of_month + interval '1 month') at time zone 'UTC';
  moved int;
begin
  if ends > now() - interval '365 days' or not pg_try_advisory_xact_lock(month_lock(of_patient, of_month)) or exists (
    select from entry_archive
    where patient_id = of_patient and month = of_month and thaw_time > now() - interval '1 day'
  ) then
    return 0;
  end if;
  with taken as (
    delete from entry
    where patient_id = of_patient and time >= starts and time < ends and not deleted and revision = 1 and note = ''
    returning {_MOVED.format("frozen_body")}
  ), held as (
    select * from taken
    union all
    select frozen.* from entry_archive, {_UNPACKED} where patient_id = of_patient and month = of_month
  ), kept as (
    insert into entry_archive (patient_id, month, freeze_time, {_MONTH})
    select of_patient, of_month, now(), {_PACKED} from held having exists (select from taken)
    on conflict (patient_id, month) do update set freeze_time = excluded.freeze_time, thaw_time = null, {_RENEWED}
  )
  select count(*) into moved from taken;
  return moved;
end $$
"""  # noqa: S608  constants

# Whoever holds the month's lock writes into it as into any other. What cannot move, since its id or its place is taken,
# stays frozen: nothing is lost.
_THAW = f"""
create function thaw_month(of_patient uuid, of_month date) returns int language plpgsql
set apricot.moving = 'on' as $$
declare
  moved int;
begin
  perform pg_advisory_xact_lock(month_lock(of_patient, of_month));
  with held as (
    select frozen.* from entry_archive, {_UNPACKED} where patient_id = of_patient and month = of_month
  ), thawed as (
    insert into entry (patient_id, {_ENTRY})
    select of_patient, {_MOVED.format("thawed_body")} from held order by time, kind, device, slot
    on conflict do nothing returning entry_id, time
  ), left_over as (
    select * from held where (entry_id, time) not in (select entry_id, time from thawed)
  ), emptied as (
    update entry_archive set thaw_time = now(), ({_MONTH}) = (select {_PACKED} from left_over)
    where patient_id = of_patient and month = of_month and exists (select from thawed)
  )
  select count(*) into moved from thawed;
  return moved;
end $$
"""  # noqa: S608  constants


def upgrade() -> None:
    op.create_table(
        "entry_archive",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("entry_ids", ARRAY(sa.Uuid()), nullable=False),
        sa.Column("times", ARRAY(sa.DateTime(timezone=True)), nullable=False),
        sa.Column("kinds", ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("devices", ARRAY(sa.Text()), nullable=False),
        sa.Column("slots", ARRAY(sa.Text()), nullable=False),
        sa.Column("utc_offsets_minutes", ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("units", ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("values_mg_per_dl", ARRAY(REAL()), nullable=False),
        sa.Column("content_digests", ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("bodies", ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("freeze_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("thaw_time", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("patient_id", "month"),
        postgresql_partition_by="range (month)",
    )
    keep_rows, keep_table = guards("entry_archive", _KEEP, "freeze_time")
    op.execute(keep_rows)
    op.execute(keep_table)
    for first, end in _FIRST_YEARS, *((year, year + 1) for year in range(_FIRST_YEARS[1], _LAST_YEAR + 1)):
        years = f"entry_archive_{first}"
        op.execute(
            f"create table {years} partition of entry_archive for values from ('{first}-01-01') to ('{end}-01-01')"
        )
        op.execute(keep_table.replace("entry_archive", years))
    for statement in *_BODIES, _LOCK, _FREEZE, _THAW:
        op.execute(statement)
    _watch_entries(f" when ({_NOT_MOVING})", _NOT_MOVING)


def downgrade() -> None:
    op.execute("select thaw_month(patient_id, month) from entry_archive")
    op.execute(
        "do $$ begin if exists (select from entry_archive where entry_ids <> '{}') then"
        " raise exception 'entries could not be thawed'; end if; end $$"
    )
    _watch_entries("", "")
    op.execute("drop table entry_archive")
    for function in "thaw_month", "freeze_month", "month_lock", "thawed_body", "frozen_body":
        op.execute(f"drop function {function}")


def _watch_entries(unless_moving: str, where: str) -> None:
    """The triggers on `entry`, in the place of those that there are."""
    for name, event in _MARKS.items():
        op.execute(
            f"create or replace trigger {name} after {event} for each statement{unless_moving}"
            " execute function mark_glucose_days()"
        )
    keep_rows, _ = guards("entry", _KEEP, where=where)
    op.execute(keep_rows.replace("create trigger", "create or replace trigger"))
