"""What tells who somebody is, is sealed and found by blind indexes. Rows of the release before get theirs by
`services.identity.indexing`; each index of those that wait for it is empty in the end."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

from kit.resealing import resealed

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_COLUMNS: list[tuple[str, str, TypeEngine[Any]]] = [
    ("account", "phone_index", sa.LargeBinary()),
    ("account", "sealed_birth_date", sa.String()),
    ("device", "push_token_index", sa.LargeBinary()),
    ("licence", "number_index", sa.LargeBinary()),
]
_IN_USE = "state in ('submitted', 'approved')"
_FOUND_BY = [
    ("account_phone_index", "account", ["phone_index"], "delete_time is null"),
    ("device_push_token_index", "device", ["push_token_index"], None),
    ("licence_number_index_in_use", "licence", ["role", "number_index"], _IN_USE),
]
_WAITING = [
    ("account_unindexed", "account", ["account_id"], "(phone_index is null) = (delete_time is null)"),
    ("account_open_birth_date", "account", ["account_id"], "birth_date is not null"),
    ("device_unindexed", "device", ["device_id"], "push_token_index is null"),
    ("licence_unindexed", "licence", ["licence_id"], "number_index is null"),
]
_HAND_OVER_IS_KEPT = (
    "create trigger hand_over_is_kept before update on hand_over for each row{} execute function refuse_audit_change()"
)


def upgrade() -> None:
    for table, name, kind in _COLUMNS:
        op.add_column(table, sa.Column(name, kind, nullable=True))
    for unique, indexes in (True, _FOUND_BY), (False, _WAITING):
        for name, table, columns, where in indexes:
            only = sa.text(where) if where else None
            op.create_index(name, table, columns, unique=unique, postgresql_where=only)
    _keep_hand_overs(f" when (not {resealed('reason')})")


def downgrade() -> None:
    _keep_hand_overs("")
    for table, name, _ in reversed(_COLUMNS):
        op.drop_column(table, name)
    op.drop_index("account_open_birth_date", "account")


def _keep_hand_overs(unless: str) -> None:
    op.execute("drop trigger hand_over_is_kept on hand_over")
    op.execute(_HAND_OVER_IS_KEPT.format(unless))
