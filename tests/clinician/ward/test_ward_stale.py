"""A lost connection cannot be taken for calm, and a click means the row it was aimed at."""

from pathlib import Path

import grpc
import pytest
from cryptography.fernet import Fernet
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from clients.clinician.models.desk import Desk
from clients.clinician.models.drafts import Drafts
from clients.clinician.models.rest import REST_SECONDS
from clients.clinician.models.ward.row import Filter
from clients.clinician.models.workplace import Workplace
from clients.clinician.views.shell.cover import Cover
from clients.clinician.views.theme import theme
from clients.clinician.views.ward.page import WardPage
from clients.sdk import ApricotError, Reason
from tests.clinician.alerts import made
from tests.clinician.ward.conftest import Handfed
from tests.clinician.ward.told import alerted, patient, reading, snapshot
from tests.kit.running import until

ANNA, BERT = patient(1, "Anna"), patient(2, "Bert")
LOST = ApricotError(Reason.REASON_UNAVAILABLE, grpc.StatusCode.UNAVAILABLE, "")


@pytest.fixture
async def page(handfed: Handfed, qtbot: QtBot) -> WardPage:
    """Anna high, Bert in range."""
    handfed.admit(ANNA, BERT)
    for one, value in (ANNA, 200), (BERT, 110):
        handfed.tell(snapshot(one, reading(1, 1, value)))
    await until(lambda: handfed.model.count(Filter.HIGH) == 1)
    made_page = WardPage(handfed.desk, handfed.model)
    qtbot.addWidget(made_page)
    made_page.resize(1352, 900)
    made_page.show()
    return made_page


def colors_of(page: WardPage) -> set[str]:
    image = page.grab().toImage()
    pixels = image.convertToFormat(QImage.Format.Format_RGB32).constBits()
    return {f"#{pixel & 0xFFFFFF:06x}" for pixel in set(memoryview(pixels).cast("I"))}


async def test_offline_ward_is_grey_and_says_so(handfed: Handfed, page: WardPage) -> None:
    high, in_range = theme().high, theme().in_range
    assert {high, in_range} <= colors_of(page)
    handfed.desk.connection.lost(LOST)
    assert not {high, in_range} & colors_of(page)
    said = handfed.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "Not live, was: High" in said
    handfed.desk.connection.nobody_to_watch()
    assert {high, in_range} <= colors_of(page)


async def test_offline_lock_shows_the_loss_and_counts_large(quiet_desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    workplace = Workplace(quiet_desk, Drafts(tmp_path, "nobody", Fernet.generate_key()), locked=True)
    quiet_desk.feed.patients = {made.PATIENT: patient(3, "Carl")}
    cover = Cover(workplace)
    qtbot.addWidget(cover)
    cover.show()
    assert not cover.stale.isVisible()
    update = alerted(ANNA, made.alert())
    quiet_desk.feed.updated.emit(update)
    quiet_desk.connection.lost(LOST)
    await until(lambda: cover.urgent.text() == "1")
    assert cover.urgent.isVisible()
    assert cover.urgent.height() > 60
    assert "New lows do not appear" in cover.stale.text()


async def test_clicks_rest_after_rows_have_moved(handfed: Handfed, page: WardPage) -> None:
    seconds = [10.0]
    handfed.desk.steady = lambda: seconds[0]
    bert = handfed.model.position_of(BERT.patient_id)
    assert bert is not None
    place = page.list.visualRect(handfed.model.index(bert)).center()
    handfed.tell(snapshot(BERT, reading(2, 0, 50)))
    await until(lambda: handfed.model.position_of(BERT.patient_id) == 0)
    QTest.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert page.list.chosen != ANNA.patient_id, "the click was meant for Bert, who is elsewhere now"
    seconds[0] += REST_SECONDS
    QTest.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert page.list.chosen == ANNA.patient_id


async def test_ward_hands_the_focus_to_its_list(page: WardPage) -> None:
    page.activateWindow()
    page.setFocus()
    await until(page.list.hasFocus)
