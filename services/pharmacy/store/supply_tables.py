"""The tables of what patients have of each medicine."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, Numeric, SmallInteger, Text, text
from sqlmodel import Column, Field, SQLModel

from kit.retention import WORKING, clinical, sale


class SupplyLotRow(SQLModel, table=True):
    """What was dispensed of a medicine at once."""

    __tablename__ = "supply_lot"
    __retention__ = sale("start_time")
    __table_args__ = (Index("supply_lot_of_medicine", "patient_id", "atc_code", "start_time"),)

    order_id: UUID = Field(primary_key=True, foreign_key="medicine_order.order_id")
    line: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    patient_id: UUID
    atc_code: str = Field(sa_column=Column(Text, nullable=False))
    amount: Decimal | None = Field(default=None, sa_column=Column(Numeric))
    """How much, in `unit`; None: nobody knows what a pack holds."""
    unit: str = Field(default="", sa_column=Column(Text, nullable=False))
    """In UCUM: substance (mg, [iU]) where that can be told, else what is counted."""
    strength: Decimal | None = Field(default=None, sa_column=Column(Numeric))
    """Of one unit of the form, in `strength_unit`; None: not one number (a combination)."""
    strength_unit: str = Field(default="", sa_column=Column(Text, nullable=False))
    daily: Decimal | None = Field(default=None, sa_column=Column(Numeric))
    """What is to be taken a day, in `unit`; None: not known, or when needed."""
    prescription_id: UUID | None = None
    prescriber_id: UUID | None = None
    start_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    """When it was handed over."""
    end_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When it was given back."""


class SupplyRow(SQLModel, table=True):
    """How a patient's supply of a medicine stood when it was last looked at. Made anew from its lots at any time."""

    __tablename__ = "supply"
    __retention__ = WORKING
    __table_args__ = (Index("supply_due", "due_time", postgresql_where=text("due_time is not null")),)

    patient_id: UUID = Field(primary_key=True)
    atc_code: str = Field(sa_column=Column(Text, primary_key=True))
    name_zh: str = Field(sa_column=Column(Text, nullable=False))
    name_en: str = Field(sa_column=Column(Text, nullable=False))
    run_out_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """None: not known."""
    basis: int | None = Field(default=None, sa_column=Column(SmallInteger))
    """`SupplyBasis` of the contract; None: nothing is known."""
    fell_behind: bool = False
    look_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When it was last looked at."""
    due_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When it is next looked at; None: never."""
    remind_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When the patient was reminded since the last delivery."""


class SupplyWarningRow(SQLModel, table=True):
    """What a prescriber was warned of: once of each kind between two deliveries."""

    __tablename__ = "supply_warning"
    __retention__ = clinical("create_time")
    __table_args__ = (
        CheckConstraint("kind in (1, 2)", name="supply_warning_kind"),
        Index("supply_warning_once", "patient_id", "atc_code", "kind", "lot_time", unique=True),
        Index("supply_warning_of_clinician", "clinician_id", "create_time", "warning_id"),
    )

    warning_id: UUID = Field(primary_key=True)
    patient_id: UUID
    clinician_id: UUID
    atc_code: str = Field(sa_column=Column(Text, nullable=False))
    name_zh: str = Field(sa_column=Column(Text, nullable=False))
    name_en: str = Field(sa_column=Column(Text, nullable=False))
    kind: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`SupplyWarningKind` of the contract."""
    lot_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    """When the last delivery before it was."""
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    acknowledge_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
