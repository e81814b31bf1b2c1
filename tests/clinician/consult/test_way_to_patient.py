"""From a consultation to the patient's page and back, by keys, in a whole window."""

from pathlib import Path
from uuid import uuid4

from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ
from cryptography.fernet import Fernet
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from clients.clinician.models.drafts import Drafts
from clients.clinician.models.workplace import Workplace
from clients.clinician.pages import Pages
from clients.clinician.views.shell.help import Help
from clients.clinician.views.shell.window import Place, Window
from tests.clinician.conftest import OpenDesk
from tests.clinician.consult.arranged_talks import ask, taken
from tests.kit.running import until
from tests.people import People, Person

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


async def test_there_and_back_with_what_was_typed(
    people: People, doctor: Person, open_desk: OpenDesk, qtbot: QtBot, tmp_path: Path
) -> None:
    patient = await people.patient()
    await patient.grant(doctor, SCOPE_GLUCOSE_READ)
    desk = await open_desk(doctor)
    workplace = Workplace(desk, Drafts(tmp_path / "drafts", str(uuid4()), Fernet.generate_key()))
    workplace.consulting.open()
    await until(lambda: patient.account_id in desk.feed.patients)
    window = Window(workplace)
    qtbot.addWidget(window)
    pages = Pages(window, workplace)
    window.go(Place(2))
    window.show()
    window.activateWindow()
    await until(window.isActiveWindow)
    consultation_id = await ask(patient, doctor=doctor)
    await taken(workplace.consulting, consultation_id)
    assert pages.consult.talk is not None
    field = pages.consult.talk.composer.field
    field.setFocus()
    QTest.keyClicks(field, "half a")
    QTest.keyClick(field, Qt.Key.Key_O, CONTROL | SHIFT)
    assert window.place == Place(2, patient.account_id)
    await until(lambda: not field.isVisible())
    QTest.keyClick(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert window.place == Place(2)
    assert pages.consult.talk is not None
    assert pages.consult.talk.composer.field is field
    await until(field.isVisible)
    assert field.toPlainText() == "half a"
    QTest.keyClick(window, Qt.Key.Key_F1)
    (help_,) = window.findChildren(Help)
    assert "Open the consultation's patient; Alt+Left comes back" in [
        each.text() for each in help_.findChildren(QLabel)
    ]
