"""The directory: how doctors practise, and what search finds, filters and orders them by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ORDERS = {
    "doctor_by_rating": "rating_average",
    "doctor_by_fee": "lowest_fee_minor",
    "doctor_by_text_fee": "text_fee_minor",
    "doctor_by_voice_fee": "voice_fee_minor",
    "doctor_by_video_fee": "video_fee_minor",
    "doctor_by_slot": "next_slot_time",
    "doctor_by_answer": "answer_minutes",
}
"""Indexes by the column that each orders by."""
_COUNTED = [
    "licence_end_time",
    "text_fee_minor",
    "voice_fee_minor",
    "video_fee_minor",
    "lowest_fee_minor",
    "rating_average",
    "next_slot_time",
    "language_ranges",
]
"""What facets look at beside department and hospital: with these the index alone answers."""
_LISTED = sa.text("listed")


def upgrade() -> None:
    op.create_table("search_word", sa.Column("word", sa.Text(), nullable=False), sa.PrimaryKeyConstraint("word"))
    op.create_index(
        "search_word_alike",
        "search_word",
        ["word"],
        postgresql_using="gin",
        postgresql_ops={"word": "gin_trgm_ops"},
    )
    for column in (
        sa.Column("specialties", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("language_ranges", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("biography", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("document", postgresql.TSVECTOR(), server_default=sa.text("''"), nullable=False),
        sa.Column("text_fee_minor", sa.BigInteger(), nullable=True),
        sa.Column("voice_fee_minor", sa.BigInteger(), nullable=True),
        sa.Column("video_fee_minor", sa.BigInteger(), nullable=True),
        sa.Column(
            "lowest_fee_minor",
            sa.BigInteger(),
            sa.Computed("least(text_fee_minor, voice_fee_minor, video_fee_minor)", persisted=True),
            nullable=True,
        ),
        sa.Column("next_slot_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rating_average", sa.REAL(), server_default=sa.text("0"), nullable=False),
        sa.Column("rating_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("answer_minutes", sa.REAL(), nullable=True),
    ):
        op.add_column("doctor", column)
    # A word's frequency decides between reading all who have it and walking an order until enough do.
    op.execute("alter table doctor alter column document set statistics 1000")
    for name, column_name in _ORDERS.items():
        op.create_index(name, "doctor", [column_name, "doctor_id"], postgresql_where=_LISTED)
    op.create_index("doctor_by_hospital", "doctor", ["hospital_id"])
    op.create_index("doctor_by_words", "doctor", ["document"], postgresql_using="gin", postgresql_where=_LISTED)
    op.create_index(
        "doctor_facets",
        "doctor",
        ["department_code", "hospital_id"],
        postgresql_include=_COUNTED,
        postgresql_where=_LISTED,
    )


def downgrade() -> None:
    for name in ("doctor_facets", "doctor_by_words", "doctor_by_hospital", *_ORDERS):
        op.drop_index(name, table_name="doctor")
    for column_name in (
        "answer_minutes",
        "rating_count",
        "rating_average",
        "next_slot_time",
        "lowest_fee_minor",
        "video_fee_minor",
        "voice_fee_minor",
        "text_fee_minor",
        "document",
        "biography",
        "language_ranges",
        "languages",
        "specialties",
    ):
        op.drop_column("doctor", column_name)
    op.drop_table("search_word")
