"""Cards of the patient's record: what they are called, and how one is carried from a chart into a talk."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apricot.consult.v1.conversation_pb2 import Card, PlanCard, ReadingWindow
from google.protobuf.message import DecodeError
from PySide6.QtCore import QCoreApplication, QMimeData

MIME_TYPE = "application/x-apricot-card"
_PATIENT_MIME_TYPE = "application/x-apricot-patient"
_LONGEST = timedelta(days=90)
"""As much as the contract lets a window have."""


@dataclass(frozen=True)
class PatientCard:
    """A card with whose record it is of: it belongs into no other patient's talk."""

    patient_id: str
    card: Card


def readings_card(start: datetime, end: datetime) -> Card:
    """The readings of a window; of a longer one the last 90 days."""
    return Card(reading_window=_window(start, end))


def report_card(start: datetime, end: datetime) -> Card:
    """The report of a window; of a longer one the last 90 days."""
    return Card(report_window=_window(start, end))


def plan_card(plan_id: str, revision: int) -> Card:
    """A revision of a plan."""
    return Card(plan=PlanCard(plan_id=plan_id, revision=revision))


def card_mime(of: PatientCard) -> QMimeData:
    """The card as what is dragged or copied."""
    mime = QMimeData()
    mime.setData(MIME_TYPE, of.card.SerializeToString())
    mime.setData(_PATIENT_MIME_TYPE, of.patient_id.encode())
    mime.setText(title(of.card))
    return mime


def card_of(mime: QMimeData) -> PatientCard | None:
    """None: there is none in it, or it comes from elsewhere and cannot be read."""
    if not mime.hasFormat(MIME_TYPE):
        return None
    try:
        patient_id = bytes(mime.data(_PATIENT_MIME_TYPE).data()).decode()
        return PatientCard(patient_id, Card.FromString(bytes(mime.data(MIME_TYPE).data())))
    except (DecodeError, UnicodeDecodeError):
        return None


def title(card: Card) -> str:
    """What it is."""
    match card.WhichOneof("card"):
        case "reading_window":
            return QCoreApplication.translate("Consult", "Glucose readings")
        case "report_window":
            return QCoreApplication.translate("Consult", "Glucose report")
        case "plan":
            return QCoreApplication.translate("Consult", "Plan")
        case _:
            return QCoreApplication.translate("Consult", "Prescription")


def detail(card: Card) -> str:
    """Of when, or which."""
    match card.WhichOneof("card"):
        case "reading_window" | "report_window" as kind:
            window = getattr(card, kind)
            start = window.start_time.ToDatetime(UTC).astimezone()
            end = window.end_time.ToDatetime(UTC).astimezone()
            pattern = "%m-%d %H:%M" if end - start <= timedelta(days=2) else "%Y-%m-%d"
            return f"{start.strftime(pattern)} – {end.strftime(pattern)}"
        case "plan":
            return QCoreApplication.translate("Consult", "Revision {number}").format(number=card.plan.revision)
        case _:
            return card.prescription_id[:8]


def _window(start: datetime, end: datetime) -> ReadingWindow:
    made = ReadingWindow()
    made.start_time.FromDatetime(max(start, end - _LONGEST).astimezone(UTC))
    made.end_time.FromDatetime(end.astimezone(UTC))
    return made
