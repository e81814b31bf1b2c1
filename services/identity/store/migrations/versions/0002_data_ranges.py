"""Grants and invites narrowed to a range of the data's own time."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in "care_grant", "invite":
        op.add_column(table, sa.Column("data_start_time", sa.DateTime(timezone=True), nullable=True))
        op.add_column(table, sa.Column("data_end_time", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for table in "care_grant", "invite":
        op.drop_column(table, "data_end_time")
        op.drop_column(table, "data_start_time")
