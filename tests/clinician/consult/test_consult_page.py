"""The consulting page: by keys, on the real platform."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ, SCOPE_REPORT_READ
from apricot.consult.v1.consultation_pb2 import CONSULTATION_MODE_TEXT, CONSULTATION_STATE_CLOSED
from apricot.consult.v1.health_record_pb2 import (
    ALLERGY_CERTAINTY_CONFIRMED,
    Allergies,
    Allergy,
    HealthFacts,
    PutHealthRecordRequest,
)
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from clients.clinician.models.consult.consulting import Consulting
from clients.clinician.models.consult.inbox_list import Section
from clients.clinician.models.consult.messages import Delivery
from clients.clinician.models.health_record import LOOK_AGAIN
from clients.clinician.models.settings import Language
from clients.clinician.views.consult import cards
from clients.clinician.views.consult.closing_form import ClosingForm
from clients.clinician.views.consult.page import ConsultPage
from clients.clinician.views.consult.picture import PictureWindow
from tests.clinician.conftest import DEPARTMENT
from tests.clinician.consult.arranged_talks import as_seen_by, ask, in_section, taken
from tests.clinician.consult.conftest import OpenRoom
from tests.consult.doctors import listed_doctor
from tests.consult.talk.ear import listening
from tests.kit.running import until
from tests.people import People, Person
from tests.pictures import picture

type OpenPage = Callable[[Person], Awaitable[tuple[ConsultPage, Consulting]]]


@pytest.fixture
def open_page(open_room: OpenRoom, qtbot: QtBot) -> OpenPage:
    async def page_of(person: Person) -> tuple[ConsultPage, Consulting]:
        room = await open_room(person)
        page = ConsultPage(room)
        qtbot.addWidget(page)
        page.resize(1280, 800)
        page.show()
        page.activateWindow()
        return page, room

    return page_of


def said(widget: QWidget) -> str:
    """Everything that can be read."""
    return "\n".join(each.text() for each in widget.findChildren(QLabel) if each.isVisible())


async def opened_again(doctor: Person, open_page: OpenPage, consultation_id: str) -> tuple[ConsultPage, Consulting]:
    """The app started anew, at the same talk."""
    page, room = await open_page(doctor)
    await until(lambda: room.inbox.list.row_of(consultation_id) >= 0)
    room.choose(consultation_id)
    return page, room


async def test_a_question_is_taken_and_answered_by_keys_alone(
    people: People, doctor: Person, open_page: OpenPage
) -> None:
    (page, room), patient = await open_page(doctor), await people.patient()
    consultation_id = await ask(patient, department=DEPARTMENT, complaint="脚麻一个月了")
    await in_section(room, consultation_id, Section.POOL)
    page.inbox.setFocus()
    while room.chosen is None or room.chosen.consultation_id != consultation_id:
        QTest.keyClick(page.inbox, Qt.Key.Key_J)
    await until(lambda: "脚麻一个月了" in said(page))
    QTest.keyClick(page.inbox, Qt.Key.Key_C)
    await until(lambda: page.talk is not None and page.talk.composer.field.isEnabled())
    assert page.talk is not None
    field = page.talk.composer.field
    async with listening(patient, consultation_id) as ear:
        await until(lambda: "The patient is here" in said(page))
        QTest.keyClicks(field, "Since when?")
        await until(lambda: any(update.typing.typing for update in ear.updates))
        QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
        QTest.keyClicks(field, "Both feet?")
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert not field.toPlainText()
        assert page.talk.messages.views[-1].line.content.text == "Since when?\nBoth feet?"  # at once
        assert page.talk.messages.views[-1].line.delivery is Delivery.SENDING
        await until(lambda: ear.texts()[-1:] == ["Since when?\nBoth feet?"])
        ear.talk.typing()
        await until(lambda: "is typing" in said(page))
        await ear.talk.say("<b>both</b>")
        await until(lambda: "<b>both</b>" in said(page))  # what patients write is never markup
        sequence = ear.messages[-1].sequence
        await until(lambda: any(each.receipt.read_sequence >= sequence for each in ear.updates))
    await until(lambda: "The patient is away" in said(page))
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert page.inbox.hasFocus()


async def test_who_loses_a_question_is_told_so(people: People, doctor: Person, open_page: OpenPage) -> None:
    other, patient = await listed_doctor(people, DEPARTMENT), await people.patient()
    (page, room), (_, theirs) = await open_page(doctor), await open_page(other)
    consultation_id = await ask(patient, department=DEPARTMENT)
    for each in (room, theirs):
        await in_section(each, consultation_id, Section.POOL)
    room.choose(consultation_id)
    theirs.inbox.claim(consultation_id)
    await until(lambda: "another doctor has accepted it" in said(page))
    assert room.chosen is None


async def test_cards_and_pictures_by_key_paste_and_drop(people: People, doctor: Person, open_page: OpenPage) -> None:
    (page, room), patient = await open_page(doctor), await people.patient()
    consultation_id = await ask(patient, doctor=doctor, scopes=(SCOPE_GLUCOSE_READ, SCOPE_REPORT_READ))
    await taken(room, consultation_id)
    assert page.talk is not None
    composer = page.talk.composer
    async with listening(patient, consultation_id) as ear:
        composer.field.setFocus()
        QTest.keyClick(composer.field, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
        now = datetime.now(UTC)
        week = cards.report_card(now - timedelta(days=7), now)
        composer.field.insertFromMimeData(cards.card_mime(cards.PatientCard(patient.account_id, week)))
        QTest.keyClick(composer.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: len([each for each in ear.messages if each.content.HasField("card")]) == 2)
        shown = [each.content.card.WhichOneof("card") for each in ear.messages if each.content.HasField("card")]
        assert shown == ["reading_window", "report_window"]
        image, mime = QImage(40, 30, QImage.Format.Format_RGB32), QMimeData()
        image.fill(0)
        mime.setImageData(image)
        composer.field.insertFromMimeData(mime)
        await until(lambda: bool(ear.messages[-1].content.picture_attachment_id))
        first, talk = ear.messages[-1].content.picture_attachment_id, page.talk
        await ear.talk.show_picture(picture(size=(640, 480)))

        def newest_picture() -> QLabel | None:
            if talk.messages.views[-1].line.content.picture_attachment_id in ("", first):
                return None
            labels = [each for each in talk.messages.views[-1].findChildren(QLabel) if not each.pixmap().isNull()]
            return labels[0] if labels else None

        await until(lambda: newest_picture() is not None)
        thumbnail = newest_picture()
        assert thumbnail is not None
        QTest.mouseClick(thumbnail, Qt.MouseButton.LeftButton)
        assert [each.image.width() for each in page.findChildren(PictureWindow)] == [640]


async def test_what_the_patient_does_not_share_is_refused_with_the_reason(
    people: People, doctor: Person, open_page: OpenPage
) -> None:
    (page, room), patient = await open_page(doctor), await people.patient()
    consultation_id = await ask(patient, doctor=doctor)
    await taken(room, consultation_id)
    assert page.talk is not None
    now = datetime.now(UTC)
    page.talk.composer.add_card(cards.readings_card(now - timedelta(days=1), now))
    page.talk.composer.send()
    await until(lambda: "does not share this" in said(page))
    failed = page.talk.messages.views[-1]
    assert failed.line.delivery is Delivery.FAILED
    discard = next(each for each in failed.findChildren(QPushButton) if each.text() == "Discard")
    QTest.mouseClick(discard, Qt.MouseButton.LeftButton)
    assert "does not share this" not in said(page)


async def test_the_health_record_says_what_is_unknown(people: People, doctor: Person, open_page: OpenPage) -> None:
    (page, room), patient = await open_page(doctor), await people.patient()
    await taken(room, await ask(patient, doctor=doctor))
    await until(lambda: "Never asked" in said(page))
    assert "does not share glucose" in said(page)


async def test_the_health_record_is_read_again_by_key_and_each_minute(
    people: People, doctor: Person, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    (page, room), patient = await open_page(doctor), await people.patient()
    await taken(room, await ask(patient, doctor=doctor))
    await until(lambda: "Never asked" in said(page))

    async def tell(allergy: str, revision: int) -> None:
        told = Allergy(entry_id=str(uuid4()), name=allergy, certainty=ALLERGY_CERTAINTY_CONFIRMED)
        await patient.session.health_record.PutHealthRecord(
            PutHealthRecordRequest(
                request_id=str(uuid4()),
                expected_revision=revision,
                facts=HealthFacts(allergies=Allergies(entries=[told])),
            )
        )

    await tell("penicillin", 0)
    await until(page.isActiveWindow)
    QTest.keyClick(page, Qt.Key.Key_F5)
    await until(lambda: "penicillin" in said(page))
    await tell("peanuts", 1)
    minute_later = room.desk.now() + LOOK_AGAIN
    monkeypatch.setattr(room.desk, "now", lambda: minute_later)
    await until(lambda: "peanuts" in said(page))
    assert "penicillin" not in said(page)


async def test_another_rooms_panel_takes_the_side_and_gives_it_back(
    people: People, doctor: Person, open_page: OpenPage
) -> None:
    (page, room), patient = await open_page(doctor), await people.patient()
    consultation_id = await ask(patient, doctor=doctor)
    await taken(room, consultation_id)
    wanted, calls = list[str](), list[tuple[str, int]]()
    page.prescription_wanted.connect(wanted.append)
    page.call_wanted.connect(lambda id_, mode: calls.append((id_, mode)))
    page.prescribe()
    page.call()
    assert (wanted, calls) == ([consultation_id], [(consultation_id, CONSULTATION_MODE_TEXT)])
    theirs = QLabel("a prescription")
    page.set_side_panel(theirs)
    await until(lambda: theirs.isVisible() and "Health record" not in said(page))
    page.set_side_panel(None)
    await until(lambda: "Health record" in said(page))


async def test_closed_by_its_form(people: People, doctor: Person, open_page: OpenPage) -> None:
    (page, room), patient = await open_page(doctor), await people.patient()
    consultation_id = await ask(patient, doctor=doctor)
    await taken(room, consultation_id)
    page.close_consultation()
    form = page.form
    assert isinstance(form, ClosingForm)
    form.confirm()
    assert "A summary is needed." in form.problem.text()
    QTest.keyClicks(form.summary, "Stable")
    QTest.keyClicks(form.advice, "Go on")
    form.reject()
    page.close_consultation()  # left and opened again: what was typed is there
    form = page.form
    assert isinstance(form, ClosingForm)
    assert form.summary.toPlainText() == "Stable"
    QTest.mouseClick(form.confirm_button, Qt.MouseButton.LeftButton)
    await in_section(room, consultation_id, Section.ENDED)
    await until(lambda: page.talk is not None and not page.talk.composer.isVisible())
    seen = await as_seen_by(patient, consultation_id)
    assert (seen.state, seen.outcome.advice) == (CONSULTATION_STATE_CLOSED, "Go on")


async def test_chips_are_there_again_and_a_press_takes_one_away(
    people: People, doctor: Person, open_page: OpenPage
) -> None:
    (page, room), patient = await open_page(doctor), await people.patient()
    consultation_id = await ask(patient, doctor=doctor)
    await taken(room, consultation_id)
    assert page.talk is not None
    now = datetime.now(UTC)
    page.talk.composer.add_card(cards.report_card(now - timedelta(days=14), now))
    await room.desk.close()
    page, room = await opened_again(doctor, open_page, consultation_id)
    assert page.talk is not None
    composer = page.talk.composer
    (chip,) = [each for each in composer.findChildren(QPushButton) if "Glucose report" in each.text()]
    assert next(each for each in composer.findChildren(QPushButton) if each.text() == "Send").isEnabled()
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert room.talk is not None
    assert not room.talk.tray.cards


async def test_a_file_that_is_gone_after_a_restart_says_so(
    people: People, doctor: Person, open_page: OpenPage, tmp_path: Path
) -> None:
    (page, room), patient = await open_page(doctor), await people.patient()
    consultation_id = await ask(patient, doctor=doctor)
    await taken(room, consultation_id)
    assert page.talk is not None
    file, mime = tmp_path / "meal.jpg", QMimeData()
    file.write_bytes(picture())
    mime.setUrls([QUrl.fromLocalFile(str(file))])
    await room.desk.close()
    page.talk.composer.field.insertFromMimeData(mime)
    file.unlink()
    page.talk.composer.field.insertFromMimeData(mime)
    assert not page.talk.composer.refusal.isVisible()  # what is no file any more is text
    page, room = await opened_again(doctor, open_page, consultation_id)
    await until(lambda: "its file is gone or was changed" in said(page))
    assert page.talk is not None
    failed = page.talk.messages.views[-1]
    assert [each.text() for each in failed.findChildren(QPushButton)] == ["Discard"]


async def test_a_pools_question_names_its_department(people: People, doctor: Person, open_page: OpenPage) -> None:
    (page, room), patient = await open_page(doctor), await people.patient()
    consultation_id = await ask(patient, department=DEPARTMENT)
    await in_section(room, consultation_id, Section.POOL)
    await until(lambda: bool(room.inbox.departments))

    def spoken() -> str:
        row = room.inbox.list.row_of(consultation_id)
        return str(page.inbox.model().index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole))

    assert "Endocrinology and diabetes" in spoken()
    assert "Question pool" in spoken()
    room.choose(consultation_id)
    await until(lambda: "Endocrinology and diabetes" in said(page))
    room.desk.settings.language = Language.CHINESE
    assert room.inbox.departments[DEPARTMENT].name in spoken()


def _is_visible(button: QWidget, wanted: bool) -> bool:
    return button.isVisible() == wanted


async def test_a_key_leads_to_the_patient_only_where_a_page_may_be_seen(
    people: People, doctor: Person, open_page: OpenPage
) -> None:
    shares, other = await people.patient(), await people.patient()
    await shares.grant(doctor, SCOPE_GLUCOSE_READ)
    page, room = await open_page(doctor)
    await until(lambda: shares.account_id in room.desk.feed.patients)
    wanted = list[str]()
    page.patient_wanted.connect(wanted.append)
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    for patient in other, shares:
        await taken(room, await ask(patient, doctor=doctor))
        assert page.talk is not None
        page.talk.composer.field.setFocus()
        await until(partial(_is_visible, page.talk.patient, patient is shares))
        QTest.keyClick(page.talk.composer.field, Qt.Key.Key_O, both)
    assert wanted == [shares.account_id]
    assert page.talk is not None
    QTest.mouseClick(page.talk.patient, Qt.MouseButton.LeftButton)
    assert wanted == [shares.account_id] * 2
