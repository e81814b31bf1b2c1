"""Slots, their places, appointments and waiting lists."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SLOTS_LIE_APART = (
    "alter table slot add constraint slots_lie_apart exclude using gist"
    " (doctor_id with =, tstzrange(start_time, end_time) with &&) where (withdraw_time is null)"
)
_APPOINTMENTS_LIE_APART = (
    "alter table appointment add constraint appointments_lie_apart exclude using gist"
    " (patient_id with =, tstzrange(start_time, end_time) with &&) where (state <= 3)"
)


def upgrade() -> None:
    op.create_table(
        "queue",
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("doctor_id", "day"),
    )
    op.create_table(
        "slot",
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("start_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("capacity", sa.SmallInteger(), nullable=False),
        sa.Column("mode", sa.SmallInteger(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("withdraw_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("capacity between 1 and 100", name="slot_capacity"),
        sa.CheckConstraint("start_time < end_time", name="slot_has_a_length"),
        sa.PrimaryKeyConstraint("slot_id"),
    )
    op.create_index(
        "slot_of_doctor",
        "slot",
        ["doctor_id", "start_time"],
        unique=False,
        postgresql_where=sa.text("withdraw_time is null"),
    )
    op.execute(_SLOTS_LIE_APART)
    op.create_table(
        "seat",
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["slot_id"],
            ["slot.slot_id"],
        ),
        sa.PrimaryKeyConstraint("slot_id", "number"),
        sa.UniqueConstraint("holder_id"),
    )
    op.create_index(
        "seat_free", "seat", ["slot_id", "number"], unique=False, postgresql_where=sa.text("holder_id is null")
    )
    op.create_table(
        "waiting_entry",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("patient_name", sa.Text(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=True),
        sa.Column("start_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("offered_slot_id", sa.Uuid(), nullable=True),
        sa.Column("offer_expire_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["offered_slot_id"],
            ["slot.slot_id"],
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"],
            ["slot.slot_id"],
        ),
        sa.PrimaryKeyConstraint("entry_id"),
    )
    op.create_index(
        "waiting_line",
        "waiting_entry",
        ["doctor_id", "create_time"],
        unique=False,
        postgresql_where=sa.text("state = 1"),
    )
    op.create_index("waiting_of_patient", "waiting_entry", ["patient_id", "create_time", "entry_id"], unique=False)
    op.create_index(
        "waiting_offer", "waiting_entry", ["offer_expire_time"], unique=False, postgresql_where=sa.text("state = 2")
    )
    op.create_index(
        "waiting_once_for_doctor",
        "waiting_entry",
        ["patient_id", "doctor_id"],
        unique=True,
        postgresql_where=sa.text("state <= 2 and slot_id is null"),
    )
    op.create_index(
        "waiting_once_for_slot",
        "waiting_entry",
        ["patient_id", "slot_id"],
        unique=True,
        postgresql_where=sa.text("state <= 2 and slot_id is not null"),
    )
    op.create_index("waiting_over", "waiting_entry", ["end_time"], unique=False, postgresql_where=sa.text("state = 1"))
    op.create_table(
        "appointment",
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("seat_number", sa.SmallInteger(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("doctor_name", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("patient_name", sa.Text(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("start_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("mode", sa.SmallInteger(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("fee_state", sa.SmallInteger(), nullable=False),
        sa.Column("queue_number", sa.Integer(), nullable=True),
        sa.Column("check_in_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("previous_appointment_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("remind_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["slot_id", "seat_number"], ["seat.slot_id", "seat.number"], name="appointment_has_a_seat"
        ),
        sa.PrimaryKeyConstraint("appointment_id"),
    )
    op.create_index("appointment_of_doctor", "appointment", ["doctor_id", "day", "start_time"], unique=False)
    op.create_index(
        "appointment_of_patient", "appointment", ["patient_id", "start_time", "appointment_id"], unique=False
    )
    op.create_index(
        "appointment_once",
        "appointment",
        ["patient_id", "slot_id"],
        unique=True,
        postgresql_where=sa.text("state <= 5"),
    )
    op.create_index(
        "appointment_open", "appointment", ["end_time"], unique=False, postgresql_where=sa.text("state = 1")
    )
    op.create_index(
        "appointment_queue",
        "appointment",
        ["doctor_id", "day", "queue_number"],
        unique=True,
        postgresql_where=sa.text("queue_number is not null"),
    )
    op.create_index(
        "appointment_reminder",
        "appointment",
        ["remind_time"],
        unique=False,
        postgresql_where=sa.text("remind_time is not null"),
    )
    op.create_index(
        "appointment_seat",
        "appointment",
        ["slot_id", "seat_number"],
        unique=True,
        postgresql_where=sa.text("state <= 5"),
    )
    op.create_index("appointment_touched", "appointment", ["update_time"], unique=False)
    # Behind `appointment_once`: PostgreSQL checks in the order of making, and the same slot twice is told as such.
    op.execute(_APPOINTMENTS_LIE_APART)


def downgrade() -> None:
    op.drop_index("appointment_touched", table_name="appointment")
    op.drop_index("appointment_seat", table_name="appointment", postgresql_where=sa.text("state <= 5"))
    op.drop_index("appointment_reminder", table_name="appointment", postgresql_where=sa.text("remind_time is not null"))
    op.drop_index("appointment_queue", table_name="appointment", postgresql_where=sa.text("queue_number is not null"))
    op.drop_index("appointment_open", table_name="appointment", postgresql_where=sa.text("state = 1"))
    op.drop_index("appointment_once", table_name="appointment", postgresql_where=sa.text("state <= 5"))
    op.drop_index("appointment_of_patient", table_name="appointment")
    op.drop_index("appointment_of_doctor", table_name="appointment")
    op.drop_table("appointment")
    op.drop_index("waiting_over", table_name="waiting_entry", postgresql_where=sa.text("state = 1"))
    op.drop_index(
        "waiting_once_for_slot",
        table_name="waiting_entry",
        postgresql_where=sa.text("state <= 2 and slot_id is not null"),
    )
    op.drop_index(
        "waiting_once_for_doctor",
        table_name="waiting_entry",
        postgresql_where=sa.text("state <= 2 and slot_id is null"),
    )
    op.drop_index("waiting_offer", table_name="waiting_entry", postgresql_where=sa.text("state = 2"))
    op.drop_index("waiting_of_patient", table_name="waiting_entry")
    op.drop_index("waiting_line", table_name="waiting_entry", postgresql_where=sa.text("state = 1"))
    op.drop_table("waiting_entry")
    op.drop_index("seat_free", table_name="seat", postgresql_where=sa.text("holder_id is null"))
    op.drop_table("seat")
    op.drop_index("slot_of_doctor", table_name="slot", postgresql_where=sa.text("withdraw_time is null"))
    op.drop_table("slot")
    op.drop_table("queue")
