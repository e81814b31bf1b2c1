"""The newest value is the large one; beside it stands the one that raised the alert."""

import pytest
from apricot.glucose.v1.watch_pb2 import WatchPatientsResponse
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from clients.clinician.models.settings import Unit
from clients.clinician.views.alerts import phrases
from clients.clinician.views.alerts.bar import AlarmBar
from clients.clinician.views.alerts.panel import AlertsPanel
from clients.sdk import Recorder
from tests.clinician.alerts.conftest import Alone, Clock
from tests.clinician.alerts.made import PATIENT, alert, at
from tests.kit.running import until

SENSOR = Recorder.by_hand("sensor", "Asia/Shanghai")


async def measured(alone: Alone, minutes: float, mg_per_dl: float) -> None:
    """A reading comes; when it returns the ward has it."""
    update = WatchPatientsResponse()
    update.entries_logged.patient_id = PATIENT
    update.entries_logged.entries.append(SENSOR.sensor_reading(at(minutes), mg_per_dl))
    alone.desk.feed.updated.emit(update)
    await until(lambda: any(alone.alerts.newer(each) is not None for each in alone.alerts.active))


async def begin(alone: Alone) -> None:
    """The patient is known, and was low at the begin."""
    update = WatchPatientsResponse()
    update.snapshot.patient_id = PATIENT
    update.snapshot.entries.append(SENSOR.sensor_reading(at(0), 50))
    alone.desk.feed.updated.emit(update)
    await alone.tell(alert())


def shown(qtbot: QtBot, alone: Alone) -> tuple[QWidget, AlarmBar, AlertsPanel]:
    window, bar, panel = QWidget(), AlarmBar(alone.alerts), AlertsPanel(alone.alerts)
    qtbot.addWidget(window)
    qtbot.addWidget(panel)
    bar.setParent(window)
    for each in window, bar, panel:
        each.resize(1200, 800)
        each.show()
    return window, bar, panel


async def test_newest_value_is_the_large_one_everywhere(qtbot: QtBot, alone: Alone, clock: Clock) -> None:
    _window, bar, panel = shown(qtbot, alone)
    await begin(alone)
    await measured(alone, 11, 68)
    panel.detail.show_alert(alone.alerts.active[0])
    alone.desk.second.emit()
    assert bar.value.text() == "3.8 mmol/L"
    assert panel.detail.value.text() == "3.8"
    assert bar.then.text() == panel.detail.then.text() == "1 min ago · raised at 2.8"
    assert "3.8 mmol/L, 1 min ago · raised at 2.8" in phrases.sentence(alone.alerts, alone.alerts.active[0])
    alone.desk.settings.unit = Unit.MG_PER_DL
    alone.desk.second.emit()
    assert bar.value.text() == "68 mg/dL"
    assert bar.then.text() == "1 min ago · raised at 50"
    clock.move(20 * 60)
    alone.desk.second.emit()
    assert bar.then.text() == "21 min ago · raised at 50"


async def test_value_that_raised_it_is_shown_while_it_is_newest(qtbot: QtBot, alone: Alone) -> None:
    _window, bar, panel = shown(qtbot, alone)
    await begin(alone)
    panel.detail.show_alert(alone.alerts.active[0])
    assert bar.value.text() == "2.8 mmol/L"
    assert panel.detail.value.text() == "2.8"
    assert bar.then.text() == panel.detail.then.text() == "12 min ago"


@pytest.mark.parametrize("minutes", [0, -5])
async def test_what_was_before_says_nothing_of_now(alone: Alone, minutes: float) -> None:
    await begin(alone)
    update = WatchPatientsResponse()
    update.entries_logged.patient_id = PATIENT
    update.entries_logged.entries.append(SENSOR.sensor_reading(at(minutes), 90))
    alone.desk.feed.updated.emit(update)
    await alone.tell(alert(revision=2))
    assert alone.alerts.newer(alone.alerts.active[0]) is None


async def test_resolved_alert_shows_what_raised_it(alone: Alone) -> None:
    await begin(alone)
    await measured(alone, 11, 90)
    await alone.tell(alert(revision=2, resolved=12))
    assert phrases.value(alone.alerts, alone.alerts.resolved[0]) == "2.8"
    assert "raised" not in phrases.then(alone.alerts, alone.alerts.resolved[0])
