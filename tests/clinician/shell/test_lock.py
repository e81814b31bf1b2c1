"""An empty chair: everything out of sight, and all there again."""

from datetime import UTC, datetime, timedelta

from apricot.glucose.v1.alert_pb2 import ALERT_URGENCY_URGENT, ALERT_URGENCY_WARNING, Alert
from apricot.glucose.v1.watch_pb2 import PatientSnapshot, WatchPatientsResponse
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from clients.clinician.models.lock import Lock
from clients.clinician.views.shell.cover import Cover
from clients.clinician.views.shell.curtain import Curtain
from clients.clinician.views.shell.icons import Icon
from clients.clinician.views.shell.window import Window
from clients.sdk import Phase
from tests.clinician.shell.conftest import NAMES, Clinic, front
from tests.kit.running import until


def _window(clinic: Clinic, qtbot: QtBot, patient_id: str) -> Window:
    workplace, _, _ = clinic
    window = Window(workplace)
    qtbot.addWidget(window)

    def page(patient_id: str) -> QWidget:
        made, note = QWidget(), QLineEdit()
        layout = QVBoxLayout(made)
        layout.addWidget(QLabel(workplace.desk.feed.identity(patient_id).name))
        note.setObjectName("note")
        layout.addWidget(note)
        return made

    window.add_page("Ward", QLabel("the ward"), "Ctrl+1", Icon.WARD)
    window.set_patient_page(page)
    window.open_patient(patient_id)
    window.show()
    return window


async def test_it_locks_after_the_minutes_she_chose(clinic: Clinic, qtbot: QtBot, application: QApplication) -> None:
    workplace, patients, _ = clinic
    now = [1000.0]
    workplace.desk.settings.lock_minutes = 2
    workplace.lock = Lock(workplace.desk, clock=lambda: now[0])
    window = _window(clinic, qtbot, patients[0])
    curtain = Curtain(application, workplace.lock)
    now[0] += 119
    qtbot.keyClick(window, Qt.Key.Key_A)
    now[0] += 119
    workplace.desk.second.emit()
    assert not workplace.lock.locked, "a key was pressed meanwhile"
    now[0] += 1
    workplace.desk.second.emit()
    assert workplace.lock.locked
    curtain.close()


async def test_a_machine_that_slept_is_locked_before_the_touch_that_wakes_it(clinic: Clinic) -> None:
    workplace, _, _ = clinic
    now = [1000.0]
    lock = Lock(workplace.desk, clock=lambda: now[0])
    now[0] += 3600
    lock.touch()
    assert lock.locked


async def test_nothing_can_be_read_while_it_is_locked(clinic: Clinic, qtbot: QtBot, application: QApplication) -> None:
    workplace, patients, _ = clinic
    windows = [_window(clinic, qtbot, patient) for patient in patients]
    curtain = Curtain(application, workplace.lock)
    assert [window.windowTitle().split(" –")[0] for window in windows] == [*NAMES]
    assert windows[0].grab().toImage() != windows[1].grab().toImage()
    dialog = QDialog(windows[0])
    QVBoxLayout(dialog).addWidget(QLabel(NAMES[0]))
    dialog.open()
    qtbot.keyClick(dialog, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert workplace.lock.locked
    await until(lambda: windows[0].findChild(Cover) is not None)
    for window in windows:
        if focused := window.focusWidget():
            focused.clearFocus()  # no cursor that blinks
    images = [window.grab().toImage() for window in windows]
    assert images[0] == images[1], "the same picture, whoever was shown"
    assert len({window.windowTitle() for window in windows}) == 1
    shown = [each for each in application.allWidgets() if isinstance(each, QLabel) and each.isVisible()]
    assert not [each.text() for each in shown if any(name in each.text() for name in NAMES)]
    assert not dialog.isVisible()
    late = QDialog(windows[1])
    late.show()
    await until(lambda: not late.isVisible())
    workplace.lock.locked = False
    workplace.lock.changed.emit()
    assert dialog.isVisible(), "it was only out of sight"
    assert late.isVisible()
    assert windows[0].windowTitle().startswith(NAMES[0])
    menu = QMenu(windows[0])
    menu.addAction(NAMES[0])
    menu.popup(windows[0].pos())
    workplace.lock.lock()
    assert not menu.isVisible()
    curtain.close()


async def test_what_ended_while_it_was_locked_is_not_shown_again(clinic: Clinic, application: QApplication) -> None:
    workplace, _, _ = clinic
    curtain = Curtain(application, workplace.lock)
    ends, stays = QDialog(), QDialog()
    ends.show()
    stays.show()
    workplace.lock.lock()
    ends.deleteLater()
    await until(lambda: not isValid(ends))
    workplace.lock.locked = False
    workplace.lock.changed.emit()
    assert stays.isVisible()
    stays.close()
    curtain.close()


async def test_keys_of_a_covered_window_do_nothing(clinic: Clinic, qtbot: QtBot) -> None:
    workplace, patients, _ = clinic
    window = _window(clinic, qtbot, patients[0])
    asked: list[object] = []
    window.window_asked.connect(asked.append)
    await front(window)
    workplace.lock.lock()
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert not asked
    assert window.place.patient_id == patients[0]


async def test_the_second_factor_opens_it(clinic: Clinic, qtbot: QtBot, application: QApplication) -> None:
    workplace, patients, clinician = clinic
    window = _window(clinic, qtbot, patients[0])
    await front(window)
    note = window.findChild(QLineEdit, "note")
    assert isinstance(note, QLineEdit)
    note.setFocus()
    qtbot.keyClicks(note, "half a sen")
    workplace.lock.lock()
    cover = window.findChild(Cover)
    assert isinstance(cover, Cover)
    code = cover.findChildren(QLineEdit)[0]
    qtbot.keyClicks(code, "000000")  # the sixth digit sends it
    await until(lambda: not workplace.lock.busy)
    assert workplace.lock.locked
    assert any("wrong" in each.text() for each in cover.findChildren(QLabel) if each.isVisible())
    assert code.text() == ""
    assert clinician.authenticator is not None
    qtbot.keyClicks(code, clinician.authenticator.code())
    await until(lambda: not workplace.lock.locked)
    assert note.isVisible()
    assert note.text() == "half a sen"
    qtbot.keyClicks(window.focusWidget(), "tence")
    assert note.text() == "half a sentence", "the cursor is where it was"


async def test_the_cover_counts_urgent_alerts_alone(clinic: Clinic, qtbot: QtBot) -> None:
    workplace, (first, second), _ = clinic
    window = _window(clinic, qtbot, first)
    workplace.lock.lock()
    cover = window.findChild(Cover)
    assert isinstance(cover, Cover)

    def told() -> str:
        return "" if cover.urgent.isHidden() else cover.urgent.text()

    urgent = Alert(alert_id="a", patient_id=first, urgency=ALERT_URGENCY_URGENT)
    warning = Alert(alert_id="b", patient_id=first, urgency=ALERT_URGENCY_WARNING)
    other = Alert(alert_id="c", patient_id=second, urgency=ALERT_URGENCY_URGENT)
    await until(lambda: workplace.desk.connection.standing.phase is Phase.LIVE)
    emit = workplace.desk.feed.updated.emit
    emit(WatchPatientsResponse(snapshot=PatientSnapshot(patient_id=first, active_alerts=[urgent, warning])))
    emit(WatchPatientsResponse(snapshot=PatientSnapshot(patient_id=second, active_alerts=[other])))
    await until(lambda: told() == "2")
    other.revision += 1
    other.resolve_time.FromDatetime(datetime.now(UTC) - timedelta(seconds=1))
    changed = WatchPatientsResponse()
    changed.alert_changed.alert.CopyFrom(other)
    emit(changed)
    await until(lambda: told() == "1")
    emit(WatchPatientsResponse(snapshot=PatientSnapshot(patient_id=first)))
    await until(lambda: told() == "")


class _Codes:
    """A demo's authenticator, with a code at hand."""

    def seconds_to_next(self) -> float:
        return 0

    def next(self) -> str:
        return "123456"


async def test_demo_offers_its_code_on_the_lock(clinic: Clinic, qtbot: QtBot, application: QApplication) -> None:
    workplace, patients, _ = clinic
    workplace.demo_codes = _Codes()
    window = _window(clinic, qtbot, patients[0])
    curtain = Curtain(application, workplace.lock)
    workplace.lock.lock()
    shown = {each.text() for each in window.findChildren(QPushButton) if each.isVisible()}
    assert "Use the demo's code" in shown
    curtain.close()
