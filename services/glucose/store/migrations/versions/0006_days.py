"""Daily figures of the glucose readings, kept by marks: each change of a reading marks its day.

The days that there are get their first mark here; the worker makes their figures.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# `changed` are the rows as a statement made them, or as they were before. 10 and 11 are the kinds of glucose readings.
_MARK = """
create function mark_glucose_days() returns trigger language plpgsql as $$
begin
  insert into glucose_day_mark (patient_id, local_date)
  select distinct patient_id, (time at time zone 'UTC' + utc_offset_minutes * interval '1 minute')::date
  from changed where kind in (10, 11);
  return null;
end $$
"""
_TRIGGERS = {
    "mark_logged_days": "insert on entry referencing new table as changed",
    "mark_days_before_amendment": "update on entry referencing old table as changed",
    "mark_days_after_amendment": "update on entry referencing new table as changed",
    "mark_removed_days": "delete on entry referencing old table as changed",
}
_MARK_ALL = """
insert into glucose_day_mark (patient_id, local_date)
select distinct patient_id, (time at time zone 'UTC' + utc_offset_minutes * interval '1 minute')::date
from entry where kind in (10, 11) and not deleted
"""


def upgrade() -> None:
    op.create_table(
        "glucose_day",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("readings_count", sa.Integer(), nullable=False),
        sa.Column("very_low_count", sa.Integer(), nullable=False),
        sa.Column("low_count", sa.Integer(), nullable=False),
        sa.Column("in_range_count", sa.Integer(), nullable=False),
        sa.Column("high_count", sa.Integer(), nullable=False),
        sa.Column("very_high_count", sa.Integer(), nullable=False),
        sa.Column("sum_mg_per_dl", sa.Float(), nullable=False),
        sa.Column("sum_of_squares", sa.Float(), nullable=False),
        sa.Column("covered_minutes", sa.Integer(), nullable=False),
        sa.Column("first_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_time", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("patient_id", "local_date"),
    )
    op.create_table(
        "glucose_day_mark",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("mark_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "local_date", "mark_id"),
    )
    op.execute(_MARK)
    for name, event in _TRIGGERS.items():
        op.execute(f"create trigger {name} after {event} for each statement execute function mark_glucose_days()")
    op.execute(_MARK_ALL)
    # The newest word or plan of a patient, which may lie behind thousands of alerts.
    op.create_index(
        "timeline_item_by_contact",
        "timeline_item",
        ["patient_id", "time"],
        postgresql_where=sa.text("step in (11, 12)"),
    )


def downgrade() -> None:
    op.drop_index("timeline_item_by_contact", table_name="timeline_item")
    for name in _TRIGGERS:
        op.execute(f"drop trigger {name} on entry")
    op.execute("drop function mark_glucose_days()")
    op.drop_table("glucose_day_mark")
    op.drop_table("glucose_day")
