"""What a plan says is never changed; how it is sealed may be."""

from alembic import op

from kit.resealing import resealed

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_STAYS = (
    "create trigger plan_revision_stays before update of patient_id, plan_id, revision, create_time, item_id, body "
    "on plan_revision for each row{} execute function refuse_change()"
)


def upgrade() -> None:
    _replace(f" when (not {resealed('body', 'answer_note')})")


def downgrade() -> None:
    _replace("")


def _replace(unless: str) -> None:
    op.execute("drop trigger plan_revision_stays on plan_revision")
    op.execute(_STAYS.format(unless))
