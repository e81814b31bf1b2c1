"""What is open to a doctor found quickly, and ratings."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rating",
        sa.Column("rating_id", sa.Uuid(), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("patient_name", sa.Text(), nullable=False),
        sa.Column("stars", sa.SmallInteger(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("hiding_reason", sa.SmallInteger(), nullable=False),
        sa.Column("moderator_id", sa.Uuid(), nullable=True),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply_time", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.consultation_id"],
        ),
        sa.PrimaryKeyConstraint("rating_id"),
        sa.UniqueConstraint("consultation_id"),
    )
    op.create_index("rating_of_doctor", "rating", ["doctor_id", "create_time"], unique=False)
    op.create_index("rating_of_patient", "rating", ["patient_id"], unique=False)
    op.add_column("consultation", sa.Column("claim_sequence", sa.BigInteger(), nullable=True))
    op.create_index("consultation_of_doctor", "consultation", ["doctor_id", "claim_time"], unique=False)
    op.create_index(
        "consultation_open_of_doctor",
        "consultation",
        ["doctor_id"],
        unique=False,
        postgresql_where=sa.text("state in (1, 2)"),
    )
    op.create_index("member_colleague", "member", ["account_id"], unique=False, postgresql_where=sa.text("role = 3"))


def downgrade() -> None:
    op.drop_index("member_colleague", table_name="member", postgresql_where=sa.text("role = 3"))
    op.drop_index("consultation_open_of_doctor", table_name="consultation", postgresql_where=sa.text("state in (1, 2)"))
    op.drop_index("consultation_of_doctor", table_name="consultation")
    op.drop_column("consultation", "claim_sequence")
    op.drop_index("rating_of_patient", table_name="rating")
    op.drop_index("rating_of_doctor", table_name="rating")
    op.drop_table("rating")
