"""What a law wants kept is not deleted before its time, nor by a truncate: `kit.retention` for each table."""

from alembic import op

from kit.retention import begun, ended

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_GUARDED = [
    ("delivery_job", "5 years"),
    ("delivery_temperature", "5 years", "create_time"),
    ("ledger_entry", "10 years"),
    ("medicine_order", "5 years", "create_time"),
    ("order_item", "5 years"),
    ("order_step", "5 years", "time"),
    ("payment", "5 years", "create_time"),
    ("payment_dispute", "5 years", "create_time"),
    ("pharmacy", "5 years", "update_time"),
    ("prescription", "5 years"),
    ("prescription_claim", "5 years", "claim_time"),
    ("reconciliation", "10 years", "create_time"),
    ("refund", "5 years", "create_time"),
    ("review", "5 years"),
    ("review_question", "5 years", "ask_time"),
    ("stock_lot", "5 years", "update_time"),
    ("supply_lot", "5 years", "start_time"),
    ("supply_warning", "15 years", "create_time"),
]
_REPLACED = [
    (
        "ledger_entry_stays",
        "ledger_entry",
        "ledger_entry_stays",
        "before update or delete or truncate on ledger_entry for each statement",
        "before update on ledger_entry for each statement",
    ),
    ("review_stays", "review", "pharmacy_record_is_frozen", "before delete or truncate on review", ""),
]
"""Triggers by name, table and function: what they refused, and what they refuse now that deletes are guarded."""


def upgrade() -> None:
    for statement in begun(_GUARDED, _REPLACED):
        op.execute(statement)


def downgrade() -> None:
    for statement in ended(_GUARDED, _REPLACED):
        op.execute(statement)
