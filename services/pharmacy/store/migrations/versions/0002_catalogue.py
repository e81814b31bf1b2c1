"""What products are found by, and which offers are in stock: kept by the lots, whoever changes them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_IN_STOCK = [
    """
    create function in_stock_until(of_pharmacy uuid, of_product uuid) returns date language sql stable as $$
      select max(expiry_date) from stock_lot
      where pharmacy_id = of_pharmacy and product_id = of_product and on_hand > held
    $$
    """,
    # An offer that comes later than its lots.
    """
    create function offer_is_in_stock() returns trigger language plpgsql as $$
    begin
      new.in_stock_until := in_stock_until(new.pharmacy_id, new.product_id);
      return new;
    end $$
    """,
    "create trigger offer_is_in_stock before insert on offer for each row execute function offer_is_in_stock()",
    # Two orders may take the last packs of two lots at once: the second waits for the offer, and then sees both.
    """
    create function stock_lot_is_offered() returns trigger language plpgsql as $$
    declare
      changed stock_lot := coalesce(new, old);
    begin
      perform from offer where pharmacy_id = changed.pharmacy_id and product_id = changed.product_id for update;
      update offer set in_stock_until = in_stock_until(pharmacy_id, product_id)
      where pharmacy_id = changed.pharmacy_id and product_id = changed.product_id
        and in_stock_until is distinct from in_stock_until(pharmacy_id, product_id);
      return null;
    end $$
    """,
    """
    create trigger stock_lot_comes_or_goes after insert or delete on stock_lot
    for each row execute function stock_lot_is_offered()
    """,
    """
    create trigger stock_lot_changes after update on stock_lot for each row
    when ((old.on_hand > old.held) is distinct from (new.on_hand > new.held) or old.expiry_date <> new.expiry_date)
    execute function stock_lot_is_offered()
    """,
]


def upgrade() -> None:
    op.add_column("product", sa.Column("document", postgresql.TSVECTOR(), server_default=sa.text("''"), nullable=False))
    op.create_index("product_document", "product", ["document"], postgresql_using="gin")
    op.add_column("offer", sa.Column("in_stock_until", sa.Date(), nullable=True))
    op.drop_index("offer_of_product", "offer")
    op.create_index(
        "offer_of_product",
        "offer",
        ["product_id", "pharmacy_id"],
        postgresql_include=["price_minor", "in_stock_until"],
    )
    op.create_index("offer_by_price", "offer", ["price_minor", "product_id", "pharmacy_id"])
    op.create_index("offer_of_pharmacy_by_price", "offer", ["pharmacy_id", "price_minor", "product_id"])
    op.create_unique_constraint("stock_lot_number", "stock_lot", ["pharmacy_id", "product_id", "lot_number"])
    for statement in _IN_STOCK:
        op.execute(statement)


def downgrade() -> None:
    op.execute("drop trigger stock_lot_changes on stock_lot")
    op.execute("drop trigger stock_lot_comes_or_goes on stock_lot")
    op.execute("drop function stock_lot_is_offered")
    op.execute("drop trigger offer_is_in_stock on offer")
    op.execute("drop function offer_is_in_stock")
    op.execute("drop function in_stock_until")
    op.drop_constraint("stock_lot_number", "stock_lot")
    op.drop_index("offer_of_pharmacy_by_price", "offer")
    op.drop_index("offer_by_price", "offer")
    op.drop_index("offer_of_product", "offer")
    op.create_index("offer_of_product", "offer", ["product_id", "pharmacy_id"])
    op.drop_column("offer", "in_stock_until")
    op.drop_index("product_document", "product")
    op.drop_column("product", "document")
