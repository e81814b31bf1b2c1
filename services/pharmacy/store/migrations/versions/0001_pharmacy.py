"""Pharmacies, products, stock, orders; the kit's tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STEPS_STAY = [
    """
    create function order_step_stays() returns trigger language plpgsql as $$
    begin
      raise exception 'what happened to an order is kept as it was';
    end $$
    """,
    "create trigger order_step_stays before update on order_step for each row execute function order_step_stays()",
]


def upgrade() -> None:
    op.create_table(
        "answered_request",
        sa.Column("caller_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("caller_id", "request_id"),
    )
    op.create_index(
        "answered_request_create_time", "answered_request", ["create_time"], unique=False, postgresql_using="brin"
    )
    op.create_table(
        "handled_event",
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("handle_time", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id"),
    )
    op.create_index(
        "handled_event_handle_time", "handled_event", ["handle_time"], unique=False, postgresql_using="brin"
    )
    op.create_table(
        "medicine_order",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("pharmacy_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("prescription_id", sa.Uuid(), nullable=True),
        sa.Column("prescription_revision", sa.Integer(), nullable=False),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("goods_minor", sa.BigInteger(), nullable=False),
        sa.Column("delivery_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("buyer_name", sa.Text(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("distance_metres", sa.Integer(), nullable=False),
        sa.Column("cold_chain", sa.Boolean(), nullable=False),
        sa.Column("courier_id", sa.Uuid(), nullable=True),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("needs_review = (prescription_id is not null)", name="medicine_order_review"),
        sa.CheckConstraint(
            "state not in (3, 4, 5, 6, 7, 8, 9) or not needs_review or approved", name="medicine_order_is_approved"
        ),
        sa.PrimaryKeyConstraint("order_id"),
    )
    op.create_index(
        "medicine_order_due",
        "medicine_order",
        ["due_time"],
        unique=False,
        postgresql_where=sa.text("due_time is not null"),
    )
    op.create_index("medicine_order_of_patient", "medicine_order", ["patient_id", "create_time"], unique=False)
    op.create_index(
        "medicine_order_of_pharmacy", "medicine_order", ["pharmacy_id", "state", "create_time"], unique=False
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column(
            "transaction_id",
            sa.BigInteger(),
            server_default=sa.text("pg_current_xact_id()::text::bigint"),
            nullable=False,
        ),
        sa.Column("create_time", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "parked_event",
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("park_time", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id"),
    )
    op.create_table(
        "pharmacy",
        sa.Column("pharmacy_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("licence_number", sa.Text(), nullable=False),
        sa.Column("licence_expiry_date", sa.Date(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("hours", sa.LargeBinary(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("preparing_minutes", sa.Integer(), nullable=False),
        sa.Column("delivery_base_minor", sa.Integer(), nullable=False),
        sa.Column("delivery_per_km_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("open_for_orders", sa.Boolean(), nullable=False),
        sa.Column("rating_sum", sa.Integer(), nullable=False),
        sa.Column("rating_count", sa.Integer(), nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("pharmacy_id"),
        sa.UniqueConstraint("licence_number"),
    )
    op.execute("alter table pharmacy add column delivery_area polygon not null")
    op.create_index("pharmacy_area", "pharmacy", ["delivery_area"], unique=False, postgresql_using="gist")
    op.create_table(
        "product",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("approval_number", sa.Text(), nullable=False),
        sa.Column("atc_code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("prescription_only", sa.Boolean(), nullable=False),
        sa.Column("cold_chain", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("product_id"),
    )
    op.create_index(op.f("ix_product_atc_code"), "product", ["atc_code"], unique=False)
    op.create_table(
        "push",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reference_id", sa.Uuid(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "push_waiting", "push", ["next_try_time"], unique=False, postgresql_where=sa.text("state = 'waiting'")
    )
    op.create_table(
        "stock_lot",
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("pharmacy_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("lot_number", sa.Text(), nullable=False),
        sa.Column("expiry_date", sa.Date(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("held >= 0 and on_hand >= held", name="stock_lot_counts"),
        sa.PrimaryKeyConstraint("lot_id"),
    )
    op.create_index("stock_lot_next", "stock_lot", ["pharmacy_id", "product_id", "expiry_date", "lot_id"], unique=False)
    op.create_table(
        "offer",
        sa.Column("pharmacy_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["pharmacy_id"],
            ["pharmacy.pharmacy_id"],
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.product_id"],
        ),
        sa.PrimaryKeyConstraint("pharmacy_id", "product_id"),
    )
    op.create_index("offer_of_product", "offer", ["product_id", "pharmacy_id"], unique=False)
    op.create_table(
        "order_item",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("atc_code", sa.Text(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("prescription_only", sa.Boolean(), nullable=False),
        sa.Column("prescription_item", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["medicine_order.order_id"],
        ),
        sa.PrimaryKeyConstraint("order_id", "line"),
    )
    op.create_table(
        "order_step",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["medicine_order.order_id"],
        ),
        sa.PrimaryKeyConstraint("order_id", "sequence"),
    )
    op.create_table(
        "pharmacy_staff",
        sa.Column("pharmacy_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("add_time", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["pharmacy_id"],
            ["pharmacy.pharmacy_id"],
        ),
        sa.PrimaryKeyConstraint("pharmacy_id", "account_id"),
    )
    op.create_index("pharmacy_staff_account", "pharmacy_staff", ["account_id"], unique=False)
    op.create_table(
        "stock_hold",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lot_id"],
            ["stock_lot.lot_id"],
        ),
        sa.PrimaryKeyConstraint("order_id", "lot_id", "line"),
    )
    for statement in _STEPS_STAY:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("stock_hold")
    op.drop_index("pharmacy_staff_account", table_name="pharmacy_staff")
    op.drop_table("pharmacy_staff")
    op.drop_table("order_step")
    op.drop_table("order_item")
    op.drop_index("offer_of_product", table_name="offer")
    op.drop_table("offer")
    op.drop_index("stock_lot_next", table_name="stock_lot")
    op.drop_table("stock_lot")
    op.drop_index("push_waiting", table_name="push", postgresql_where=sa.text("state = 'waiting'"))
    op.drop_table("push")
    op.drop_index(op.f("ix_product_atc_code"), table_name="product")
    op.drop_table("product")
    op.drop_index("pharmacy_area", table_name="pharmacy", postgresql_using="gist")
    op.drop_table("pharmacy")
    op.drop_table("parked_event")
    op.drop_table("outbox")
    op.drop_index("medicine_order_of_pharmacy", table_name="medicine_order")
    op.drop_index("medicine_order_of_patient", table_name="medicine_order")
    op.drop_index("medicine_order_due", table_name="medicine_order", postgresql_where=sa.text("due_time is not null"))
    op.drop_table("medicine_order")
    op.drop_index("handled_event_handle_time", table_name="handled_event", postgresql_using="brin")
    op.drop_table("handled_event")
    op.drop_index("answered_request_create_time", table_name="answered_request", postgresql_using="brin")
    op.drop_table("answered_request")
    op.execute("drop function order_step_stays")
