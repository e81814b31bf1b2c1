"""The page of alerts, by its keys."""

from apricot.glucose.v1 import alert_pb2 as pb
from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from clients.clinician.models.alerts.alert_rows import ALERT, AlertRows, ChosenRows
from clients.clinician.models.settings import Unit
from clients.clinician.views.alerts.panel import AlertsPanel
from clients.sdk import ApricotError
from tests.clinician.alerts.conftest import Alone, Clock
from tests.clinician.alerts.happening import acknowledged_for, goes_low, own_view, watched
from tests.clinician.alerts.made import MOTHER, PATIENT, alert, recipient
from tests.clinician.conftest import OpenDesk
from tests.kit.running import until
from tests.people import People, Person

WARNING = pb.ALERT_URGENCY_WARNING


def shown_panel(qtbot: QtBot, alerts: object, width: int = 1200) -> AlertsPanel:
    panel = AlertsPanel(alerts)  # type: ignore[arg-type]
    qtbot.addWidget(panel)
    panel.resize(width, 800)
    panel.show()
    panel.activateWindow()
    panel.setFocus()
    return panel


def ids(model: QAbstractItemModel) -> list[str]:
    return [model.index(row, 0, QModelIndex()).data(ALERT).alert_id for row in range(model.rowCount())]


def listed(panel: AlertsPanel) -> list[str]:
    return ids(panel.list.model())


async def test_a_key_acknowledges_and_the_patient_sees_it(
    qtbot: QtBot, people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    alerts, patient = await watched(people, clinician, open_desk)
    panel = shown_panel(qtbot, alerts)
    await goes_low(alerts, patient)
    QTest.keyClick(panel.list, Qt.Key.Key_J)
    QTest.keyClick(panel.list, Qt.Key.Key_A)
    await until(acknowledged_for(patient, clinician))
    await until(lambda: not panel.detail.acknowledge.isEnabled())


async def test_keys_snooze_and_end_it(qtbot: QtBot, people: People, clinician: Person, open_desk: OpenDesk) -> None:
    alerts, patient = await watched(people, clinician, open_desk)
    panel = shown_panel(qtbot, alerts)
    await goes_low(alerts, patient)
    QTest.keyClick(panel.list, Qt.Key.Key_J)
    QTest.keyClick(panel.list, Qt.Key.Key_S)
    assert [action.data()[1] for action in panel.detail.menu.actions()] == [5, 10, 15, 30]
    QTest.keyClick(panel.detail.menu, Qt.Key.Key_2)
    await until(lambda: alerts.snooze(alerts.active[0]) is not None)

    async def snoozed() -> bool:
        return any(found.HasField("snooze_end_time") for found in (await own_view(patient))[0].recipients)

    await until(snoozed)
    await until(panel.detail.wake.isEnabled)
    panel.activateWindow()  # without a window manager nobody gives it back what the menu had
    await until(panel.list.hasFocus)
    QTest.keyClick(panel.list, Qt.Key.Key_U)
    await until(lambda: alerts.snooze(alerts.active[0]) is None)


async def test_only_her_own_look_is_told(qtbot: QtBot, people: People, clinician: Person, open_desk: OpenDesk) -> None:
    alerts, patient = await watched(people, clinician, open_desk)
    panel = shown_panel(qtbot, alerts)
    alert_id = (await goes_low(alerts, patient)).alert_id
    panel.list.choose_first()
    assert not alerts._looked, "it was chosen by nobody"
    QTest.keyClick(panel.list, Qt.Key.Key_J)
    assert alerts._looked == {alert_id}

    async def seen() -> bool:
        recipients = (await own_view(patient))[0].recipients
        return any(found.account_id == clinician.account_id and found.HasField("see_time") for found in recipients)

    await until(seen)


async def test_no_choice_hides_an_urgent_low_that_nobody_has(qtbot: QtBot, alone: Alone) -> None:
    panel = shown_panel(qtbot, alone.alerts)
    await alone.tell(
        alert("low"),
        alert("high", rule=pb.ALERT_RULE_HIGH, urgency=WARNING),
        alert("urgent high", rule=pb.ALERT_RULE_URGENT_HIGH, recipients=(recipient(MOTHER, acknowledged=2),)),
    )
    expected = {"1": ["low", "high", "urgent high"], "2": ["low", "urgent high"], "3": ["low", "high"], "4": ["low"]}
    for key, wanted in expected.items():
        QTest.keyClick(panel.list, ord(key))
        assert listed(panel) == wanted, key
    await alone.tell(alert("low", revision=2, recipients=(recipient(MOTHER, acknowledged=3),)))
    assert listed(panel) == []


async def test_enter_opens_the_patient(qtbot: QtBot, alone: Alone) -> None:
    panel = shown_panel(qtbot, alone.alerts)
    chosen: list[str] = []
    panel.patient_chosen.connect(chosen.append)
    await alone.tell(alert())
    QTest.keyClick(panel.list, Qt.Key.Key_J)
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    assert chosen == [PATIENT]


async def test_a_key_means_the_alert_that_was_chosen_whatever_comes_and_goes(qtbot: QtBot, alone: Alone) -> None:
    panel = shown_panel(qtbot, alone.alerts)
    await alone.tell(alert("first", raised=5))
    QTest.keyClick(panel.list, Qt.Key.Key_J)
    await alone.tell(alert("older", raised=1))
    assert listed(panel) == ["older", "first"]
    assert panel.list.alert is not None
    assert panel.list.alert.alert_id == "first"
    QTest.keyClick(panel.list, Qt.Key.Key_3)
    await alone.tell(alert("first", raised=5, revision=2, recipients=(recipient(MOTHER, acknowledged=6),)))
    assert listed(panel) == ["older"]
    assert panel.list.alert is None
    QTest.keyClick(panel.list, Qt.Key.Key_A)
    assert not any(alone.alerts.is_unsent(found) for found in alone.alerts.active)


async def test_what_is_over_is_chosen_by_nobody_but_her(qtbot: QtBot, alone: Alone) -> None:
    await alone.tell(alert(resolved=5))
    panel = shown_panel(qtbot, alone.alerts)
    assert listed(panel) == ["a"]
    await until(panel.list.hasFocus)
    assert panel.list.alert is None
    assert not panel.detail.isVisible()
    QTest.keyClick(panel.list, Qt.Key.Key_J)
    assert panel.list.alert is not None
    assert panel.detail.isVisible()


async def test_j_and_k_move(qtbot: QtBot, alone: Alone) -> None:
    panel = shown_panel(qtbot, alone.alerts)
    await alone.tell(*[alert(name, raised=place) for place, name in enumerate("abc")])
    at = []
    for key in "JJJJKK":
        QTest.keyClick(panel.list, ord(key))
        assert panel.list.alert is not None
        at.append(panel.list.alert.alert_id)
    assert at == ["a", "b", "c", "c", "b", "a"]


async def test_without_a_connection_an_acknowledgement_is_shown_as_not_sent(qtbot: QtBot, alone: Alone) -> None:
    problems: list[ApricotError] = []
    alone.desk.problems.told.connect(problems.append)
    panel = shown_panel(qtbot, alone.alerts)
    await alone.tell(alert())
    QTest.keyClick(panel.list, Qt.Key.Key_J)
    QTest.keyClick(panel.list, Qt.Key.Key_A)
    await until(lambda: "not sent yet" in spoken(panel, 0))
    assert not problems
    assert alone.alerts.count == 1


async def test_a_row_says_what_it_shows(qtbot: QtBot, alone: Alone) -> None:
    panel = shown_panel(qtbot, alone.alerts)
    low = alert(recipients=(recipient(PATIENT), recipient(MOTHER, raised=10)))
    low.escalate_time.FromDatetime(alone.desk.now())
    low.escalate_time.seconds += 272
    low.escalate_to = pb.RECIPIENT_KIND_CLINICIAN
    await alone.tell(low)
    said = spoken(panel, 0)
    for words in "王秀英", "Urgent low", "2.8 mmol/L", "12 min", "Not acknowledged", "Escalates to the clinic in 4:32":
        assert words in said
    alone.desk.settings.unit = Unit.MG_PER_DL
    assert "50 mg/dL" in spoken(panel, 0)


async def test_the_countdown_goes_by_the_clock(qtbot: QtBot, alone: Alone, clock: Clock) -> None:
    panel = shown_panel(qtbot, alone.alerts)
    low = alert()
    low.escalate_time.FromDatetime(clock.now)
    low.escalate_time.seconds += 65
    low.escalate_to = pb.RECIPIENT_KIND_FOLLOWER
    await alone.tell(low)
    assert "Escalates to the family in 1:05" in spoken(panel, 0)
    clock.move(10)
    assert "Escalates to the family in 0:55" in spoken(panel, 0)
    clock.move(60)
    assert "Was due to escalate to the family" in spoken(panel, 0), "nobody can tell: there is no connection"


async def test_an_acknowledged_low_escalates_in_time_or_not_at_all(qtbot: QtBot, alone: Alone, clock: Clock) -> None:
    panel = shown_panel(qtbot, alone.alerts)
    low = alert(recipients=(recipient(PATIENT, acknowledged=10),))
    low.escalate_time.FromDatetime(clock.now)
    low.escalate_time.seconds += 65
    low.escalate_to = pb.RECIPIENT_KIND_FOLLOWER
    await alone.tell(low)
    assert "Acknowledged by the patient" in spoken(panel, 0)
    assert "Escalates to the family in 1:05" in spoken(panel, 0)
    clock.move(70)
    assert "scalat" not in spoken(panel, 0), "it waits for a reading that is still low"


async def test_calm_is_said_only_of_what_is_known(
    qtbot: QtBot, alone: Alone, people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    assert "not known" in shown_panel(qtbot, alone.alerts).empty.text()
    alerts, _ = await watched(people, clinician, open_desk)
    panel = shown_panel(qtbot, alerts)
    await until(lambda: panel.empty.text() == "No alert needs you now")
    assert panel.empty.isVisible()
    assert not panel.doubt.isVisible()


async def test_rows_come_go_and_move_as_views_expect(alone: Alone) -> None:
    rows = AlertRows(alone.alerts)
    QAbstractItemModelTester(rows, QAbstractItemModelTester.FailureReportingMode.Fatal)
    chosen = ChosenRows(alone.alerts)
    await alone.tell(*[alert(name, raised=place) for place, name in enumerate("abcd")])
    await alone.tell(alert("a", revision=2, recipients=(recipient(MOTHER, acknowledged=6),)))
    assert ids(rows) == ids(chosen) == ["b", "c", "d", "a"]
    await alone.tell(alert("c", raised=2, revision=2, resolved=8), alert("e", raised=-1))
    assert ids(rows) == ids(chosen) == ["e", "b", "d", "a", "c"]


def spoken(panel: AlertsPanel, row: int) -> str:
    model = panel.list.model()
    return str(model.data(model.index(row, 0), Qt.ItemDataRole.AccessibleTextRole))
