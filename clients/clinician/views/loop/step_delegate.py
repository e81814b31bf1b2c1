"""Paints one step of the timeline: its icon on the line of time, words, and the lines to its causes."""

from datetime import UTC

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from clients.clinician.models.loop.timeline import Step, TimelineModel
from clients.clinician.views.loop import step_words
from clients.clinician.views.loop.icons import Icon, path
from clients.clinician.views.loop.plan_words import local_time, time_here
from clients.clinician.views.theme import SPACE, font, theme

_LANE = 10
_TIME_PIXELS = 120
_AXIS = _TIME_PIXELS + 7 * SPACE
"""Where the line of time runs; the lanes are left of it."""
_TEXT = _AXIS + 3 * SPACE
_DISC = 12
_TOP = 2 * SPACE
_WRAPS = int(Qt.TextFlag.TextWordWrap)


class StepDelegate(QStyledItemDelegate):
    """Reads the model as it is; nothing is kept."""

    def __init__(self, model: TimelineModel, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self._body, self._strong = font(), font(weight=QFont.Weight.Bold)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        width = self._width()
        height = 2 * _TOP + sum(self._height(text, self._font(role), width) for text, role in self._texts(index.row()))
        return QSize(_TEXT + width, height)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = option.rect
        state = option.state
        step = self._model.step(index.row())
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("chosen" if chosen else "raised"))
            painter.drawRoundedRect(QRectF(rect).adjusted(_AXIS + 2 * SPACE, 2, -SPACE, -2), SPACE, SPACE)
        self._paint_lines(painter, rect, index.row())
        self._paint_icon(painter, rect, step)
        self._paint_texts(painter, rect, index.row(), step)
        painter.restore()

    def _paint_lines(self, painter: QPainter, rect: QRect, row: int) -> None:
        top, middle, bottom = rect.top(), rect.top() + _TOP + _DISC - 2, rect.bottom() + 1
        painter.setPen(QPen(theme().color("line"), 2))
        painter.drawLine(_AXIS, top if row else middle, _AXIS, bottom if row + 1 < self._model.rowCount() else middle)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        color = theme().color("muted")
        for link in self._model.links:
            if not link.effect <= row <= link.cause:
                continue
            painter.setPen(QPen(color, 1.25))
            x, drawn = _AXIS - 2 * SPACE - _LANE * link.lane - 4, QPainterPath()
            if row == link.effect:  # bends out of the effect, downwards to its cause
                drawn.moveTo(_AXIS - _DISC, middle)
                drawn.quadTo(x, middle, x, middle + SPACE)
                drawn.lineTo(x, bottom)
            elif row == link.cause:
                drawn.moveTo(x, top)
                drawn.lineTo(x, middle - SPACE)
                drawn.quadTo(x, middle, _AXIS - _DISC, middle)
            else:
                drawn.moveTo(x, top)
                drawn.lineTo(x, bottom)
            painter.drawPath(drawn)

    def _paint_icon(self, painter: QPainter, rect: QRect, step: Step) -> None:
        icon, name = step_words.icon(step.item)
        color, middle = theme().color(name), QPointF(_AXIS, rect.top() + _TOP + _DISC - 2)
        filled = icon is Icon.ALERT and name == "urgent"
        painter.setPen(QPen(color, 1.5))
        painter.setBrush(color if filled else theme().color("surface"))
        painter.drawEllipse(middle, _DISC, _DISC)
        painter.translate(middle)
        pen = QPen(theme().color("on_urgent") if filled else color, 1.6)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path(icon))
        painter.translate(-middle)

    def _paint_texts(self, painter: QPainter, rect: QRect, row: int, step: Step) -> None:
        painter.setFont(self._body)
        painter.setPen(theme().color("muted"))
        time = local_time(step.item.time.ToDatetime(UTC), self._zone)
        place = QRect(2 * SPACE, rect.top() + _TOP, _TIME_PIXELS, QFontMetrics(self._body).height())
        painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft), time)
        here = time_here(step.item.time.ToDatetime(UTC), self._zone)  # as the alerts' clock shows it
        painter.drawText(place.translated(0, place.height()), int(Qt.AlignmentFlag.AlignLeft), here)
        width, y = self._width(), rect.top() + _TOP
        for text, role in self._texts(row):
            painter.setFont(self._font(role))
            painter.setPen(theme().color("muted" if role == "muted" else "text"))
            height = self._height(text, self._font(role), width)
            painter.drawText(QRect(_TEXT, y, width, height), _WRAPS, text)
            y += height

    def _texts(self, row: int) -> list[tuple[str, str]]:
        step, names = self._model.step(row), self._model.names
        head = f"{step_words.who(step.item.actor_id, names)} {step_words.headline(step.item)}"
        unit = self._model.desk.settings.unit
        first = "body" if step.item.HasField("comment") else "muted"
        found = [(head, "strong")]
        found += [
            (text, first if place == 0 else "muted")
            for place, text in enumerate(step_words.lines(step, unit, self._zone))
        ]
        about = step_words.about(step, names)
        return [*found, (about, "muted")] if about else found

    @property
    def _zone(self) -> str:
        return self._model.time_zone

    def _font(self, role: str) -> QFont:
        return self._strong if role == "strong" else self._body

    def _height(self, text: str, with_font: QFont, width: int) -> int:
        return QFontMetrics(with_font).boundingRect(QRect(0, 0, width, 100_000), _WRAPS, text).height() + SPACE // 2

    def _width(self) -> int:
        room = self._view.viewport().width()
        return int(max(room - _TEXT - 3 * SPACE, 240))
