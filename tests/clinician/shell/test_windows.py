"""Several windows, remembered; quick open, help, notices, settings."""

from pathlib import Path

import grpc
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from clients.clinician.models.identity import identity_of
from clients.clinician.models.settings import Theme, Unit
from clients.clinician.models.wake import Wake
from clients.clinician.models.workplace import Workplace
from clients.clinician.pages import Pages
from clients.clinician.translations.__main__ import VIEWS
from clients.clinician.views.shell.help import Help
from clients.clinician.views.shell.icons import Icon
from clients.clinician.views.shell.quick_open import QuickOpen
from clients.clinician.views.shell.toast import Toast
from clients.clinician.views.shell.window import Place, Window
from clients.clinician.views.shell.windows import Windows
from clients.sdk import ApricotError, Phase, Reason
from tests.clinician.shell.conftest import NAMES, Clinic, front
from tests.kit.running import until
from tests.patience import PATIENCE


def _furnish(window: Window, _: Workplace | None = None) -> None:
    window.add_page("Ward", QLabel("ward"), "Ctrl+1", Icon.WARD)
    window.add_page("Alerts", QLabel("alerts"), "Ctrl+2", Icon.ALERTS)
    window.set_patient_page(QLabel)


def _store(settings_path: str) -> QSettings:
    return QSettings(settings_path, QSettings.Format.IniFormat)


async def test_windows_come_back_where_they_were(
    clinic: Clinic, qtbot: QtBot, application: QApplication, tmp_path: Path
) -> None:
    workplace, patients, _ = clinic
    store = _store(f"{tmp_path}/windows.ini")
    windows = Windows(workplace, _furnish, store)
    windows.open_remembered()
    (first,) = windows.windows
    first.setGeometry(40, 60, 700, 500)
    await front(first)
    qtbot.keyClick(first, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert first.place == Place(page=1)
    qtbot.keyClick(first, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert len(windows.windows) == 2
    windows.windows[1].open_patient(patients[1])
    windows.windows[1].setGeometry(5000, 4000, 640, 480)  # a screen that is gone tomorrow
    windows.close()
    assert not [each for each in application.topLevelWidgets() if each.isVisible()]

    again = Windows(workplace, _furnish, _store(f"{tmp_path}/windows.ini"))
    again.open_remembered()
    assert [window.place for window in again.windows] == [Place(page=1), Place(page=1, patient_id=patients[1])]
    assert again.windows[0].geometry().size() == first.geometry().size()
    screens = [screen.availableGeometry() for screen in application.screens()]
    for window in again.windows:
        assert any(screen.intersects(window.frameGeometry()) for screen in screens)
    assert patients[1] not in (tmp_path / "windows.ini").read_text()
    again.close()


async def test_last_window_asks_before_alarms_end(clinic: Clinic, qtbot: QtBot, tmp_path: Path) -> None:
    workplace, _, _ = clinic
    windows = Windows(workplace, _furnish, _store(f"{tmp_path}/windows.ini"))
    windows.open_remembered()
    windows.open()
    with qtbot.assertNotEmitted(windows.all_closed):
        windows.windows[0].close()
    (last,) = windows.windows
    with qtbot.assertNotEmitted(windows.all_closed):
        qtbot.keyClick(last, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
        last.close()
    (question,) = last.findChildren(QMessageBox)
    assert not question.isModal(), "alarms take clicks and keys beside it"
    assert "Alarms stop" in question.informativeText()
    qtbot.keyClick(question, Qt.Key.Key_Escape)
    assert last.isVisible()
    last.close()
    await until(lambda: len([each for each in last.findChildren(QMessageBox) if each.isVisible()]) == 1)
    (question,) = [each for each in last.findChildren(QMessageBox) if each.isVisible()]
    with qtbot.waitSignal(windows.all_closed, timeout=int(PATIENCE * 1000)):
        next(each for each in question.buttons() if "without alarms" in each.text()).click()


async def test_other_colours_keep_page_and_patient(clinic: Clinic, qtbot: QtBot, tmp_path: Path) -> None:
    workplace, patients, _ = clinic
    windows = Windows(workplace, _furnish, _store(f"{tmp_path}/windows.ini"))
    windows.open(Place(1, patients[0]))
    windows.open(Place(1))
    windows.open_settings()
    before = list(windows.windows)
    windows.remake()
    assert [window.place for window in windows.windows] == [Place(1, patients[0]), Place(1)]
    assert not {*before} & {*windows.windows}
    assert not any(window.isVisible() for window in before)
    dialogs = [each for window in windows.windows for each in window.findChildren(QDialog)]
    assert [dialog.isVisible() for dialog in dialogs] == [True]
    windows.close()


async def test_settings_count_at_once(clinic: Clinic, qtbot: QtBot, tmp_path: Path) -> None:
    workplace, _, _ = clinic
    windows = Windows(workplace, _furnish, _store(f"{tmp_path}/windows.ini"))
    windows.open()
    await front(windows.windows[0])
    qtbot.keyClick(windows.windows[0], Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    (dialog,) = windows.windows[0].findChildren(QDialog)
    assert not dialog.isModal()

    def press(name: str) -> None:
        found = dialog.findChild(QPushButton, name)
        assert isinstance(found, QPushButton)
        qtbot.mouseClick(found, Qt.MouseButton.LeftButton)

    press("Unit.mg/dL")
    press("Theme.dark")
    press("int.5")
    chosen = workplace.desk.settings
    assert (chosen.unit, chosen.theme, chosen.lock_minutes) == (Unit.MG_PER_DL, Theme.DARK, 5)
    windows.close()


async def test_quick_open_by_a_part_of_the_name(clinic: Clinic, qtbot: QtBot) -> None:
    workplace, patients, _ = clinic
    window = Window(workplace)
    _furnish(window)
    qtbot.addWidget(window)
    window.show()
    await front(window)
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    opened = window.findChildren(QuickOpen)[0]
    assert opened.isVisible()
    text = opened.findChildren(QLineEdit)[0]
    assert window.focusWidget() is text
    qtbot.keyClicks(text, NAMES[1][6:10].upper())
    qtbot.keyClick(text, Qt.Key.Key_Return)
    assert window.place.patient_id == patients[1]
    assert not opened.isVisible()
    apart: list[Place] = []
    window.window_asked.connect(apart.append)
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    text.insert(NAMES[0][:1])  # as an input method does
    qtbot.keyClick(text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert [place.patient_id for place in apart] == [patients[0]]
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(text, "nobody")
    qtbot.keyClick(text, Qt.Key.Key_Return)
    assert opened.isVisible(), "there is nobody to open"
    qtbot.keyClick(text, Qt.Key.Key_Escape)
    assert not opened.isVisible()
    assert window.place.patient_id == patients[1]


async def test_help_lists_the_keys_there_are(clinic: Clinic, qtbot: QtBot) -> None:
    workplace, _, _ = clinic
    window = Window(workplace)
    _furnish(window)
    qtbot.addWidget(window)
    window.show()
    await front(window)
    qtbot.keyClick(window, Qt.Key.Key_F1)
    shown = window.findChildren(Help)[0]
    assert shown.isVisible()
    texts = {each.text() for each in shown.findChildren(QLabel)}
    assert {"Ctrl+2", "Alerts", "Ctrl+L", "Lock", "Ctrl+K", "F1  ?"} <= texts
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    assert not shown.isVisible()


async def test_help_lists_every_key_of_a_window_and_its_pages(clinic: Clinic, qtbot: QtBot) -> None:
    workplace, patients, _ = clinic
    window = Window(workplace)
    Pages(window, workplace)
    qtbot.addWidget(window)
    window.open_patient(patients[0])
    window.show()
    shown = window.findChildren(Help)[0]
    shown.open()
    listed = {text for each in shown.findChildren(QLabel) for text in each.text().split("  ")}
    keys = [(each.whatsThis(), each.keys()) for each in window.findChildren(QShortcut)]
    keys += [(each.text(), each.shortcuts()) for each in window.findChildren(QAction) if each.shortcuts()]
    assert len(keys) > 50
    for does, sequences in keys:
        assert does, sequences
        assert {does, *(each.toString(QKeySequence.SequenceFormat.NativeText) for each in sequences)} <= listed


def test_no_page_makes_a_key_that_does_not_say_what_it_does() -> None:
    """Pages and dialogs that are not there when the help is opened too."""
    made = {path.name for path in VIEWS.rglob("*.py") if "QShortcut(" in path.read_text()}
    assert made == {"keys.py"}


async def test_a_problem_is_told_once_and_goes_away(clinic: Clinic, qtbot: QtBot) -> None:
    workplace, _, _ = clinic
    window = Window(workplace)
    qtbot.addWidget(window)
    window.show()
    toast = window.findChildren(Toast)[0]
    assert not toast.isVisible()
    for reason, code in (
        (Reason.REASON_UNAVAILABLE, grpc.StatusCode.UNAVAILABLE),
        (Reason.REASON_GRANT_ENDED, grpc.StatusCode.PERMISSION_DENIED),
    ):
        workplace.desk.problems.tell(ApricotError(reason, code, "the platform's words"))
    assert toast.isVisible()
    assert toast.accessibleName() == "The patient has ended your access."
    assert window.rect().contains(toast.geometry())
    await front(window)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not toast.isVisible()


async def test_after_a_sleep_it_reconnects_at_once(clinic: Clinic) -> None:
    workplace, _, _ = clinic
    desk = workplace.desk
    await until(lambda: desk.connection.standing.phase is Phase.LIVE)
    now = [desk.now()]
    wake = Wake(desk, wall=lambda: now[0])
    phases: list[Phase] = []
    desk.connection.changed.connect(lambda: phases.append(desk.connection.standing.phase))
    desk.second.emit()
    assert not phases
    now[0] = now[0].replace(year=now[0].year + 1)
    desk.second.emit()
    del wake
    await until(lambda: Phase.STALE in phases and phases[-1] is Phase.LIVE)


async def test_palette_finds_commands_beside_patients(clinic: Clinic, qtbot: QtBot) -> None:
    workplace, patients, _ = clinic
    window = Window(workplace)
    _furnish(window)
    qtbot.addWidget(window)
    await front(window)
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    (palette,) = window.findChildren(QuickOpen)
    (text,) = palette.findChildren(QLineEdit)
    qtbot.keyClicks(text, "ale")
    qtbot.keyClick(text, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert window.place == Place(page=1)
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(text, identity_of(None, patients[0]).record_number)
    qtbot.keyClick(text, Qt.Key.Key_Return)
    assert window.place.patient_id == patients[0]
