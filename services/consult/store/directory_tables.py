"""The tables of hospitals and doctors."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    Computed,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Column, Field, SQLModel

from kit.retention import WORKING

_LISTED = text("listed")


class HospitalRow(SQLModel, table=True):
    """A hospital."""

    __tablename__ = "hospital"
    __retention__ = WORKING

    hospital_id: UUID = Field(primary_key=True)
    name: str = Field(sa_column=Column(Text, nullable=False))
    """In Chinese."""
    name_en: str = Field(sa_column=Column(Text, nullable=False))
    grade: str = Field(sa_column=Column(Text, nullable=False))
    """As the state grades it, such as "3A"; empty: none."""
    city: str = Field(sa_column=Column(Text, nullable=False))


class DoctorRow(SQLModel, table=True):
    """A doctor: who, by identity's licence (a copy, kept fresh by its events), and how the doctor practises here."""

    __tablename__ = "doctor"
    __retention__ = WORKING
    __table_args__ = (
        Index("doctor_by_rating", "rating_average", "doctor_id", postgresql_where=_LISTED),
        Index("doctor_by_fee", "lowest_fee_minor", "doctor_id", postgresql_where=_LISTED),
        Index("doctor_by_text_fee", "text_fee_minor", "doctor_id", postgresql_where=_LISTED),
        Index("doctor_by_voice_fee", "voice_fee_minor", "doctor_id", postgresql_where=_LISTED),
        Index("doctor_by_video_fee", "video_fee_minor", "doctor_id", postgresql_where=_LISTED),
        Index("doctor_by_slot", "next_slot_time", "doctor_id", postgresql_where=_LISTED),
        Index("doctor_by_answer", "answer_minutes", "doctor_id", postgresql_where=_LISTED),
        Index("doctor_by_hospital", "hospital_id"),
        Index("doctor_by_words", "document", postgresql_using="gin", postgresql_where=_LISTED),
        Index(
            "doctor_facets",
            "department_code",
            "hospital_id",
            postgresql_include=[
                "licence_end_time",
                "text_fee_minor",
                "voice_fee_minor",
                "video_fee_minor",
                "lowest_fee_minor",
                "rating_average",
                "next_slot_time",
                "language_ranges",
            ],
            postgresql_where=_LISTED,
        ),
    )

    doctor_id: UUID = Field(primary_key=True)
    """The account."""
    display_name: str = Field(sa_column=Column(Text, nullable=False))
    title: str = Field(sa_column=Column(Text, nullable=False))
    licence_end_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When the licence ends or ended; None: there is none that is approved."""
    first_registration_date: date | None = None
    """In the profession; None: not told."""
    hospital_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("hospital.hospital_id")))
    department_code: str = Field(sa_column=Column(Text, nullable=False, index=True))
    listed: bool = False
    """Whether patients find the doctor and may ask."""
    specialties: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))
    )
    languages: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))
    )
    """BCP 47."""
    language_ranges: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))
    )
    """Each language, and the wider ones that it is part of: what a filter names."""
    biography: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=text("''")))
    document: str = Field(default="", sa_column=Column(TSVECTOR, nullable=False, server_default=text("''")))
    """What search finds the doctor by, see `documents.py`."""
    text_fee_minor: int | None = Field(default=None, sa_column=Column(BigInteger))
    """The fees of `doctor_mode`, beside what else a search filters and orders by; None: not in that mode."""
    voice_fee_minor: int | None = Field(default=None, sa_column=Column(BigInteger))
    video_fee_minor: int | None = Field(default=None, sa_column=Column(BigInteger))
    lowest_fee_minor: int | None = Field(
        default=None,
        sa_column=Column(
            BigInteger, Computed("least(text_fee_minor, voice_fee_minor, video_fee_minor)", persisted=True)
        ),
    )
    next_slot_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When the next free slot begins; None: there is none."""
    rating_average: float = Field(default=0, sa_column=Column(REAL, nullable=False, server_default=text("0")))
    """Stars, a Bayesian average; 0: none yet."""
    rating_count: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default=text("0")))
    answer_minutes: float | None = Field(default=None, sa_column=Column(REAL))
    """The median until an answer; None: not known."""


class SearchWordRow(SQLModel, table=True):
    """A Latin word of somebody's document: what a mistyped word may have meant. Words stay when their doctors go."""

    __tablename__ = "search_word"
    __retention__ = WORKING
    __table_args__ = (
        Index("search_word_alike", "word", postgresql_using="gin", postgresql_ops={"word": "gin_trgm_ops"}),
    )

    word: str = Field(sa_column=Column(Text, primary_key=True))


class DoctorModeRow(SQLModel, table=True):
    """A way in which a doctor takes consultations, and what it costs."""

    __tablename__ = "doctor_mode"
    __retention__ = WORKING

    doctor_id: UUID = Field(sa_column=Column(ForeignKey("doctor.doctor_id", ondelete="cascade"), primary_key=True))
    mode: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    """`ConsultationMode` of the contract."""
    fee_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    """In the currency's minor unit; 0: free."""
    currency: str = Field(sa_column=Column(Text, nullable=False))
    """ISO 4217."""
