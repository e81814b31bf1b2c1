"""The loop's tabs: what a clinician types, sees and sends, against the real platform."""

from datetime import UTC, datetime, timedelta

from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ
from apricot.glucose.v1.plan_pb2 import PlannedMedicine
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from clients.clinician.models.loop.access import AccessModel
from clients.clinician.models.loop.compare import Difference
from clients.clinician.models.loop.form import form_of
from clients.clinician.models.loop.timeline import TimelineModel
from clients.clinician.models.loop.writing import Verdict
from clients.clinician.models.prescription.search import Phase
from clients.clinician.models.settings import Unit
from clients.clinician.views.consult.card_grip import CardGrip
from clients.clinician.views.consult.cards import PatientCard, card_of, plan_card
from clients.clinician.views.loop.access_tab import AccessTab
from clients.clinician.views.loop.plan_tab import PlanTab
from clients.clinician.views.loop.timeline_tab import TimelineTab
from tests.clinician.conftest import OpenDesk
from tests.clinician.loop.parts import SCOPES, Kept, answer, content, known_patient
from tests.clinician.loop.test_loop_models import first_in_force, opened, planned
from tests.kit.running import until
from tests.people import People, Person


def retype(editor: QWidget, text: str) -> None:
    """Instead of what is there."""
    assert isinstance(editor, QLineEdit)
    editor.setFocus()
    editor.selectAll()
    QTest.keyClicks(editor, text)


async def shown(tab: QWidget) -> None:
    """In a window that has the keyboard."""
    tab.resize(1240, 820)
    tab.show()
    tab.activateWindow()
    await until(tab.isActiveWindow)


def said(widget: QWidget) -> str:
    """All that its labels say."""
    return "\n".join(each.text() for each in widget.findChildren(QLabel) if not each.isHidden())


async def test_a_revision_is_typed_seen_sent_and_in_force_once_accepted(
    people: People, clinician: Person, open_desk: OpenDesk, qtbot: QtBot
) -> None:
    patient = await known_patient(people)
    await patient.grant(clinician, *SCOPES)
    model = await planned(await opened(open_desk, clinician, patient), patient)
    await first_in_force(model, patient)
    tab = PlanTab(model)
    qtbot.addWidget(tab)
    await shown(tab)
    await until(tab.edit.isEnabled)
    QTest.mouseClick(tab.edit, Qt.MouseButton.LeftButton)
    await until(lambda: tab.form is not None)
    assert tab.form is not None
    amount = tab.form._all_fields()["medicines[1].amount"]
    retype(amount.editor, "85o")
    await until(lambda: not amount.problem.isHidden())
    assert "three decimals" in amount.problem.text()
    assert not tab.send.isEnabled()
    retype(amount.editor, "850")
    await until(tab.send.isEnabled)
    assert amount.problem.isHidden()

    QTest.keyClick(tab.form, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    await until(tab.compare.isVisible)
    assert "Changed" in said(tab.compare)
    assert "Metformin: dose from 500 mg to 850 mg" in said(tab.compare)
    QTest.keyClick(tab.compare, Qt.Key.Key_Escape)
    await until(tab.send.isVisible)
    amount.editor.setFocus()
    QTest.keyClick(tab.form, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await until(tab.confirm.isVisible)  # it shows first what changes
    assert model.proposed is None
    QTest.mouseClick(tab.confirm, Qt.MouseButton.LeftButton)
    await until(lambda: model.proposed is not None and model.proposed.revision == 2)
    await until(lambda: "Awaiting the patient's answer" in said(tab.in_force))
    assert model.active is not None
    assert model.active.content.medicines[1].amount.value == "500"
    await answer(patient, note="好")
    await until(lambda: "The patient: 好" in said(tab.in_force))
    assert "850 mg" in said(tab.in_force)
    await until(lambda: "Awaiting the patient's answer" not in said(tab.in_force))  # old cards go with the next turn
    drag = tab.in_force.findChildren(CardGrip)[0].source.drag()
    assert drag is not None
    plan = PatientCard(patient.account_id, plan_card(model.active.plan_id, 2))
    assert card_of(drag.mimeData()) == plan  # for a talk


async def test_what_was_typed_survives_the_window_and_a_colleague(
    people: People, clinician: Person, open_desk: OpenDesk, qtbot: QtBot
) -> None:
    patient, colleague = await known_patient(people), await people.new_clinician()
    await patient.grant(clinician, *SCOPES)
    await patient.grant(colleague, *SCOPES)
    kept, desk = Kept(), await opened(open_desk, clinician, patient)
    model = await planned(desk, patient, kept)
    await first_in_force(model, patient)
    tab = PlanTab(model)
    qtbot.addWidget(tab)
    await shown(tab)
    model.begin()
    assert tab.form is not None
    retype(tab.form.fields["exercise_advice.minutes_per_week"].editor, "18")
    theirs = await planned(await opened(open_desk, colleague, patient), patient)
    theirs.begin()
    theirs.write(form_of(content(notes="theirs"), Unit.MG_PER_DL))
    theirs.send()
    await until(tab.conflict.isVisible)
    assert not tab.send.isEnabled()
    assert tab.form is not None
    assert tab.form.form().minutes_per_week == "18"

    again = PlanTab(await planned(desk, patient, kept))
    qtbot.addWidget(again)
    await shown(again)
    assert again.form is not None
    assert again.form.form().minutes_per_week == "18"
    await until(again.conflict.isVisible)
    QTest.mouseClick(again.keep_mine, Qt.MouseButton.LeftButton)
    await until(again.send.isEnabled)
    assert not again.conflict.isVisible()


async def test_a_medicine_is_added_and_removed_in_the_editor(
    people: People, clinician: Person, open_desk: OpenDesk, qtbot: QtBot
) -> None:
    patient = await known_patient(people)
    await patient.grant(clinician, *SCOPES)
    model = await planned(await opened(open_desk, clinician, patient), patient)
    tab = PlanTab(model)
    qtbot.addWidget(tab)
    await shown(tab)
    await until(tab.edit.isEnabled)
    QTest.keyClick(tab, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: tab.form is not None)
    assert tab.form is not None
    QTest.mouseClick(tab.form.add_medicine, Qt.MouseButton.LeftButton)
    fields = tab.form._all_fields()
    assert not fields["medicines[0].name"].problem.isHidden()
    name = fields["medicines[0].name"].editor
    retype(name, "insulin aspart")
    await until(lambda: model.search.phase is Phase.ANSWERED)
    QTest.keyClick(name, Qt.Key.Key_Up)  # the last of what is offered: by hand
    QTest.keyClick(name, Qt.Key.Key_Return)
    retype(fields["medicines[0].amount"].editor, "4.5")
    retype(fields["medicines[0].minutes_of_day"].editor, "7, 12:30")
    kind = fields["medicines[0].insulin_kind"].editor
    QTest.keyClick(kind, Qt.Key.Key_Down)
    await until(tab.send.isEnabled)
    [line] = [each for each in model.changes if isinstance(each.new, PlannedMedicine)]
    assert line.difference is Difference.ADDED
    assert isinstance(line.new, PlannedMedicine)
    assert list(line.new.minutes_of_day) == [420, 750]


async def test_suggestions_are_decided_by_hand(
    people: People, clinician: Person, open_desk: OpenDesk, qtbot: QtBot
) -> None:
    patient = await known_patient(people)
    await patient.grant(clinician, *SCOPES)
    model = await planned(await opened(open_desk, clinician, patient), patient)
    tab = PlanTab(model)
    qtbot.addWidget(tab)
    await shown(tab)
    await until(tab.suggest.isEnabled)
    QTest.mouseClick(tab.suggest, Qt.MouseButton.LeftButton)
    await until(lambda: bool(tab.proposals.lines))
    [line] = tab.proposals.lines
    assert "Too few readings" in said(line)
    assert "1 to decide" in said(tab.proposals)
    QTest.mouseClick(line.buttons[Verdict.REJECTED], Qt.MouseButton.LeftButton)
    QTest.keyClicks(line.note, "she measures enough")
    await until(lambda: "All decided" in said(tab.proposals))
    assert model.writing is not None
    [decision] = model.writing.line_decisions()
    assert (decision.accepted, decision.note) == (False, "she measures enough")


async def test_words_typed_on_the_timeline_are_sent_and_seen(
    people: People, clinician: Person, open_desk: OpenDesk, qtbot: QtBot
) -> None:
    patient = await known_patient(people)
    await patient.grant(clinician, *SCOPES)
    desk, kept = await opened(open_desk, clinician, patient), Kept()
    model = TimelineModel(desk, patient.account_id, kept)
    tab = TimelineTab(model)
    qtbot.addWidget(tab)
    await shown(tab)
    await until(lambda: model.loaded)
    assert not tab.send.isEnabled()
    tab.words.setFocus()
    QTest.keyClicks(tab.words, "Was there dinner?")
    assert TimelineTab(TimelineModel(desk, patient.account_id, kept)).words.toPlainText() == "Was there dinner?"
    QTest.keyClick(tab.words, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: tab.list.model().rowCount() == 1)
    await until(lambda: tab.words.toPlainText() == "")
    spoken = str(tab.list.model().index(0, 0).data())
    assert "You wrote" in spoken
    assert "Was there dinner?" in spoken
    QTest.keyClick(tab, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)  # words are hidden
    await until(lambda: tab.list.model().rowCount() == 0)


async def test_ended_access_is_said_and_giving_back_is_asked(
    people: People, clinician: Person, open_desk: OpenDesk, qtbot: QtBot
) -> None:
    patient = await known_patient(people)
    await patient.grant(clinician, SCOPE_GLUCOSE_READ, expire_time=datetime.now(UTC) + timedelta(hours=3))
    model = AccessModel(await opened(open_desk, clinician, patient), patient.account_id)
    tab = AccessTab(model)
    qtbot.addWidget(tab)
    await shown(tab)
    await until(lambda: "Ends in 2:59:" in said(tab))
    [give] = tab.give_buttons
    QTest.mouseClick(give, Qt.MouseButton.LeftButton)
    await until(lambda: tab.asked is not None)
    assert tab.asked is not None
    assert tab.asked.defaultButton().text() == "Keep"
    destructive = next(each for each in tab.asked.buttons() if each.text() == "Give back")
    QTest.mouseClick(destructive, Qt.MouseButton.LeftButton)
    await until(lambda: "Your access to this patient has ended" in said(tab))
    assert not tab.give_buttons
