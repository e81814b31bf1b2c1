"""Takes the pictures of the clinician's app: `python -m stack.demo.screenshots [NAME …]`, into `docs/clinician/`.

A clinic of two dozen patients on a platform of its own; the app's own windows on it, offscreen, light and dark, in
English and Chinese.
"""

import asyncio
import io
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
# Two dozen people sign in from one address.
os.environ["APRICOT_CODES_PER_ADDRESS_AND_HOUR"] = "1000"
os.environ["APRICOT_SIGN_INS_PER_ADDRESS_AND_HOUR"] = "1000"

from apricot.glucose.v1.entry_pb2 import DOSE_UNIT_MG
from apricot.glucose.v1.plan_pb2 import PlanContent
from cryptography.fernet import Fernet
from PIL import Image, ImageDraw
from PySide6.QtCore import QBuffer, QEvent, QSettings
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication, QWidget

import services.glucose.rpc.page
from clients.clinician.app import dress
from clients.clinician.garbage import collected_between_events
from clients.clinician.models.desk import Desk
from clients.clinician.models.drafts import Drafts
from clients.clinician.models.keychain import Keychain
from clients.clinician.models.loop.form import MedicineForm, PlanForm
from clients.clinician.models.loop.writing import Basis, Writing, kept
from clients.clinician.models.saved_session import SessionStore
from clients.clinician.models.settings import Language, Settings, Theme
from clients.clinician.models.sign_in import SignIn
from clients.clinician.models.workplace import Workplace
from clients.clinician.pages import Pages
from clients.clinician.views.call.window import CallWindow
from clients.clinician.views.loop.in_force import InForce
from clients.clinician.views.patient.page import PatientPage
from clients.clinician.views.settings.settings_dialog import SettingsDialog
from clients.clinician.views.shell.window import Place, Window
from clients.clinician.views.sign_in.sign_in_window import SignInWindow
from clients.sdk import Apricot, Phase
from stack.demo.accounts import CLINICIAN_PHONE
from stack.demo.clinic import filling
from stack.demo.clinic.filling import Member
from stack.demo.people import SignedIn
from stack.demo.practice import open_practice
from stack.platform import Platform
from stack.testing import temporary_platform

FOLDER = Path("docs/clinician")
_FONTS = Path(services.glucose.rpc.page.__file__).parent / "fonts"
_SIZE, _SMALL = (1440, 900), (1024, 700)
_SETTLING_SECONDS = 2.0
_FIGURES_SECONDS = 15.0
_COLOURS = 128
_SHOWN, _CONSULTING, _LOW, _CHILD = 1, 0, 1, 14
"""Places in the clinic."""
_PATIENT_TABS = "chart", "profile", "days", "figures", "timeline", "plan", "access"


@dataclass(frozen=True)
class Stage:
    """What there is to take pictures of."""

    apricot: Apricot
    workplace: Workplace
    members: list[Member]
    consultation_id: str
    platform: Platform


async def take(names: list[str]) -> None:
    """All of them, or these."""
    application = QApplication([])
    QFontDatabase.addApplicationFont(str(_FONTS / "regular.ttf"))  # the bold one lacks most of Chinese
    turning = asyncio.create_task(_turn(application))
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as kept, collected_between_events():
        async with _stage(Path(kept)) as stage:
            await _figures_of_all(stage)
            await _take(application, stage, SHOTS, names)
            if not names or OFFLINE_SHOTS.keys() & set(names):
                await _cut(stage)
                await _take(application, stage, OFFLINE_SHOTS, names)
    turning.cancel()


async def _take(application: QApplication, stage: Stage, shots: Mapping[str, "Shot"], names: list[str]) -> None:
    for theme, language in product((Theme.LIGHT, Theme.DARK), (Language.ENGLISH, Language.CHINESE)):
        stage.workplace.desk.settings.theme = theme
        stage.workplace.desk.settings.language = language
        dress(application, stage.workplace.desk.settings)
        for name, shot in shots.items():
            if not names or name in names:
                await _save(await shot(stage), FOLDER / f"{name}-{theme}-{language}.png")


async def _cut(stage: Stage) -> None:
    """The gateway ends, and with it the connection."""
    await stage.platform.part("gateway").stop()
    while not stage.workplace.desk.connection.standing.is_stale:
        await asyncio.sleep(0.05)


@asynccontextmanager
async def _stage(kept: Path) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as rooms:
        platform = await rooms.enter_async_context(
            temporary_platform(demo=True, gateway_sign_in_requests_per_minute=1000)
        )
        apricot = await rooms.enter_async_context(Apricot(platform.gateway_address.removeprefix("http://")))
        clinician = SignedIn(apricot, CLINICIAN_PHONE, print, second_factor=True)
        await clinician.sign_in()
        log = platform.part("identity").log.path
        members = await filling.fill(apricot, clinician.session, clinician.account_id, log)
        consultation_id = await _consult(clinician, members)
        settings = Settings(QSettings(str(kept / "settings.ini"), QSettings.Format.IniFormat))
        desk = Desk(clinician.session, clinician.account, settings)
        drafts = Drafts(kept / "drafts", clinician.account_id, Fernet.generate_key())
        workplace = Workplace(desk, drafts)
        workplace.open()
        while desk.connection.standing.phase is not Phase.LIVE:
            await asyncio.sleep(0.05)
        yield Stage(apricot, workplace, members, consultation_id, platform)
        await workplace.close()


async def _consult(clinician: SignedIn, members: list[Member]) -> str:
    await open_practice(clinician.session)
    await filling.fall_on(members[_LOW])
    await filling.tell_all(members[_CHILD])
    asking = members[_CONSULTING]
    await filling.plan(clinician.session, members[_SHOWN])
    await filling.know(asking)
    await filling.ask(members[3], "最近一周空腹血糖总在 14 以上，需要调药吗？")
    await filling.ask(members[8], "备孕半年，血糖控制到多少合适？")
    return await filling.talk(clinician.session, asking, _meal())


async def _figures_of_all(stage: Stage) -> None:
    """The ward asks for each patient's day when it is first seen."""
    window, _ = await _window(stage, Place(0))
    await asyncio.sleep(_FIGURES_SECONDS)
    window.close()


async def _window(stage: Stage, place: Place) -> tuple[Window, Pages]:
    window = Window(stage.workplace)
    pages = Pages(window, stage.workplace)
    window.resize(*_SIZE)
    window.show()
    window.go(place)
    await asyncio.sleep(_SETTLING_SECONDS)
    return window, pages


async def _ward(stage: Stage) -> QWidget:
    return (await _window(stage, Place(0)))[0]


async def _small(stage: Stage) -> QWidget:
    window, _ = await _window(stage, Place(0))
    window.resize(*_SMALL)
    await asyncio.sleep(_SETTLING_SECONDS)
    return window


async def _plan_refused(stage: Stage) -> QWidget:
    """Four and a half grams of metformin a day are too much for a child."""
    child = stage.members[_CHILD].account_id
    metformin = MedicineForm("二甲双胍 metformin", 0, "1500", DOSE_UNIT_MG, "07:00, 12:00, 18:00", atc_code="A10BA02")
    form = PlanForm(medicines=[metformin], time_zone="Asia/Shanghai")
    stage.workplace.drafts.put(f"plan/{child}", kept(Writing(form, Basis(), PlanContent())))
    window, _ = await _window(stage, Place(0, child))
    await _show_tab(window, "plan")
    return window


async def _alerts(stage: Stage) -> QWidget:
    return (await _window(stage, Place(1)))[0]


async def _consultation(stage: Stage) -> QWidget:
    stage.workplace.consulting.choose(stage.consultation_id)
    return (await _window(stage, Place(2)))[0]


async def _prescription(stage: Stage) -> QWidget:
    stage.workplace.consulting.choose(stage.consultation_id)
    window, pages = await _window(stage, Place(2))
    pages.consult.prescription_wanted.emit(stage.consultation_id)
    await asyncio.sleep(_SETTLING_SECONDS)
    return window


async def _call(stage: Stage) -> QWidget:
    """It rings at the patient's."""
    stage.workplace.consulting.choose(stage.consultation_id)
    await asyncio.sleep(_SETTLING_SECONDS)
    telephone = stage.workplace.telephone
    window = CallWindow(telephone.calls[stage.consultation_id])
    telephone.call(stage.consultation_id, video=True)
    await asyncio.sleep(_SETTLING_SECONDS)
    return window


async def _settings(stage: Stage) -> QWidget:
    dialog = SettingsDialog(stage.workplace)
    dialog.show()
    await asyncio.sleep(_SETTLING_SECONDS)
    return dialog


async def _sign_in(stage: Stage) -> QWidget:
    window = SignInWindow(SignIn(stage.apricot, SessionStore(Keychain(), "apricot.example")))
    window.show()
    await asyncio.sleep(_SETTLING_SECONDS)
    return window


async def _lock(stage: Stage) -> QWidget:
    window, _ = await _window(stage, Place(0))
    stage.workplace.lock.lock()
    await asyncio.sleep(_SETTLING_SECONDS)
    stage.workplace.lock.locked = False
    return window


def _patient(tab: str) -> "Shot":
    async def shot(stage: Stage) -> QWidget:
        window, _ = await _window(stage, Place(0, stage.members[_SHOWN].account_id))
        shown = await _show_tab(window, tab)
        if (plan := shown.findChild(InForce)) is not None:
            plan.compare_waiting()
            await asyncio.sleep(_SETTLING_SECONDS)
        return window

    return shot


async def _show_tab(window: Window, tab: str) -> QWidget:
    page = window.findChild(PatientPage)
    if page is None:
        raise LookupError("the window shows no patient")
    page.tabs.setCurrentIndex(_PATIENT_TABS.index(tab))
    await asyncio.sleep(_SETTLING_SECONDS)
    return page.tabs.currentWidget()


type Shot = Callable[[Stage], Awaitable[QWidget]]
SHOTS: dict[str, Shot] = {
    "ward": _ward,
    "alerts": _alerts,
    "consult": _consultation,
    "prescription": _prescription,
    "call": _call,
    "settings": _settings,
    "sign-in": _sign_in,
    "lock": _lock,
    "small": _small,
    "plan-refused": _plan_refused,
    **{name: _patient(name) for name in _PATIENT_TABS},
}
OFFLINE_SHOTS: dict[str, Shot] = {"ward-offline": _ward, "alerts-offline": _alerts, "lock-offline": _lock}


async def _save(window: QWidget, path: Path) -> None:
    """Few colours make it a tenth of the size, and nobody sees it."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    window.grab().save(buffer, "PNG")
    picture = Image.open(io.BytesIO(buffer.data().data())).convert("RGB")
    picture.quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    window.close()
    window.deleteLater()
    print(path)


async def _turn(application: QApplication) -> None:
    while True:
        application.processEvents()
        application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        await asyncio.sleep(0.004)


def _meal() -> bytes:
    """A bowl of noodles, as far as a few circles can be one."""
    picture = Image.new("RGB", (800, 600), (150, 111, 78))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((110, 40, 690, 560), fill=(245, 243, 238))
    draw.ellipse((160, 85, 640, 515), fill=(222, 178, 108))
    for place in range(14):
        draw.arc((180 + 6 * place, 110 + 9 * place, 620 - 9 * place, 500 - 5 * place), 20, 320, (247, 224, 160), 7)
    draw.ellipse((340, 190, 520, 340), fill=(252, 250, 244))
    draw.ellipse((395, 232, 475, 305), fill=(245, 190, 60))
    for x, y in (230, 240), (300, 400), (540, 380), (480, 150):
        draw.ellipse((x, y, x + 44, y + 20), fill=(96, 150, 72))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return out.getvalue()


if __name__ == "__main__":
    asyncio.run(take(sys.argv[1:]))
