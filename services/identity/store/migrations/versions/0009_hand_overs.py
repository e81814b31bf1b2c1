"""What was handed over to authorities."""

import sqlalchemy as sa
from alembic import op

from kit.retention import guards

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hand_over",
        sa.Column("hand_over_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("manifest_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hand_over_id"),
    )
    op.create_index(op.f("ix_hand_over_patient_id"), "hand_over", ["patient_id"])
    op.execute(
        "create trigger hand_over_is_kept before update on hand_over for each row"
        " execute function refuse_audit_change()"
    )
    for statement in guards("hand_over", "15 years"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("hand_over")
