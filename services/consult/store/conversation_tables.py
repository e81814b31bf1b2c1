"""The tables of what is said in consultations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index
from sqlmodel import Column, Field, SQLModel

from kit.retention import WORKING, clinical
from kit.sealed import SealedBytes

MESSAGE_CONTENT, SIGNAL_CONTENT = "message.content", "signal.content"
"""The sealed columns."""


def content_column(call_id: UUID | None) -> str:
    """Where it is kept: a signal is of a call, a message of none."""
    return MESSAGE_CONTENT if call_id is None else SIGNAL_CONTENT


class MessageRow(SQLModel, table=True):
    """A message. A trigger refuses every change; its retention, a deletion."""

    __tablename__ = "message"
    __retention__ = clinical("create_time")
    __table_args__ = (Index("message_once", "consultation_id", "sender_id", "client_id", unique=True),)

    consultation_id: UUID = Field(primary_key=True)
    sequence: int = Field(sa_column=Column(BigInteger, primary_key=True))
    """Its place in the consultation's order."""
    patient_id: UUID
    sender_id: UUID | None = None
    """None: the platform."""
    device_id: UUID | None = None
    client_id: UUID
    """Made by the sender, once for each message; for the platform's made here."""
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    content: bytes = Field(sa_column=Column(SealedBytes(MESSAGE_CONTENT), nullable=False))
    """`apricot.consult.v1.MessageContent`."""


class SignalRow(SQLModel, table=True):
    """A call's signal, in the same order as the messages. Gone when the call has ended, or after a day."""

    __tablename__ = "signal"
    __retention__ = WORKING
    __table_args__ = (
        Index("signal_once", "consultation_id", "sender_id", "client_id", unique=True),
        Index("signal_of_call", "call_id"),
        Index("signal_create_time", "create_time", postgresql_using="brin"),
    )

    consultation_id: UUID = Field(primary_key=True)
    sequence: int = Field(sa_column=Column(BigInteger, primary_key=True))
    patient_id: UUID
    call_id: UUID
    sender_id: UUID
    device_id: UUID
    client_id: UUID
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    content: bytes = Field(sa_column=Column(SealedBytes(SIGNAL_CONTENT), nullable=False))
    """`apricot.consult.v1.Signal`."""


class MessagePushRow(SQLModel, table=True):
    """When somebody's devices were last told that a conversation has a message."""

    __tablename__ = "message_push"
    __retention__ = WORKING

    consultation_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    patient_id: UUID
    push_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
