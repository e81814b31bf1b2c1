"""Consult's tables, in one place for migrations. Each theme has a file of its own."""

from kit.consumer import HandledEvent, ParkedEvent
from kit.idempotency import AnsweredRequest
from kit.outbox import OutboxRow
from kit.pushes import PushRow
from services.consult.store.consultation_tables import ConsultationRow, MemberRow
from services.consult.store.conversation_tables import MessageRow
from services.consult.store.directory_tables import DoctorModeRow, DoctorRow, HospitalRow
from services.consult.store.prescription_tables import HealthRecordRow, PrescriptionRow

__all__ = [
    "AnsweredRequest",
    "ConsultationRow",
    "DoctorModeRow",
    "DoctorRow",
    "HandledEvent",
    "HealthRecordRow",
    "HospitalRow",
    "MemberRow",
    "MessageRow",
    "OutboxRow",
    "ParkedEvent",
    "PrescriptionRow",
    "PushRow",
]
