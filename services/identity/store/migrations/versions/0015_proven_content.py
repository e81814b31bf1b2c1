"""A proof of the second factor names what it may sign."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("session", sa.Column("prove_sha256", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("session", "prove_sha256")
