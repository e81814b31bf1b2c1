"""How all her patients are, in one line."""

from typing import override

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from clients.clinician.models.frames import OncePerFrame
from clients.clinician.models.ward.row import Band, Filter
from clients.clinician.models.ward.ward_model import WardModel
from clients.clinician.views.theme import SPACE, font, theme
from clients.clinician.views.ward import marks, phrases
from clients.readings.levels import Level

_ORDER = Band.VERY_LOW, Band.LOW, Band.IN_RANGE, Band.HIGH, Band.VERY_HIGH, Band.OLD, Band.NONE
_HEIGHT, _BAR_PIXELS, _GAP = 7 * SPACE, 6, 3 * SPACE
_WIDE_PIXELS = 1100


class Summary(QWidget):
    """How many stand in each band, as numbers and as shares of a bar; and how many are urgent."""

    def __init__(self, model: WardModel) -> None:
        super().__init__()
        self._model = model
        self._frame = OncePerFrame(self._show, milliseconds=100)
        self._shown: list[int] = []
        self.setFixedHeight(_HEIGHT)
        model.counted.connect(self._frame.ask)
        self._show()

    @override
    def sizeHint(self) -> QSize:
        return QSize(900, _HEIGHT)

    def _show(self) -> None:
        counts = [self._model.is_stale, *(self._model.count(each) for each in (*_ORDER, Filter.URGENT))]
        if counts == self._shown:
            return
        self._shown = counts
        said = [f"{phrases.band(band)}: {self._model.count(band)}" for band in _ORDER]
        if self._model.is_stale:
            said.insert(0, self.tr("Not live"))
        said.insert(0, f"{phrases.filter_name(Filter.URGENT)}: {self._model.count(Filter.URGENT)}")
        self.setAccessibleName(", ".join(said))
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_numbers(painter)
        self._paint_bar(painter)

    def _paint_numbers(self, painter: QPainter) -> None:
        worn, bold, plain = theme(), font(20, QFont.Weight.Bold), font()
        x, line = 0.0, QRectF(0, 0, 0, _HEIGHT - _BAR_PIXELS - SPACE)
        stale = self._model.is_stale
        gap = _GAP if self.width() >= _WIDE_PIXELS else 2 * SPACE
        for each in (Filter.URGENT, *_ORDER):
            count = self._model.count(each)
            corner = QPointF(x, (line.height() - marks.MARK_PIXELS) / 2)
            if isinstance(each, Filter):
                color = worn.color("urgent" if count else "muted")
                marks.draw_waiting(painter, corner, color, worn.color("on_urgent"), urgent=bool(count))
                name = phrases.filter_name(each)
            else:
                level = None if each in (Band.OLD, Band.NONE) else Level[each.name]
                color = worn.of_level(level if count and not stale else None)
                if each is Band.OLD:
                    marks.draw_old(painter, corner, color)
                else:
                    marks.draw_level(painter, corner, level, color)
                name = phrases.band(each)
            x += marks.MARK_PIXELS + SPACE
            for text, face, pen in (
                (f"{count:,}", bold, "text" if count and not stale else "muted"),
                (name, plain, "muted"),
            ):
                width = QFontMetricsF(face).horizontalAdvance(text)
                painter.setFont(face)
                painter.setPen(worn.color(pen))
                painter.drawText(QRectF(x, 0, width + 2, line.height()), int(Qt.AlignmentFlag.AlignVCenter), text)
                x += width + SPACE
            x += gap - SPACE
        if stale and self.width() >= _WIDE_PIXELS:  # the bar above says it too
            painter.setFont(bold)
            painter.setPen(worn.color("muted"))
            text = self.tr("not live")
            painter.drawText(QRectF(x, 0, 200, line.height()), int(Qt.AlignmentFlag.AlignVCenter), text)

    def _paint_bar(self, painter: QPainter) -> None:
        whole = self._model.count(Filter.ALL)
        bar = QRectF(0, self.height() - _BAR_PIXELS, self.width(), _BAR_PIXELS)
        shape = QPainterPath()
        shape.addRoundedRect(bar, _BAR_PIXELS / 2, _BAR_PIXELS / 2)
        painter.setClipPath(shape)
        painter.fillRect(bar, theme().color("line"))
        x = bar.left()
        for band in _ORDER:
            width = bar.width() * self._model.count(band) / whole if whole else 0.0
            if width > 0 and band not in (Band.OLD, Band.NONE):
                color = theme().of_level(None if self._model.is_stale else Level[band.name])
                painter.fillRect(QRectF(x, bar.top(), max(width - 1, 2.0), bar.height()), color)
            x += width
