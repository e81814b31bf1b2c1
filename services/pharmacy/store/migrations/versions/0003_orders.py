"""Quotes, what buyers think of orders, and why they give something back."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quote",
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("pharmacy_id", sa.Uuid(), nullable=False),
        sa.Column("product_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("buyer_name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("quote_id"),
    )
    op.create_index("quote_expire_time", "quote", ["expire_time"], unique=False)
    op.create_table(
        "order_rating",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("pharmacy_id", sa.Uuid(), nullable=False),
        sa.Column("courier_id", sa.Uuid(), nullable=True),
        sa.Column("pharmacy_stars", sa.SmallInteger(), nullable=False),
        sa.Column("courier_stars", sa.SmallInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["medicine_order.order_id"],
        ),
        sa.PrimaryKeyConstraint("order_id"),
    )
    op.create_index("order_rating_of_courier", "order_rating", ["courier_id", "create_time"], unique=False)
    op.add_column("medicine_order", sa.Column("return_reason", sa.SmallInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("medicine_order", "return_reason")
    op.drop_index("order_rating_of_courier", table_name="order_rating")
    op.drop_table("order_rating")
    op.drop_index("quote_expire_time", table_name="quote")
    op.drop_table("quote")
