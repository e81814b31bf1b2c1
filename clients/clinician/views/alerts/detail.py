"""One alert in full: what it is, what each of those told did, and what she can do."""

from apricot.glucose.v1.alert_pb2 import Alert
from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QMenu, QScrollArea, QWidget

from clients.clinician.models.alerts.alert_list import AlertList
from clients.clinician.models.alerts.standing import escalation_left, is_active, keeper, own, snooze_choices
from clients.clinician.views import identity_words, words
from clients.clinician.views.alerts import phrases
from clients.clinician.views.alerts.marks import Arrow
from clients.clinician.views.alerts.row import paint_left
from clients.clinician.views.parts import button, column, label, row, show_if
from clients.clinician.views.theme import SPACE, theme

_COMPACT_PIXELS = 12 * SPACE
_ANY_PIXELS = 16_777_215
_TOP = Qt.AlignmentFlag.AlignTop


class AlertDetail(QFrame):
    """Of the chosen alert; hidden while none is."""

    patient_chosen = Signal(str)

    def __init__(self, alerts: AlertList) -> None:
        super().__init__()
        self._alerts = alerts
        self._alert_id = ""
        self._people_shown: list[tuple[str, str]] = []
        self.setProperty("role", "card")
        self._name = label(role="heading", wraps=True)
        self.value, self._unit, self._arrow = label(role="value"), label(role="muted"), Arrow(3 * SPACE)
        self._what, self._when = label(), label(role="muted", wraps=True)
        self.identity, self.then = label(role="muted", wraps=True), label(wraps=True)
        self._standing, self._passing, self._left = label(wraps=True), label(role="muted", wraps=True), _Left()
        self._people = QGridLayout()
        self._people.setContentsMargins(0, 0, 0, 0)
        self._people.setHorizontalSpacing(2 * SPACE)
        self._people.setVerticalSpacing(SPACE)
        self._people.setColumnStretch(1, 1)
        self.acknowledge = button(self.tr("Acknowledge"), self._acknowledge, "primary", tip=self.tr("Acknowledge (A)"))
        self.acknowledge.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # by its key or the mouse, never by a Tab gone astray
        self.snooze = button(self.tr("Snooze"), self.choose_snooze, tip=self.tr("Snooze (S)"))
        self.wake = button(self.tr("End snooze"), self._wake, tip=self.tr("End snooze (U)"))
        self.patient = button(self.tr("Open patient"), self._open, "quiet", tip=self.tr("Open patient (Enter)"))
        self.menu = _Menu(self)
        self.menu.setAccessibleName(self.tr("Snooze for"))
        self.menu.triggered.connect(self._snooze)
        people, self._told = QWidget(), QScrollArea()
        people.setProperty("role", "page")
        people.setLayout(self._people)
        self._people.setAlignment(_TOP)
        self._told.setWidget(people)
        self._told.setWidgetResizable(True)
        self._told.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._facts = QWidget()
        self._facts.setLayout(
            column(
                column(self._name, self.identity, spacing=SPACE // 2),
                column(row(self.value, self._unit, self._arrow, None), self.then, spacing=SPACE // 2),
                column(self._what, self._when, spacing=SPACE // 2),
                column(self._standing, self._passing, self._left, spacing=SPACE // 2),
                spacing=2 * SPACE,
            )
        )
        inside = column(
            self._facts,
            row(self.acknowledge, self.snooze, self.wake, None, self.patient),
            self._told,
            spacing=2 * SPACE,
        )
        inside.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        self.setLayout(inside)
        alerts.changed.connect(self._show)
        alerts.desk.second.connect(self._show)
        self._show()

    def show_alert(self, alert: Alert | None) -> None:
        """This one from now on; none: nothing."""
        self._alert_id = alert.alert_id if alert else ""
        self._show()

    def show_compact(self, compact: bool) -> None:
        """Below the list, whose row says most of it already."""
        self._facts.setVisible(not compact)
        self.patient.setVisible(not compact)
        self._told.setMaximumHeight(_COMPACT_PIXELS if compact else _ANY_PIXELS)
        self.setMaximumHeight(2 * _COMPACT_PIXELS if compact else _ANY_PIXELS)

    def choose_snooze(self) -> None:
        """Ask for how many minutes; each has a key."""
        alert = self._alerts.find(self._alert_id)
        if alert is None or not is_active(alert):
            return
        self.menu.clear()
        for place, minutes in enumerate(snooze_choices(alert.rule), start=1):
            text = self.tr("&{key}   {minutes} minutes").format(key=place, minutes=minutes)
            # What it is for is said now: whatever is shown by the time that somebody chooses.
            self.menu.addAction(text).setData((alert.alert_id, minutes))
        self.menu.popup(self.snooze.mapToGlobal(QPoint(0, self.snooze.height())))
        self.menu.setActiveAction(self.menu.actions()[0])

    def _show(self) -> None:
        alert = self._alerts.find(self._alert_id)
        show_if(alert is not None, self)
        if alert is None:
            return
        alerts, active = self._alerts, is_active(alert)
        unit = alerts.desk.settings.unit
        identity = alerts.identity(alert)
        self._name.setText(identity_words.name(identity))
        self.identity.setText(identity_words.facts(identity))
        value, old = phrases.value(alerts, alert), active and phrases.is_old(alerts, alert)
        self.value.setText(value)
        self.value.setStyleSheet(f"color: {theme().muted};" if old else "")
        self._unit.setText(unit.value if value else "")
        self.value.setVisible(bool(value))
        self._unit.setVisible(bool(value))
        self._arrow.show_rate(None if old else alerts.rate(alert))
        self._what.setText(f"{words.rule(alert.rule)} · {phrases.since(alert, alerts.now)}")
        measured = words.clock(alerts.measured(alert))
        self._when.setText(
            self.tr("Measured at {time}").format(time=measured)
            if value
            else self.tr("Last reading at {time}").format(time=measured)
        )
        self.then.setText(phrases.then(alerts, alert))
        self.then.setVisible(bool(value))
        self._standing.setText(phrases.standing(alerts, alert))
        passing = phrases.passing(alerts, alert)
        self._passing.setText(passing)
        self._passing.setVisible(bool(passing))
        self._left.show_left(escalation_left(alert, alerts.now) if passing else None)
        mine = own(alert, alerts.me)
        has_it = keeper(alert) is not None and mine is not None and keeper(alert) == mine
        self.acknowledge.setVisible(active)
        self.acknowledge.setEnabled(active and not has_it and not alerts.is_unsent(alert))
        snoozed = alerts.snooze(alert) is not None
        self.snooze.setVisible(active)
        self.wake.setVisible(active and snoozed)
        self.wake.setEnabled(active and snoozed)
        self._show_people(alert)

    def _show_people(self, alert: Alert) -> None:
        now, me = self._alerts.now, self._alerts.me
        shown = [
            (phrases.person(recipient, me), "\n".join(phrases.deeds(recipient, now))) for recipient in alert.recipients
        ]
        if shown == self._people_shown:
            return
        self._people_shown = shown
        while (item := self._people.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for line, (person, deeds) in enumerate(shown):
            self._people.addWidget(label(person), line, 0, _TOP)
            self._people.addWidget(label(deeds, "muted"), line, 1, _TOP)

    def _acknowledge(self) -> None:
        self._alerts.acknowledge(self._alert_id)

    def _snooze(self, action: QAction) -> None:
        alert_id, minutes = action.data()
        self._alerts.begin_snooze(alert_id, minutes)

    def _wake(self) -> None:
        self._alerts.cancel_snooze(self._alert_id)

    def _open(self) -> None:
        if alert := self._alerts.find(self._alert_id):
            self.patient_chosen.emit(alert.patient_id)


class _Menu(QMenu):
    """Its keys are its own while it is open, not the page's."""

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)


class _Left(QWidget):
    """How much of the time is left until it is passed on; the words are beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(3)
        self._left = 0.0

    def show_left(self, left: float | None) -> None:
        self._left = left or 0.0
        self.setVisible(left is not None)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_left(painter, QRectF(self.rect()), self._left)
        painter.end()
