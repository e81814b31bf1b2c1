"""Everything fits a small screen: 1024 by 700 pixels."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from apricot.consult.v1.consultation_pb2 import ClaimConsultationRequest
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from clients.clinician.models.settings import Language
from clients.clinician.models.workplace import Workplace
from clients.clinician.pages import Pages
from clients.clinician.translations import speak
from clients.clinician.views.patient.page import PatientPage
from clients.clinician.views.prescription.writer_view import PrescriptionView
from clients.clinician.views.shell.icons import Icon
from clients.clinician.views.shell.rail_button import RailButton
from clients.clinician.views.shell.window import Place, Window, first_size
from tests.clinician.consult.arranged_talks import ask
from tests.clinician.loop.parts import known_patient
from tests.kit.running import until
from tests.people import People, Person

SMALL = QSize(1024, 700)


@pytest.fixture(params=[Language.ENGLISH, Language.CHINESE])
async def window(
    request: pytest.FixtureRequest, workplace: Workplace, application: QApplication
) -> AsyncIterator[Window]:
    """In each language, as small as it shall go."""
    speak(application, request.param)
    workplace.open()
    made = Window(workplace)
    Pages(made, workplace)
    made.resize(SMALL)
    made.show()
    yield made
    made.close()
    await until(lambda: not isValid(made))
    speak(application, Language.ENGLISH)


def fits(window: Window) -> None:
    least = window.minimumSizeHint()
    assert (least.width() <= SMALL.width(), least.height() <= SMALL.height()) == (True, True), (least, widest(window))
    assert window.size() == SMALL


def widest(window: Window) -> list[tuple[int, int, str]]:
    """List the widgets that need the most room, for the failure's message."""
    shown = [each for each in window.findChildren(QWidget) if each.isVisible()]
    found = [(each.minimumSizeHint().width(), each.minimumSizeHint().height(), type(each).__name__) for each in shown]
    return sorted(found, reverse=True)[:12]


async def test_pages_and_the_lock_fit(window: Window) -> None:
    for page in range(3):
        window.go(Place(page))
        fits(window)
    buttons = [each for each in window.findChildren(RailButton) if each._icon is Icon.LOCK]
    (lock,) = buttons
    assert window.rect().contains(QRect(lock.mapTo(window, QPoint(0, 0)), lock.size()))


async def test_a_patients_tabs_fit(window: Window, people: People) -> None:
    patient = await known_patient(people)
    window.go(Place(0, patient.account_id))
    page = window.findChild(PatientPage)
    assert isinstance(page, PatientPage)
    for tab in range(page.tabs.count()):
        page.tabs.setCurrentIndex(tab)
        fits(window)


async def test_a_prescription_being_written_fits(
    window: Window, people: People, workplace: Workplace, doctor: Person
) -> None:
    consultation_id = await ask(await known_patient(people), doctor=doctor)
    claim = ClaimConsultationRequest(request_id=str(uuid4()), consultation_id=consultation_id)
    await doctor.session.consultations.ClaimConsultation(claim)
    window.go(Place(2))
    await until(lambda: workplace.consulting.inbox.list.row_of(consultation_id) >= 0)
    workplace.consulting.choose(consultation_id)
    await until(lambda: workplace.consulting.chosen is not None)
    pages = window.findChild(Pages)
    assert isinstance(pages, Pages)
    pages.consult.prescription_wanted.emit(consultation_id)
    view = window.findChild(PrescriptionView)
    assert isinstance(view, PrescriptionView)
    await until(view.isVisible)
    fits(window)
    right = view.mapTo(window, QPoint(view.width(), 0)).x()
    assert right <= window.width()


@pytest.mark.parametrize(
    ("screen", "size"),
    [
        (QSize(1440, 900), QSize(1440, 860)),
        (QSize(1440, 870), QSize(1440, 830)),
        (QSize(2560, 1400), QSize(1440, 900)),
    ],
)
def test_first_window_leaves_room_for_its_title_bar(screen: QSize, size: QSize) -> None:
    assert first_size(screen) == size
