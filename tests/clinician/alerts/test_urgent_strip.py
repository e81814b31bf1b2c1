"""The strip over every page: there while somebody is needed, and away."""

import pytest
from apricot.glucose.v1 import alert_pb2 as pb
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from clients.clinician.models.alerts.alert_list import AlertList
from clients.clinician.views.alerts.strip import UrgentStrip
from tests.clinician.alerts.conftest import Alone
from tests.clinician.alerts.happening import acknowledged_for, goes_low, measures, watched
from tests.clinician.alerts.made import MOTHER, PATIENT, alert, recipient
from tests.clinician.conftest import OpenDesk
from tests.kit.running import until
from tests.people import People, Person


def in_window(qtbot: QtBot, alerts: AlertList) -> tuple[QWidget, UrgentStrip]:
    """The window is held by whoever looks at it."""
    window = QWidget()
    qtbot.addWidget(window)
    strip = UrgentStrip(alerts)
    layout = QVBoxLayout(window)
    layout.addWidget(strip)
    window.resize(1200, 300)
    window.show()
    window.activateWindow()
    return window, strip


async def test_it_shows_an_urgent_low_and_leaves_when_it_is_acknowledged_by_its_key(
    qtbot: QtBot, people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    alerts, patient = await watched(people, clinician, open_desk)
    window, strip = in_window(qtbot, alerts)
    assert not strip.isVisible()
    await goes_low(alerts, patient)
    await until(lambda: strip.isVisible() and strip.acknowledge.isEnabled())
    assert "2.8 mmol/L" in strip.accessibleName()
    QTest.keyClick(window, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    await until(acknowledged_for(patient, clinician))
    await until(lambda: not strip.isVisible())


async def test_it_stays_away_for_a_warning(
    qtbot: QtBot, people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    alerts, patient = await watched(people, clinician, open_desk)
    _window, strip = in_window(qtbot, alerts)
    await measures(patient, 65)
    await measures(patient, 64)
    await until(lambda: [found.rule for found in alerts.active] == [pb.ALERT_RULE_LOW])
    assert not strip.isVisible()


async def test_who_else_has_it_takes_it_away(qtbot: QtBot, alone: Alone) -> None:
    _window, strip = in_window(qtbot, alone.alerts)
    await alone.tell(alert("a"), alert("b", raised=1), alert("c", raised=2))
    assert strip.isVisible()
    assert strip.more.text() == "and 2 more"
    assert strip.patient.text() == "王秀英"
    await alone.tell(*[alert(name, revision=2, recipients=(recipient(MOTHER, acknowledged=9),)) for name in "abc"])
    assert not strip.isVisible()


async def test_a_click_that_was_on_its_way_does_not_mean_the_one_that_has_come_instead(
    qtbot: QtBot, alone: Alone
) -> None:
    _window, strip = in_window(qtbot, alone.alerts)
    await alone.tell(alert("high", rule=pb.ALERT_RULE_URGENT_HIGH, mg_per_dl=300))
    assert strip.acknowledge.isEnabled()
    await alone.tell(alert("low"))
    assert strip.alert is not None
    assert strip.alert.alert_id == "low"
    QTest.mouseClick(strip.acknowledge, Qt.MouseButton.LeftButton)
    assert not any(alone.alerts.is_unsent(found) for found in alone.alerts.active)
    await until(strip.acknowledge.isEnabled)
    QTest.mouseClick(strip.acknowledge, Qt.MouseButton.LeftButton)
    assert [found.alert_id for found in alone.alerts.active if alone.alerts.is_unsent(found)] == ["low"]


async def test_what_is_not_sent_yet_stays_in_sight_behind_what_waits(qtbot: QtBot, alone: Alone) -> None:
    _window, strip = in_window(qtbot, alone.alerts)
    await alone.tell(alert("a"))
    alone.alerts.acknowledge("a")
    await until(lambda: strip.acknowledge.text() == "Not sent yet")
    assert strip.isVisible()
    await alone.tell(alert("b", raised=3))
    assert strip.alert is not None
    assert strip.alert.alert_id == "b"


async def test_that_nobody_looks_for_alerts_is_in_sight_while_it_lasts(qtbot: QtBot, alone: Alone) -> None:
    _window, strip = in_window(qtbot, alone.alerts)
    await alone.tell_interrupted(interrupted=True)
    assert strip.isVisible()
    assert strip.interrupted.isVisible()
    assert "Nobody watches for alerts" in strip.interrupted.text()
    assert strip.alert is None
    await alone.tell_interrupted(interrupted=False)
    assert not strip.isVisible()


async def test_its_patient_can_be_opened(qtbot: QtBot, alone: Alone) -> None:
    _window, strip = in_window(qtbot, alone.alerts)
    chosen: list[str] = []
    strip.patient_chosen.connect(chosen.append)
    await alone.tell(alert())
    QTest.mouseClick(strip.patient, Qt.MouseButton.LeftButton)
    assert chosen == [PATIENT]


async def test_a_new_urgent_one_marks_the_window(qtbot: QtBot, alone: Alone, monkeypatch: pytest.MonkeyPatch) -> None:
    marked: list[QWidget] = []
    monkeypatch.setattr(QApplication, "alert", marked.append)
    window, _strip = in_window(qtbot, alone.alerts)
    await alone.tell(alert("warning", rule=pb.ALERT_RULE_LOW, urgency=pb.ALERT_URGENCY_WARNING))
    assert not marked
    await alone.tell(alert("urgent"))
    assert marked == [window]
