"""Plans, their drafts and their reminders."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan_revision",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("answer_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_note", sa.Text(), nullable=False),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("patient_id", "plan_id", "revision"),
    )
    op.create_index(
        "plan_in_force", "plan_revision", ["patient_id"], unique=True, postgresql_where=sa.text("state = 2")
    )
    op.create_index("plan_waiting", "plan_revision", ["patient_id"], unique=True, postgresql_where=sa.text("state = 1"))
    op.create_index("plan_revision_by_time", "plan_revision", ["patient_id", "create_time", "plan_id", "revision"])
    op.execute(
        "create function refuse_change() returns trigger language plpgsql as "
        "$$ begin raise exception '% is append-only', tg_table_name; end $$"
    )
    op.execute(
        "create trigger plan_revision_stays before update of patient_id, plan_id, revision, create_time, item_id, body "
        "on plan_revision for each row execute function refuse_change()"
    )
    op.create_table(
        "plan_draft",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "draft_id"),
    )
    op.create_table(
        "reminder",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("due_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("patient_id"),
    )
    op.create_index("reminder_due", "reminder", ["due_time"])


def downgrade() -> None:
    op.drop_table("reminder")
    op.drop_table("plan_draft")
    op.drop_table("plan_revision")
    op.execute("drop function refuse_change()")
