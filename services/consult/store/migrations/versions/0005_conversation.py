"""The conversation: call signals, who is there, pushes of messages, and attachments."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_FREEZE_ATTACHMENTS = [
    """
    create function attachment_is_frozen() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' and old.create_time < now() - interval '3 years' then
        return old;
      end if;
      raise exception 'attachments are kept as they are, for at least three years';
    end $$
    """,
    "create trigger attachment_is_frozen before update or delete on attachment"
    " for each row execute function attachment_is_frozen()",
    "create trigger attachment_stays before truncate on attachment execute function message_stays()",
]
"""As the messages that name them."""

_PRESENT = """
create view present_device as
select open_stream.* from open_stream join stream_process using (process_id)
where seen_time > now() - interval '15 seconds'
"""
"""Who is in which conversation: a process that has not said for so long that it lives has no streams."""

_STANDING = """
create function standing(it consultation) returns bigint language sql stable as $$
  select hashtextextended(concat_ws('|', it.state, it.doctor_id, it.pool, it.fee_state, it.escalation_level,
    it.eligibility, it.outcome, it.expire_time, it.appointment_id), 0)
$$
"""
"""Another number when anything has changed that a conversation shows, apart from what is said in it."""


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("uploader_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("source_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("width_pixels", sa.Integer(), nullable=False),
        sa.Column("height_pixels", sa.Integer(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("consultation_id", "attachment_id"),
    )
    op.create_index("attachment_once", "attachment", ["consultation_id", "uploader_id", "source_sha256"], unique=True)
    for statement in _FREEZE_ATTACHMENTS:
        op.execute(statement)
    op.create_table(
        "attachment_upload",
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("object_key"),
    )
    op.create_index("attachment_upload_create_time", "attachment_upload", ["create_time"], unique=False)
    op.create_table(
        "message_push",
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("push_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("consultation_id", "account_id"),
    )
    op.create_table(
        "open_stream",
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("process_id", sa.Uuid(), nullable=False),
        sa.Column("enter_time", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("consultation_id", "account_id", "device_id"),
        prefixes=["UNLOGGED"],
    )
    op.create_index("open_stream_of_process", "open_stream", ["process_id"], unique=False)
    op.create_table(
        "signal",
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("consultation_id", "sequence"),
    )
    op.create_index("signal_create_time", "signal", ["create_time"], unique=False, postgresql_using="brin")
    op.create_index("signal_of_call", "signal", ["call_id"], unique=False)
    op.create_index("signal_once", "signal", ["consultation_id", "sender_id", "client_id"], unique=True)
    op.create_table(
        "stream_process",
        sa.Column("process_id", sa.Uuid(), nullable=False),
        sa.Column("seen_time", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("process_id"),
        prefixes=["UNLOGGED"],
    )
    op.execute(_PRESENT)
    op.execute(_STANDING)


def downgrade() -> None:
    op.execute("drop function standing(consultation)")
    op.execute("drop view present_device")
    op.drop_table("stream_process")
    op.drop_index("signal_once", table_name="signal")
    op.drop_index("signal_of_call", table_name="signal")
    op.drop_index("signal_create_time", table_name="signal", postgresql_using="brin")
    op.drop_table("signal")
    op.drop_index("open_stream_of_process", table_name="open_stream")
    op.drop_table("open_stream")
    op.drop_table("message_push")
    op.drop_index("attachment_upload_create_time", table_name="attachment_upload")
    op.drop_table("attachment_upload")
    op.drop_index("attachment_once", table_name="attachment")
    op.drop_table("attachment")
    op.execute("drop function attachment_is_frozen()")
