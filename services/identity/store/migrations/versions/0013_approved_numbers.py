"""A licence number is unique among approved licences alone: a stranger's submission blocks nobody.

The release before finds a number in use by its own query, and needs no index for it."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_IN_USE, _APPROVED = "state in ('submitted', 'approved')", "state = 'approved'"
_COLUMNS = {"number": "licence_number", "number_index": "licence_number_index"}


def upgrade() -> None:
    for column, name in _COLUMNS.items():
        _index(f"{name}_approved", column, _APPROVED)
        op.drop_index(f"{name}_in_use", "licence")


def downgrade() -> None:
    for column, name in _COLUMNS.items():
        _index(f"{name}_in_use", column, _IN_USE)
        op.drop_index(f"{name}_approved", "licence")


def _index(name: str, column: str, where: str) -> None:
    op.create_index(name, "licence", ["role", column], unique=True, postgresql_where=sa.text(where))
