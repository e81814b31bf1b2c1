"""How far one's own message has come: a clock, a tick, two ticks, two coloured ticks, or a warning."""

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from clients.clinician.models.consult.messages import Delivery
from clients.clinician.views.theme import theme

_SIZE = QSize(18, 12)


def delivery_name(delivery: Delivery) -> str:
    """In words."""
    return {
        Delivery.FAILED: QCoreApplication.translate("Consult", "Not sent"),
        Delivery.SENDING: QCoreApplication.translate("Consult", "Sending"),
        Delivery.TAKEN: QCoreApplication.translate("Consult", "Sent"),
        Delivery.DELIVERED: QCoreApplication.translate("Consult", "Delivered"),
        Delivery.READ: QCoreApplication.translate("Consult", "Read"),
    }[delivery]


class Mark(QWidget):
    """Drawn; a screen reader has the word."""

    def __init__(self) -> None:
        super().__init__()
        self._delivery = Delivery.SENDING
        self.setFixedSize(_SIZE)

    def show_delivery(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self.setToolTip(delivery_name(delivery))
        self.setAccessibleName(delivery_name(delivery))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = {Delivery.FAILED: "urgent", Delivery.READ: "accent"}.get(self._delivery, "muted")
        pen = QPen(theme().color(color), 1.6)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        match self._delivery:
            case Delivery.SENDING:
                painter.drawEllipse(QRectF(4, 1, 10, 10))
                painter.drawPolyline([QPointF(9, 3.4), QPointF(9, 6), QPointF(11, 7.2)])
            case Delivery.FAILED:
                painter.drawEllipse(QRectF(4, 1, 10, 10))
                painter.drawLine(QPointF(9, 3.4), QPointF(9, 6.6))
                painter.drawPoint(QPointF(9, 8.8))
            case Delivery.TAKEN:
                painter.drawPath(_tick(4))
            case _:
                painter.drawPath(_tick(1))
                painter.drawPath(_tick(6))


def _tick(left: float) -> QPainterPath:
    path = QPainterPath(QPointF(left, 6.5))
    path.lineTo(left + 3, 9.5)
    path.lineTo(left + 9, 2.5)
    return path
