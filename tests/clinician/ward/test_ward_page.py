"""The page, by its keys and the mouse."""

from collections.abc import Callable

import pytest
from apricot.glucose.v1.alert_pb2 import ALERT_RULE_URGENT_LOW
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from clients.clinician.models.ward.needs import Grouping
from clients.clinician.models.ward.row import Filter
from clients.clinician.views.theme import theme
from clients.clinician.views.ward.heads import Heads
from clients.clinician.views.ward.page import WardPage
from tests.clinician.ward.conftest import Handfed
from tests.clinician.ward.told import ME, alert, alerted, logged, patient, reading, snapshot
from tests.kit.running import until

ANNA, BERT, CARL = (patient(number, name) for number, name in enumerate(["Anna", "Bert", "Carl"], 1))
KEY, NONE, CONTROL = Qt.Key, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier

type Press = Callable[..., None]


@pytest.fixture
async def page(handfed: Handfed, qtbot: QtBot) -> WardPage:
    """Anna high, Bert and Carl in range; the list has the focus."""
    handfed.admit(ANNA, BERT, CARL)
    for one, value in (ANNA, 200), (BERT, 110), (CARL, 120):
        handfed.tell(snapshot(one, reading(1, 1, value)))
    await until(lambda: handfed.model.count(Filter.HIGH) == 1)
    made = WardPage(handfed.desk, handfed.model)
    qtbot.addWidget(made)
    made.resize(1352, 900)
    made.show()
    made.activateWindow()
    made.list.setFocus()
    await until(made.list.hasFocus)
    return made


@pytest.fixture
def opened(page: WardPage) -> list[tuple[str, str]]:
    """What was asked to be opened."""
    found: list[tuple[str, str]] = []
    page.patient_chosen.connect(lambda patient_id: found.append(("here", patient_id)))
    page.patient_chosen_apart.connect(lambda patient_id: found.append(("apart", patient_id)))
    return found


async def test_keys_walk_the_rows_and_open_them(page: WardPage, opened: list[tuple[str, str]]) -> None:
    assert page.list.chosen == ANNA.patient_id
    QTest.keyClick(page.list, KEY.Key_J)
    QTest.keyClick(page.list, KEY.Key_Down)
    assert page.list.chosen == CARL.patient_id
    QTest.keyClick(page.list, KEY.Key_J)
    QTest.keyClick(page.list, KEY.Key_K)
    assert page.list.chosen == BERT.patient_id
    QTest.keyClick(page.list, KEY.Key_Return)
    QTest.keyClick(page.list, KEY.Key_Return, CONTROL)
    assert opened == [("here", BERT.patient_id), ("apart", BERT.patient_id)]


async def test_the_chosen_patient_stays_chosen_where_the_row_goes(
    handfed: Handfed, page: WardPage, opened: list[tuple[str, str]]
) -> None:
    QTest.keyClick(page.list, KEY.Key_J)
    handfed.tell(logged(CARL, reading(2, 0, 40)))
    await until(lambda: handfed.names == ["Carl", "Anna", "Bert"])
    assert page.list.chosen == BERT.patient_id
    handfed.model.narrow(Filter.LOW)
    assert page.list.chosen is None  # and not the neighbour
    QTest.keyClick(page.list, KEY.Key_Return)
    assert opened == []


async def test_a_double_click_opens_whom_its_first_click_was_on(
    handfed: Handfed, page: WardPage, opened: list[tuple[str, str]]
) -> None:
    viewport, second = page.list.viewport(), QPoint(300, 52 + 26)
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, NONE, second)
    assert page.list.chosen == BERT.patient_id
    handfed.tell(alerted(CARL, alert(1, ALERT_RULE_URGENT_LOW, urgent=True, of=CARL)))
    await until(lambda: handfed.names == ["Carl", "Anna", "Bert"])
    QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, NONE, second)
    assert opened == [("here", BERT.patient_id)]
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, NONE, second)
    QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, CONTROL, second)
    assert opened[-1] == ("apart", ANNA.patient_id)


async def test_digits_filter_and_g_groups(handfed: Handfed, page: WardPage) -> None:
    for place, (chip, filter_) in enumerate(zip(page.narrowing.chips, Filter, strict=True), 1):
        QTest.keyClick(page.list, getattr(KEY, f"Key_{place}"))
        await until(lambda filter_=filter_: handfed.model.filter is filter_)  # type: ignore[misc]
        assert chip.isChecked()
        assert f"({place})" in chip.toolTip()
        page.list.setFocus()
    QTest.keyClick(page, KEY.Key_1)
    for grouping in Grouping.LEVEL, Grouping.OWNER, Grouping.NOTHING:
        QTest.keyClick(page.list, KEY.Key_G)
        await until(lambda grouping=grouping: handfed.model.grouping is grouping)  # type: ignore[misc]


async def test_slash_searches_and_escape_leaves(handfed: Handfed, page: WardPage) -> None:
    QTest.keyClick(page.list, KEY.Key_Slash)
    await until(page.narrowing.search.hasFocus)
    QTest.keyClicks(page.narrowing.search, "car1")
    assert handfed.names == []
    assert handfed.model.filter is Filter.ALL  # a digit in a name is no filter
    QTest.keyClick(page.narrowing.search, KEY.Key_Backspace)
    assert handfed.names == ["Carl"]
    QTest.keyClick(page.narrowing.search, KEY.Key_Return)
    await until(page.list.hasFocus)
    assert page.list.chosen == CARL.patient_id
    QTest.keyClick(page.list, KEY.Key_F, CONTROL)
    await until(page.narrowing.search.hasFocus)
    QTest.keyClick(page.narrowing.search, KEY.Key_Escape)
    await until(page.list.hasFocus)
    assert len(handfed.names) == 3
    assert page.list.chosen == CARL.patient_id


async def test_an_empty_list_says_why(handfed: Handfed, page: WardPage) -> None:
    handfed.model.narrow(search="nobody")
    assert "No patient matches" in _shown(page)
    handfed.model.narrow(search="")
    handfed.admit()
    assert "No patients yet" in _shown(page)
    handfed.admit(ANNA)
    assert _shown(page) == ""


async def test_a_row_is_said_as_it_is_seen(handfed: Handfed, page: WardPage) -> None:
    handfed.tell(
        snapshot(ANNA, reading(1, 10, 81), reading(2, 5, 70), reading(3, 0, 50)),
        alerted(ANNA, alert(1, ALERT_RULE_URGENT_LOW, urgent=True, of=ANNA)),
    )
    await until(lambda: handfed.model.count(Filter.URGENT) == 1)
    said = handfed.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == (
        "Anna, birth date unknown · sex unknown · no. 0000 0000, "
        "Very low, 2.8 mmol/L, falling very fast, −1.1 since the last reading, measured: now, urgent alert, "
        "Urgent low, Not acknowledged"
    )
    handfed.tell(snapshot(ANNA, reading(1, 60, 80)))
    await until(lambda: handfed.model.count(Filter.OLD) == 1)
    position = handfed.model.position_of(ANNA.patient_id)
    assert position is not None
    said = handfed.model.index(position).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == (
        "Anna, birth date unknown · sex unknown · no. 0000 0000, "
        "Old reading, was: In range, 4.4 mmol/L, measured: 1 h, sensor silent"
    )


async def test_what_is_not_shared_is_no_missing_reading(handfed: Handfed, page: WardPage) -> None:
    closed = patient(4, "Dora")
    closed.ClearField("scopes")
    handfed.admit(ANNA, closed)
    handfed.tell(snapshot(closed))
    position = handfed.model.position_of(closed.patient_id)
    assert position is not None
    assert handfed.model.index(position).data(Qt.ItemDataRole.AccessibleTextRole) == (
        "Dora, birth date unknown · sex unknown · no. 0000 0000, Not shared"
    )


async def test_each_head_tells_what_stands_below_it(page: WardPage) -> None:
    heads = page.findChild(Heads)
    assert heads is not None
    tips = {heads.tip_at(QPoint(x, 8)) for x in range(0, heads.width(), 8)}
    assert any("24 hours" in tip and "does not share reports" in tip for tip in tips)


async def test_every_state_of_a_row_can_be_painted(handfed: Handfed, page: WardPage) -> None:
    """In each grouping, with each kind of alert: what would fail there fails here."""
    handfed.tell(
        snapshot(ANNA, reading(1, 90, 80, finger=True), reading(2, 60, 200), reading(3, 0, 50)),
        alerted(ANNA, alert(1, ALERT_RULE_URGENT_LOW, urgent=True, of=ANNA)),
        alerted(BERT, alert(2, ALERT_RULE_URGENT_LOW, held_by=ME, of=BERT)),
        snapshot(CARL, reading(1, 60, 80)),
    )
    await until(lambda: handfed.model.count(Filter.OLD) == 1)
    for grouping in Grouping:
        handfed.model.narrow(grouping=grouping)
        picture = page.grab().toImage()
        colors = {picture.pixelColor(3 * 8 + 2, y).name() for y in range(picture.height())}
        assert theme().urgent in colors  # the edge of the row that presses


def _shown(page: WardPage) -> str:
    return page._empty.text() if page._empty.isVisible() else ""
