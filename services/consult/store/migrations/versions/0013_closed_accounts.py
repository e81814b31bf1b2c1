"""Accounts that are gone, so that a call under way at their end opens nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "closed_account",
        sa.Column("account_id", sa.Uuid(), primary_key=True),
        sa.Column("delete_time", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("closed_account")
