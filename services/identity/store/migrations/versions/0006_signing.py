"""The keys by which professionals sign, and when a session's second factor was proven for it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("session", sa.Column("prove_time", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "doctor_key",
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_private_key", sa.LargeBinary(), nullable=False),
        sa.Column("start_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
        sa.PrimaryKeyConstraint("key_id"),
    )
    op.create_index(
        "doctor_key_present", "doctor_key", ["account_id"], unique=True, postgresql_where=sa.text("end_time is null")
    )
    op.create_index("doctor_key_account", "doctor_key", ["account_id"])


def downgrade() -> None:
    op.drop_table("doctor_key")
    op.drop_column("session", "prove_time")
