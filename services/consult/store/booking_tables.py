"""The tables of slots, their places, appointments and waiting lists. What may never be is refused by them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Column, Field, SQLModel

from kit.retention import WORKING, clinical
from kit.sealed import SealedText

_DURING = text("tstzrange(start_time, end_time)")


class SlotRow(SQLModel, table=True):
    """A time at which a doctor sees some patients. No two of a doctor's overlap."""

    __tablename__ = "slot"
    __retention__ = WORKING
    __table_args__ = (
        CheckConstraint("start_time < end_time", name="slot_has_a_length"),
        CheckConstraint("capacity between 1 and 100", name="slot_capacity"),
        Index("slot_of_doctor", "doctor_id", "start_time", postgresql_where=text("withdraw_time is null")),
        ExcludeConstraint(
            ("doctor_id", "="),
            (_DURING, "&&"),
            name="slots_lie_apart",
            using="gist",
            where=text("withdraw_time is null"),
        ),
    )

    slot_id: UUID = Field(primary_key=True)
    doctor_id: UUID
    start_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    end_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    time_zone: str = Field(sa_column=Column(Text, nullable=False))
    """The IANA zone that it was published in."""
    day: date = Field(sa_column=Column(Date, nullable=False))
    """The day of its start in that zone."""
    capacity: int = Field(sa_column=Column(SmallInteger, nullable=False))
    mode: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`ConsultationMode` of the contract; 0: in person."""
    room: str = Field(sa_column=Column(Text, nullable=False))
    """Where in the hospital, if in person."""
    fee_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    currency: str = Field(sa_column=Column(Text, nullable=False))
    withdraw_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When the doctor withdrew it; None: it stands."""
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class SeatRow(SQLModel, table=True):
    """A place of a slot: as many rows as the slot has capacity, each held by one or by nobody.

    Who wants a place locks any free row that nobody else has locked (`skip locked`), so that fifty people take fifty
    places side by side; a counter in the slot's row would make each wait for the commit of the one before.
    """

    __tablename__ = "seat"
    __retention__ = WORKING
    __table_args__ = (Index("seat_free", "slot_id", "number", postgresql_where=text("holder_id is null")),)

    slot_id: UUID = Field(sa_column=Column(ForeignKey("slot.slot_id"), primary_key=True))
    number: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    """From 1 to the slot's capacity."""
    holder_id: UUID | None = Field(default=None, unique=True)
    """The appointment on it, or the entry of a waiting list that it is offered to; None: free."""


class AppointmentRow(SQLModel, table=True):
    """A patient's place."""

    __tablename__ = "appointment"
    __retention__ = clinical("create_time")
    __table_args__ = (
        ForeignKeyConstraint(
            ["slot_id", "seat_number"], ["seat.slot_id", "seat.number"], name="appointment_has_a_seat"
        ),
        Index("appointment_seat", "slot_id", "seat_number", unique=True, postgresql_where=text("state <= 5")),
        Index("appointment_once", "patient_id", "slot_id", unique=True, postgresql_where=text("state <= 5")),
        Index(
            "appointment_queue",
            "doctor_id",
            "day",
            "queue_number",
            unique=True,
            postgresql_where=text("queue_number is not null"),
        ),
        Index("appointment_of_patient", "patient_id", "start_time", "appointment_id"),
        Index("appointment_of_doctor", "doctor_id", "day", "start_time"),
        Index("appointment_reminder", "remind_time", postgresql_where=text("remind_time is not null")),
        Index("appointment_open", "end_time", postgresql_where=text("state = 1")),
        Index("appointment_touched", "update_time"),
        ExcludeConstraint(
            ("patient_id", "="),
            (_DURING, "&&"),
            name="appointments_lie_apart",
            using="gist",
            where=text("state <= 3"),
        ),
    )

    appointment_id: UUID = Field(primary_key=True)
    slot_id: UUID
    seat_number: int = Field(sa_column=Column(SmallInteger, nullable=False))
    doctor_id: UUID
    doctor_name: str = Field(sa_column=Column(Text, nullable=False))
    patient_id: UUID
    patient_name: str = Field(sa_column=Column(SealedText("appointment.patient_name"), nullable=False))
    state: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`AppointmentState` of the contract: up to 3 it takes the patient's time, up to 5 the place."""
    start_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    """This and what follows as in the slot."""
    end_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    time_zone: str = Field(sa_column=Column(Text, nullable=False))
    day: date = Field(sa_column=Column(Date, nullable=False))
    mode: int = Field(sa_column=Column(SmallInteger, nullable=False))
    room: str = Field(sa_column=Column(Text, nullable=False))
    fee_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    currency: str = Field(sa_column=Column(Text, nullable=False))
    fee_state: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`FeeState` of the contract."""
    queue_number: int | None = Field(default=None, sa_column=Column(Integer))
    check_in_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    previous_appointment_id: UUID | None = None
    """Whose place it took."""
    note: str = Field(default="", sa_column=Column(SealedText("appointment.note"), nullable=False))
    """The doctor's words on withdrawing the slot."""
    remind_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When the patient is next to be reminded."""
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    update_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class QueueRow(SQLModel, table=True):
    """A doctor's queue of a day: the last number given."""

    __tablename__ = "queue"
    __retention__ = WORKING

    doctor_id: UUID = Field(primary_key=True)
    day: date = Field(sa_column=Column(Date, primary_key=True))
    last_number: int = Field(sa_column=Column(Integer, nullable=False))


class WaitingRow(SQLModel, table=True):
    """A patient's entry on a waiting list."""

    __tablename__ = "waiting_entry"
    __retention__ = WORKING
    __table_args__ = (
        Index(
            "waiting_once_for_slot",
            "patient_id",
            "slot_id",
            unique=True,
            postgresql_where=text("state <= 2 and slot_id is not null"),
        ),
        Index(
            "waiting_once_for_doctor",
            "patient_id",
            "doctor_id",
            unique=True,
            postgresql_where=text("state <= 2 and slot_id is null"),
        ),
        Index("waiting_line", "doctor_id", "create_time", postgresql_where=text("state = 1")),
        Index("waiting_over", "end_time", postgresql_where=text("state = 1")),
        Index("waiting_offer", "offer_expire_time", postgresql_where=text("state = 2")),
        Index("waiting_of_patient", "patient_id", "create_time", "entry_id"),
    )

    entry_id: UUID = Field(primary_key=True)
    patient_id: UUID
    patient_name: str = Field(sa_column=Column(SealedText("waiting_entry.patient_name"), nullable=False))
    doctor_id: UUID
    slot_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("slot.slot_id")))
    """None: any of the doctor's slots that begin within the range."""
    start_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    end_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    """Excluded."""
    state: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`WaitingState` of the contract: up to 2 it is open."""
    offered_slot_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("slot.slot_id")))
    offer_expire_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    appointment_id: UUID | None = None
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    """Since when it waits: who waits longest comes first."""
    update_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
