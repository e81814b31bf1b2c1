"""The name of who wrote a revision of a health record."""

import sqlalchemy as sa
from alembic import op

from kit.resealing import resealed

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_RECORD = """
create or replace function record_is_frozen() returns trigger language plpgsql as $$
begin
  if {resealed} then return new; end if;
  raise exception '% is append-only', tg_table_name;
end $$
"""
_SEALED = "signed_content", "revoke_reason", "facts", "reject_reason"


def upgrade() -> None:
    op.add_column("health_record_revision", sa.Column("author_name", sa.Text(), nullable=False, server_default=""))
    op.execute(_RECORD.format(resealed=resealed(*_SEALED, "author_name")))


def downgrade() -> None:
    op.execute(_RECORD.format(resealed=resealed(*_SEALED)))
    op.drop_column("health_record_revision", "author_name")
