"""The wiring: one process, one event loop, the models and the windows."""

import asyncio
import logging
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import qasync
from PySide6.QtCore import QSettings, QStandardPaths, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from clients.clinician import translations
from clients.clinician.garbage import collected_between_events
from clients.clinician.models.desk import Desk
from clients.clinician.models.drafts import Drafts, draft_key
from clients.clinician.models.keychain import Keychain
from clients.clinician.models.saved_session import SessionStore
from clients.clinician.models.settings import Language, Settings
from clients.clinician.models.sign_in import Credentials, SignedIn, SignIn, Why
from clients.clinician.models.workplace import Workplace
from clients.clinician.pages import Pages
from clients.clinician.views import theme
from clients.clinician.views.alerts.sound import Sound
from clients.clinician.views.call.windows import CallWindows
from clients.clinician.views.consult.card_grip import forget_copied
from clients.clinician.views.shell.alarm_keys import AlarmKeys
from clients.clinician.views.shell.curtain import Curtain
from clients.clinician.views.shell.windows import Windows
from clients.clinician.views.sign_in.sign_in_window import SignInWindow
from clients.readings.trend import MeasuredMinutes, true_minutes
from clients.sdk import Apricot, ApricotError, Phase

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """Where to, and as whom."""

    gateway: str
    """host:port"""
    tls: bool | bytes = True
    demo: Credentials | None = None
    measured_minutes: MeasuredMinutes = true_minutes


def run(options: Options) -> int:
    """Until the last window is closed; the exit code."""
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    application = QApplication([])
    application.setApplicationName("apricot-clinician")
    application.setOrganizationName("Apricot")
    application.setQuitOnLastWindowClosed(False)
    return asyncio.run(_main(application, options), loop_factory=lambda: qasync.QEventLoop(application))


async def _main(application: QApplication, options: Options) -> int:
    with collected_between_events():
        async with Apricot(options.gateway, tls=options.tls) as apricot:
            app = App(application, apricot, options, QSettings(), data_folder())
            for number in signal.SIGINT, signal.SIGTERM:
                with suppress(NotImplementedError):  # Windows has none
                    asyncio.get_running_loop().add_signal_handler(number, app.quit)
            await app.run()
    forget_copied()
    return 0


def data_folder() -> Path:
    """What is kept on this machine: drafts."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation))


def dress(application: QApplication, settings: Settings) -> None:
    """The colours and words that the clinician has chosen, for windows made after this."""
    theme.wear(application, theme.chosen_theme(settings.theme))
    translations.speak(application, settings.language)


class App:
    """Signed out and signed in by turns, until the last window is closed."""

    def __init__(
        self, application: QApplication, apricot: Apricot, options: Options, store: QSettings, folder: Path
    ) -> None:
        self._application = application
        self._apricot = apricot
        self._options = options
        self._store = store
        self._folder = folder / "drafts"
        self._keychain = Keychain()
        self.sessions = SessionStore(self._keychain, options.gateway)
        self.settings = Settings(store)
        self.windows: Windows | None = None
        self.sign_in_window: SignInWindow | None = None
        self._worn = self._choice()
        self._quit = asyncio.Event()
        self._leaving: asyncio.Future[Why] | None = None

    def quit(self) -> None:
        """In order: streams closed, drafts written."""
        self._quit.set()

    async def run(self) -> None:
        """Until `quit`, or the last window is closed."""
        dress(self._application, self.settings)
        self.settings.changed.connect(self._dress_anew)
        scheme = QGuiApplication.styleHints().colorSchemeChanged
        scheme.connect(self._dress_anew)
        why, first = Why.START, True
        while not self._quit.is_set():
            signed_in = await self._sign_in(why, first)
            first = False
            if signed_in is not None:
                why = await self._work(signed_in)
        scheme.disconnect(self._dress_anew)
        await self.sessions.close()
        self._keychain.close()

    async def _sign_in(self, why: Why, first: bool) -> SignedIn | None:
        """None: she has closed it."""
        sign_in = SignIn(self._apricot, self.sessions, why)
        done: asyncio.Future[SignedIn] = asyncio.get_running_loop().create_future()
        sign_in.signed_in.connect(done.set_result)
        saved = await self.sessions.load()  # asked each time: whether there is a keychain is seen by it too
        if first and self._options.demo is not None:
            sign_in.enter_demo(self._options.demo)
        elif first and saved is not None:
            sign_in.resume(saved)
        self.sign_in_window = window = SignInWindow(sign_in)
        window.closed.connect(self.quit)
        window.show()
        signed_in = await self._unless_quit(done)
        window.closed.disconnect(self.quit)
        window.close()
        window.deleteLater()
        self.sign_in_window = None
        await sign_in.close()
        return signed_in

    async def _work(self, signed_in: SignedIn) -> Why:
        """Until her session ends or the last window is closed; what led to its end."""
        key = await draft_key(self._keychain, self._folder)
        desk = Desk(
            signed_in.session, signed_in.account, self.settings, measured_minutes=self._options.measured_minutes
        )
        workplace = Workplace(
            desk,
            Drafts(self._folder, signed_in.account.account_id, key),
            locked=signed_in.resumed,
            demo_codes=self._options.demo.codes if self._options.demo else None,
        )
        self._leaving = leaving = asyncio.get_running_loop().create_future()
        workplace.sign_out_asked.connect(lambda everywhere: desk.tasks.spawn(self._sign_out(signed_in, everywhere)))
        ended = self.sessions.ended.connect(self._session_ended)
        workplace.open()
        _log_when_live(desk)
        curtain = Curtain(self._application, workplace.lock)
        alarm_keys = AlarmKeys(self._application)
        sound = Sound(workplace.ringing)
        calls = CallWindows(workplace.telephone, workplace.lock)
        self.windows = Windows(workplace, Pages, self._store)
        self.windows.all_closed.connect(self.quit)
        self.windows.open_remembered()
        why = await self._unless_quit(leaving)
        self.sessions.ended.disconnect(ended)
        curtain.close()
        alarm_keys.close()
        calls.close()
        sound.deleteLater()
        self.windows.close()
        self.windows = None
        await workplace.close()
        await signed_in.session.close()
        return why or Why.START

    async def _sign_out(self, signed_in: SignedIn, everywhere: bool) -> None:
        try:
            await signed_in.session.sign_out(all_sessions=everywhere)
        except ApricotError:
            if everywhere:
                raise  # told: the other sessions are still open
            self.sessions.forget()
        self._leave(Why.SIGNED_OUT)

    def _session_ended(self) -> None:
        self._leave(Why.SESSION_ENDED)

    def _leave(self, why: Why) -> None:
        if self._leaving is not None and not self._leaving.done():
            self._leaving.set_result(why)

    async def _unless_quit[T](self, future: asyncio.Future[T]) -> T | None:
        quitting = asyncio.create_task(self._quit.wait())
        either: list[asyncio.Future[Any]] = [future, quitting]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        quitting.cancel()
        return future.result() if future.done() else None

    def _choice(self) -> tuple[theme.Theme, Language]:
        return theme.chosen_theme(self.settings.theme), translations.resolved(self.settings.language)

    def _dress_anew(self) -> None:
        """Only where colours or words are others than before."""
        if (choice := self._choice()) == self._worn:
            return
        self._worn = choice
        dress(self._application, self.settings)
        if self.windows is not None:
            self.windows.remake()


def _log_when_live(desk: Desk) -> None:
    def look() -> None:
        if desk.connection.standing.phase is Phase.LIVE:
            _log.info("live")
            desk.connection.changed.disconnect(look)

    desk.connection.changed.connect(look)
