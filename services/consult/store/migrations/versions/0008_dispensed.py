"""Prescriptions that were handed out."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_WHAT_WAS_SIGNED = (
    " (old.prescription_id, old.revision, old.patient_id, old.consultation_id, old.doctor_id, old.create_time,"
    " old.expire_time, old.signed_content, old.signature, old.key_id) is distinct from"
    " (new.prescription_id, new.revision, new.patient_id, new.consultation_id, new.doctor_id, new.create_time,"
    " new.expire_time, new.signed_content, new.signature, new.key_id)"
)


def upgrade() -> None:
    _allow("1, 6")  # what may be handed out again may also be taken back


def downgrade() -> None:
    _allow("1")


def _allow(open_states: str) -> None:
    """The states in which a prescription is in force, and may come into another one."""
    op.execute("drop trigger prescription_is_frozen on prescription_revision")
    op.execute(
        "create trigger prescription_is_frozen before update on prescription_revision for each row"
        f" when (old.state not in ({open_states}) or {_WHAT_WAS_SIGNED}) execute function record_is_frozen()"
    )
    op.drop_index("prescription_in_force", "prescription_revision")
    op.create_index(
        "prescription_in_force",
        "prescription_revision",
        ["prescription_id"],
        unique=True,
        postgresql_where=sa.text(f"state in ({open_states})"),
    )
