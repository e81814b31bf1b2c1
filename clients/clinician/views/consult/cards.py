"""Cards of the patient's record: what they are called, and how one is dragged from a chart into a talk."""

from datetime import UTC, datetime, timedelta

from apricot.consult.v1.conversation_pb2 import Card, ReadingWindow
from PySide6.QtCore import QCoreApplication, QMimeData
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QWidget

MIME_TYPE = "application/x-apricot-card"


def readings_card(start: datetime, end: datetime) -> Card:
    """The readings of a window, at most 90 days."""
    return Card(reading_window=_window(start, end))


def report_card(start: datetime, end: datetime) -> Card:
    """The report of a window, at most 90 days."""
    return Card(report_window=_window(start, end))


def card_drag(source: QWidget, card: Card) -> QDrag:
    """Ready for `exec`: a composer takes it."""
    drag = QDrag(source)
    drag.setMimeData(card_mime(card))
    return drag


def card_mime(card: Card) -> QMimeData:
    """The card as what is dragged or copied."""
    mime = QMimeData()
    mime.setData(MIME_TYPE, card.SerializeToString())
    mime.setText(title(card))
    return mime


def card_of(mime: QMimeData) -> Card | None:
    """None: there is none in it."""
    return Card.FromString(bytes(mime.data(MIME_TYPE).data())) if mime.hasFormat(MIME_TYPE) else None


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
    made.start_time.FromDatetime(start.astimezone(UTC))
    made.end_time.FromDatetime(end.astimezone(UTC))
    return made
