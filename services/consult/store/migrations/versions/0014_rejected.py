"""Prescriptions that a pharmacist rejected: they read so, and the doctor may revise or revoke them."""

import sqlalchemy as sa
from alembic import op

from kit.resealing import resealed

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_WHAT_WAS_SIGNED = (
    " (old.prescription_id, old.revision, old.patient_id, old.consultation_id, old.doctor_id, old.create_time,"
    " old.expire_time, old.signed_content, old.signature, old.key_id) is distinct from"
    " (new.prescription_id, new.revision, new.patient_id, new.consultation_id, new.doctor_id, new.create_time,"
    " new.expire_time, new.signed_content, new.signature, new.key_id)"
)
_RECORD = """
create or replace function record_is_frozen() returns trigger language plpgsql as $$
begin
  if {resealed} then return new; end if;
  raise exception '% is append-only', tg_table_name;
end $$
"""
_SEALED = "signed_content", "revoke_reason", "facts"


def upgrade() -> None:
    op.add_column("prescription_revision", sa.Column("reject_time", sa.DateTime(timezone=True), nullable=True))
    op.add_column("prescription_revision", sa.Column("reject_reason", sa.Text(), nullable=False, server_default=""))
    op.execute(_RECORD.format(resealed=resealed(*_SEALED, "reject_reason")))
    _allow("1, 6, 7", "5, 6, 7")


def downgrade() -> None:
    _allow("1, 6", "5, 6")
    op.execute(_RECORD.format(resealed=resealed(*_SEALED)))
    op.drop_column("prescription_revision", "reject_reason")
    op.drop_column("prescription_revision", "reject_time")


def _allow(changing: str, after_dispensing: str) -> None:
    """The states that may change, and those that what was dispensed may come into."""
    op.execute("drop trigger prescription_is_frozen on prescription_revision")
    op.execute(
        "create trigger prescription_is_frozen before update on prescription_revision for each row"
        f" when ((old.state not in ({changing}) and not (old.state = 5 and new.state in ({after_dispensing})))"
        f" or {_WHAT_WAS_SIGNED}) execute function record_is_frozen()"
    )
