"""What is frozen takes another seal, and nothing else; where past orders went, their sealed addresses alone tell."""

from alembic import op

from kit.resealing import resealed

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_STEP = "raise exception 'what happened to an order is kept as it was';"
_RECORD = "raise exception '% is kept as it was', tg_table_name;"


def upgrade() -> None:
    _replace("order_step_stays", f"if {resealed('note')} then return new; end if; {_STEP}")
    sealed = resealed("signed_content", "checked", "decision")
    _replace("pharmacy_record_is_frozen", f"if {sealed} then return new; end if; {_RECORD}")
    # The others are in use; theirs goes when they end.
    op.execute("update medicine_order set latitude = 0, longitude = 0 where end_time is not null and latitude <> 0")


def downgrade() -> None:
    _replace("order_step_stays", _STEP)
    _replace("pharmacy_record_is_frozen", _RECORD)


def _replace(function: str, body: str) -> None:
    op.execute(f"create or replace function {function}() returns trigger language plpgsql as $$ begin {body} end $$")
