"""The bar over every page: its room, its alert, and what it says of the connection."""

import grpc
import pytest
from apricot.glucose.v1 import alert_pb2 as pb
from apricot.identity.v1.account_pb2 import SEX_FEMALE
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from clients.clinician.models.alerts.alert_list import AlertList
from clients.clinician.views.alerts.bar import AlarmBar
from clients.sdk import ApricotError, Reason
from tests.clinician.alerts.conftest import Alone
from tests.clinician.alerts.happening import acknowledged_for, goes_low, measures, watched
from tests.clinician.alerts.made import MOTHER, PATIENT, alert, recipient
from tests.clinician.conftest import OpenDesk
from tests.kit.running import until
from tests.people import People, Person


def in_window(qtbot: QtBot, alerts: AlertList) -> tuple[QWidget, AlarmBar]:
    """The window is held by whoever looks at it."""
    window = QWidget()
    qtbot.addWidget(window)
    bar = AlarmBar(alerts)
    layout = QVBoxLayout(window)
    layout.addWidget(bar)
    window.resize(1200, 300)
    window.show()
    window.activateWindow()
    return window, bar


async def test_it_shows_an_urgent_low_and_leaves_when_it_is_acknowledged_by_its_key(
    qtbot: QtBot, people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    alerts, patient = await watched(people, clinician, open_desk)
    window, bar = in_window(qtbot, alerts)
    assert not bar.alarm.isVisible()
    await goes_low(alerts, patient)
    await until(lambda: bar.alarm.isVisible() and bar.acknowledge.isEnabled())
    assert "2.8 mmol/L" in bar.accessibleName()
    QTest.keyClick(window, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    await until(acknowledged_for(patient, clinician))
    await until(lambda: not bar.alarm.isVisible())


async def test_it_stays_away_for_a_warning(
    qtbot: QtBot, people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    alerts, patient = await watched(people, clinician, open_desk)
    _window, bar = in_window(qtbot, alerts)
    await measures(patient, 65)
    await measures(patient, 64)
    await until(lambda: [found.rule for found in alerts.active] == [pb.ALERT_RULE_LOW])
    assert not bar.alarm.isVisible()


async def test_who_else_has_it_takes_it_away(qtbot: QtBot, alone: Alone) -> None:
    _window, bar = in_window(qtbot, alone.alerts)
    await alone.tell(alert("a"), alert("b", raised=1), alert("c", raised=2))
    assert bar.alarm.isVisible()
    assert bar.more.text() == "and 2 more"
    assert bar.patient.text() == "王秀英"
    await alone.tell(*[alert(name, revision=2, recipients=(recipient(MOTHER, acknowledged=9),)) for name in "abc"])
    assert not bar.alarm.isVisible()


async def test_a_click_that_was_on_its_way_does_not_mean_the_one_that_has_come_instead(
    qtbot: QtBot, alone: Alone
) -> None:
    _window, bar = in_window(qtbot, alone.alerts)
    await alone.tell(alert("high", rule=pb.ALERT_RULE_URGENT_HIGH, mg_per_dl=300))
    assert bar.acknowledge.isEnabled()
    await alone.tell(alert("low"))
    assert bar.alert is not None
    assert bar.alert.alert_id == "low"
    QTest.mouseClick(bar.acknowledge, Qt.MouseButton.LeftButton)
    assert not any(alone.alerts.is_unsent(found) for found in alone.alerts.active)
    await until(bar.acknowledge.isEnabled)
    QTest.mouseClick(bar.acknowledge, Qt.MouseButton.LeftButton)
    assert [found.alert_id for found in alone.alerts.active if alone.alerts.is_unsent(found)] == ["low"]


async def test_what_is_not_sent_yet_stays_in_sight_behind_what_waits(qtbot: QtBot, alone: Alone) -> None:
    _window, bar = in_window(qtbot, alone.alerts)
    await alone.tell(alert("a"))
    alone.alerts.acknowledge("a")
    await until(lambda: bar.acknowledge.text() == "Not sent yet")
    assert bar.alarm.isVisible()
    await alone.tell(alert("b", raised=3))
    assert bar.alert is not None
    assert bar.alert.alert_id == "b"


async def test_stopped_evaluation_is_in_sight_while_it_lasts(qtbot: QtBot, alone: Alone) -> None:
    _window, bar = in_window(qtbot, alone.alerts)
    await alone.tell_interrupted(interrupted=True)
    assert bar.doubt.isVisible()
    assert "Alerts have stopped since" in bar.doubt.accessibleName()
    assert bar.alert is None
    await alone.tell_interrupted(interrupted=False)
    assert not bar.doubt.isVisible()


async def test_lost_connection_stands_beside_the_alert(qtbot: QtBot, alone: Alone) -> None:
    _window, bar = in_window(qtbot, alone.alerts)
    height = bar.height()
    await alone.tell(alert())
    alone.desk.connection.lost(ApricotError(Reason.REASON_UNAVAILABLE, grpc.StatusCode.UNAVAILABLE, ""))
    assert bar.alarm.isVisible()
    assert bar.doubt.isVisible()
    assert "New lows do not appear here." in bar.doubt.accessibleName()
    assert bar.height() == height, "nothing below it moves"


async def test_tab_never_reaches_acknowledge(qtbot: QtBot, alone: Alone) -> None:
    window, bar = in_window(qtbot, alone.alerts)
    field = QLineEdit(window)
    field.show()
    field.setFocus()
    await alone.tell(alert())
    for _ in range(5):
        QTest.keyClick(window, Qt.Key.Key_Tab)
        assert window.focusWidget() not in (bar.acknowledge, bar.patient)


async def test_identity_stands_beside_the_name(qtbot: QtBot, alone: Alone) -> None:
    alone.desk.feed.patients[PATIENT].birth_date = "1958-03-07"
    alone.desk.feed.patients[PATIENT].sex = SEX_FEMALE
    _window, bar = in_window(qtbot, alone.alerts)
    await alone.tell(alert())
    assert bar.identity.text() == "born 1958-03-07 · female · no. 0000 0000"


async def test_unnamed_patient_is_said_to_be_unnamed(qtbot: QtBot, alone: Alone) -> None:
    alone.desk.feed.patients[PATIENT].display_name = ""
    _window, bar = in_window(qtbot, alone.alerts)
    await alone.tell(alert())
    assert bar.patient.text() == "Unnamed patient, no. 0000 0000"
    assert bar.identity.text().startswith("birth date unknown · sex unknown")


async def test_its_patient_can_be_opened(qtbot: QtBot, alone: Alone) -> None:
    _window, bar = in_window(qtbot, alone.alerts)
    chosen: list[str] = []
    bar.patient_chosen.connect(chosen.append)
    await alone.tell(alert())
    QTest.mouseClick(bar.patient, Qt.MouseButton.LeftButton)
    assert chosen == [PATIENT]


async def test_a_new_urgent_one_marks_the_window(qtbot: QtBot, alone: Alone, monkeypatch: pytest.MonkeyPatch) -> None:
    marked: list[QWidget] = []
    monkeypatch.setattr(QApplication, "alert", marked.append)
    window, _bar = in_window(qtbot, alone.alerts)
    await alone.tell(alert("warning", rule=pb.ALERT_RULE_LOW, urgency=pb.ALERT_URGENCY_WARNING))
    assert not marked
    await alone.tell(alert("urgent"))
    assert marked == [window]
