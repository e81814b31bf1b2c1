"""Prescriptions and health records."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_FREEZE = [
    """
    create function record_is_frozen() returns trigger language plpgsql as $$
    begin
      raise exception '% is append-only', tg_table_name;
    end $$
    """,
    # What was signed stays, and what has ended stays ended.
    "create trigger prescription_is_frozen before update on prescription_revision for each row"
    " when (old.state <> 1 or (old.prescription_id, old.revision, old.patient_id, old.consultation_id, old.doctor_id,"
    " old.create_time, old.expire_time, old.signed_content, old.signature, old.key_id) is distinct from"
    " (new.prescription_id, new.revision, new.patient_id, new.consultation_id, new.doctor_id,"
    " new.create_time, new.expire_time, new.signed_content, new.signature, new.key_id))"
    " execute function record_is_frozen()",
    "create trigger prescription_stays before delete or truncate on prescription_revision"
    " execute function record_is_frozen()",
    "create trigger health_record_stays before update or delete or truncate on health_record_revision"
    " execute function record_is_frozen()",
]


def upgrade() -> None:
    op.create_table(
        "prescription_revision",
        sa.Column("prescription_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_content", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("prescription_id", "revision"),
    )
    op.create_index(
        "prescription_in_force",
        "prescription_revision",
        ["prescription_id"],
        unique=True,
        postgresql_where=sa.text("state = 1"),
    )
    op.create_index("prescription_of_patient", "prescription_revision", ["patient_id", "create_time"])
    op.create_index("prescription_of_consultation", "prescription_revision", ["consultation_id", "create_time"])
    op.create_table(
        "health_record_revision",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "revision"),
    )
    for statement in _FREEZE:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("health_record_revision")
    op.drop_table("prescription_revision")
    op.execute("drop function record_is_frozen()")
