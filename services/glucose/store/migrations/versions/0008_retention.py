"""What a law wants kept is not deleted before its time, nor by a truncate: `kit.retention` for each table."""

from alembic import op

from kit.retention import begun, ended

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_GUARDED = [
    ("alert", "15 years", "raise_time"),
    ("alert_rules", "15 years", "update_time"),
    ("entry", "15 years"),
    ("entry_revision", "15 years"),
    ("photo", "15 years", "create_time", "old.meal_ids <> '{}'"),
    ("plan_draft", "15 years", "create_time"),
    ("plan_revision", "15 years", "create_time"),
    ("timeline_item", "15 years"),
]


def upgrade() -> None:
    for statement in begun(_GUARDED, ()):
        op.execute(statement)


def downgrade() -> None:
    for statement in ended(_GUARDED, ()):
        op.execute(statement)
