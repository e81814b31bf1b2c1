"""The chart itself: everything of a patient on one axis of time, painted; it pans and zooms along time only."""

from datetime import UTC, datetime

from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from clients.clinician.models.patient.chart import ChartModel, Loading
from clients.clinician.models.patient.readings import LEVELS
from clients.clinician.views.patient import axis, readout, trace
from clients.clinician.views.patient.frame import Frame, Span
from clients.clinician.views.patient.lanes import Lanes
from clients.clinician.views.theme import SPACE, font, theme

_LEFT_PIXELS, _RIGHT_PIXELS, _TOP_PIXELS = 96, 16, 20
_LOWEST = 36.0
_HIGHEST = 300.0, 360.0, 450.0, 600.0, 1000.0
_NEAR_PIXELS = 24.0
_NOTCH = 120.0
_ZOOM_A_NOTCH = 1.25


class Canvas(QWidget):
    """`span` is what is in sight; it follows the clock until somebody moves it away from now."""

    moved = Signal()
    """Another span is in sight, or it follows the clock again or no more."""
    pointed = Signal(str)
    """What the mouse or the keyboard points at, in words; empty: nothing."""

    def __init__(self, model: ChartModel) -> None:
        super().__init__()
        self._model = model
        self.follows = True
        self.span = Span.until(self._now, 86400)
        self._sensor, self._fingersticks = trace.Series(fingersticks=False), trace.Series(fingersticks=True)
        self._lanes = Lanes(model)
        self._rows = model.record.readings.rows
        self._picture: QPixmap | None = None
        self._pointed_x: float | None = None
        self._marked: int | None = None
        """The reading that is pointed at: its place in `Readings.rows`."""
        self._dragged_from: QPoint | None = None
        self.setMouseTracking(True)
        self.setMinimumSize(480, 320)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        model.changed.connect(self._redraw)
        model.desk.second.connect(self._tick)

    @property
    def frame(self) -> Frame:
        """As it would be painted now."""
        rows = self._lanes.height
        below = rows + 2 * axis.LABEL_PIXELS + 4
        width = max(self.width() - _LEFT_PIXELS - _RIGHT_PIXELS, 1)
        plot = QRectF(_LEFT_PIXELS, _TOP_PIXELS, width, max(self.height() - _TOP_PIXELS - below, 1))
        beneath = QRectF(_LEFT_PIXELS, plot.bottom(), width, rows)
        return Frame(
            self.span, plot, beneath, *self._heights(), self._model.desk.settings.unit, self._model.zone, self._now
        )

    def show_last(self, seconds: float) -> None:
        """So much up to now, and on with the clock."""
        self.follows = True
        self._look_at(Span.until(self._now, seconds))

    def pan(self, share: float) -> None:
        """Later by a share of the width; earlier if it is negative."""
        self._look_at(self.span.moved(share * self.span.seconds, self._now), by_hand=True)

    def zoom(self, factor: float, around: float | None = None) -> None:
        """Wider by a factor; an instant stays where it is, now while it follows the clock."""
        if self.follows:
            self._look_at(Span.until(self._now, self.span.zoomed(factor, self._now, self._now).seconds))
        else:
            middle = self.span.start + self.span.seconds / 2
            self._look_at(self.span.zoomed(factor, around if around is not None else middle, self._now))

    def point_beside(self, step: int) -> None:
        """Point at the next or the previous reading."""
        rows = self._model.record.readings.rows
        if not len(rows):
            return
        if self._marked is None or self._marked >= len(rows):
            last = int(rows["time"].searchsorted(self.span.end * 1e6)) - 1
            place = min(max(last, 0), len(rows) - 1)
        else:
            place = min(max(self._marked + step, 0), len(rows) - 1)
        time = rows["time"][place] / 1e6
        if not self.span.start <= time <= self.span.end:
            self.pan((time - self.span.start) / self.span.seconds - 0.5)
        self._pointed_x = self.frame.x(time)
        self._tell_reading(place)

    # What Qt calls.

    def paintEvent(self, _: QPaintEvent) -> None:
        frame = self.frame
        if self._picture is None:
            self._picture = self._painted(frame)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        if self._pointed_x is not None:
            painter.setPen(QPen(QColor(theme().muted), 1, Qt.PenStyle.DotLine))
            x = round(self._pointed_x) + 0.5
            painter.drawLine(QPointF(x, frame.plot.top()), QPointF(x, frame.lanes.bottom()))
        rows = self._model.record.readings.rows
        if self._marked is not None and self._marked < len(rows):
            row = rows[self._marked]
            trace.paint_mark(painter, frame, row["time"] / 1e6, float(row["mg_per_dl"]), LEVELS[row["level"]])
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme().accent), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def resizeEvent(self, _: QResizeEvent) -> None:
        self._redraw()

    def wheelEvent(self, event: QWheelEvent) -> None:
        sideways, upright = event.angleDelta().x(), event.angleDelta().y()
        if abs(sideways) > abs(upright) or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.pan(-(sideways or upright) / _NOTCH / 10)
        else:
            self.zoom(_ZOOM_A_NOTCH ** (-upright / _NOTCH), self.frame.seconds_at(event.position().x()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragged_from = event.position().toPoint()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseReleaseEvent(self, _: QMouseEvent) -> None:
        self._dragged_from = None
        self.unsetCursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._dragged_from is not None:
            share = (self._dragged_from.x() - at.x()) / self.frame.plot.width()
            self._dragged_from = at.toPoint()
            self.pan(share)
        self._point_at(at)

    def leaveEvent(self, _: object) -> None:
        self._point_at(None)

    def _point_at(self, at: QPointF | None) -> None:
        """Say what is there: the mark of a lane, or the reading that is nearest in time."""
        frame = self.frame
        self._pointed_x = self._marked = None
        if at is not None and frame.plot.left() <= at.x() <= frame.plot.right():
            self._pointed_x = at.x()
            mark = self._lanes.mark_at(frame, at)
            place = None if mark or frame.lanes.contains(at) else self._nearest(frame, at)
            if place is not None:
                return self._tell_reading(place)
            self.pointed.emit(readout.item(mark.item, frame.zone) if mark else "")
        else:
            self.pointed.emit("")
        return self.update()

    def _tell_reading(self, place: int) -> None:
        self._marked = place
        entry = self._model.record.readings.entry(place)
        self.pointed.emit(readout.reading(entry, self._model.desk.settings.unit, self._model.zone))
        self.update()

    def _nearest(self, frame: Frame, at: QPointF) -> int | None:
        """A fingerstick goes before a sensor's reading that is as near."""
        found: list[tuple[float, int]] = []
        for series in self._fingersticks, self._sensor:
            reach = _NEAR_PIXELS * frame.seconds_a_pixel
            near = series.within(frame.seconds_at(at.x()) - reach, frame.seconds_at(at.x()) + reach)
            x, y = frame.xs(series.times[near]), frame.ys(series.values[near])
            if len(x):
                # In time above all; of what is in one column of pixels the one under the mouse.
                distance = abs(x - at.x()) + abs(y - at.y()) / 50
                place = int(distance.argmin())
                found.append((float(distance[place]), int(series.places[near][place])))
        return min(found)[1] if found else None

    def _painted(self, frame: Frame) -> QPixmap:
        """Everything but what the mouse points at."""
        picture = QPixmap(self.size() * self.devicePixelRatio())
        picture.setDevicePixelRatio(self.devicePixelRatio())
        picture.fill(QColor(theme().surface))
        painter = QPainter(picture)
        axis.paint_range(painter, frame)
        axis.paint_time(painter, frame, frame.plot)
        self._paint_unloaded(painter, frame)
        self._lanes.paint(painter, frame)
        axis.paint_now(painter, frame)
        painter.setClipRect(frame.plot)
        trace.paint_sensor(painter, frame, self._sensor)
        trace.paint_fingersticks(painter, frame, self._fingersticks)
        self._paint_why_empty(painter, frame)
        painter.end()
        return picture

    def _paint_why_empty(self, painter: QPainter, frame: Frame) -> None:
        """An empty chart says why it is so."""
        model = self._model
        if not model.sharing.ranges:
            return
        if not model.opens(SCOPE_GLUCOSE_READ):
            text = self.tr("Glucose is not shared with you")
        elif model.loading is not Loading.READY or self._anything_in_sight:
            return
        elif newest := model.record.readings.newest():
            said = readout.reading(newest[-1], frame.unit, frame.zone)
            text = self.tr("No readings in this time. The newest one: {reading}").format(reading=said)
        else:
            text = self.tr("No readings yet")
        painter.setFont(font(13))
        painter.setPen(QColor(theme().muted))
        painter.drawText(frame.plot, Qt.AlignmentFlag.AlignCenter, text)

    @property
    def _anything_in_sight(self) -> bool:
        both = self._sensor, self._fingersticks
        return any(len(series.times[series.within(self.span.start, self.span.end)]) for series in both)

    def _paint_unloaded(self, painter: QPainter, frame: Frame) -> None:
        since = self._model.loaded_since
        if since is None or self._model.loading is Loading.CLOSED or frame.x(since.timestamp()) <= frame.plot.left():
            return
        right = min(frame.x(since.timestamp()), frame.plot.right())
        unknown = QRectF(frame.plot.topLeft(), QPointF(right, frame.lanes.bottom()))
        painter.fillRect(unknown, QColor(theme().raised))
        painter.setPen(QColor(theme().muted))
        painter.setFont(font(11))
        text = self.tr("Not loaded") if self._model.loading is Loading.FULL else self.tr("Loading …")
        if unknown.width() > 12 * SPACE:
            painter.drawText(unknown, Qt.AlignmentFlag.AlignCenter, text)

    def _heights(self) -> tuple[float, float]:
        sight = [
            series.values[series.within(self.span.start, self.span.end)]
            for series in (self._sensor, self._fingersticks)
        ]
        highest = max((float(values.max()) for values in sight if len(values)), default=0.0)
        lowest = min((float(values.min()) for values in sight if len(values)), default=_LOWEST)
        return (_LOWEST if lowest >= _LOWEST else 0.0), next(top for top in _HIGHEST if highest <= top)

    @property
    def _now(self) -> float:
        return self._model.desk.now().timestamp()

    def _look_at(self, span: Span, *, by_hand: bool = False) -> None:
        if by_hand:
            # Whoever comes back to now follows the clock again.
            self.follows = span.end >= Span.until(self._now, span.seconds).end - 1
        self.span = span
        self._pointed_x = self._marked = None
        self._redraw()
        # As much again before what is in sight, so that it is there when somebody goes on.
        self._model.look_back_to(datetime.fromtimestamp(span.start - span.seconds, UTC))
        self.moved.emit()

    def _tick(self) -> None:
        if self.follows and self._now - (self.span.end - 0.02 * self.span.seconds) >= self.frame.seconds_a_pixel:
            self.span = Span.until(self._now, self.span.seconds)
            self._redraw()

    def _redraw(self) -> None:
        if self._rows is not self._model.record.readings.rows:
            self._rows, self._marked = self._model.record.readings.rows, None
        self._sensor.refresh(self._model.record.readings)
        self._fingersticks.refresh(self._model.record.readings)
        self._lanes.refresh()
        self._picture = None
        self.update()
