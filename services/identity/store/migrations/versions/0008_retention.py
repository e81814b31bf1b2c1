"""What a law wants kept is not deleted before its time, nor by a truncate: `kit.retention` for each table."""

from alembic import op

from kit.retention import GUARD, guards, unguards

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
    op.execute(GUARD)
    for table, *kept in _GUARDED:
        for statement in guards(table, *kept):
            op.execute(statement)
    for name, table, function, _, events in _REPLACED:
        op.execute(f"drop trigger {name} on {table}")
        if events:
            op.execute(f"create trigger {name} {events} execute function {function}()")


def downgrade() -> None:
    for name, table, function, events, now in _REPLACED:
        if now:
            op.execute(f"drop trigger {name} on {table}")
        op.execute(f"create trigger {name} {events} execute function {function}()")
    for table, *_ in _GUARDED:
        for statement in unguards(table):
            op.execute(statement)
    op.execute("drop function refuse_early_end()")
