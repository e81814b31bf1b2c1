"""A shift at one window: an alarm, a plan revised, a question answered, a prescription signed. By keys, on the whole
platform."""

from datetime import UTC, datetime

from apricot.access.v1.access_pb2 import Scope
from apricot.consult.v1.consultation_pb2 import CONSULTATION_STATE_CLOSED
from apricot.glucose.v1.alert_pb2 import ALERT_RULE_URGENT_LOW, ListAlertsRequest
from apricot.glucose.v1.plan_pb2 import ListPlansRequest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from clients.clinician.models.workplace import Workplace
from clients.clinician.pages import Pages
from clients.clinician.views.consult.closing_form import ClosingForm
from clients.clinician.views.loop.plan_tab import PlanTab
from clients.clinician.views.patient.page import PatientPage
from clients.clinician.views.prescription.writer_view import PrescriptionView
from clients.clinician.views.shell.window import Window
from clients.sdk import Recorder
from tests.clinician.consult.arranged_talks import as_seen_by, ask
from tests.clinician.loop.parts import answer
from tests.clinician.prescription.consulting_room import METFORMIN, Room, write
from tests.consult.talk.ear import listening
from tests.e2e.market import named
from tests.kit.running import until
from tests.people import People, Person

CONTROL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
PHONE = Recorder.by_hand("phone", "Asia/Shanghai")


async def test_an_alarm_a_plan_and_a_prescription(people: People, doctor: Person, workplace: Workplace) -> None:
    patient = await named(await people.patient())
    await patient.grant(doctor, *[scope for scope in Scope.values() if scope])
    workplace.open()
    window = Window(workplace)
    pages = Pages(window, workplace)
    window.show()
    await until(lambda: patient.account_id in workplace.desk.feed.patients)

    await _takes_an_alarm(window, pages, patient, doctor)
    await _plans(window, pages, patient)
    await _consults(window, pages, patient, doctor)
    window.close()
    await until(lambda: not isValid(window))


async def _takes_an_alarm(window: Window, pages: Pages, patient: Person, doctor: Person) -> None:
    await patient.session.log(patient.account_id, [PHONE.fingerstick_reading(datetime.now(UTC), 45)])
    await until(lambda: "Very low" in _first_row(pages))
    await until(pages.bar.alarm.isVisible)
    await _front(window)
    QTest.keyClick(window, Qt.Key.Key_A, CONTROL | SHIFT)
    request = ListAlertsRequest(patient_ids=[patient.account_id], active_only=True)

    async def is_hers() -> bool:
        alerts = (await patient.session.alerts.ListAlerts(request)).alerts
        return any(
            alert.rule == ALERT_RULE_URGENT_LOW and recipient.account_id == doctor.account_id
            for alert in alerts
            for recipient in alert.recipients
            if recipient.HasField("acknowledge_time")
        )

    await until(is_hers)
    await until(lambda: not pages.bar.alarm.isVisible())


async def _plans(window: Window, pages: Pages, patient: Person) -> None:
    """Opened from the ward by Enter; written, accepted, revised."""
    await _front(window)
    pages.ward.list.setFocus()
    QTest.keyClick(pages.ward.list, Qt.Key.Key_Home)
    QTest.keyClick(pages.ward.list, Qt.Key.Key_Return)
    await until(lambda: window.place.patient_id == patient.account_id)
    page = window.findChild(PatientPage)
    assert isinstance(page, PatientPage)
    QTest.keyClick(window, Qt.Key.Key_6, CONTROL)
    tab = page.tabs.currentWidget()
    assert isinstance(tab, PlanTab)
    await until(tab.edit.isEnabled)
    await _send(tab, "Walk after dinner.")
    await answer(patient)
    await until(lambda: tab._model.active is not None)
    await _send(tab, "Walk after lunch and dinner.")
    plans = (await patient.session.plans.ListPlans(ListPlansRequest(patient_id=patient.account_id))).plans
    assert [(plan.revision, plan.content.notes) for plan in plans] == [
        (2, "Walk after lunch and dinner."),
        (1, "Walk after dinner."),
    ]
    await _front(window)
    QTest.keyClick(window, Qt.Key.Key_Left, ALT)
    await until(lambda: window.place.patient_id == "")


async def _send(tab: PlanTab, notes: str) -> None:
    before = tab._model.proposed.revision if tab._model.proposed else 0
    await until(lambda: tab.edit.isVisible() and tab.edit.isEnabled())
    QTest.mouseClick(tab.edit, Qt.MouseButton.LeftButton)
    await until(lambda: tab.form is not None)
    assert tab.form is not None
    editor = tab.form.fields["notes"].editor
    editor.setFocus()
    QTest.keyClick(editor, Qt.Key.Key_A, CONTROL)
    QTest.keyClicks(editor, notes)
    await until(tab.send.isEnabled)
    QTest.mouseClick(tab.send, Qt.MouseButton.LeftButton)
    await until(tab.confirm.isVisible)
    QTest.mouseClick(tab.confirm, Qt.MouseButton.LeftButton)
    await until(lambda: tab._model.proposed is not None and tab._model.proposed.revision > before)


async def _consults(window: Window, pages: Pages, patient: Person, doctor: Person) -> None:
    consultation_id = await ask(patient, doctor=doctor, complaint="药快吃完了，想续方")
    await _front(window)
    QTest.keyClick(window, Qt.Key.Key_3, ALT)
    page, consulting = pages.consult, pages._workplace.consulting
    await until(lambda: consulting.inbox.list.row_of(consultation_id) >= 0)
    page.inbox.setFocus()
    while consulting.chosen is None or consulting.chosen.consultation_id != consultation_id:
        QTest.keyClick(page.inbox, Qt.Key.Key_J)
    QTest.keyClick(page.inbox, Qt.Key.Key_C)
    await until(lambda: page.talk is not None and page.talk.composer.field.isEnabled())
    async with listening(patient, consultation_id) as ear:
        _write(page, "How long will they last?")
        await until(lambda: ear.texts()[-1:] == ["How long will they last?"])
    room = Room(doctor, patient, consultation_id)
    await room.decide()
    await room.tell()
    await _prescribes(window, page, room)
    page.close_consultation()
    form = page.form
    assert isinstance(form, ClosingForm)
    QTest.keyClicks(form.summary, "Stable; goes on with metformin.")
    QTest.mouseClick(form.confirm_button, Qt.MouseButton.LeftButton)

    async def has_ended() -> bool:
        return (await as_seen_by(patient, consultation_id)).state == CONSULTATION_STATE_CLOSED

    await until(has_ended)


def _write(page: QWidget, text: str) -> None:
    field = page.focusWidget()
    assert field is not None
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


async def _prescribes(window: Window, page: QWidget, room: Room) -> None:
    await _front(window)
    QTest.keyClick(window, Qt.Key.Key_P, CONTROL | SHIFT)
    await until(lambda: page.findChild(PrescriptionView) is not None)
    view = page.findChild(PrescriptionView)
    assert isinstance(view, PrescriptionView)
    write(view._writer, METFORMIN)
    await until(view.sign_bar.sign_button.isEnabled)
    assert room.doctor.authenticator is not None
    view.sign_bar.code.setFocus()
    QTest.keyClicks(view.sign_bar.code, room.doctor.authenticator.code())
    QTest.keyClick(view.sign_bar.code, Qt.Key.Key_Return, CONTROL)

    async def is_the_patients() -> bool:
        return [item.atc_code for one in await room.of_patient() for item in one.content.written.items] == ["A10BA02"]

    await until(is_the_patients)


async def _front(window: Window) -> None:
    """Keys go to the window that is in front."""
    window.activateWindow()
    await until(window.isActiveWindow)


def _first_row(pages: Pages) -> str:
    """What a screen reader says of it."""
    model = pages.ward.list.model()
    return str(model.data(model.index(0, 0), Qt.ItemDataRole.AccessibleTextRole)) if model.rowCount() else ""
