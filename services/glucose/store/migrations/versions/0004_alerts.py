"""Alerts, their rules, and when to look at a patient again."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.SmallInteger(), nullable=False),
        sa.Column("raise_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolve_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("live_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause_entry_id", sa.Uuid(), nullable=True),
        sa.Column("acknowledged", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "alert_id"),
    )
    op.create_index(
        "alert_one_active",
        "alert",
        ["patient_id", "rule"],
        unique=True,
        postgresql_where=sa.text("resolve_time is null"),
    )
    op.create_index("alert_live", "alert", ["patient_id", "live_until"])
    op.create_index("alert_by_time", "alert", ["patient_id", "raise_time", "alert_id"])
    op.create_table(
        "alert_state",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("due_time", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("patient_id"),
    )
    op.create_index("alert_state_due", "alert_state", ["due_time"])
    op.create_table(
        "alert_rules",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "revision"),
    )


def downgrade() -> None:
    op.drop_table("alert_rules")
    op.drop_table("alert_state")
    op.drop_table("alert")
