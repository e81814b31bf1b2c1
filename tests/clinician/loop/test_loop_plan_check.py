"""The safety check of a plan that is being written: seen while it is typed, and in the way of what is unsafe."""

from uuid import uuid4

from apricot.glucose.v1.entry_pb2 import DOSE_UNIT_MG, INSULIN_KIND_LONG
from apricot.pharmacy.v1.catalog_pb2 import UpsertProductsRequest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from clients.clinician.models.loop.form import MedicineForm, PlanForm
from clients.clinician.models.prescription.live_check import CheckState
from clients.clinician.models.prescription.search import Phase
from clients.clinician.views.loop.plan_tab import PlanTab
from clients.clinician.views.prescription.medicine_field import MedicineField
from tests.clinician.conftest import OpenDesk
from tests.clinician.loop.parts import SCOPES, known_patient
from tests.clinician.loop.test_loop_models import opened, planned
from tests.clinician.loop.test_loop_views import said, shown
from tests.e2e.market import tablets
from tests.kit.running import until
from tests.people import People, Person

ZONE = "Asia/Shanghai"


def medicine(name: str, amount: str, times: str = "07:00") -> PlanForm:
    return PlanForm(medicines=[MedicineForm(name, 0, amount, DOSE_UNIT_MG, times)], time_zone=ZONE)


async def tab_of(open_desk: OpenDesk, clinician: Person, patient: Person, qtbot: QtBot) -> PlanTab:
    """The plan's tab, where a first plan is being written."""
    await patient.grant(clinician, *SCOPES)
    tab = PlanTab(await planned(await opened(open_desk, clinician, patient), patient))
    qtbot.addWidget(tab)
    await shown(tab)
    tab._model.begin()
    return tab


async def test_unsafe_plan_for_a_child_is_refused_while_written(
    people: People, clinician: Person, open_desk: OpenDesk, qtbot: QtBot
) -> None:
    child = await known_patient(people, birth_date="2016-05-14")
    tab = await tab_of(open_desk, clinician, child, qtbot)
    model = tab._model
    model.write(medicine("metformin", "1500", "07:00, 12:00, 18:00"))
    await until(lambda: model.check.state is CheckState.CHECKED)
    assert model.is_unsafe
    assert not model.can_send
    assert "cannot be sent" in said(tab.safety)
    assert tab.safety.findings.rows
    assert not tab.send.isEnabled()
    model.write(PlanForm(notes="Walk after dinner.", time_zone=ZONE))
    await until(tab.send.isEnabled)
    assert tab.safety.isHidden()


async def test_plan_goes_out_with_the_reason_that_the_check_asks_for(
    people: People, clinician: Person, open_desk: OpenDesk, qtbot: QtBot
) -> None:
    patient = await known_patient(people, takes=("J02AC01",))
    tab = await tab_of(open_desk, clinician, patient, qtbot)
    model = tab._model
    model.write(medicine("glimepiride", "2"))
    await until(lambda: model.reasons_missing == 1)
    assert not tab.send.isEnabled()
    (row,) = [each for each in tab.safety.findings.rows.values() if each.reason is not None]
    assert row.reason is not None
    row.reason.setFocus()
    QTest.keyClicks(row.reason, "Glucose is measured four times a day.")
    await until(tab.send.isEnabled)
    model.send()
    await until(lambda: model.proposed is not None)
    assert model.proposed is not None
    assert [each.reason for each in model.proposed.overrides] == ["Glucose is measured four times a day."]


async def test_medicine_of_a_plan_is_found_by_a_part_of_its_name(
    people: People, clinician: Person, open_desk: OpenDesk, qtbot: QtBot
) -> None:
    glargine = tablets("甘精胰岛素注射液", "insulin glargine injection", "A10AE04", "3", on_prescription=True)
    glargine.brand = uuid4().hex[:12]
    admin = await people.admin()
    await admin.session.catalog.UpsertProducts(UpsertProductsRequest(request_id=str(uuid4()), products=[glargine]))
    tab = await tab_of(open_desk, clinician, await known_patient(people), qtbot)
    assert tab.form is not None
    tab.form.add_medicine.click()
    field = tab.form.findChild(MedicineField)
    assert isinstance(field, MedicineField)
    QTest.keyClicks(field, glargine.brand[:8])
    await until(lambda: tab._model.search.phase is Phase.ANSWERED)
    QTest.keyClick(field, Qt.Key.Key_Return)
    (written,) = tab.form.form().medicines
    assert written.name == "甘精胰岛素注射液 insulin glargine injection"
    assert (written.atc_code, written.insulin_kind) == ("A10AE04", INSULIN_KIND_LONG)
