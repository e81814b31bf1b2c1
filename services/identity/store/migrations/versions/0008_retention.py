"""What a law wants kept is not deleted before its time, nor by a truncate: `kit.retention` for each table."""

from alembic import op

from kit.retention import begun, ended

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_GUARDED = [
    ("account", "15 years"),
    ("audit_event", "15 years"),
    ("audit_head", "15 years"),
    ("doctor_key", "15 years"),
]
_REPLACED = [
    (
        "audit_event_is_kept",
        "audit_event",
        "refuse_audit_change",
        "before update or delete on audit_event for each row",
        "before update on audit_event for each row",
    ),
    ("audit_event_is_not_emptied", "audit_event", "refuse_audit_change", "before truncate on audit_event", ""),
]
"""Triggers by name, table and function: what they refused, and what they refuse now that deletes are guarded."""


def upgrade() -> None:
    for statement in begun(_GUARDED, _REPLACED):
        op.execute(statement)


def downgrade() -> None:
    for statement in ended(_GUARDED, _REPLACED):
        op.execute(statement)
