"""Prescriptions whose medicine came back to the pharmacy: they may be handed out once more."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_WHAT_WAS_SIGNED = (
    " (old.prescription_id, old.revision, old.patient_id, old.consultation_id, old.doctor_id, old.create_time,"
    " old.expire_time, old.signed_content, old.signature, old.key_id) is distinct from"
    " (new.prescription_id, new.revision, new.patient_id, new.consultation_id, new.doctor_id, new.create_time,"
    " new.expire_time, new.signed_content, new.signature, new.key_id)"
)
_TIMES = "dispense_time", "return_time"


def upgrade() -> None:
    for name in _TIMES:
        op.add_column("prescription_revision", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    _allow("not (old.state = 5 and new.state in (5, 6))")


def downgrade() -> None:
    _allow("true")
    for name in _TIMES:
        op.drop_column("prescription_revision", name)


def _allow(else_refused: str) -> None:
    """What has ended stays so, but that what was dispensed may be dispensed once more."""
    op.execute("drop trigger prescription_is_frozen on prescription_revision")
    op.execute(
        "create trigger prescription_is_frozen before update on prescription_revision for each row"
        f" when ((old.state not in (1, 6) and {else_refused}) or {_WHAT_WAS_SIGNED})"
        " execute function record_is_frozen()"
    )
