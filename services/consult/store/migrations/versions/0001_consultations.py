"""Hospitals, doctors, consultations; the kit's tables; and the extensions that search and booking need."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_FREEZE_MESSAGES = [
    """
    create function message_is_frozen() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' and old.create_time < now() - interval '3 years' then
        return old;
      end if;
      raise exception 'messages are kept as they were said, for at least three years';
    end $$
    """,
    "create trigger message_is_frozen before update or delete on message"
    " for each row execute function message_is_frozen()",
    """
    create function message_stays() returns trigger language plpgsql as $$
    begin
      raise exception 'messages are kept';
    end $$
    """,
    "create trigger message_stays before truncate on message execute function message_stays()",
]
"""The law wants the talk of an internet consultation kept, unaltered, for at least three years."""


def upgrade() -> None:
    op.execute("create extension if not exists pg_trgm")
    op.execute("create extension if not exists btree_gist")
    op.create_table(
        "answered_request",
        sa.Column("caller_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("caller_id", "request_id"),
    )
    op.create_index(
        "answered_request_create_time", "answered_request", ["create_time"], unique=False, postgresql_using="brin"
    )
    op.create_table(
        "consultation",
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("patient_name", sa.Text(), nullable=False),
        sa.Column("patient_age_years", sa.SmallInteger(), nullable=True),
        sa.Column("doctor_id", sa.Uuid(), nullable=True),
        sa.Column("department_code", sa.Text(), nullable=False),
        sa.Column("mode", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("pool", sa.Boolean(), nullable=False),
        sa.Column("escalation_level", sa.SmallInteger(), nullable=False),
        sa.Column("complaint", sa.Text(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("fee_state", sa.SmallInteger(), nullable=False),
        sa.Column("shared_scopes", sa.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("guardian", sa.LargeBinary(), nullable=True),
        sa.Column("eligibility", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.LargeBinary(), nullable=True),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claim_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("consultation_id"),
    )
    op.create_index(
        "consultation_due", "consultation", ["expire_time"], unique=False, postgresql_where=sa.text("state in (1, 2)")
    )
    op.create_index("consultation_of_patient", "consultation", ["patient_id", "create_time"], unique=False)
    op.create_index(
        "consultation_pool",
        "consultation",
        ["department_code"],
        unique=False,
        postgresql_where=sa.text("state = 1 and pool"),
    )
    op.create_table(
        "handled_event",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("handle_time", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id"),
    )
    op.create_index(
        "handled_event_handle_time", "handled_event", ["handle_time"], unique=False, postgresql_using="brin"
    )
    op.create_table(
        "hospital",
        sa.Column("hospital_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hospital_id"),
    )
    op.create_table(
        "member",
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.SmallInteger(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("join_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_sequence", sa.BigInteger(), nullable=False),
        sa.Column("read_sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("consultation_id", "account_id"),
    )
    op.create_index("member_of_account", "member", ["account_id", "consultation_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=True),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("consultation_id", "sequence"),
    )
    op.create_index("message_once", "message", ["consultation_id", "sender_id", "client_id"], unique=True)
    for statement in _FREEZE_MESSAGES:
        op.execute(statement)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column(
            "transaction_id",
            sa.BigInteger(),
            server_default=sa.text("pg_current_xact_id()::text::bigint"),
            nullable=False,
        ),
        sa.Column("create_time", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "parked_event",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("park_time", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id"),
    )
    op.create_table(
        "push",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference_id", sa.Uuid(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "push_waiting", "push", ["next_try_time"], unique=False, postgresql_where=sa.text("state = 'waiting'")
    )
    op.create_table(
        "doctor",
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("licence_end_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_registration_date", sa.Date(), nullable=True),
        sa.Column("hospital_id", sa.Uuid(), nullable=True),
        sa.Column("department_code", sa.Text(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hospital_id"],
            ["hospital.hospital_id"],
        ),
        sa.PrimaryKeyConstraint("doctor_id"),
    )
    op.create_index(op.f("ix_doctor_department_code"), "doctor", ["department_code"], unique=False)
    op.create_table(
        "doctor_mode",
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.SmallInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctor.doctor_id"], ondelete="cascade"),
        sa.PrimaryKeyConstraint("doctor_id", "mode"),
    )


def downgrade() -> None:
    op.drop_table("doctor_mode")
    op.drop_index(op.f("ix_doctor_department_code"), table_name="doctor")
    op.drop_table("doctor")
    op.drop_index("push_waiting", table_name="push", postgresql_where=sa.text("state = 'waiting'"))
    op.drop_table("push")
    op.drop_table("parked_event")
    op.drop_table("outbox")
    op.drop_index("member_of_account", table_name="member")
    op.drop_table("member")
    op.drop_table("message")
    op.execute("drop function message_is_frozen()")
    op.execute("drop function message_stays()")
    op.drop_table("hospital")
    op.drop_index("handled_event_handle_time", table_name="handled_event", postgresql_using="brin")
    op.drop_table("handled_event")
    op.drop_index("consultation_pool", table_name="consultation", postgresql_where=sa.text("state = 1 and pool"))
    op.drop_index("consultation_of_patient", table_name="consultation")
    op.drop_index("consultation_due", table_name="consultation", postgresql_where=sa.text("state in (1, 2)"))
    op.drop_table("consultation")
    op.drop_index("answered_request_create_time", table_name="answered_request", postgresql_using="brin")
    op.drop_table("answered_request")
