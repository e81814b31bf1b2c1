"""The wiring: one process, one event loop, the models and the windows."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import qasync
from apricot.identity.v1.account_pb2 import GetMeRequest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from clients.clinician import translations
from clients.clinician.models.desk import Desk
from clients.clinician.models.settings import Settings
from clients.clinician.models.workplace import Workplace
from clients.clinician.views import theme
from clients.clinician.views.shell.window import Window
from clients.readings.trend import MeasuredMinutes, true_minutes
from clients.sdk import Apricot, Session


@dataclass(frozen=True)
class Credentials:
    """Of an account of the local demo; nobody else's are ever given so."""

    phone: str
    code: str
    totp: Callable[[], str]


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
    application = QApplication([])
    application.setApplicationName("apricot-clinician")
    application.setOrganizationName("Apricot")
    return asyncio.run(_main(application, options), loop_factory=lambda: qasync.QEventLoop(application))


async def _main(application: QApplication, options: Options) -> int:
    settings, closed = Settings(QSettings()), asyncio.Event()
    application.setQuitOnLastWindowClosed(False)
    application.lastWindowClosed.connect(closed.set)
    dress(application, settings)
    async with Apricot(options.gateway, tls=options.tls) as apricot:
        session = await _sign_in(apricot, options)
        account = (await session.account.GetMe(GetMeRequest())).account
        desk = Desk(session, account, settings, measured_minutes=options.measured_minutes)
        workplace = Workplace(desk)
        workplace.open()
        window = Window(workplace)
        window.show()
        await closed.wait()
        await workplace.close()
    return 0


def dress(application: QApplication, settings: Settings) -> None:
    """The colours and words that the clinician has chosen, for windows made after this."""
    theme.wear(application, theme.chosen_theme(settings.theme))
    translations.speak(application, settings.language)


async def _sign_in(apricot: Apricot, options: Options) -> Session:
    if options.demo is None:
        raise NotImplementedError
    return await apricot.sign_in_with_code(options.demo.phone, options.demo.code, totp=options.demo.totp())
