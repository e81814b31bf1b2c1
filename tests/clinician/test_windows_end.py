"""What is closed ends, in Qt's thread and between Qt's events, whatever Python does meanwhile."""

import asyncio
import gc
import threading
from collections import Counter
from pathlib import Path

from apricot.access.v1.access_pb2 import Scope
from PySide6.QtCore import QEvent, QObject, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from clients.clinician.models.prescription.writer import PrescriptionWriter
from clients.clinician.models.workplace import Workplace
from clients.clinician.pages import Pages
from clients.clinician.views.ending import ended_by_qt
from clients.clinician.views.loop.plan_tab import PlanTab
from clients.clinician.views.parts import button, column
from clients.clinician.views.patient.page import PatientPage
from clients.clinician.views.prescription.writer_view import PrescriptionView
from clients.clinician.views.shell.window import Place, Window
from clients.clinician.views.shell.windows import Windows
from tests.clinician.consult.arranged_talks import ask, taken
from tests.kit.running import until
from tests.people import People, Person

_ROUNDS = 3
_PLAN_TAB = 5


class _Cycle(QWidget):
    """Held by nothing but itself; tells in which thread it ends."""

    def __init__(self, ended: list[int]) -> None:
        super().__init__()
        self.held = self
        self.destroyed.connect(lambda: ended.append(threading.get_ident()), Qt.ConnectionType.DirectConnection)


class _Allocating(QObject):
    """Whatever it is told, it fills memory."""

    def __init__(self) -> None:
        super().__init__()
        self.filled: list[list[int]] = []

    def event(self, event: QEvent) -> bool:
        self.filled += _allocated()
        return super().event(event)


def _allocated() -> list[list[int]]:
    """So much that Python would look for cycles by itself."""
    return [[] for _ in range(20 * gc.get_threshold()[0])]


async def test_no_widget_ends_in_another_thread(application: QApplication) -> None:
    ended = list[int]()
    _Cycle(ended)
    kept = await asyncio.to_thread(_allocated)
    await until(lambda: bool(ended))
    assert ended == [threading.get_ident()]
    del kept


async def test_a_window_outlives_its_button(application: QApplication) -> None:
    """Though the button's slot is the last that knows of it: not kept, it takes the process along."""
    ended = list[str]()
    window = QWidget()
    window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    ended_by_qt(window)
    last = button("", window.show)
    window.setLayout(column(last))
    last.destroyed.connect(lambda: ended.append("button"))
    window.destroyed.connect(lambda: ended.append("window"))
    last.deleteLater()
    window.close()
    del last, window
    await until(lambda: len(ended) == 2)
    assert ended == ["button", "window"]


async def test_no_widget_ends_under_an_event(application: QApplication) -> None:
    ended = list[int]()
    allocating = _Allocating()
    _Cycle(ended)
    application.sendEvent(allocating, QEvent(QEvent.Type.User))
    assert not ended
    await until(lambda: bool(ended))


async def test_windows_full_of_work_leave_nothing_behind(
    people: People, doctor: Person, workplace: Workplace, tmp_path: Path
) -> None:
    patient = await people.patient()
    await patient.grant(doctor, *[scope for scope in Scope.values() if scope])
    workplace.open()
    await until(lambda: patient.account_id in workplace.desk.feed.patients)
    await taken(workplace.consulting, await ask(patient, doctor=doctor))
    windows = Windows(workplace, Pages, QSettings(f"{tmp_path}/windows.ini", QSettings.Format.IniFormat))
    before = _alive()
    for _ in range(_ROUNDS):
        await _work(windows.open(Place(2, patient.account_id)))
        windows.remake()
        (window,) = windows.windows
        await _work(window)
        window._end()  # as the answer to its question does
    await until(lambda: not _alive() - before)


async def _work(window: Window) -> None:
    """A plan begun, a prescription begun, a medicine looked for; keys shown, and something told."""
    page = window.findChild(PatientPage)
    assert isinstance(page, PatientPage)
    page.tabs.setCurrentIndex(_PLAN_TAB)
    tab = page.tabs.currentWidget()
    assert isinstance(tab, PlanTab)
    plans = tab._model
    await until(lambda: plans.loaded)
    plans.begin()
    pages = window.findChild(Pages)
    assert isinstance(pages, Pages)
    pages.consult.prescribe()
    view = window.findChildren(PrescriptionView)[-1]
    field = next(iter(view.forms.values())).medicine
    QTest.keyClicks(field, "met")
    field.popup.show()
    window._help.open()
    window._toast.say("Nothing was lost.")


def _alive() -> Counter[str]:
    """Widgets, and models that a window owns."""
    gc.collect()
    return Counter(
        type(each).__name__
        for each in gc.get_objects()
        if isinstance(each, QWidget | PrescriptionWriter | Pages) and isValid(each)
    )
