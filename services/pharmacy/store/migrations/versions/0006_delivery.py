"""Couriers, their jobs, where they are, and how cold it was."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TEMPERATURES_STAY = [
    """
    create function delivery_temperature_stays() returns trigger language plpgsql as $$
    begin
      raise exception 'a temperature is kept as it was measured';
    end $$
    """,
    "create trigger delivery_temperature_stays before update on delivery_temperature "
    "for each row execute function delivery_temperature_stays()",
]


def upgrade() -> None:
    op.create_table(
        "courier",
        sa.Column("courier_id", sa.Uuid(), nullable=False),
        sa.Column("on_duty", sa.Boolean(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("has_cold_box", sa.Boolean(), nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("on_duty = (latitude is not null)", name="courier_place_on_duty_alone"),
        sa.PrimaryKeyConstraint("courier_id"),
    )
    op.create_table(
        "courier_position",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("order_id"),
    )
    op.create_table(
        "delivery_job",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("pharmacy_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("courier_id", sa.Uuid(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("distance_metres", sa.Integer(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("cold_chain", sa.Boolean(), nullable=False),
        sa.Column("break_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("break_celsius", sa.Float(), nullable=True),
        sa.Column("failure", sa.SmallInteger(), nullable=False),
        sa.Column("wrong_tries", sa.SmallInteger(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accept_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pick_up_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state != 1 or courier_id is null", name="delivery_job_offered"),
        sa.CheckConstraint("state not in (2, 3, 4, 5) or courier_id is not null", name="delivery_job_accepted"),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["medicine_order.order_id"],
        ),
        sa.PrimaryKeyConstraint("order_id"),
    )
    op.create_index("delivery_job_of_courier", "delivery_job", ["courier_id", "accept_time"], unique=False)
    op.create_index(
        "delivery_job_offered_at", "delivery_job", ["latitude"], unique=False, postgresql_where=sa.text("state = 1")
    )
    op.create_table(
        "delivery_temperature",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("courier_id", sa.Uuid(), nullable=False),
        sa.Column("celsius", sa.Float(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["delivery_job.order_id"],
        ),
        sa.PrimaryKeyConstraint("order_id", "time"),
    )
    for statement in _TEMPERATURES_STAY:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("delivery_temperature")
    op.drop_index("delivery_job_offered_at", table_name="delivery_job", postgresql_where=sa.text("state = 1"))
    op.drop_index("delivery_job_of_courier", table_name="delivery_job")
    op.drop_table("delivery_job")
    op.drop_table("courier_position")
    op.drop_table("courier")
    op.execute("drop function delivery_temperature_stays")
