"""Scans of certificates, for who reviews a licence."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "licence_scan",
        sa.Column("scan_id", sa.Uuid(), nullable=False),
        sa.Column("licence_id", sa.Uuid(), sa.ForeignKey("licence.licence_id"), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("vaulted_content", sa.LargeBinary(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scan_id"),
    )
    op.create_index("ix_licence_scan_licence_id", "licence_scan", ["licence_id"])


def downgrade() -> None:
    op.drop_table("licence_scan")
