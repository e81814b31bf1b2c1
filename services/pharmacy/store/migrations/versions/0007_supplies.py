"""What patients have of each medicine, what prescribers are warned of; accounts that are gone."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deleted_account",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("delete_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_table(
        "supply",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("atc_code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("run_out_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("basis", sa.SmallInteger(), nullable=True),
        sa.Column("fell_behind", sa.Boolean(), nullable=False),
        sa.Column("look_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remind_time", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("patient_id", "atc_code"),
    )
    op.create_index(
        "supply_due", "supply", ["due_time"], unique=False, postgresql_where=sa.text("due_time is not null")
    )
    op.create_table(
        "supply_warning",
        sa.Column("warning_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("clinician_id", sa.Uuid(), nullable=False),
        sa.Column("atc_code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("lot_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledge_time", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in (1, 2)", name="supply_warning_kind"),
        sa.PrimaryKeyConstraint("warning_id"),
    )
    op.create_index(
        "supply_warning_of_clinician", "supply_warning", ["clinician_id", "create_time", "warning_id"], unique=False
    )
    op.create_index(
        "supply_warning_once", "supply_warning", ["patient_id", "atc_code", "kind", "lot_time"], unique=True
    )
    op.create_table(
        "supply_lot",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("atc_code", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("strength", sa.Numeric(), nullable=True),
        sa.Column("strength_unit", sa.Text(), nullable=False),
        sa.Column("daily", sa.Numeric(), nullable=True),
        sa.Column("prescription_id", sa.Uuid(), nullable=True),
        sa.Column("prescriber_id", sa.Uuid(), nullable=True),
        sa.Column("start_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["medicine_order.order_id"],
        ),
        sa.PrimaryKeyConstraint("order_id", "line"),
    )
    op.create_index("supply_lot_of_medicine", "supply_lot", ["patient_id", "atc_code", "start_time"], unique=False)


def downgrade() -> None:
    op.drop_index("supply_lot_of_medicine", table_name="supply_lot")
    op.drop_table("supply_lot")
    op.drop_index("supply_warning_once", table_name="supply_warning")
    op.drop_index("supply_warning_of_clinician", table_name="supply_warning")
    op.drop_table("supply_warning")
    op.drop_index("supply_due", table_name="supply", postgresql_where=sa.text("due_time is not null"))
    op.drop_table("supply")
    op.drop_table("deleted_account")
