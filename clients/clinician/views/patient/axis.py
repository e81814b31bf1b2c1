"""Draws the axes: the patient's hours and days, concentrations in the clinician's unit, the target range, and now."""

from datetime import datetime

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from clients.clinician.models.patient.days import marks, midnights
from clients.clinician.views import words
from clients.clinician.views.patient.entry_words import day
from clients.clinician.views.patient.frame import Frame, edges
from clients.clinician.views.theme import SPACE, font, theme

_PIXELS_A_MARK = 72
_DAY_LABEL_PIXELS = 88
_DAY_LINE_PIXELS = 24
_LABEL_APART_PIXELS = 13
LABEL_PIXELS = 18
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def paint_range(painter: QPainter, frame: Frame) -> None:
    """The target range as a band, the bands' edges as lines with their values."""
    very_low, low, high, very_high = edges(frame.unit)
    band = QColor(theme().in_range)
    band.setAlpha(26)
    left, right = frame.plot.left(), frame.plot.right()
    painter.fillRect(QRectF(QPointF(left, frame.y(high)), QPointF(right, frame.y(low))), band)
    painter.setFont(font(11))
    for value, strong in (very_low, False), (low, True), (high, True), (very_high, False):
        y = round(frame.y(value)) + 0.5
        style = Qt.PenStyle.SolidLine if strong else Qt.PenStyle.DashLine
        painter.setPen(QPen(QColor(theme().in_range if strong else theme().line), 1, style))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        if value == very_low and frame.y(very_low) - frame.y(low) < _LABEL_APART_PIXELS:
            continue
        painter.setPen(QColor(theme().text if strong else theme().muted))
        place = QRectF(0, y - 8, left - SPACE, 16)
        painter.drawText(place, _RIGHT, words.concentration(value, frame.unit))
    painter.setPen(QColor(theme().muted))
    painter.drawText(QRectF(0, 0, left - SPACE, LABEL_PIXELS), _RIGHT, frame.unit.value)


def paint_time(painter: QPainter, frame: Frame, whole: QRectF) -> None:
    """Days begin at the patient's midnight; below them the hours."""
    painter.setFont(font(11))
    days = midnights(frame.start, frame.end, frame.zone)
    day_pixels = 86400 / frame.seconds_a_pixel
    found = marks(frame.start, frame.end, frame.zone, max(2, int(frame.plot.width() / _PIXELS_A_MARK)))
    painter.setPen(QPen(QColor(theme().line), 1))
    for midnight in days if day_pixels >= _DAY_LINE_PIXELS else found:
        x = round(frame.x(midnight.timestamp())) + 0.5
        painter.drawLine(QPointF(x, whole.top()), QPointF(x, frame.lanes.bottom() + 2 * LABEL_PIXELS))
    hourly = any(mark.astimezone(frame.zone).hour for mark in found)
    hours_top = frame.lanes.bottom() + 4
    for mark in found:
        x, local = frame.x(mark.timestamp()), mark.astimezone(frame.zone)
        painter.setPen(QPen(QColor(theme().line), 1))
        painter.drawLine(QPointF(round(x) + 0.5, frame.lanes.bottom()), QPointF(round(x) + 0.5, hours_top))
        painter.setPen(QColor(theme().muted))
        text = f"{local:%H:%M}" if hourly else day(local)
        place = QRectF(x - 40, hours_top, 80, LABEL_PIXELS)
        if place.left() >= frame.plot.left() - 40 and place.right() <= frame.plot.right() + 40:
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
    if hourly and day_pixels >= _DAY_LABEL_PIXELS:
        _paint_day_names(painter, frame, [frame.start, *days], hours_top + LABEL_PIXELS - 2)


def paint_now(painter: QPainter, frame: Frame) -> None:
    """A line where the future begins."""
    x = round(frame.x(frame.now)) + 0.5
    if frame.plot.left() <= x <= frame.plot.right():
        painter.setPen(QPen(QColor(theme().accent), 1))
        painter.drawLine(QPointF(x, frame.plot.top()), QPointF(x, frame.lanes.bottom()))
        painter.setFont(font(11))
        word = QCoreApplication.translate("Words", "now")
        place = QRectF(x - 48, frame.plot.top() - LABEL_PIXELS, 64, LABEL_PIXELS)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, word)


def _paint_day_names(painter: QPainter, frame: Frame, begins: list[datetime], top: float) -> None:
    painter.setPen(QColor(theme().text))
    painter.setFont(font(11))
    for begin, end in zip(begins, [*begins[1:], frame.end], strict=True):
        left, right = frame.x(begin.timestamp()), frame.x(end.timestamp())
        if right - left >= _DAY_LABEL_PIXELS:
            place = QRectF(left + SPACE, top, right - left - SPACE, LABEL_PIXELS)
            painter.drawText(place, _LEFT, day(begin.astimezone(frame.zone)))
