"""Draws what goes with the glucose, each sort in a lane of its own below it."""

from collections.abc import Iterator
from dataclasses import dataclass

from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ, SCOPE_DOSE_READ, SCOPE_GLUCOSE_READ, SCOPE_MEAL_READ
from apricot.glucose.v1.alert_pb2 import ALERT_URGENCY_URGENT, Alert
from apricot.glucose.v1.entry_pb2 import Entry
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from clients.clinician.models.patient.chart import ChartModel
from clients.clinician.models.patient.record import time_of
from clients.clinician.views.patient import entry_words
from clients.clinician.views.patient.frame import Frame
from clients.clinician.views.theme import SPACE, font, theme

LANE_PIXELS = 32
_HIT_PIXELS = 6.0
_LEAST_NOTE_PIXELS = 64.0
_MANY = 120
"""So many in sight are drawn narrower."""
_MOST_CARBOHYDRATE_G, _MOST_UNITS = 100.0, 20.0
"""As high as a lane."""


@dataclass(frozen=True)
class Mark:
    """Something in a lane: from where to where, and what it says."""

    item: Entry | Alert
    left: float
    right: float


@dataclass(frozen=True)
class Lane:
    """One sort."""

    name: str
    kinds: tuple[str, ...]
    """Cases of `Entry.content`; none: alerts."""
    scopes: tuple[int, ...]


def lanes() -> list[Lane]:
    """From the top."""
    return [
        Lane(QCoreApplication.translate("Words", "Alerts"), (), (SCOPE_ALERT_READ,)),
        Lane(QCoreApplication.translate("Words", "Meals"), ("meal",), (SCOPE_MEAL_READ,)),
        Lane(QCoreApplication.translate("Words", "Insulin"), ("insulin_dose",), (SCOPE_DOSE_READ,)),
        Lane(QCoreApplication.translate("Words", "Medicines"), ("medicine_dose",), (SCOPE_DOSE_READ,)),
        Lane(QCoreApplication.translate("Words", "Exercise"), ("exercise",), (SCOPE_MEAL_READ,)),
        Lane(
            QCoreApplication.translate("Words", "Notes, other"),
            ("note", "ketone", "weight", "blood_pressure"),
            (SCOPE_MEAL_READ, SCOPE_GLUCOSE_READ),
        ),
    ]


def marks_of(model: ChartModel, lane: Lane, frame: Frame) -> Iterator[Mark]:
    """Those in sight, in order of time."""
    left, right = frame.plot.left(), frame.plot.right()
    if not lane.kinds:
        for alert in sorted(model.alerts.values(), key=lambda one: one.raise_time.ToNanoseconds()):
            end = alert.resolve_time.ToNanoseconds() / 1e9 if alert.HasField("resolve_time") else frame.now
            begin = alert.raise_time.ToNanoseconds() / 1e9
            if end >= frame.span.start and begin <= frame.span.end:
                yield Mark(alert, max(frame.x(begin), left), min(frame.x(end), right))
        return
    for entry in model.record.of_kind(*lane.kinds):
        begin = time_of(entry) / 1e6
        end = begin + 60 * entry.exercise.duration_minutes
        if end >= frame.span.start and begin <= frame.span.end:
            yield Mark(entry, frame.x(begin), frame.x(end))


def rect_of(frame: Frame, place: int) -> QRectF:
    """A lane's."""
    return QRectF(frame.lanes.left(), frame.lanes.top() + place * LANE_PIXELS, frame.lanes.width(), LANE_PIXELS)


def paint(painter: QPainter, frame: Frame, model: ChartModel) -> None:
    """All of them, with their names beside them."""
    for place, lane in enumerate(lanes()):
        rect = rect_of(frame, place)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(QPen(QColor(theme().line), 1))
        painter.drawLine(rect.topLeft(), rect.topRight())
        painter.setFont(font(11))
        painter.setPen(QColor(theme().muted))
        name = QRectF(0, rect.top(), rect.left() - SPACE, rect.height())
        painter.drawText(name, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, lane.name)
        if not any(model.opens(scope) for scope in lane.scopes):  # type: ignore[arg-type]
            if model.sharing.ranges:
                text = QCoreApplication.translate("Words", "Not shared with you")
                painter.drawText(rect.adjusted(SPACE, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)
            continue
        painter.save()
        painter.setClipRect(rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_lane(painter, rect, list(marks_of(model, lane, frame)))
        painter.restore()


def mark_at(frame: Frame, model: ChartModel, point: QPointF) -> Mark | None:
    """What the mouse is on."""
    for place, lane in enumerate(lanes()):
        if rect_of(frame, place).contains(point):
            near = [
                mark
                for mark in marks_of(model, lane, frame)
                if mark.left - _HIT_PIXELS <= point.x() <= mark.right + _HIT_PIXELS
            ]
            return min(near, key=lambda mark: abs((mark.left + mark.right) / 2 - point.x()), default=None)
    return None


def _paint_lane(painter: QPainter, rect: QRectF, found: list[Mark]) -> None:
    metrics, last = QFontMetricsF(painter.font()), rect.left()
    for mark, following in zip(found, [*found[1:], None], strict=False):
        text = entry_words.rule(mark.item.rule) if isinstance(mark.item, Alert) else entry_words.short(mark.item)
        begin = _paint_mark(painter, rect, mark, narrow=len(found) > _MANY)
        room = (following.left if following else rect.right()) - begin - SPACE
        if len(text) > 3 and isinstance(mark.item, Entry) and mark.item.HasField("note"):
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room) if room >= _LEAST_NOTE_PIXELS else ""
        width = metrics.horizontalAdvance(text)
        painter.setPen(QColor(theme().text))
        if text and width <= room:
            painter.drawText(QRectF(begin, rect.top(), room, rect.height()), Qt.AlignmentFlag.AlignVCenter, text)
        elif isinstance(mark.item, Alert) and following is None and width <= mark.left - last - 2 * SPACE:
            place = QRectF(mark.left - width - SPACE, rect.top(), width + 1, rect.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
        last = begin + width


def _paint_mark(painter: QPainter, rect: QRectF, mark: Mark, *, narrow: bool) -> float:
    """Draws it; where its text may begin."""
    if isinstance(mark.item, Alert):
        return _paint_alert(painter, rect, mark, mark.item)
    middle, bottom, colours = rect.center().y(), rect.bottom() - 2, theme()
    painter.setPen(Qt.PenStyle.NoPen)
    match mark.item.WhichOneof("content"):
        case "meal":
            height = _height(mark.item.meal.carbohydrate_g / _MOST_CARBOHYDRATE_G)
            painter.setBrush(QColor(colours.muted))
            width = 2.0 if narrow else 4.0
            painter.drawRect(QRectF(mark.left - width / 2, bottom - height, width, height))
        case "insulin_dose":
            height = _height(float(mark.item.insulin_dose.amount_units.value) / _MOST_UNITS)
            # A bolus is filled, a basal dose an outline, wider.
            basal = mark.item.insulin_dose.kind in entry_words.BASAL
            painter.setPen(QPen(QColor(colours.accent), 1.5) if basal else QPen(Qt.PenStyle.NoPen))
            painter.setBrush(Qt.BrushStyle.NoBrush if basal else QColor(colours.accent))
            width = (8 if basal else 4) / (2 if narrow else 1)
            painter.drawRect(QRectF(mark.left - width / 2, bottom - height, width, height))
        case "medicine_dose":
            painter.setBrush(QColor(colours.accent))
            width = 4 if narrow else 12
            painter.drawRoundedRect(QRectF(mark.left - width / 2, middle - 3, width, 6), 3, 3)
            if not narrow:
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


def _height(share: float) -> float:
    return max(3.0, min(share, 1.0) * (LANE_PIXELS - 6))
