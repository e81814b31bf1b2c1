"""The whole app in this process: signed in, closed, opened again, thrown out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ
from apricot.identity.v1.auth_pb2 import SignOutRequest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from clients.clinician.app import App, Options
from clients.sdk import Apricot, Phase
from stack.platform import Platform
from tests.clinician.shell.conftest import MemoryKeyring, front
from tests.kit.running import until
from tests.patience import PATIENCE
from tests.people import PASSWORD, People, Person


@asynccontextmanager
async def started(application: QApplication, platform: Platform, folder: Path) -> AsyncIterator[App]:
    """An app with a process's own client; it ends with the block."""
    gateway = platform.gateway_address.removeprefix("http://")
    async with Apricot(gateway) as apricot:
        store = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
        app = App(application, apricot, Options(gateway, tls=False), store, folder)
        running = asyncio.create_task(app.run())
        try:
            yield app
        finally:
            app.quit()
            async with asyncio.timeout(PATIENCE):
                await running


async def _sign_in(qtbot: QtBot, app: App, person: Person) -> None:
    await until(lambda: app.sign_in_window is not None)
    window = app.sign_in_window
    assert window is not None
    qtbot.keyClicks(window.field, person.phone)
    password = next(each for each in window.findChildren(QPushButton) if "password" in each.text())
    qtbot.mouseClick(password, Qt.MouseButton.LeftButton)
    assert window.field.accessibleName().startswith("The password")
    stay = window.findChildren(QCheckBox)[0]
    stay.setFocus()
    qtbot.keyClick(stay, Qt.Key.Key_Space)
    qtbot.keyClicks(window.field, PASSWORD)
    qtbot.keyClick(window.field, Qt.Key.Key_Return)
    await until(lambda: window.field.accessibleName().startswith("The code of your"))
    assert person.authenticator is not None
    qtbot.keyClicks(window.field, person.authenticator.code())
    qtbot.keyClick(window.field, Qt.Key.Key_Return)
    await until(lambda: app.windows is not None)


async def test_it_stays_signed_in_over_a_restart_but_opens_locked(
    qtbot: QtBot,
    application: QApplication,
    platform: Platform,
    people: People,
    clinician: Person,
    memory_keyring: MemoryKeyring,
    tmp_path: Path,
) -> None:
    await (await people.patient()).grant(clinician, SCOPE_GLUCOSE_READ)
    async with started(application, platform, tmp_path) as app:
        await _sign_in(qtbot, app, clinician)
        assert app.windows is not None
        (window,) = app.windows.windows
        await until(lambda: window._workplace.desk.connection.standing.phase is Phase.LIVE)
        assert not window._workplace.lock.locked
        window._workplace.drafts.put("note", "half a sentence")
        await front(window)
        qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: app.windows is not None and len(app.windows.windows) == 2)
    assert not [each for each in application.topLevelWidgets() if each.isVisible()]

    async with started(application, platform, tmp_path) as again:
        await until(lambda: again.windows is not None)
        assert again.sign_in_window is None
        assert again.windows is not None
        assert len(again.windows.windows) == 2
        workplace = again.windows.windows[0]._workplace
        assert workplace.lock.locked
        assert workplace.drafts.get("note") == "half a sentence"
        await until(lambda: workplace.desk.connection.standing.phase is Phase.LIVE)

        await workplace.desk.session.auth.SignOut(SignOutRequest(all_sessions=True))
        await until(lambda: again.sign_in_window is not None)
        assert again.windows is None
        sign_in = again.sign_in_window
        assert sign_in is not None
        assert any("windows and drafts are kept" in each.text() for each in sign_in.findChildren(QLabel))
        await again.sessions.close()
        assert not [name for _, name in memory_keyring.kept if name.startswith("session")]
