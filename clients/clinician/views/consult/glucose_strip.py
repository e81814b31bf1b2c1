"""The patient's glucose of the last hours, small: the newest value, how old it is, and the way there."""

from datetime import UTC, timedelta

from apricot.glucose.v1.entry_pb2 import Entry
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from clients.clinician.models.consult.facts import SHOWN, PatientFacts
from clients.clinician.models.desk import Desk
from clients.clinician.views import words
from clients.clinician.views.consult import cards
from clients.clinician.views.consult.card_grip import CardGrip
from clients.clinician.views.consult.cards import PatientCard
from clients.clinician.views.parts import column, label, row
from clients.clinician.views.theme import font, theme
from clients.readings.levels import level_of, mg_per_dl
from clients.readings.trend import glucose_of

_LEAST, _MOST = 40.0, 300.0
_TARGET = 70.0, 180.0
_OLD = timedelta(minutes=15)
"""After so long a value is no longer of this moment."""


class GlucoseStrip(QWidget):
    """Says so where it is not shared, or unknown."""

    def __init__(self, desk: Desk, facts: PatientFacts) -> None:
        super().__init__()
        self._desk = desk
        self._facts = facts
        self._value = label("", "value")
        self._unit = label(desk.settings.unit.value, "muted")
        self._what = label("", "muted", wraps=True)
        self._graph = _Graph(desk, facts)
        self.grip = CardGrip(self.card)
        self.setLayout(column(row(self._value, self._unit, None, self.grip), self._what, self._graph))
        facts.changed.connect(self._show)
        desk.second.connect(self._show)
        desk.connection.changed.connect(self._show)
        self._show()

    def card(self) -> PatientCard:
        """The readings that are shown."""
        now = self._desk.now()
        return PatientCard(self._facts.consultation.patient_id, cards.readings_card(now - SHOWN, now))

    def _show(self) -> None:
        readings = self._facts.readings or ()
        known = bool(readings)
        for part in (self._value, self._unit, self._graph, self.grip):
            part.setVisible(known)
        if not self._facts.shares_glucose:
            self._what.setText(self.tr("The patient does not share glucose in this consultation."))
        elif self._facts.readings is None:
            self._what.setText(self.tr("Glucose is not known yet."))
        elif not known:
            self._what.setText(self.tr("No reading in the last 6 hours."))
        else:
            self._show_newest(readings[-1])
        self._graph.update()

    def _show_newest(self, newest: Entry) -> None:
        glucose = glucose_of(newest)
        level = level_of(glucose)
        self._value.setText(words.value(glucose, self._desk.settings.unit))
        passed = self._desk.now() - newest.time.ToDatetime(UTC)
        stale = self._desk.connection.standing.is_stale
        old = stale or passed > _OLD
        self._value.setStyleSheet(f"color: {theme().muted if old else theme().of_level(level).name()};")
        said = [words.level(level), words.ago(passed)]
        if old:
            said.append(self.tr("not live") if stale else self.tr("old"))
        self._what.setText(" · ".join(said))


class _Graph(QWidget):
    def __init__(self, desk: Desk, facts: PatientFacts) -> None:
        super().__init__()
        self._desk = desk
        self._facts = facts
        self.setFixedHeight(72)
        self.setAccessibleName(self.tr("Glucose of the last 6 hours"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top, bottom = self._y(_TARGET[1]), self._y(_TARGET[0])
        painter.fillRect(QRectF(0, top, self.width(), bottom - top), theme().color("raised"))
        painter.setFont(font(10))
        painter.setPen(theme().color("muted"))
        for edge, y in (_TARGET[1], top - 13), (_TARGET[0], bottom + 1):
            text = words.concentration(edge, self._desk.settings.unit)
            painter.drawText(QRectF(0, y, self.width(), 12), Qt.AlignmentFlag.AlignLeft, text)
        now = self._desk.now()
        stale = self._desk.connection.standing.is_stale
        for reading in self._facts.readings or ():
            glucose = glucose_of(reading)
            passed = now - reading.time.ToDatetime(UTC)
            x = self.width() * (1 - passed / SHOWN)
            color = theme().color("muted") if stale else theme().of_level(level_of(glucose))
            painter.setPen(color)
            painter.setBrush(color)
            painter.drawEllipse(QPointF(x, self._y(mg_per_dl(glucose))), 1.8, 1.8)

    def _y(self, mg: float) -> float:
        share = (min(max(mg, _LEAST), _MOST) - _LEAST) / (_MOST - _LEAST)
        return self.height() * (1 - share)
