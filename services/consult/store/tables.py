"""Consult's tables, in one place for migrations. Each theme has a file of its own."""

from kit.consumer import HandledEvent, ParkedEvent
from kit.idempotency import AnsweredRequest
from kit.outbox import OutboxRow
from kit.pushes import PushRow
from services.consult.store.booking_tables import AppointmentRow, QueueRow, SeatRow, SlotRow, WaitingRow
from services.consult.store.consultation_tables import ConsultationRow, MemberRow
from services.consult.store.conversation_tables import MessageRow
from services.consult.store.directory_tables import DoctorModeRow, DoctorRow, HospitalRow, SearchWordRow
from services.consult.store.directory_tables import DoctorModeRow, DoctorRow, HospitalRow
from services.consult.store.rating_tables import RatingRow

__all__ = [
    "AnsweredRequest",
    "AppointmentRow",
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
    "SearchWordRow",
    "RatingRow",
    "QueueRow",
    "SeatRow",
    "SlotRow",
    "WaitingRow",
]
