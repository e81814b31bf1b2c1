"""Cards carried from the patient's data into a talk: by drag, and by copying and pasting."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ, SCOPE_REPORT_READ
from apricot.consult.v1.conversation_pb2 import Card
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDrag, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from clients.clinician.models.consult.consulting import Consulting
from clients.clinician.models.patient.chart import ChartModel
from clients.clinician.models.patient.figures import FiguresModel, Standing
from clients.clinician.views.consult import cards
from clients.clinician.views.consult.card_grip import CardGrip
from clients.clinician.views.consult.cards import PatientCard
from clients.clinician.views.consult.glucose_strip import GlucoseStrip
from clients.clinician.views.consult.page import ConsultPage
from clients.clinician.views.patient.chart_tab import RANGES, ChartTab
from clients.clinician.views.patient.days_tab import DaysTab
from clients.clinician.views.patient.metrics_tab import MetricsTab
from clients.sdk import Recorder
from tests.clinician.consult.arranged_talks import ask, taken
from tests.clinician.consult.conftest import OpenRoom
from tests.consult.talk.ear import Ear, listening
from tests.kit.running import until
from tests.patience import PATIENCE
from tests.people import People, Person

SHARED = SCOPE_GLUCOSE_READ, SCOPE_REPORT_READ


def dropped(on: QWidget, mime: QMimeData) -> None:
    """As Qt tells a widget that is under the mouse."""
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    middle = QPointF(on.rect().center())
    QApplication.sendEvent(on, QDragEnterEvent(middle, copy, mime, left, none))
    QApplication.sendEvent(on, QDropEvent(middle, copy, mime, left, none))


def carried(grip: CardGrip) -> QMimeData:
    """What hangs at the mouse."""
    drag = grip.source.drag()
    assert drag is not None
    assert not drag.pixmap().isNull()
    return drag.mimeData()


def cards_of(ear: Ear) -> list[Card]:
    return [each.content.card for each in ear.messages if each.content.HasField("card")]


async def talking(room: Consulting, patient: Person, doctor: Person, qtbot: QtBot) -> tuple[str, ConsultPage]:
    """The patient, who shares what they have, is in a talk that a page shows."""
    await patient.grant(doctor, *SHARED)
    now = datetime.now(UTC)
    sensor = Recorder.by_hand("sensor", "Asia/Shanghai")
    readings = [sensor.sensor_reading(now - timedelta(minutes=5 * back), 120) for back in range(1, 30)]
    await patient.session.log(patient.account_id, readings)
    page = ConsultPage(room)
    qtbot.addWidget(page)
    page.resize(1280, 800)
    page.show()
    consultation_id = await ask(patient, doctor=doctor, scopes=SHARED)
    await taken(room, consultation_id)
    return consultation_id, page


async def test_the_chart_and_the_figures_offer_what_they_show(
    people: People, doctor: Person, open_room: OpenRoom, qtbot: QtBot
) -> None:
    patient, room = await people.patient(), await open_room(doctor)
    consultation_id, page = await talking(room, patient, doctor, qtbot)
    chart, figures = ChartModel(room.desk, patient.account_id), FiguresModel(room.desk, patient.account_id)
    tab, metrics, days = ChartTab(chart), MetricsTab(figures), DaysTab(figures)
    for each in tab, metrics, days:
        qtbot.addWidget(each)
    assert not tab.grip.isEnabled()  # nobody knows yet what is shared
    assert tab.card() is None
    chart.open()
    figures.open()
    await until(lambda: tab.grip.isEnabled() and figures.standing is Standing.READY)
    tab.choose(1)
    bar = metrics.findChildren(CardGrip)[0]
    assert bar.isEnabled()
    assert page.talk is not None
    composer = page.talk.composer
    dropped(composer.field.viewport(), carried(tab.grip))
    dropped(composer, carried(bar))
    source = next(day.source for day in days.days if day.source is not None)
    day = source.drag()
    assert day is not None
    dropped(composer, day.mimeData())
    strip = page.findChild(GlucoseStrip)
    assert isinstance(strip, GlucoseStrip)
    dropped(composer, carried(strip.grip))
    async with listening(patient, consultation_id) as ear:
        composer.send()
        await until(lambda: len(cards_of(ear)) == 4)
        shown = cards_of(ear)
    chart.close()
    assert [each.WhichOneof("card") for each in shown] == [
        "reading_window",
        "report_window",
        "reading_window",
        "reading_window",
    ]
    in_sight = shown[0].reading_window
    seconds = in_sight.end_time.seconds - in_sight.start_time.seconds
    assert seconds == pytest.approx(0.98 * RANGES[1], abs=5)  # what lies behind now is not of the readings
    whole = shown[2].reading_window
    assert whole.end_time.seconds - whole.start_time.seconds == 86400


async def test_a_card_of_another_patient_is_refused(
    people: People, doctor: Person, open_room: OpenRoom, qtbot: QtBot
) -> None:
    patient, room = await people.patient(), await open_room(doctor)
    consultation_id, page = await talking(room, patient, doctor, qtbot)
    assert page.talk is not None
    composer, now = page.talk.composer, datetime.now(UTC)
    another = PatientCard((await people.patient()).account_id, cards.readings_card(now - timedelta(days=1), now))
    composer.put_text("hers")
    dropped(composer, cards.card_mime(another))
    assert composer.refusal.isVisible()
    assert "another patient" in composer.refusal.text()
    garbage = QMimeData()
    garbage.setData(cards.MIME_TYPE, b"\xff\xff")
    dropped(composer, garbage)
    assert room.talk is not None
    assert not room.talk.tray.cards
    async with listening(patient, consultation_id) as ear:
        composer.send()
        await until(lambda: ear.texts()[-1:] == ["hers"])
        assert not cards_of(ear)
    assert not composer.refusal.isVisible()


async def test_a_grip_is_dragged_or_pressed_to_copy(
    people: People, doctor: Person, open_room: OpenRoom, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient, room = await people.patient(), await open_room(doctor)
    _, page = await talking(room, patient, doctor, qtbot)
    now = datetime.now(UTC)
    card = PatientCard(patient.account_id, cards.report_card(now - timedelta(days=400), now))
    assert card.card.report_window.start_time.ToDatetime(UTC) == now - timedelta(days=90)  # as much as can be sent
    grip = CardGrip(lambda: card)
    qtbot.addWidget(grip)
    grip.show()
    taken_up = list[PatientCard | None]()
    # Offscreen there is no mouse of the system's that could carry it on.
    monkeypatch.setattr(QDrag, "exec", lambda drag, _: taken_up.append(cards.card_of(drag.mimeData())))
    clipboard = QApplication.clipboard()
    clipboard.setText("before")
    begin = grip.rect().center()
    QTest.mousePress(grip, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, begin)
    QTest.mouseMove(grip, begin + QPoint(2, 0))
    assert not taken_up
    QTest.mouseMove(grip, begin + QPoint(40, 0))
    QTest.mouseRelease(grip, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, begin)
    assert taken_up == [card]
    assert cards.card_of(clipboard.mimeData()) is None  # it was not pressed
    QTest.keyClick(grip, Qt.Key.Key_Space)
    assert page.talk is not None
    page.talk.composer.field.paste()
    assert room.talk is not None
    assert room.talk.tray.cards == (card.card,)


async def test_the_same_cards_wait_in_every_window(
    people: People, doctor: Person, open_room: OpenRoom, qtbot: QtBot
) -> None:
    patient, room = await people.patient(), await open_room(doctor)
    consultation_id, page = await talking(room, patient, doctor, qtbot)
    beside = ConsultPage(room)
    qtbot.addWidget(beside)
    beside.show()
    assert page.talk is not None
    assert beside.talk is not None
    now = datetime.now(UTC)
    page.talk.composer.add_card(cards.readings_card(now - timedelta(days=1), now))
    async with listening(patient, consultation_id) as ear:
        beside.talk.composer.send()
        page.talk.composer.send()
        page.talk.composer.put_text("after")
        page.talk.composer.send()
        await until(lambda: ear.texts()[-1:] == ["after"])
        assert len(cards_of(ear)) == 1


def test_a_card_that_was_copied_ends_with_the_app() -> None:
    """Whoever leaves it to Qt crashes at the end."""
    copy = (
        "from PySide6.QtWidgets import QApplication\n"
        "from clients.clinician.views.consult import card_grip, cards\n"
        "application = QApplication([])\n"
        "card = cards.PatientCard('somebody', cards.plan_card('plan', 1))\n"
        "application.clipboard().setMimeData(cards.card_mime(card))\n"
        "card_grip.forget_copied()\n"
        "assert cards.card_of(application.clipboard().mimeData()) is None\n"
    )
    subprocess.run([sys.executable, "-c", copy], check=True, timeout=PATIENCE)
