"""Recovery codes, the replacement of a second factor, and what accounts' owners are told."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("second_factor", sa.Column("sealed_next_secret", sa.LargeBinary(), nullable=True))
    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("account.account_id"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "number"),
    )
    op.create_table(
        "owner_notice",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("notice_id"),
    )
    op.create_index("ix_owner_notice_next_try_time", "owner_notice", ["next_try_time"])


def downgrade() -> None:
    op.drop_table("owner_notice")
    op.drop_table("recovery_code")
    op.drop_column("second_factor", "sealed_next_secret")
