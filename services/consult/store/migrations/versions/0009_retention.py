"""What a law wants kept is not deleted before its time, nor by a truncate: `kit.retention` for each table."""

from alembic import op

from kit.retention import begun, ended

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_GUARDED = [
    ("appointment", "15 years", "create_time"),
    ("attachment", "15 years", "create_time"),
    ("call", "15 years", "create_time"),
    ("call_participant", "15 years", "join_time"),
    ("consultation", "15 years", "create_time"),
    ("message", "15 years", "create_time"),
    ("health_record_revision", "15 years"),
    ("prescription_revision", "15 years"),
]
_REPLACED = [
    (
        "message_is_frozen",
        "message",
        "message_is_frozen",
        "before update or delete on message for each row",
        "before update on message for each row",
    ),
    ("message_stays", "message", "message_stays", "before truncate on message", ""),
    (
        "attachment_is_frozen",
        "attachment",
        "attachment_is_frozen",
        "before update or delete on attachment for each row",
        "before update on attachment for each row",
    ),
    ("attachment_stays", "attachment", "message_stays", "before truncate on attachment", ""),
    (
        "prescription_stays",
        "prescription_revision",
        "record_is_frozen",
        "before delete or truncate on prescription_revision",
        "",
    ),
    (
        "health_record_stays",
        "health_record_revision",
        "record_is_frozen",
        "before update or delete or truncate on health_record_revision",
        "before update on health_record_revision",
    ),
]
"""Triggers by name, table and function: what they refused, and what they refuse now that deletes are guarded."""


def upgrade() -> None:
    for statement in begun(_GUARDED, _REPLACED):
        op.execute(statement)


def downgrade() -> None:
    for statement in ended(_GUARDED, _REPLACED):
        op.execute(statement)
