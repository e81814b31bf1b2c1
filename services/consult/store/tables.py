"""Consult's tables, in one place for migrations. Each theme has a file of its own."""

from kit.consumer import HandledEvent, ParkedEvent
from kit.idempotency import AnsweredRequest
from kit.outbox import OutboxRow
from kit.pushes import PushRow
from services.consult.store.call_tables import CallParticipantRow, CallRow
from services.consult.store.consultation_tables import ConsultationRow, MemberRow
from services.consult.store.conversation_tables import MessageRow
from services.consult.store.directory_tables import DoctorModeRow, DoctorRow, HospitalRow

__all__ = [
    "AnsweredRequest",
    "CallParticipantRow",
    "CallRow",
    "ConsultationRow",
    "DoctorModeRow",
    "DoctorRow",
    "HandledEvent",
    "HospitalRow",
    "MemberRow",
    "MessageRow",
    "OutboxRow",
    "ParkedEvent",
    "PushRow",
]
