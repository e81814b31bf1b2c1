"""What comes between a clinician and her work says so: alarms before dialogs, consultations that end elsewhere."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from apricot.access.v1.access_pb2 import Scope
from apricot.consult.v1.consultation_pb2 import ClaimConsultationRequest, CloseConsultationRequest, Outcome
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QVBoxLayout
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from clients.clinician.models.workplace import Workplace
from clients.clinician.pages import Pages
from clients.clinician.views.consult.closing_form import ClosingForm
from clients.clinician.views.prescription.writer_view import PrescriptionView
from clients.clinician.views.shell.alarm_keys import AlarmKeys
from clients.clinician.views.shell.window import Place, Window
from clients.sdk import Recorder
from tests.clinician.consult.arranged_talks import ask
from tests.clinician.shell.conftest import front
from tests.kit.running import until
from tests.people import People, Person

PHONE = Recorder.by_hand("phone", "Asia/Shanghai")


@pytest.fixture
async def patient(people: People, doctor: Person) -> Person:
    made = await people.patient()
    await made.grant(doctor, *[scope for scope in Scope.values() if scope])
    return made


@pytest.fixture
async def pages(workplace: Workplace, patient: Person) -> AsyncIterator[Pages]:
    """Of a window in front."""
    workplace.open()
    window = Window(workplace)
    made = Pages(window, workplace)
    await until(lambda: patient.account_id in workplace.desk.feed.patients)
    await front(window)
    yield made
    window.close()
    await until(lambda: not isValid(window))


async def in_talk(pages: Pages, doctor: Person, patient: Person) -> str:
    """A consultation that she has accepted, on the screen."""
    consultation_id = await ask(patient, doctor=doctor)
    claim = ClaimConsultationRequest(request_id=str(uuid4()), consultation_id=consultation_id)
    await doctor.session.consultations.ClaimConsultation(claim)
    pages._window.go(Place(2))
    consulting = pages._workplace.consulting
    consulting.choose(consultation_id)
    await until(lambda: consulting.chosen is not None and consulting.treats(consulting.chosen))
    return consultation_id


async def end_elsewhere(doctor: Person, consultation_id: str) -> None:
    close = CloseConsultationRequest(
        request_id=str(uuid4()), consultation_id=consultation_id, outcome=Outcome(summary="ended on the phone")
    )
    await doctor.session.consultations.CloseConsultation(close)


async def test_alarm_is_acknowledged_from_within_a_modal_dialog(
    qtbot: QtBot, application: QApplication, pages: Pages, patient: Person
) -> None:
    keys = AlarmKeys(application)
    await patient.session.log(patient.account_id, [PHONE.fingerstick_reading(datetime.now(UTC), 45)])
    await until(lambda: pages.bar.alarm.isVisible() and pages.bar.acknowledge.isEnabled())
    dialog = QDialog(pages._window)
    field = QLineEdit()
    QVBoxLayout(dialog).addWidget(field)
    dialog.setWindowModality(Qt.WindowModality.WindowModal)
    dialog.show()
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(field, Qt.Key.Key_A, both)
    await until(lambda: not pages.bar.alarm.isVisible())
    dialog.close()
    keys.close()


async def test_form_says_that_its_consultation_ended_elsewhere(
    qtbot: QtBot, pages: Pages, doctor: Person, patient: Person
) -> None:
    consultation_id = await in_talk(pages, doctor, patient)
    pages.consult.close_consultation()
    form = pages.consult.form
    assert isinstance(form, ClosingForm)
    assert not form.isModal()
    qtbot.keyClicks(form.summary, "Stable; goes on with metformin.")
    await end_elsewhere(doctor, consultation_id)
    await until(lambda: "has ended" in form.problem.text())
    assert form.isVisible()
    assert form.summary.toPlainText() == "Stable; goes on with metformin."
    assert not form.confirm_button.isVisible()
    form.reject()


async def test_prescription_says_that_its_consultation_ended_elsewhere(
    pages: Pages, doctor: Person, patient: Person
) -> None:
    consultation_id = await in_talk(pages, doctor, patient)
    pages.consult.prescription_wanted.emit(consultation_id)
    await until(lambda: bool(pages.consult.findChildren(PrescriptionView)))
    await end_elsewhere(doctor, consultation_id)

    def said() -> str:
        return " ".join(each.text() for each in pages.consult.findChildren(QLabel) if each.isVisible())

    await until(lambda: "This prescription was not signed" in said())
