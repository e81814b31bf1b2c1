"""The bar over every page: the most urgent alert that waits, and whether what the window shows is the present.

Its room is always there, so that nothing below it moves when an alert comes or goes. Its buttons never take the focus:
no key that was meant for something else acknowledges an alert.
"""

from apricot.glucose.v1.alert_pb2 import Alert
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from clients.clinician.models.alerts.alert_list import AlertList
from clients.clinician.models.alerts.standing import is_urgent, keeper
from clients.clinician.views import identity_words, words
from clients.clinician.views.alerts import phrases
from clients.clinician.views.alerts.marks import Arrow, Mark, MarkOf
from clients.clinician.views.keys import add_key
from clients.clinician.views.parts import button, column, label, row
from clients.clinician.views.theme import SPACE, theme

ACKNOWLEDGE_KEY = "Ctrl+Shift+A"
OPEN_KEY = "Ctrl+Shift+G"
_HEIGHT = 7 * SPACE
_DOUBT_PIXELS = 36 * SPACE
_PAUSE_MILLISECONDS = 600
"""When what it shows has changed by itself, a key that is on its way already may not mean the new one."""


class AlarmBar(QWidget):
    """Shows the alert at the left and the doubt at the right; with neither, one quiet line."""

    patient_chosen = Signal(str)

    def __init__(self, alerts: AlertList) -> None:
        super().__init__()
        self._alerts = alerts
        self._shown: Alert | None = None
        self.setFixedHeight(_HEIGHT)
        self.setStyleSheet(_style())
        self.calm = label(role="muted")
        self.calm.setContentsMargins(3 * SPACE, 0, 3 * SPACE, 0)
        self.alarm, self.doubt = self._make_alarm(), self._make_doubt()
        self._parts = row(self.calm, self.alarm, self.doubt, spacing=0)
        self._parts.setStretch(1, 1)
        self.setLayout(self._parts)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MILLISECONDS)
        self._pause.timeout.connect(self._show)
        add_key(
            self,
            ACKNOWLEDGE_KEY,
            self.tr("Acknowledge the most urgent alert"),
            self.acknowledge.click,
            from_anywhere=True,
        )
        add_key(self, OPEN_KEY, self.tr("Open the most urgent alert's patient"), self.open_patient, from_anywhere=True)
        alerts.changed.connect(self._show)
        alerts.desk.connection.changed.connect(self._show)
        alerts.desk.second.connect(self._show)
        alerts.raised.connect(self._call)
        self._show()

    @property
    def alert(self) -> Alert | None:
        """The one that it shows."""
        return self._shown

    def open_patient(self) -> None:
        """Show whose alert it is."""
        if self._shown is not None:
            self.patient_chosen.emit(self._shown.patient_id)

    def _make_alarm(self) -> QFrame:
        self.patient = _unfocused(button("", self.open_patient, "quiet", tip=OPEN_KEY))
        self.identity = label()
        self.value, self.then, self._arrow = label(), label(), Arrow(20, "on_alarm")
        self._what, self._passing, self.more = label(), label(), label()
        self.acknowledge = _unfocused(button(self.tr("Acknowledge"), self._acknowledge, tip=ACKNOWLEDGE_KEY))
        self.value.setObjectName("value")
        who, what = QWidget(), QWidget()
        who.setLayout(column(None, self.patient, self.identity, None, spacing=0))
        what.setLayout(column(None, self._what, self._passing, None, spacing=2))
        for gives_way in who, what:
            gives_way.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        value = column(None, row(self.value, self._arrow, None), self.then, None, spacing=0)
        parts = row(MarkOf(Mark.URGENT, "on_alarm", "alarm"), value, who, what, self.more, self.acknowledge)
        for place, weight in ((2, 3), (3, 3)):
            parts.setStretch(place, weight)
        return _frame("alarm", parts)

    def _make_doubt(self) -> QFrame:
        self._doubt_title, self._doubt_words = label(), label()
        self._doubt_title.setObjectName("title")
        words = column(None, self._doubt_title, self._doubt_words, None, spacing=0)
        parts = row(MarkOf(Mark.WARNING, "on_doubt", "doubt"), words)
        parts.setStretch(1, 1)
        return _frame("doubt", parts)

    def _show(self) -> None:
        alerts = self._alerts
        waiting = alerts.pressing
        untaken = [alert for alert in waiting if not alerts.is_unsent(alert)]
        first = next(iter(untaken or waiting), None)
        if first and self._shown and first.alert_id != self._shown.alert_id:
            self._pause.start()
        self._shown = first
        title, words = phrases.doubt(alerts)
        self.alarm.setVisible(first is not None)
        self.doubt.setVisible(bool(title))
        self.doubt.setMaximumWidth(_DOUBT_PIXELS if first else self.maximumWidth())
        self._parts.setStretch(2, 0 if first else 1)
        self.calm.setVisible(first is None and not title)
        self.calm.setText(phrases.calm(alerts))
        _write(self._doubt_title, title)
        _write(self._doubt_words, words)
        said = ". ".join(filter(None, (title, words)))
        self.doubt.setAccessibleName(said)
        self.doubt.setToolTip(said)
        if first is not None:
            self._show_alert(first, len(waiting) - 1)
        else:
            self.setAccessibleName(said or self.calm.text())

    def _show_alert(self, alert: Alert, others: int) -> None:
        alerts, unit = self._alerts, self._alerts.desk.settings.unit
        value = phrases.value(alerts, alert)
        identity = alerts.identity(alert)
        self.patient.setText(identity_words.name(identity))
        self.patient.setAccessibleName(self.tr("Open {name}").format(name=self.patient.text()))
        _write(self.identity, identity_words.facts(identity))
        self.value.setText(f"{value} {unit.value}" if value else "")
        self.value.setVisible(bool(value))
        rate = None if alerts.desk.connection.standing.is_stale else alerts.rate(alert)
        self._arrow.show_rate(rate)
        self.then.setText(phrases.then(alerts, alert))
        unsent = alerts.is_unsent(alert)
        _write(self._what, f"{words.rule(alert.rule)} · {phrases.since(alert, alerts.now)}")
        _write(self._passing, phrases.passing(alerts, alert))
        self._passing.setVisible(bool(self._passing.text()))
        self.more.setText(self.tr("and {count} more").format(count=others) if others else "")
        self.acknowledge.setText(self.tr("Not sent yet") if unsent else self.tr("Acknowledge"))
        self.acknowledge.setEnabled(not unsent and not self._pause.isActive())
        self.setAccessibleName(phrases.sentence(alerts, alert))

    def _call(self, alert: Alert) -> None:
        """The desktop marks the window of one who works in another."""
        if is_urgent(alert) and keeper(alert) is None:
            QApplication.alert(self.window())

    def _acknowledge(self) -> None:
        if self._shown is not None:
            self._alerts.acknowledge(self._shown.alert_id)


def _unfocused(made: QPushButton) -> QPushButton:
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return made


def _write(where: QLabel, text: str) -> None:
    where.setText(text)
    where.setToolTip(text)


def _frame(name: str, parts: QHBoxLayout) -> QFrame:
    made = QFrame()
    made.setObjectName(name)
    made.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    parts.setContentsMargins(2 * SPACE, 0, 2 * SPACE, 0)
    parts.setSpacing(2 * SPACE)
    made.setLayout(parts)
    return made


def _style() -> str:
    worn = theme()
    return f"""
#alarm {{ background: {worn.alarm}; }}
#alarm QLabel {{ color: {worn.on_alarm}; font-size: 12px; }}
#alarm #value {{ font-size: 22px; font-weight: 700; }}
#alarm QPushButton {{
  color: {worn.on_alarm}; background: transparent; border-color: {worn.on_alarm}; font-weight: 700;
}}
#alarm QPushButton[role="quiet"] {{
  border-color: transparent; padding: 0; text-align: left; font-size: 15px; min-height: 20px;
}}
#alarm QPushButton:disabled {{ border-color: transparent; }}
#alarm QPushButton:hover {{ background: {worn.on_alarm}; color: {worn.alarm}; }}
#doubt {{ background: {worn.doubt}; }}
#doubt QLabel {{ color: {worn.on_doubt}; }}
#doubt #title {{ font-size: 15px; font-weight: 700; }}
"""
