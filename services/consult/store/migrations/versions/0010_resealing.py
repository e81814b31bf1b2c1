"""How far each table's sealed values are sealed by the first key: `kit.resealing`."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "resealing",
        sa.Column("table_name", sa.Text(), primary_key=True),
        sa.Column("key_name", sa.Text(), nullable=False),
        sa.Column("begin_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("walk_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position", sa.ARRAY(sa.Text())),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("done_time", sa.DateTime(timezone=True)),
    )


def downgrade() -> None:
    op.drop_table("resealing")
