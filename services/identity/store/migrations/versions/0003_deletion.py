"""Accounts that their owners deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("delete_time", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("account", "delete_time")
