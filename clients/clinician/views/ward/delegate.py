"""Paints a whole row at once: no widgets, few calls."""

from typing import override

from apricot.glucose.v1.alert_pb2 import ALERT_URGENCY_URGENT
from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from clients.clinician.models.settings import Unit
from clients.clinician.models.ward.needs import owner_of
from clients.clinician.models.ward.row import Need, Owner, Row
from clients.clinician.models.ward.ward_model import Group, WardModel
from clients.clinician.views import identity_words, words
from clients.clinician.views.theme import SPACE, font, theme
from clients.clinician.views.ward import marks, phrases
from clients.clinician.views.ward.columns import ROW_PIXELS, Column, columns
from clients.clinician.views.ward.share_bar import ShareBar
from clients.clinician.views.ward.sparkline import Sparkline
from clients.readings.levels import Level

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_EDGE_PIXELS = 3


class RowDelegate(QStyledItemDelegate):
    """Of a list of a WardModel. What does not vary between rows is made once."""

    def __init__(self, model: WardModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._board = model.ward.board
        self._shares = model.ward.shares
        self._me = model.ward.desk.account.account_id
        worn = theme()
        self._levels = {level: worn.of_level(level) for level in (*Level, None)}
        self._text, self._muted, self._line = worn.color("text"), worn.color("muted"), worn.color("line")
        self._surface, self._raised, self._chosen = (worn.color(each) for each in ("surface", "raised", "chosen"))
        self._urgent, self._warning, self._accent = (worn.color(each) for each in ("urgent", "warning", "accent"))
        self._urgent_surface, self._on_urgent = worn.color("urgent_surface"), worn.color("on_urgent")
        self._plain, self._small = font(), font(12)
        self._bold = font(weight=QFont.Weight.Bold)
        self._name, self._value = font(14, QFont.Weight.Medium), font(20, QFont.Weight.Bold)
        self._metrics = {id(each): QFontMetricsF(each) for each in (self._plain, self._small, self._bold, self._name)}
        self._elided: dict[tuple[str, int, int], str] = {}
        self._spark = Sparkline()
        self._bar = ShareBar()

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, ROW_PIXELS)

    @override
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        box: QRect = option.rect
        state: QStyle.StateFlag = option.state
        item = self._model.item(index.row())
        if isinstance(item, Group):
            self._paint_group(painter, box, item)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, box, item, state)
        places, top = columns(box.width()), float(box.top())
        now_ns, unit = self._model.ward.now_ns, self._model.unit
        self._paint_status(painter, places.status, top, item)
        who = identity_words.name(item.identity)
        name_color = self._muted if self._model.is_stale else self._text
        self._two_lines(painter, places.name, top, who, identity_words.short(item.identity), self._name, name_color)
        self._paint_value(painter, places.value, top, item, unit)
        newest = item.newest
        if newest is not None:
            passed_ns = now_ns - newest.time_ns
            color = self._level_color(item)
            area = QRectF(places.trace.left, top + 4, places.trace.width, ROW_PIXELS - 8)
            self._spark.paint(painter, area, item.patient_id, self._board.trace(item), passed_ns / 60e9, color)
            self._paint_age(painter, places.age, top, item, passed_ns)
        self._paint_alert(painter, places.alert, top, item)
        share = self._shares.of(item.patient_id) if item.shows_reports else None
        if places.share.width and not self._model.is_stale:  # the day's share moves on too
            self._bar.paint(painter, QRectF(places.share.left, top, places.share.width, ROW_PIXELS), share)

    def _paint_ground(self, painter: QPainter, box: QRect, row: Row, state: QStyle.StateFlag) -> None:
        pressing = row.need <= Need.URGENT
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, self._chosen)
        elif pressing:
            painter.fillRect(box, self._urgent_surface)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(box, self._raised)
        if pressing:
            painter.fillRect(QRect(box.left(), box.top(), _EDGE_PIXELS, box.height()), self._urgent)
        painter.fillRect(QRect(box.left(), box.bottom(), box.width(), 1), self._line)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(self._accent)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -1.5))

    def _paint_group(self, painter: QPainter, box: QRect, group: Group) -> None:
        head = group.head
        name = phrases.owner(head) if isinstance(head, Owner) else phrases.band(head)
        painter.fillRect(box, self._surface)
        painter.fillRect(QRect(box.left(), box.bottom(), box.width(), 1), self._line)
        place = columns(box.width()).status
        text = f"{name}  {group.count:,}"
        self._write(painter, Column(place.left, 400), box.top() + 14, ROW_PIXELS - 14, text, self._bold, self._muted)

    def _paint_status(self, painter: QPainter, place: Column, top: float, row: Row) -> None:
        first, second = phrases.status(row, stale=self._model.is_stale)
        corner = QPointF(place.left, top + (ROW_PIXELS - marks.MARK_PIXELS) / 2)
        color = self._level_color(row)
        if row.is_old or (self._model.is_stale and row.level is not None):
            marks.draw_old(painter, corner, color)
        else:
            marks.draw_level(painter, corner, row.level, color)
        indent = marks.MARK_PIXELS + SPACE
        place = Column(place.left + indent, place.width - indent)
        if second:
            self._two_lines(painter, place, top, first, second, self._bold, color)
        else:
            self._write(painter, place, top, ROW_PIXELS, first, self._bold, color)

    def _level_color(self, row: Row) -> QColor:
        """Grey for what is not of this moment."""
        return self._muted if row.is_old or self._model.is_stale else self._levels[row.level]

    def _paint_value(self, painter: QPainter, place: Column, top: float, row: Row, unit: Unit) -> None:
        newest = row.newest
        if newest is None:
            self._write(painter, Column(place.left, 64), top, ROW_PIXELS, "—", self._plain, self._muted, _RIGHT)
            return
        color = self._level_color(row)
        text = words.value(newest.glucose, unit)
        self._write(painter, Column(place.left, 64), top, ROW_PIXELS, text, self._value, color, _RIGHT)
        if row.is_old or self._model.is_stale:
            return  # an arrow would tell of now
        middle = QPointF(place.left + 64 + SPACE + marks.ARROW_PIXELS / 2, top + ROW_PIXELS / 2)
        marks.draw_trend(painter, middle, row.rate, color)
        if row.change is not None:
            taken = 64 + marks.ARROW_PIXELS + 2 * SPACE
            side = Column(place.left + taken, place.width + SPACE - taken)
            self._write(painter, side, top, ROW_PIXELS, phrases.change(row.change, unit), self._small, self._muted)

    def _paint_age(self, painter: QPainter, place: Column, top: float, row: Row, passed_ns: int) -> None:
        text, below = phrases.age(passed_ns), phrases.source(row)
        color = self._warning if row.is_old and not self._model.is_stale else self._muted
        if below:
            self._two_lines(painter, place, top, text, below, self._bold if row.is_old else self._plain, color)
        else:
            self._write(painter, place, top, ROW_PIXELS, text, self._plain, color)

    def _paint_alert(self, painter: QPainter, place: Column, top: float, row: Row) -> None:
        alert = row.alert
        if alert is None:
            return
        owner = owner_of(row, self._me)
        urgent = alert.urgency == ALERT_URGENCY_URGENT
        corner = QPointF(place.left, top + (ROW_PIXELS - marks.MARK_PIXELS) / 2)
        if owner is Owner.NOBODY:
            color = self._urgent if urgent else self._warning
            marks.draw_waiting(painter, corner, color, self._on_urgent, urgent=urgent)
        else:
            color = self._text
            marks.draw_held(painter, corner, self._muted)
        indent = marks.MARK_PIXELS + SPACE
        side = Column(place.left + indent, place.width - indent)
        name = words.rule(alert.rule)
        if len(row.alerts) > 1:
            name = f"{name}  +{len(row.alerts) - 1}"
        who = phrases.owner(owner)
        if owner is Owner.NOBODY and (passed_on := phrases.told(alert)):
            who = f"{who} · {passed_on}"
        self._two_lines(painter, side, top, name, who, self._bold, color)

    def _two_lines(
        self, painter: QPainter, place: Column, top: float, first: str, second: str, face: QFont, color: QColor
    ) -> None:
        self._write(painter, place, top + 7, 20, first, face, color)
        self._write(painter, place, top + 27, 18, second, self._small, self._muted)

    def _write(
        self,
        painter: QPainter,
        place: Column,
        top: float,
        height: float,
        text: str,
        face: QFont,
        color: QColor,
        align: Qt.AlignmentFlag = _LEFT,
    ) -> None:
        painter.setFont(face)
        painter.setPen(color)
        if face is not self._value:
            text = self._fitting(text, face, place.width)
        painter.drawText(QRectF(place.left, top, place.width, height), int(align), text)

    def _fitting(self, text: str, face: QFont, width: float) -> str:
        """Cut with dots where it is too long; measured once."""
        key = text, id(face), int(width)
        if (known := self._elided.get(key)) is None:
            if len(self._elided) > 20_000:
                self._elided.clear()
            metrics = self._metrics[id(face)]
            known = self._elided[key] = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
        return known
