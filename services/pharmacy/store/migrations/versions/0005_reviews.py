"""Prescriptions, the orders that use them, and pharmacists' reviews."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEPT = [
    """
    create function pharmacy_record_is_frozen() returns trigger language plpgsql as $$
    begin
      raise exception '% is kept as it was', tg_table_name;
    end $$
    """,
    # What was signed stays.
    "create trigger prescription_is_frozen before update on prescription for each row"
    " when ((old.prescription_id, old.revision, old.patient_id, old.signed_content, old.signature, old.key_id)"
    " is distinct from"
    " (new.prescription_id, new.revision, new.patient_id, new.signed_content, new.signature, new.key_id))"
    " execute function pharmacy_record_is_frozen()",
    # What was decided stays decided, with the check that it was decided by.
    "create trigger review_is_frozen before update on review for each row when (old.state in (4, 5, 6))"
    " execute function pharmacy_record_is_frozen()",
    "create trigger review_stays before delete or truncate on review execute function pharmacy_record_is_frozen()",
]


def upgrade() -> None:
    op.create_table(
        "prescription",
        sa.Column("prescription_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("signed_content", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("prescription_id", "revision"),
    )
    op.create_index("prescription_of_patient", "prescription", ["patient_id"], unique=False)
    op.create_table(
        "prescription_claim",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("prescription_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("duration_days", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("claim_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("order_id"),
    )
    op.create_index(
        "prescription_claim_once",
        "prescription_claim",
        ["prescription_id", "number"],
        unique=True,
        postgresql_where=sa.text("state <> 2"),
    )
    op.create_table(
        "review",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("pharmacy_id", sa.Uuid(), nullable=False),
        sa.Column("prescription_id", sa.Uuid(), nullable=False),
        sa.Column("prescription_revision", sa.Integer(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("pharmacist_id", sa.Uuid(), nullable=True),
        sa.Column("lease_end_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("open_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("check_digest", sa.LargeBinary(), nullable=False),
        sa.Column("checked", sa.LargeBinary(), nullable=False),
        sa.Column("decision", sa.LargeBinary(), nullable=False),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state <> 4 or (decision <> '' and check_digest <> '')", name="review_is_decided"),
        sa.ForeignKeyConstraint(["order_id"], ["medicine_order.order_id"]),
        sa.PrimaryKeyConstraint("order_id"),
    )
    op.create_index("review_of_patient", "review", ["patient_id"], unique=False)
    op.create_index(
        "review_open",
        "review",
        ["pharmacy_id", "open_time", "order_id"],
        unique=False,
        postgresql_where=sa.text("state in (1, 2, 3)"),
    )
    op.create_table(
        "review_question",
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("prescription_id", sa.Uuid(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("pharmacist_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("ask_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answer_time", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["review.order_id"],
        ),
        sa.PrimaryKeyConstraint("question_id"),
    )
    op.create_index("review_question_of_order", "review_question", ["order_id", "ask_time"], unique=False)
    op.create_index(
        "review_question_open",
        "review_question",
        ["doctor_id", "ask_time"],
        unique=False,
        postgresql_where=sa.text("answer_time is null"),
    )
    for statement in _KEPT:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index("review_question_open", table_name="review_question", postgresql_where=sa.text("answer_time is null"))
    op.drop_index("review_question_of_order", table_name="review_question")
    op.drop_table("review_question")
    op.drop_index("review_open", table_name="review", postgresql_where=sa.text("state in (1, 2, 3)"))
    op.drop_index("review_of_patient", table_name="review")
    op.drop_table("review")
    op.drop_index("prescription_claim_once", table_name="prescription_claim", postgresql_where=sa.text("state <> 2"))
    op.drop_table("prescription_claim")
    op.drop_index("prescription_of_patient", table_name="prescription")
    op.drop_table("prescription")
    op.execute("drop function pharmacy_record_is_frozen()")
