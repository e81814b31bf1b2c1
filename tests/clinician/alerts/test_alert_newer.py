"""Beside the value that raised an alert stands where the patient is by now."""

import pytest
from apricot.glucose.v1.watch_pb2 import WatchPatientsResponse
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from clients.clinician.models.settings import Unit
from clients.clinician.views.alerts import phrases
from clients.clinician.views.alerts.panel import AlertsPanel
from clients.clinician.views.alerts.strip import UrgentStrip
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


def shown(qtbot: QtBot, alone: Alone) -> tuple[QWidget, UrgentStrip, AlertsPanel]:
    window, strip, panel = QWidget(), UrgentStrip(alone.alerts), AlertsPanel(alone.alerts)
    qtbot.addWidget(window)
    qtbot.addWidget(panel)
    strip.setParent(window)
    for each in window, strip, panel:
        each.resize(1200, 800)
        each.show()
    return window, strip, panel


async def test_both_values_with_both_ages(qtbot: QtBot, alone: Alone, clock: Clock) -> None:
    _window, strip, panel = shown(qtbot, alone)
    await begin(alone)
    await measured(alone, 11, 68)
    panel.detail.show_alert(alone.alerts.active[0])
    alone.desk.second.emit()
    assert strip.newer.text() == "now 3.8, 1 min ago"
    assert panel.detail.newer.text() == "now 3.8 mmol/L, 1 min ago"
    said = phrases.sentence(alone.alerts, alone.alerts.active[0])
    assert "2.8 mmol/L" in said
    assert "12 min" in said
    assert "now 3.8 mmol/L, 1 min ago" in said
    alone.desk.settings.unit = Unit.MG_PER_DL
    alone.desk.second.emit()
    assert strip.newer.text() == "now 68, 1 min ago"
    clock.move(20 * 60)
    alone.desk.second.emit()
    assert strip.newer.text() == "last 68, 21 min ago"  # nobody knows how it is now


async def test_without_a_newer_one_there_is_no_line(qtbot: QtBot, alone: Alone) -> None:
    _window, strip, panel = shown(qtbot, alone)
    await begin(alone)
    panel.detail.show_alert(alone.alerts.active[0])
    assert strip.isVisible()
    assert panel.detail.isVisible()
    assert not strip.newer.isVisible()
    assert not panel.detail.newer.isVisible()
    assert "now" not in phrases.sentence(alone.alerts, alone.alerts.active[0])


@pytest.mark.parametrize("minutes", [0, -5])
async def test_what_was_before_says_nothing_of_now(alone: Alone, minutes: float) -> None:
    await begin(alone)
    update = WatchPatientsResponse()
    update.entries_logged.patient_id = PATIENT
    update.entries_logged.entries.append(SENSOR.sensor_reading(at(minutes), 90))
    alone.desk.feed.updated.emit(update)
    await alone.tell(alert(revision=2))
    assert alone.alerts.newer(alone.alerts.active[0]) is None


async def test_of_an_alert_that_is_over_nothing_is_said(alone: Alone) -> None:
    await begin(alone)
    await measured(alone, 11, 90)
    await alone.tell(alert(revision=2, resolved=12))
    assert phrases.newer(alone.alerts, alone.alerts.resolved[0]) == ""
