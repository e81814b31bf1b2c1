"""Photos of meals."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "photo",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("width_pixels", sa.Integer(), nullable=False),
        sa.Column("height_pixels", sa.Integer(), nullable=False),
        sa.Column("uploader_id", sa.Uuid(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touch_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("meal_ids", sa.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "photo_id"),
    )
    op.create_index("photo_content", "photo", ["patient_id", "sha256"], unique=True)
    op.create_index("photo_unnamed", "photo", ["touch_time"], postgresql_where=sa.text("meal_ids = '{}'"))


def downgrade() -> None:
    op.drop_index("photo_unnamed", table_name="photo", postgresql_where=sa.text("meal_ids = '{}'"))
    op.drop_index("photo_content", table_name="photo")
    op.drop_table("photo")
