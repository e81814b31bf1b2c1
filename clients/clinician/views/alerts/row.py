"""One alert as a row: painted, for there may be hundreds."""

from dataclasses import dataclass

from apricot.glucose.v1.alert_pb2 import Alert
from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from clients.clinician.models.alerts.alert_list import AlertList
from clients.clinician.models.alerts.alert_rows import ALERT
from clients.clinician.models.alerts.standing import escalation_left, is_active, is_urgent, keeper
from clients.clinician.views import identity_words, words
from clients.clinician.views.alerts import phrases
from clients.clinician.views.alerts.marks import Mark, draw_arrow, draw_mark
from clients.clinician.views.theme import SPACE, Theme, font, theme

_LINE = 20
_HEADING = 5 * SPACE
_BAR = 3
_MARK = 16
_LEFT = 5 * SPACE
"""Where the words begin, behind the mark."""


class AlertRow(QStyledItemDelegate):
    """Three lines: who and the newest value; what, since when, and how old the value is; who has it. A fourth
    while it is to be passed on."""

    def __init__(self, alerts: AlertList, parent: QObject) -> None:
        super().__init__(parent)
        self._alerts = alerts

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        alert = _alert(index)
        lines = 4 if is_active(alert) and alert.HasField("escalate_time") else 3
        heading = _HEADING if _begins_resolved(index) else 0
        return QSize(30 * SPACE, heading + 3 * SPACE + lines * _LINE)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        alert, place = _alert(index), QRectF(option.rect)
        painter.save()
        if _begins_resolved(index):
            self._paint_heading(painter, QRectF(place.x(), place.y(), place.width(), _HEADING))
            place.setTop(place.top() + _HEADING)
        state: QStyle.StateFlag = option.state
        self._paint_ground(painter, place, alert, state)
        self._paint_words(painter, place, alert)
        painter.restore()

    def _paint_heading(self, painter: QPainter, place: QRectF) -> None:
        _text(
            painter,
            place.adjusted(2 * SPACE, SPACE, -2 * SPACE, 0),
            self.tr("Resolved in the last hours"),
            theme().color("muted"),
            font(12, QFont.Weight.Bold),
        )

    def _paint_ground(self, painter: QPainter, place: QRectF, alert: Alert, state: QStyle.StateFlag) -> None:
        worn, look = theme(), _look(self._alerts, alert)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        ground = "chosen" if chosen else "urgent_surface" if look.presses else "raised" if hovered else "surface"
        painter.fillRect(place, worn.color(ground))
        if look.presses:
            painter.fillRect(QRectF(place.x(), place.y(), 4, place.height()), worn.color("urgent"))
        painter.fillRect(QRectF(place.x(), place.bottom() - 1, place.width(), 1), worn.color("line"))
        if chosen and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(worn.color("accent"))
            painter.drawRect(place.adjusted(0.5, 0.5, -1.5, -1.5))
        draw_mark(
            painter,
            look.mark,
            QRectF(place.x() + 1.75 * SPACE, place.y() + 1.5 * SPACE + 2, _MARK, _MARK),
            look.color,
            worn.color("urgent_surface"),
        )

    def _paint_words(self, painter: QPainter, place: QRectF, alert: Alert) -> None:
        worn, look, alerts = theme(), _look(self._alerts, alert), self._alerts
        active = is_active(alert)
        plain, muted = worn.color("text" if active else "muted"), worn.color("muted")
        left, width = place.x() + _LEFT, place.width() - _LEFT - 2 * SPACE
        top = place.y() + 1.5 * SPACE
        taken = self._paint_value(painter, QRectF(left, top, width, _LINE), alert, plain)
        name = QRectF(left, top, width - taken - SPACE, _LINE)
        identity = alerts.identity(alert)
        bold = font(14, QFont.Weight.Bold if active else QFont.Weight.Normal)
        told = identity_words.name(identity)
        _text(painter, name, told, plain, bold)
        name.setLeft(left + QFontMetricsF(bold).horizontalAdvance(told) + SPACE)
        _text(painter, name, identity_words.short(identity), muted, font(12))
        what = f"{words.rule(alert.rule)} · {phrases.since(alert, alerts.now)}"
        taken = _text_at_right(painter, QRectF(left, top + _LINE, width, _LINE), phrases.then(alerts, alert), muted)
        line = QRectF(left, top + _LINE, width - taken, _LINE)
        _text(painter, line, what, plain if look.presses else muted, font(13))
        standing = phrases.standing(alerts, alert)
        weight = QFont.Weight.Bold if look.presses else QFont.Weight.Normal
        _text(painter, QRectF(left, top + 2 * _LINE, width, _LINE), standing, look.words, font(13, weight))
        if passing := phrases.passing(alerts, alert):
            line = QRectF(left, top + 3 * _LINE, width, _LINE)
            _text(painter, line, passing, muted, font(12))
            paint_left(painter, QRectF(left, line.bottom() + 2, width, _BAR), escalation_left(alert, alerts.now))

    def _paint_value(self, painter: QPainter, line: QRectF, alert: Alert, color: QColor) -> float:
        """The newest value, at the right; the width that it takes."""
        unit = self._alerts.desk.settings.unit
        value = phrases.value(self._alerts, alert)
        if not value:
            return 0.0
        right, big, small = line.right(), font(17, QFont.Weight.Bold), font(12)
        arrow = 22.0
        old = is_active(alert) and phrases.is_old(self._alerts, alert)
        color = theme().color("muted") if old else color
        rate = self._alerts.rate(alert)
        if rate is not None and not old:
            draw_arrow(painter, rate, QRectF(right - arrow, line.y() + 1, arrow, arrow), color)
        right -= arrow + SPACE / 2
        unit_width = QFontMetricsF(small).horizontalAdvance(unit.value)
        _text(
            painter,
            QRectF(right - unit_width, line.y() + 2, unit_width + 1, _LINE),
            unit.value,
            theme().color("muted"),
            small,
        )
        right -= unit_width + SPACE / 2
        value_width = QFontMetricsF(big).horizontalAdvance(value)
        _text(painter, QRectF(right - value_width, line.y(), value_width + 1, _LINE), value, color, big)
        return line.right() - right + value_width


def paint_left(painter: QPainter, place: QRectF, left: float) -> None:
    """A thin bar of the time that is left, 1 to 0."""
    painter.fillRect(place, theme().color("line"))
    painter.fillRect(QRectF(place.x(), place.y(), place.width() * left, place.height()), theme().color("warning"))


@dataclass(frozen=True)
class _Look:
    mark: Mark
    color: QColor
    words: QColor
    """Of who has it."""
    presses: bool


def _look(alerts: AlertList, alert: Alert) -> _Look:
    worn: Theme = theme()
    muted = worn.color("muted")
    if not is_active(alert):
        return _Look(Mark.OVER, muted, muted, presses=False)
    if keeper(alert) is not None:
        return _Look(Mark.KEPT, worn.color("good"), worn.color("good"), presses=False)
    if alerts.is_unsent(alert):
        return _Look(Mark.KEPT, worn.color("warning"), worn.color("warning"), presses=False)
    if alerts.snooze(alert):
        return _Look(Mark.SILENT, worn.color("warning"), worn.color("warning"), presses=False)
    if is_urgent(alert):
        return _Look(Mark.URGENT, worn.color("urgent"), worn.color("urgent"), presses=True)
    return _Look(Mark.WARNING, worn.color("warning"), worn.color("text"), presses=False)


def _text(painter: QPainter, place: QRectF, text: str, color: QColor, written: QFont) -> None:
    painter.setFont(written)
    painter.setPen(color)
    fitting = QFontMetricsF(written).elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), fitting)


def _text_at_right(painter: QPainter, line: QRectF, text: str, color: QColor) -> float:
    """The width that it takes, with a gap; none where there is no text."""
    if not text:
        return 0.0
    written = font(13)
    width = QFontMetricsF(written).horizontalAdvance(text) + 1
    _text(painter, QRectF(line.right() - width, line.y(), width, line.height()), text, color, written)
    return width + 2 * SPACE


def _alert(index: QModelIndex | QPersistentModelIndex) -> Alert:
    found = index.data(ALERT)
    assert isinstance(found, Alert)  # noqa: S101  # every row has one
    return found


def _begins_resolved(index: QModelIndex | QPersistentModelIndex) -> bool:
    before = index.sibling(index.row() - 1, 0)
    return not is_active(_alert(index)) and (not before.isValid() or is_active(_alert(before)))
