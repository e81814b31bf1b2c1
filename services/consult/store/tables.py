"""Consult's tables, in one place for migrations. Each theme has a file of its own."""

from kit.consumer import HandledEvent, ParkedEvent
from kit.idempotency import AnsweredRequest
from kit.outbox import OutboxRow
from kit.pushes import PushRow
from kit.resealing import ResealingRow
from services.consult.store.account_tables import ClosedAccountRow
from services.consult.store.attachment_tables import AttachmentRow, AttachmentUploadRow
from services.consult.store.booking_tables import AppointmentRow, QueueRow, SeatRow, SlotRow, WaitingRow
from services.consult.store.call_tables import CallParticipantRow, CallRow
from services.consult.store.consultation_tables import ConsultationRow, MemberRow
from services.consult.store.conversation_tables import MessagePushRow, MessageRow, SignalRow
from services.consult.store.directory_tables import DoctorModeRow, DoctorRow, HospitalRow, SearchWordRow
from services.consult.store.prescription_tables import HealthRecordRow, PrescriptionRow
from services.consult.store.presence_tables import OpenStreamRow, StreamProcessRow
from services.consult.store.rating_tables import RatingRow

__all__ = [
    "AnsweredRequest",
    "AppointmentRow",
    "AttachmentRow",
    "AttachmentUploadRow",
    "CallParticipantRow",
    "CallRow",
    "ClosedAccountRow",
    "ConsultationRow",
    "DoctorModeRow",
    "DoctorRow",
    "HandledEvent",
    "HealthRecordRow",
    "HospitalRow",
    "MemberRow",
    "MessagePushRow",
    "MessageRow",
    "OpenStreamRow",
    "OutboxRow",
    "ParkedEvent",
    "PrescriptionRow",
    "PushRow",
    "QueueRow",
    "RatingRow",
    "ResealingRow",
    "SearchWordRow",
    "SeatRow",
    "SignalRow",
    "SlotRow",
    "StreamProcessRow",
    "WaitingRow",
]
