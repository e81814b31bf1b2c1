"""Who the patient is, and how she is at this moment."""

from datetime import UTC, timedelta

from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ, SCOPE_GLUCOSE_READ
from apricot.glucose.v1.alert_pb2 import ALERT_URGENCY_URGENT
from PySide6.QtWidgets import QWidget

from clients.clinician.models.patient.chart import ChartModel, Loading
from clients.clinician.views import identity_words, words
from clients.clinician.views.parts import column, label, restyle, row
from clients.clinician.views.patient import entry_words
from clients.clinician.views.theme import SPACE, theme
from clients.readings.alerts import need
from clients.readings.levels import level_of
from clients.readings.trend import arrow, glucose_of, rate_of

_TREND_MINUTES = 30
_OLD = timedelta(minutes=15)
"""After so long a value is no longer of this moment."""


class PatientHeader(QWidget):
    """Identity, the patient's local time; newest value with its trend and age; active alerts."""

    def __init__(self, model: ChartModel) -> None:
        super().__init__()
        self._model = model
        self.name = label(role="title", selectable=True)
        self.identity = label(selectable=True, wraps=True)
        self.about = label(role="muted", wraps=True)
        self.value = label(role="value")
        self.age = label(role="muted")
        self.alerts = label(role="heading")
        self.alerts_more = label(role="muted")
        parts = row(
            column(self.name, self.identity, self.about, spacing=SPACE // 4),
            column(self.alerts, self.alerts_more, spacing=SPACE // 2),
            column(self.value, self.age, spacing=SPACE // 2),
            spacing=4 * SPACE,
        )
        parts.setStretch(0, 1)
        self.setLayout(parts)
        model.changed.connect(self._show)
        model.desk.second.connect(self._show)
        model.desk.connection.changed.connect(self._show)
        model.desk.feed.patients_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        model = self._model
        identity = model.desk.feed.identity(model.patient_id)
        self.name.setText(identity_words.name(identity))
        self.identity.setText(identity_words.facts(identity))
        local = model.desk.now().astimezone(model.zone)
        there = self.tr("Patient's time: {time}, {day} ({zone})")
        allergies = self.tr("Allergies: see a consultation's health record")
        here = there.format(time=f"{local:%H:%M}", day=entry_words.day(local), zone=model.zone.key)
        self.about.setText(f"{allergies} · {here}")
        self._show_newest()
        self._show_alerts()

    def _show_newest(self) -> None:
        model = self._model
        newest = model.record.readings.newest(_TREND_MINUTES)
        if not newest:
            known = model.loading is not Loading.LOADING
            shared = model.opens(SCOPE_GLUCOSE_READ)
            self.value.setText("—")
            none = self.tr("No readings") if shared else self.tr("Glucose not shared with you")
            self.age.setText(none if known else self.tr("Loading …"))
            self.value.setStyleSheet("")
            return
        glucose = glucose_of(newest[-1])
        passed = model.desk.now() - newest[-1].time.ToDatetime(UTC)
        stale = model.desk.connection.standing.is_stale
        old = stale or passed > _OLD
        trend = "" if old else arrow(rate_of(newest, model.desk.measured_minutes))
        unit = model.desk.settings.unit
        self.value.setText(f"{words.value(glucose, unit)} {trend}".rstrip())
        level = level_of(glucose)
        self.value.setStyleSheet(f"color: {(theme().muted if old else theme().of_level(level).name())};")
        said = [unit.value, words.level(level), words.age(passed)]
        if stale:
            said.append(self.tr("not live"))
        elif old:
            said.append(self.tr("old"))
        self.age.setText(" · ".join(said))
        self.value.setAccessibleName(f"{self.value.text()} {self.age.text()}")

    def _show_alerts(self) -> None:
        model = self._model
        active = sorted(model.active_alerts, key=need)
        if not active:
            self.alerts.setText("" if model.opens(SCOPE_ALERT_READ) else self.tr("Alerts not shared with you"))
            restyle(self.alerts, "muted")
            if model.opens(SCOPE_ALERT_READ) and model.loading is Loading.READY:
                self.alerts.setText(self.tr("No active alerts"))
            self.alerts_more.setText("")
            return
        first = active[0]
        restyle(self.alerts, "problem" if first.urgency == ALERT_URGENCY_URGENT else "heading")
        self.alerts.setText(words.rule(first.rule))
        more = self.tr("since {time}").format(time=words.clock(first.raise_time.ToDatetime(UTC)))
        if len(active) > 1:
            more += " · " + self.tr("{count} more").format(count=len(active) - 1)
        self.alerts_more.setText(more)
