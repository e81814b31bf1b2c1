"""Payments, refunds, the ledger, reconciliation."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_LEDGER_HOLDS = [
    """
    create function ledger_entry_stays() returns trigger language plpgsql as $$
    begin
      raise exception 'what was booked stays as it was';
    end $$
    """,
    """
    create trigger ledger_entry_stays before update or delete or truncate on ledger_entry
    for each statement execute function ledger_entry_stays()
    """,
    """
    create function ledger_entry_balances() returns trigger language plpgsql as $$
    begin
      if exists (
        select from ledger_entry where event = new.event and reference = new.reference
        group by currency having sum(amount_minor) <> 0
      ) then
        raise exception 'the entries of an event sum to zero' using errcode = 'check_violation';
      end if;
      return null;
    end $$
    """,
    """
    create constraint trigger ledger_entry_balances after insert on ledger_entry deferrable initially deferred
    for each row execute function ledger_entry_balances()
    """,
]


def upgrade() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("entry_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("event", sa.SmallInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("account", sa.SmallInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name="ledger_entry_amount"),
        sa.PrimaryKeyConstraint("entry_id"),
        sa.UniqueConstraint("event", "reference", "line", name="ledger_entry_once"),
    )
    op.create_index(
        "ledger_entry_of_account",
        "ledger_entry",
        ["account", "owner", "currency"],
        unique=False,
        postgresql_include=["amount_minor"],
    )
    op.create_index(
        "ledger_entry_of_order",
        "ledger_entry",
        ["order_id", "entry_id"],
        unique=False,
        postgresql_where=sa.text("order_id is not null"),
    )
    op.create_table(
        "payment_dispute",
        sa.Column("dispute_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("dispute_id"),
        sa.UniqueConstraint(
            "provider",
            "kind",
            "payment_id",
            "refund_id",
            name="payment_dispute_once",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "reconciliation",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider", "day"),
    )
    op.create_table(
        "payment",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("handoff", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("next_look_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pay_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("statement_day", sa.Date(), nullable=True),
        sa.CheckConstraint("refunded_minor = 0 or state = 3", name="payment_refunded_is_paid"),
        sa.CheckConstraint("refunded_minor between 0 and amount_minor", name="payment_refunded"),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["medicine_order.order_id"],
        ),
        sa.PrimaryKeyConstraint("payment_id"),
    )
    op.create_index("payment_counted", "payment", ["order_id"], unique=True, postgresql_where=sa.text("counted"))
    op.create_index(
        "payment_next_look",
        "payment",
        ["next_look_time"],
        unique=False,
        postgresql_where=sa.text("next_look_time is not null"),
    )
    op.create_index(
        "payment_of_day", "payment", ["provider", "pay_time"], unique=False, postgresql_where=sa.text("state = 3")
    )
    op.create_index("payment_of_order", "payment", ["order_id", "create_time"], unique=False)
    op.create_index("payment_open", "payment", ["order_id"], unique=True, postgresql_where=sa.text("state = 1"))
    op.create_table(
        "refund",
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("statement_day", sa.Date(), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name="refund_amount"),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["payment.payment_id"],
        ),
        sa.PrimaryKeyConstraint("refund_id"),
        sa.UniqueConstraint("payment_id", "cause", name="refund_once"),
    )
    op.create_index("refund_failed", "refund", ["state"], unique=False, postgresql_where=sa.text("state = 4"))
    op.create_index(
        "refund_next_try",
        "refund",
        ["next_try_time"],
        unique=False,
        postgresql_where=sa.text("next_try_time is not null"),
    )
    op.create_index("refund_of_day", "refund", ["end_time"], unique=False, postgresql_where=sa.text("state = 3"))
    for statement in _LEDGER_HOLDS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index("refund_of_day", table_name="refund", postgresql_where=sa.text("state = 3"))
    op.drop_index("refund_next_try", table_name="refund", postgresql_where=sa.text("next_try_time is not null"))
    op.drop_index("refund_failed", table_name="refund", postgresql_where=sa.text("state = 4"))
    op.drop_table("refund")
    op.drop_index("payment_open", table_name="payment", postgresql_where=sa.text("state = 1"))
    op.drop_index("payment_of_order", table_name="payment")
    op.drop_index("payment_of_day", table_name="payment", postgresql_where=sa.text("state = 3"))
    op.drop_index("payment_next_look", table_name="payment", postgresql_where=sa.text("next_look_time is not null"))
    op.drop_index("payment_counted", table_name="payment", postgresql_where=sa.text("counted"))
    op.drop_table("payment")
    op.drop_table("reconciliation")
    op.drop_table("payment_dispute")
    op.drop_index("ledger_entry_of_order", table_name="ledger_entry", postgresql_where=sa.text("order_id is not null"))
    op.drop_index("ledger_entry_of_account", table_name="ledger_entry", postgresql_include=["amount_minor"])
    op.drop_table("ledger_entry")
    op.execute("drop function ledger_entry_balances")
    op.execute("drop function ledger_entry_stays")
