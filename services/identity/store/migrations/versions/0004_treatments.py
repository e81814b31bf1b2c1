"""Grants that belong to a treatment, and how long a professional has practised."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("care_grant", sa.Column("treatment_id", sa.Uuid(), nullable=True))
    op.create_index(
        "care_grant_of_treatment",
        "care_grant",
        ["treatment_id"],
        postgresql_where=sa.text("treatment_id is not null"),
    )
    op.add_column("licence", sa.Column("first_registration_date", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("licence", "first_registration_date")
    op.drop_index("care_grant_of_treatment", "care_grant", postgresql_where=sa.text("treatment_id is not null"))
    op.drop_column("care_grant", "treatment_id")
