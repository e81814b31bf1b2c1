"""Treatments that have ended, and which grants ended with one."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ended_treatment",
        sa.Column("treatment_id", sa.Uuid(), nullable=False),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("treatment_id"),
    )
    op.create_index(op.f("ix_ended_treatment_end_time"), "ended_treatment", ["end_time"])
    op.add_column(
        "care_grant", sa.Column("ended_with_treatment", sa.Boolean(), server_default=sa.false(), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("care_grant", "ended_with_treatment")
    op.drop_index(op.f("ix_ended_treatment_end_time"), table_name="ended_treatment")
    op.drop_table("ended_treatment")
