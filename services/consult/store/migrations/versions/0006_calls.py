"""Calls and who is in them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_STANDING = """
create or replace function standing(it consultation) returns bigint language sql stable as $$
  select hashtextextended(concat_ws('|', it.state, it.doctor_id, it.pool, it.fee_state, it.escalation_level,
    it.eligibility, it.outcome, it.expire_time, it.appointment_id, {call}), 0)
$$
"""
_LIVE_CALL = """(
  select concat_ws('|', call.call_id, call.state, call.ringing_ids, array(
    select device_id from call_participant where call_participant.call_id = call.call_id and leave_time is null
    order by device_id))
  from call where call.consultation_id = it.consultation_id and call.state in (1, 2)
)"""
"""A conversation shows the call that rings or goes on too."""


def upgrade() -> None:
    op.create_table(
        "call",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("caller_id", sa.Uuid(), nullable=False),
        sa.Column("media", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("end_reason", sa.SmallInteger(), nullable=True),
        sa.Column("by_sfu", sa.Boolean(), nullable=False),
        sa.Column("ringing_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("call_id"),
    )
    op.create_index("call_live", "call", ["consultation_id"], unique=True, postgresql_where=sa.text("state in (1, 2)"))
    op.create_index("call_of_consultation", "call", ["consultation_id", "create_time"], unique=False)
    op.create_index("call_ringing", "call", ["create_time"], unique=False, postgresql_where=sa.text("state = 1"))
    op.create_table(
        "call_participant",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("join_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("away_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leave_time", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.call_id"]),
        sa.PrimaryKeyConstraint("call_id", "account_id", "device_id"),
    )
    op.create_index(
        "call_participant_once",
        "call_participant",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("leave_time is null"),
    )
    op.execute(_STANDING.format(call=_LIVE_CALL))


def downgrade() -> None:
    op.execute(_STANDING.format(call="null"))
    op.drop_index(
        "call_participant_once", table_name="call_participant", postgresql_where=sa.text("leave_time is null")
    )
    op.drop_table("call_participant")
    op.drop_index("call_ringing", table_name="call", postgresql_where=sa.text("state = 1"))
    op.drop_index("call_of_consultation", table_name="call")
    op.drop_index("call_live", table_name="call", postgresql_where=sa.text("state in (1, 2)"))
    op.drop_table("call")
