"""Draws what goes with the glucose, each sort in a lane of its own below it."""

from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ, SCOPE_DOSE_READ, SCOPE_GLUCOSE_READ, SCOPE_MEAL_READ
from apricot.glucose.v1.alert_pb2 import ALERT_URGENCY_URGENT, Alert
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from clients.clinician.models.patient.chart import ChartModel
from clients.clinician.views import words
from clients.clinician.views.patient import entry_words
from clients.clinician.views.patient.crowd import paint_crowd
from clients.clinician.views.patient.frame import Frame
from clients.clinician.views.patient.lane import LANE_PIXELS, Lane, Mark, bar_height
from clients.clinician.views.theme import SPACE, font, theme

_HIT_PIXELS = 6.0
_LEAST_NOTE_PIXELS = 64.0
_WORDY, _MANY = 24, 60
"""More in sight have no words beside them; still more are drawn together."""
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Lanes:
    """All of them, from the top."""

    def __init__(self, model: ChartModel) -> None:
        self._model = model
        self.lanes = [
            Lane(model, QCoreApplication.translate("Words", "Alerts"), (SCOPE_ALERT_READ,)),
            Lane(model, QCoreApplication.translate("Words", "Meals"), (SCOPE_MEAL_READ,), "meal"),
            Lane(model, QCoreApplication.translate("Words", "Insulin"), (SCOPE_DOSE_READ,), "insulin_dose"),
            Lane(model, QCoreApplication.translate("Words", "Medicines"), (SCOPE_DOSE_READ,), "medicine_dose"),
            Lane(model, QCoreApplication.translate("Words", "Exercise"), (SCOPE_MEAL_READ,), "exercise"),
            Lane(
                model,
                QCoreApplication.translate("Words", "Notes, other"),
                (SCOPE_MEAL_READ, SCOPE_GLUCOSE_READ),
                *("note", "ketone", "weight", "blood_pressure"),
            ),
        ]

    @property
    def height(self) -> float:
        """In pixels."""
        return float(len(self.lanes) * LANE_PIXELS)

    def refresh(self) -> None:
        """Take what has changed."""
        for lane in self.lanes:
            lane.refresh()

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """With their names beside them."""
        for place, lane in enumerate(self.lanes):
            rect = _rect_of(frame, place)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.setPen(QPen(QColor(theme().line), 1))
            painter.drawLine(rect.topLeft(), rect.topRight())
            painter.setFont(font(11))
            painter.setPen(QColor(theme().muted))
            painter.drawText(QRectF(0, rect.top(), rect.left() - SPACE, rect.height()), _RIGHT, lane.name)
            if not lane.is_open:
                if self._model.sharing.ranges:
                    text = QCoreApplication.translate("Words", "Not shared with you")
                    painter.drawText(rect.adjusted(SPACE, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)
                continue
            painter.save()
            painter.setClipRect(rect)
            found = lane.in_sight(frame)
            if len(found) > _MANY:
                paint_crowd(painter, frame, rect, lane, found)
            else:
                _paint_lane(painter, rect, [lane.mark(frame, each) for each in found.tolist()])
            painter.restore()

    def mark_at(self, frame: Frame, point: QPointF) -> Mark | None:
        """What the mouse is on."""
        for place, lane in enumerate(self.lanes):
            if _rect_of(frame, place).contains(point):
                marks = (lane.mark(frame, each) for each in lane.in_sight(frame).tolist())
                reach = point.x() - _HIT_PIXELS, point.x() + _HIT_PIXELS
                near = [mark for mark in marks if mark.left <= reach[1] and mark.right >= reach[0]]
                return min(near, key=lambda mark: abs((mark.left + mark.right) / 2 - point.x()), default=None)
        return None


def _rect_of(frame: Frame, place: int) -> QRectF:
    return QRectF(frame.lanes.left(), frame.lanes.top() + place * LANE_PIXELS, frame.lanes.width(), LANE_PIXELS)


def _paint_lane(painter: QPainter, rect: QRectF, found: list[Mark]) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    metrics, last = QFontMetricsF(painter.font()), rect.left()
    for mark, following in zip(found, [*found[1:], None], strict=False):
        text = words.rule(mark.item.rule) if isinstance(mark.item, Alert) else entry_words.short(mark.item)
        begin = _paint_mark(painter, rect, mark)
        room = (following.left if following else rect.right()) - begin - SPACE
        is_note = not isinstance(mark.item, Alert) and mark.item.HasField("note")
        if is_note:
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room) if room >= _LEAST_NOTE_PIXELS else ""
        width = metrics.horizontalAdvance(text)
        painter.setPen(QColor(theme().text))
        if len(found) > _WORDY and not is_note:
            continue  # words beside some of many say more of the room there was than of the patient
        if text and width <= room:
            painter.drawText(QRectF(begin, rect.top(), room, rect.height()), Qt.AlignmentFlag.AlignVCenter, text)
        elif isinstance(mark.item, Alert) and following is None and width <= mark.left - last - 2 * SPACE:
            place = QRectF(mark.left - width - SPACE, rect.top(), width + 1, rect.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
        last = begin + width


def _paint_mark(painter: QPainter, rect: QRectF, mark: Mark) -> float:
    """Draws it; where its text may begin."""
    if isinstance(mark.item, Alert):
        return _paint_alert(painter, rect, mark, mark.item)
    middle, bottom, colours = rect.center().y(), rect.bottom() - 2, theme()
    painter.setPen(Qt.PenStyle.NoPen)
    match mark.item.WhichOneof("content"):
        case "meal":
            height = bar_height(mark.share)
            painter.setBrush(QColor(colours.muted))
            painter.drawRect(QRectF(mark.left - 2, bottom - height, 4, height))
        case "insulin_dose":
            height = bar_height(mark.share)
            # A bolus is filled, a basal dose an outline, wider.
            basal = mark.item.insulin_dose.kind in entry_words.BASAL
            painter.setPen(QPen(QColor(colours.accent), 1.5) if basal else QPen(Qt.PenStyle.NoPen))
            painter.setBrush(Qt.BrushStyle.NoBrush if basal else QColor(colours.accent))
            width = 8 if basal else 4
            painter.drawRect(QRectF(mark.left - width / 2, bottom - height, width, height))
        case "medicine_dose":
            painter.setBrush(QColor(colours.accent))
            painter.drawRoundedRect(QRectF(mark.left - 6, middle - 3, 12, 6), 3, 3)
            painter.setBrush(QColor(colours.surface))
            painter.drawRect(QRectF(mark.left - 0.5, middle - 3, 1, 6))
        case "exercise":
            painter.setBrush(QColor(colours.good))
            painter.drawRoundedRect(QRectF(mark.left, middle - 5, max(mark.right - mark.left, 3), 10), 3, 3)
            return max(mark.right, mark.left + 3) + 6
        case _:
            painter.setBrush(QColor(colours.muted))
            painter.drawEllipse(QPointF(mark.left, middle), 3.5, 3.5)
    return mark.left + 10


def _paint_alert(painter: QPainter, rect: QRectF, mark: Mark, alert: Alert) -> float:
    """From when it was raised to when it was resolved; an active one is open at its end."""
    urgent = alert.urgency == ALERT_URGENCY_URGENT
    colour, middle = QColor(theme().urgent if urgent else theme().warning), rect.center().y()
    half = 5 if urgent else 3
    right = max(mark.right, mark.left + 3)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRect(QRectF(mark.left, middle - half, right - mark.left, 2 * half))
    if not alert.HasField("resolve_time"):
        painter.drawPolygon(
            [QPointF(right, middle - half - 3), QPointF(right + 8, middle), QPointF(right, middle + half + 3)]
        )
        return right + 14
    return right + 6
