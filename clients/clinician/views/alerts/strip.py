"""The thin bar over every page, while an urgent alert waits for somebody."""

from apricot.glucose.v1.alert_pb2 import Alert
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QFrame, QSizePolicy, QWidget

from clients.clinician.models.alerts.alert_list import AlertList
from clients.clinician.models.alerts.standing import is_urgent, keeper
from clients.clinician.views.alerts import phrases
from clients.clinician.views.alerts.interrupted import InterruptedNotice
from clients.clinician.views.alerts.marks import Arrow, Mark, MarkOf
from clients.clinician.views.keys import add_key
from clients.clinician.views.parts import button, column, label, row, show_if
from clients.clinician.views.theme import SPACE, theme

KEY = "Ctrl+Shift+A"
_PAUSE_MILLISECONDS = 600
"""When what it shows has changed by itself, a key that is on its way already may not mean the new one."""


class UrgentStrip(QWidget):
    """The most urgent alert that nobody has; and that nobody looks for alerts. Nothing else, and then it is away."""

    patient_chosen = Signal(str)

    def __init__(self, alerts: AlertList) -> None:
        super().__init__()
        self._alerts = alerts
        self._shown: Alert | None = None
        self._bar = QFrame()
        self._bar.setObjectName("strip")
        self._bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._bar.setStyleSheet(_style())
        self.patient = button("", self._open, "quiet")
        self._value, self._arrow, self._what, self.more = label(), Arrow(20, "on_alarm"), label(), label()
        self.newer = label()
        self.newer.setStyleSheet("font-weight: 700;")
        self._value.setStyleSheet("font-size: 17px; font-weight: 700;")
        self.acknowledge = button(self.tr("Acknowledge"), self._acknowledge, tip=KEY)
        inside = row(
            MarkOf(Mark.URGENT, "on_alarm", "alarm"),
            self.patient,
            self._value,
            self._arrow,
            self.newer,
            self._what,
            self.more,
            self.acknowledge,
            spacing=2 * SPACE,
        )
        inside.setStretchFactor(self._what, 1)
        self._what.setSizePolicy(
            QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred
        )  # it gives way in a narrow one
        inside.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        self._bar.setLayout(inside)
        self.interrupted = InterruptedNotice(alerts)
        self.setLayout(column(self.interrupted, self._bar, spacing=0))
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MILLISECONDS)
        self._pause.timeout.connect(self._show)
        add_key(self, KEY, self.tr("Acknowledge the most urgent alert"), self.acknowledge.click, from_anywhere=True)
        alerts.changed.connect(self._show)
        alerts.desk.second.connect(self._show)
        alerts.raised.connect(self._call)
        self._show()

    @property
    def alert(self) -> Alert | None:
        """The one that it shows."""
        return self._shown

    def _show(self) -> None:
        alerts = self._alerts
        waiting = alerts.pressing
        untaken = [alert for alert in waiting if not alerts.is_unsent(alert)]
        first = next(iter(untaken or waiting), None)
        if first and self._shown and first.alert_id != self._shown.alert_id:
            self._pause.start()
        self._shown = first
        self._bar.setVisible(first is not None)
        show_if(first is not None or alerts.interrupted_since is not None, self)
        if first is not None:
            self._show_alert(first, len(waiting) - 1)

    def _show_alert(self, alert: Alert, others: int) -> None:
        alerts, unit = self._alerts, self._alerts.desk.settings.unit
        value = phrases.value(alert, unit)
        self.patient.setText(alerts.name(alert))
        self.patient.setAccessibleName(self.tr("Open {name}").format(name=alerts.name(alert)))
        self._value.setText(f"{value} {unit.value}" if value else "")
        self._value.setVisible(bool(value))
        self._arrow.show_rate(alert.rate_mg_per_dl_per_minute if alert.HasField("rate_mg_per_dl_per_minute") else None)
        newer = phrases.newer(alerts, alert)
        self.newer.setText(newer)
        self.newer.setVisible(bool(newer))
        unsent = alerts.is_unsent(alert)
        parts = [phrases.rule(alert), phrases.since(alert, alerts.now), phrases.passing(alerts, alert)]
        self._what.setText(" · ".join(part for part in parts if part))
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

    def _open(self) -> None:
        if self._shown is not None:
            self.patient_chosen.emit(self._shown.patient_id)


def _style() -> str:
    worn = theme()
    return f"""
#strip {{ background: {worn.alarm}; }}
#strip QLabel {{ color: {worn.on_alarm}; }}
#strip QPushButton {{
  color: {worn.on_alarm}; background: transparent; border-color: {worn.on_alarm}; font-weight: 700;
}}
#strip QPushButton[role="quiet"], #strip QPushButton:disabled {{ border-color: transparent; }}
#strip QPushButton:focus, #strip QPushButton:hover {{ background: {worn.on_alarm}; color: {worn.alarm}; }}
"""
