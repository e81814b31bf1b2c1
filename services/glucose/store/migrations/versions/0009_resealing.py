"""How far each table's sealed values are sealed by the first key."""

from alembic import op

from kit.resealing import TABLE

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(TABLE)


def downgrade() -> None:
    op.drop_table("resealing")
