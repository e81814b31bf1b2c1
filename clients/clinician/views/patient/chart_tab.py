"""The chart with its ranges, what it points at, and how far it is loaded."""

from datetime import UTC, datetime, timedelta
from functools import partial

from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QPushButton, QStackedWidget, QWidget

from clients.clinician.models.patient.chart import ChartModel, Loading
from clients.clinician.views.consult import cards
from clients.clinician.views.consult.card_grip import CardGrip
from clients.clinician.views.consult.cards import PatientCard
from clients.clinician.views.keys import add_key
from clients.clinician.views.parts import button, column, label, restyle, row
from clients.clinician.views.patient import entry_words
from clients.clinician.views.patient.canvas import Canvas
from clients.clinician.views.theme import SPACE

_HOUR, _DAY = 3600.0, 86400.0
RANGES = 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 3 * _DAY, 7 * _DAY, 14 * _DAY, 30 * _DAY, 90 * _DAY
"""Seconds; the key of each is its place from 1 on."""
_FIRST = 3
_ZOOM_A_KEY = 1.5
_PAN_A_KEY = 0.25


class ChartTab(QWidget):
    """Keys: 1 to 9 the range, Home or End back to now, ← → earlier and later, + − zoom, Ctrl+← → reading by reading."""

    def __init__(self, model: ChartModel) -> None:
        super().__init__()
        self._model = model
        self.canvas = Canvas(model)
        self.readout = label(role="heading", selectable=True)
        self.status = label(role="muted")
        self._hint = self.tr("Point at the chart to read it. Keys 1 to 9: range. Home: back to now.")
        self._ranges = QButtonGroup(self)
        self.to_now = button(self.tr("Back to now"), self._back_to_now, tip=self.tr("Home or End"))
        self.grip = CardGrip(self.card)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._chart())
        self._pages.addWidget(self._closed())
        self.setLayout(column(self._pages))
        self.setFocusProxy(self.canvas)
        self._add_keys()
        model.changed.connect(self._show)
        self.canvas.moved.connect(self._show)
        self.canvas.pointed.connect(self._point)
        self.choose(_FIRST)
        self._point("")

    def choose(self, place: int) -> None:
        """One of the ranges, up to now."""
        self.canvas.show_last(RANGES[place])

    def card(self) -> PatientCard | None:
        """The readings in sight; None: they are not shared."""
        model, frame = self._model, self.canvas.frame
        if not model.opens(SCOPE_GLUCOSE_READ):
            return None
        end = min(frame.end, datetime.fromtimestamp(frame.now, UTC))
        return PatientCard(model.patient_id, cards.readings_card(frame.start, end))

    def _chart(self) -> QWidget:
        for place, seconds in enumerate(RANGES):
            made = QPushButton(self._name(seconds))
            made.setCheckable(True)
            made.setToolTip(self.tr("Key {key}").format(key=place + 1))
            made.setAccessibleName(self.tr("Show the last {range}").format(range=self._name(seconds)))
            made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._ranges.addButton(made, place)
        self._ranges.idClicked.connect(self.choose)
        page = QWidget()
        top = row(*self._ranges.buttons(), self.to_now, None, self.status, self.grip, spacing=SPACE // 2)
        page.setLayout(column(top, self.readout, self.canvas, spacing=SPACE))
        return page

    def _closed(self) -> QWidget:
        page = QWidget()
        text = label(self.tr("The patient's diary is not shared with you"), "heading")
        more = label(
            self.tr("The patient decides who sees readings, meals and doses, and can open them at any time."), "muted"
        )
        for part in text, more:
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
        page.setLayout(column(None, text, more, None))
        return page

    def _add_keys(self) -> None:
        canvas = self.canvas
        for place in range(len(RANGES)):
            add_key(self, str(place + 1), self.tr("How far back the chart shows"), partial(self.choose, place))
        for keys in "Home", "End":
            add_key(self, keys, self.tr("The chart back to now"), self._back_to_now)
        for keys in "+", "=":
            add_key(self, keys, self.tr("Zoom in"), partial(canvas.zoom, 1 / _ZOOM_A_KEY))
        add_key(self, "-", self.tr("Zoom out"), partial(canvas.zoom, _ZOOM_A_KEY))
        add_key(self, "Left", self.tr("Earlier"), partial(canvas.pan, -_PAN_A_KEY))
        add_key(self, "Right", self.tr("Later"), partial(canvas.pan, _PAN_A_KEY))
        add_key(self, "Ctrl+Left", self.tr("The previous reading"), partial(canvas.point_beside, -1))
        add_key(self, "Ctrl+Right", self.tr("The next reading"), partial(canvas.point_beside, 1))

    def _back_to_now(self) -> None:
        self.canvas.show_last(self.canvas.span.seconds)

    def _point(self, text: str) -> None:
        self.readout.setText(text or self._hint)
        restyle(self.readout, "heading" if text else "muted")
        self.readout.setMinimumHeight(3 * SPACE)  # the chart below stands still
        self.canvas.setAccessibleName(text or self.tr("Chart"))

    def _show(self) -> None:
        self._pages.setCurrentIndex(int(self._model.loading is Loading.CLOSED))
        seconds = self.canvas.span.seconds
        self._ranges.setExclusive(False)  # a range of the mouse's own is none of these
        for place, each in enumerate(RANGES):
            self._ranges.button(place).setChecked(abs(each - seconds) < 1)
        self._ranges.setExclusive(True)
        self.to_now.setEnabled(not self.canvas.follows)
        self.grip.setEnabled(self._model.opens(SCOPE_GLUCOSE_READ))
        self.status.setText(self._status())

    def _status(self) -> str:
        model, count = self._model, len(self._model.record.readings)
        if model.loading is Loading.WAITING:
            return self.tr("The platform does not answer. Trying again …")
        since = ""
        if model.loaded_since is not None:
            local = model.loaded_since.astimezone(model.zone)
            since = f"{entry_words.day(local)} {local:%H:%M}"
        if model.loading is Loading.LOADING or not since:
            if not since:
                return self.tr("Loading …")
            return self.tr("Loading … back to {since}, {count} readings").format(since=since, count=f"{count:,}")
        if model.loading is Loading.FULL:
            text = self.tr("The newest {count} readings, since {since}. Older ones are not loaded.")
            return text.format(since=since, count=f"{count:,}")
        shared = model.sharing.since(SCOPE_GLUCOSE_READ)
        if shared is not None and shared > model.desk.now() - timedelta(seconds=seconds_back(self.canvas)):
            return self.tr("Shared with you from {since} on").format(
                since=entry_words.day(shared.astimezone(model.zone))
            )
        return self.tr("Loaded since {since}, {count} readings").format(since=since, count=f"{count:,}")

    def _name(self, seconds: float) -> str:
        if seconds <= _DAY:
            return self.tr("{count} h").format(count=int(seconds / _HOUR))
        return self.tr("{count} d").format(count=int(seconds / _DAY))


def seconds_back(canvas: Canvas) -> float:
    """How far back what is in sight begins."""
    frame = canvas.frame
    return frame.now - frame.span.start
