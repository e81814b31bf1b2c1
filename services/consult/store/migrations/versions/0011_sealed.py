"""What refuses every change lets a value be sealed anew (`kit.resealing`)."""

from alembic import op

from kit.resealing import resealed

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_MESSAGE = """
create or replace function message_is_frozen() returns trigger language plpgsql as $$
begin
  {reseals}
  if tg_op = 'DELETE' and old.create_time < now() - interval '3 years' then
    return old;
  end if;
  raise exception 'messages are kept as they were said, for at least three years';
end $$
"""
_RECORD = """
create or replace function record_is_frozen() returns trigger language plpgsql as $$
begin
  {reseals}
  raise exception '% is append-only', tg_table_name;
end $$
"""
_HEALTH_RECORD_STAYS = (
    "drop trigger health_record_stays on health_record_revision",
    "create trigger health_record_stays before update on health_record_revision{each}"
    " execute function record_is_frozen()",
)


def upgrade() -> None:
    op.execute(_MESSAGE.format(reseals=_lets(resealed("content"))))
    op.execute(_RECORD.format(reseals=_lets(resealed("signed_content", "revoke_reason", "facts"))))
    for statement in _HEALTH_RECORD_STAYS:
        op.execute(statement.format(each=" for each row"))  # of a whole statement there is no row to look at


def downgrade() -> None:
    for statement in _HEALTH_RECORD_STAYS:
        op.execute(statement.format(each=""))
    op.execute(_RECORD.format(reseals=""))
    op.execute(_MESSAGE.format(reseals=""))


def _lets(condition: str) -> str:
    return f"if {condition} then return new; end if;"
