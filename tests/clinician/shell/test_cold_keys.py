"""The keys that the help names act at once: nothing was clicked before."""

from collections.abc import AsyncIterator

import pytest
from apricot.access.v1.access_pb2 import Scope
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from clients.clinician.models.workplace import Workplace
from clients.clinician.pages import Pages
from clients.clinician.views.patient.chart_tab import ChartTab
from clients.clinician.views.patient.page import PatientPage
from clients.clinician.views.shell.window import Place, Window
from tests.clinician.consult.arranged_talks import ask
from tests.clinician.shell.conftest import front
from tests.kit.running import until
from tests.people import People, Person

CONTROL, ALT, NONE = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.NoModifier,
)


@pytest.fixture
async def patients(people: People, doctor: Person, workplace: Workplace) -> list[Person]:
    made = [await people.patient() for _ in range(2)]
    for patient in made:
        await patient.grant(doctor, *[scope for scope in Scope.values() if scope])
    workplace.open()
    await until(lambda: len(workplace.desk.feed.patients) == len(made))
    return made


@pytest.fixture
async def window(workplace: Workplace, patients: list[Person]) -> AsyncIterator[Window]:
    """As it opens: in front, and untouched."""
    made = Window(workplace)
    Pages(made, workplace)
    await front(made)
    yield made
    made.close()
    await until(lambda: not isValid(made))


def press(qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    """Type a key where the focus is, as a keyboard does."""
    widget = QApplication.focusWidget()
    assert widget is not None
    qtbot.keyClick(widget, key, modifier)


def pages_of(window: Window) -> Pages:
    found = window.findChild(Pages)
    assert isinstance(found, Pages)
    return found


async def test_ward_takes_arrow_keys_without_a_click(qtbot: QtBot, window: Window) -> None:
    ward = pages_of(window).ward
    await until(lambda: ward.list.model().rowCount() == 2)
    press(qtbot, Qt.Key.Key_2, ALT)
    press(qtbot, Qt.Key.Key_1, ALT)
    first = ward.list.chosen
    assert first is not None
    press(qtbot, Qt.Key.Key_Down)
    assert ward.list.chosen not in (None, first)


async def test_consultations_take_j_without_a_click(
    qtbot: QtBot, window: Window, patients: list[Person], doctor: Person
) -> None:
    pages = pages_of(window)
    consulting = pages._workplace.consulting
    consultation_id = await ask(patients[0], doctor=doctor)
    await until(lambda: consulting.inbox.list.row_of(consultation_id) >= 0)
    press(qtbot, Qt.Key.Key_3, ALT)
    press(qtbot, Qt.Key.Key_J)
    await until(lambda: consulting.chosen is not None)


async def test_patient_takes_digits_without_a_click(qtbot: QtBot, window: Window, patients: list[Person]) -> None:
    window.go(Place(0, patients[0].account_id))
    page = window.findChild(PatientPage)
    assert isinstance(page, PatientPage)
    chart = page.tabs.currentWidget()
    assert isinstance(chart, ChartTab)
    shown = set()
    for key in Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3:
        press(qtbot, key)
        shown.add(chart.canvas.span)
    assert len(shown) == 3
    press(qtbot, Qt.Key.Key_4, CONTROL)
    assert page.tabs.currentWidget() is QApplication.focusWidget()
