"""The panel, used by keys alone, against the real platform."""

from uuid import uuid4

import pytest
from apricot.consult.v1.prescription_pb2 import PRESCRIPTION_STATE_REVOKED
from apricot.pharmacy.v1.catalog_pb2 import UpsertProductsRequest
from apricot.pharmacy.v1.product_pb2 import ProductContent
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from clients.clinician.models.prescription.live_check import CheckState
from clients.clinician.models.prescription.search import MedicineSearch, Phase
from clients.clinician.models.prescription.writer import Phase as WriterPhase
from clients.clinician.models.prescription.writer import PrescriptionWriter
from clients.clinician.views.prescription.writer_view import PrescriptionView
from tests.clinician.conftest import OpenDesk
from tests.clinician.prescription.consulting_room import (
    FLUCONAZOLE,
    METFORMIN,
    MemoryDrafts,
    press,
    room_with,
    show,
    type_into,
    write,
)
from tests.e2e.market import tablets
from tests.kit.running import until
from tests.people import People, Person

CONTROL = Qt.KeyboardModifier.ControlModifier
INTERACTION = "interaction:A10BB12:J02AC01"


async def brand_of(people: People, *products: ProductContent) -> str:
    """Known to the catalogue, sold by nobody; a brand that no other test's products have."""
    brand = uuid4().hex[:12]
    for product in products:
        product.brand = brand
    admin = await people.admin()
    await admin.session.catalog.UpsertProducts(UpsertProductsRequest(request_id=str(uuid4()), products=products))
    return brand


async def test_a_prescription_by_keys_from_the_search_to_the_patient(
    people: People, open_desk: OpenDesk, qtbot: QtBot
) -> None:
    brand = await brand_of(
        people,
        tablets("格列美脲片", "glimepiride tablets", "A10BB12", "2", on_prescription=True),
        tablets("氟康唑片", "fluconazole tablets", "J02AC01", "50", on_prescription=True),
    )
    room = await room_with(people)
    await room.decide()
    await room.tell()
    assert room.doctor.authenticator is not None
    writer = PrescriptionWriter(await open_desk(room.doctor), room.consultation_id, MemoryDrafts())
    writer.open()
    view = await show(qtbot, writer)
    await until(lambda: writer.writing.diagnoses[0].code == "E11.9")

    async def medicine(query: str, code: str) -> None:
        form = view.forms[writer.writing.lines[-1].key]
        form.medicine.setFocus()
        type_into(qtbot, view, query)
        press(qtbot, view, Qt.Key.Key_Return)  # too early: nothing that was found before is taken
        assert not writer.writing.lines[-1].atc_code
        await until(lambda: writer.search.phase is Phase.ANSWERED)
        assert form.medicine.popup.isVisible()
        assert form.medicine.popup.count() > 1, "what was found, and the way to write another by hand"
        press(qtbot, view, Qt.Key.Key_Down)
        press(qtbot, view, Qt.Key.Key_Up)
        press(qtbot, view, Qt.Key.Key_Return)
        assert writer.writing.lines[-1].atc_code == code
        for text, steps in (("1", 2), ("1", 2), ("5", 0)):  # dose, unit, frequency, what it counts, days
            type_into(qtbot, view, text)
            for _ in range(steps):
                press(qtbot, view, Qt.Key.Key_Tab)
        assert (writer.writing.lines[-1].dose, writer.writing.lines[-1].days) == ("1", "5")
        assert form.quantity.placeholderText() == "5"

    await medicine(f"{brand} glimepiride", "A10BB12")
    press(qtbot, view, Qt.Key.Key_N, CONTROL)
    await until(lambda: len(writer.writing.lines) == 2)
    await medicine("j02ac", "J02AC01")
    await until(lambda: writer.check.state is CheckState.CHECKED)
    row = view.forms[writer.writing.lines[1].key].findings.rows[INTERACTION]
    assert row.isVisible()
    assert row.reason is not None
    assert not view.sign_bar.sign_button.isEnabled()
    form = view.forms[writer.writing.lines[1].key]
    form.instructions.setFocus()
    press(qtbot, view, Qt.Key.Key_Tab)
    assert view.focusWidget() is form.findings.inputs[0], "the reasons come next by the Tab key"
    for finding in writer.needs_reason:
        place = writer.place_of(finding)
        rows = view.general.rows if place is None else view.forms[writer.writing.lines[place].key].findings.rows
        reason = rows[finding.key].reason
        assert reason is not None
        reason.setFocus()
        type_into(qtbot, view, "daily glucose tests")
    await until(view.sign_bar.sign_button.isEnabled)

    press(qtbot, view, Qt.Key.Key_Return, CONTROL)
    assert view.sign_bar.code.hasFocus(), "it asks for the code first"
    type_into(qtbot, view, room.doctor.authenticator.code())
    press(qtbot, view, Qt.Key.Key_Return, CONTROL)
    await until(lambda: writer.last_issued is not None)
    (issued,) = await room.of_patient()
    assert {item.atc_code for item in issued.content.written.items} == {"A10BB12", "J02AC01"}
    assert "daily glucose tests" in {override.reason for override in issued.content.overrides}

    await until(lambda: len(view.past.shown) == 1)
    (shown,) = view.past.shown.values()
    shown.reason.setFocus()
    type_into(qtbot, view, "wrong dose")
    press(qtbot, view, Qt.Key.Key_Return)
    await until(lambda: writer.prescriptions.prescriptions[0].state == PRESCRIPTION_STATE_REVOKED)
    assert (await room.of_patient())[0].revoke_reason == "wrong dose"


async def test_the_newest_question_is_the_one_answered(people: People, clinician: Person, open_desk: OpenDesk) -> None:
    brand = await brand_of(
        people,
        tablets("格列美脲片", "glimepiride", "A10BB12", "2", on_prescription=True),
        tablets("二甲双胍片", "metformin", "A10BA02", "500", on_prescription=True),
    )
    search, answers = MedicineSearch(await open_desk(clinician)), list[list[str]]()

    def heard() -> None:
        if search.phase is Phase.ANSWERED:
            codes = [medicine.atc_code for medicine in search.found]
            if answers[-1:] != [codes]:  # one question may be asked twice
                answers.append(codes)

    search.changed.connect(heard)
    search.ask(f"{brand} glimepiride")
    await until(lambda: search.phase is Phase.ANSWERED)
    for typed in ("g", "gl", "glimepiride", "m", "metformin"):
        search.ask(f"{brand} {typed}")
        search._send()  # as if each had been waited for
    await until(lambda: search.phase is Phase.ANSWERED)
    search.ask(f"{brand} 双胍")
    await until(lambda: search.phase is Phase.ANSWERED)
    assert answers == [["A10BB12"], ["A10BA02"]]
    search.ask("")
    assert (search.phase, search.found) == (Phase.IDLE, [])


async def test_keys_add_remove_and_put_back_and_lead_to_what_is_missing(
    people: People, open_desk: OpenDesk, qtbot: QtBot
) -> None:
    room = await room_with(people)
    writer = PrescriptionWriter(await open_desk(room.doctor), room.consultation_id, MemoryDrafts())
    write(writer, METFORMIN | {"dose": ""})
    view = await show(qtbot, writer)
    form = view.forms[writer.writing.lines[0].key]
    form.dose.setFocus()
    press(qtbot, view, Qt.Key.Key_Tab)
    assert view.focusWidget() is form.dose_unit
    press(qtbot, view, Qt.Key.Key_Backtab)
    press(qtbot, view, Qt.Key.Key_N, CONTROL)
    assert len(writer.writing.lines) == 2
    writer.edit(writer.writing.lines[1].key, **FLUCONAZOLE)
    press(qtbot, view, Qt.Key.Key_Backspace, CONTROL)
    assert [line.name_en for line in writer.writing.lines] == ["metformin"]
    press(qtbot, view, Qt.Key.Key_Z, CONTROL, Qt.KeyboardModifier.ShiftModifier)
    assert [line.name_en for line in writer.writing.lines] == ["metformin", "fluconazole"]
    press(qtbot, view, Qt.Key.Key_Return, CONTROL)
    assert view.focusWidget() is form.dose


async def test_a_panel_made_anew_shows_what_was_typed_and_the_old_one_is_forgotten(
    people: People, open_desk: OpenDesk, qtbot: QtBot
) -> None:
    room = await room_with(people)
    writer = PrescriptionWriter(await open_desk(room.doctor), room.consultation_id, MemoryDrafts())
    old, gone = PrescriptionView(writer), list[bool]()
    old.destroyed.connect(lambda: gone.append(True))
    write(writer, METFORMIN)
    old.deleteLater()
    await until(lambda: bool(gone))
    view = await show(qtbot, writer)
    writer.add_line()
    assert len(view.forms) == 2
    assert view.forms[writer.writing.lines[0].key].dose.text() == "1"


@pytest.mark.parametrize("decided", [False, True])
async def test_the_bar_says_why_it_cannot_be_signed(
    people: People, open_desk: OpenDesk, qtbot: QtBot, decided: bool
) -> None:
    room = await room_with(people)
    if decided:
        await room.decide()
    writer = PrescriptionWriter(await open_desk(room.doctor), room.consultation_id, MemoryDrafts())
    writer.open()
    write(writer, METFORMIN)
    view = await show(qtbot, writer)
    settled = CheckState.CHECKED if decided else CheckState.REFUSED
    await until(lambda: writer.check.state is settled)
    said = "cannot be signed" if decided else "Decide on eligibility first"
    assert said in view.sign_bar.state_words
    assert not view.sign_bar.sign_button.isEnabled()
    if decided:
        assert view.general.rows["allergy:not-recorded"].isVisible()
        press(qtbot, view, Qt.Key.Key_Return, CONTROL)
        assert writer.phase is WriterPhase.EDITING
        press(qtbot, view, Qt.Key.Key_R, CONTROL)
        assert view.record.allergy.hasFocus()
        type_into(qtbot, view, "penicillin")
        press(qtbot, view, Qt.Key.Key_Return)
        await until(lambda: "allergy:not-recorded" not in view.general.rows)
        assert writer.record.record is not None
        assert [each.name for each in writer.record.record.facts.allergies.entries] == ["penicillin"]
