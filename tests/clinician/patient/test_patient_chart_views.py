"""The chart as somebody uses it: keys, wheel, mouse, what it says, and that a low is never lost to the eye."""

from datetime import UTC, datetime, timedelta
from functools import partial

import numpy as np
import pytest
from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ, SCOPE_MEAL_READ
from apricot.glucose.v1.alert_pb2 import ALERT_RULE_URGENT_LOW, ALERT_URGENCY_URGENT, Alert
from apricot.glucose.v1.entry_pb2 import GLUCOSE_UNIT_MMOL_PER_L
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from clients.clinician.models.desk import Desk
from clients.clinician.models.patient.chart import ChartModel, Loading
from clients.clinician.models.settings import Unit
from clients.clinician.views import words
from clients.clinician.views.patient.chart_tab import RANGES, ChartTab
from clients.clinician.views.patient.header import PatientHeader
from clients.clinician.views.theme import theme
from tests.clinician.patient.scene import METER, NOW, SENSOR, Clock, chart_of
from tests.kit.running import until

MINUTE = timedelta(minutes=1)


@pytest.fixture
def model(still_desk: Desk) -> ChartModel:
    return chart_of(still_desk)


@pytest.fixture
def tab(model: ChartModel, qtbot: QtBot) -> ChartTab:
    model.record.put([SENSOR.sensor_reading(NOW - 5 * place * MINUTE, 120) for place in range(600)])
    made = ChartTab(model)
    qtbot.addWidget(made)
    made.resize(1300, 800)
    made.show()
    made.activateWindow()
    made.canvas.setFocus()
    return made


def _shows(tab: ChartTab, seconds: float) -> bool:
    return tab.canvas.span.seconds == seconds


def _wheel(tab: ChartTab, notches: float, at: QPointF) -> None:
    event = QWheelEvent(
        at, tab.canvas.mapToGlobal(at), QPoint(), QPoint(0, int(120 * notches)), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(tab.canvas, event)


def _seen(image: QImage, colour: QColor) -> int:
    """How many pixels have just this colour."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1) & 0xFFFFFF
    return int((pixels == (colour.rgb() & 0xFFFFFF)).sum())


async def test_keys_choose_the_range_up_to_now(tab: ChartTab, qtbot: QtBot) -> None:
    for place, seconds in enumerate(RANGES):
        QTest.keyClick(tab.canvas, Qt.Key(Qt.Key.Key_1.value + place))
        await until(partial(_shows, tab, seconds))
        frame = tab.canvas.frame
        assert frame.plot.left() < frame.x(NOW.timestamp()) < frame.plot.right()


async def test_it_follows_the_clock_until_somebody_pans_away_and_again_from_home(
    tab: ChartTab, qtbot: QtBot, still_desk: Desk, clock: Clock
) -> None:
    start = tab.canvas.span.start
    clock.now += 30 * MINUTE
    still_desk.second.emit()
    assert tab.canvas.span.start == pytest.approx(start + 1800)
    QTest.keyClick(tab.canvas, Qt.Key.Key_Left)
    await until(lambda: not tab.canvas.follows)
    start = tab.canvas.span.start
    clock.now += 30 * MINUTE
    still_desk.second.emit()
    assert tab.canvas.span.start == start
    assert tab.to_now.isEnabled()
    QTest.keyClick(tab.canvas, Qt.Key.Key_Home)
    await until(lambda: tab.canvas.follows)
    assert tab.canvas.span.end > clock.now.timestamp()
    assert not tab.to_now.isEnabled()


async def test_dragging_pans_along_time_and_never_into_the_future(tab: ChartTab, qtbot: QtBot) -> None:
    canvas, before = tab.canvas, tab.canvas.span
    seconds = canvas.frame.seconds_a_pixel
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(400, 100))
    QTest.mouseMove(canvas, QPoint(600, 300))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(600, 300))
    await until(lambda: canvas.span != before)
    assert canvas.span.start == pytest.approx(before.start - 200 * seconds)
    canvas.pan(+50)
    assert canvas.span == before


async def test_the_wheel_zooms_around_the_mouse(tab: ChartTab) -> None:
    tab.canvas.pan(-1)
    at = QPointF(500, 200)
    instant, seconds = tab.canvas.frame.seconds_at(at.x()), tab.canvas.span.seconds
    _wheel(tab, 3, at)
    assert tab.canvas.span.seconds < seconds
    assert tab.canvas.frame.seconds_at(at.x()) == pytest.approx(instant, abs=1)
    _wheel(tab, -200, at)
    assert tab.canvas.span.seconds == RANGES[-1]


async def test_the_mouse_reads_value_level_and_the_patients_time(
    tab: ChartTab, model: ChartModel, qtbot: QtBot
) -> None:
    low = METER.fingerstick_reading(NOW - 90 * MINUTE, 2.7, GLUCOSE_UNIT_MMOL_PER_L)
    model.record.put([low])
    model.changed.emit()
    frame = tab.canvas.frame
    x, y = frame.x(low.time.ToDatetime(UTC).timestamp()), frame.y(2.7 * 18)
    QTest.mouseMove(tab.canvas, QPoint(round(x), round(y)))
    await until(lambda: "2.7" in tab.readout.text())
    assert tab.readout.text() == "2.7 mmol/L · Very low · Fingerstick · Tue 24 Nov 13:05 (Asia/Shanghai)"
    model.desk.settings.unit = Unit.MG_PER_DL
    QTest.mouseMove(tab.canvas, QPoint(round(x) + 1, round(y)))
    await until(lambda: tab.readout.text().startswith("49 mg/dL"))


async def test_the_keyboard_reads_reading_after_reading(tab: ChartTab, qtbot: QtBot) -> None:
    QTest.keyClick(tab.canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: "14:35" in tab.readout.text())
    QTest.keyClick(tab.canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: "14:30" in tab.readout.text())
    QTest.keyClick(tab.canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: "14:35" in tab.readout.text())
    assert tab.canvas.accessibleName() == tab.readout.text()


async def test_the_mouse_reads_what_is_in_a_lane(tab: ChartTab, model: ChartModel, qtbot: QtBot) -> None:
    model.record.put([SENSOR.meal(NOW - 60 * MINUTE, 45, description="rice")])
    model.changed.emit()
    frame = tab.canvas.frame
    x = round(frame.x((NOW - 60 * MINUTE).timestamp()))
    QTest.mouseMove(tab.canvas, QPoint(x, round(frame.lanes.top()) + 48))
    await until(lambda: "rice" in tab.readout.text())
    assert tab.readout.text() == "Meal 45 g rice · Tue 24 Nov 13:35 (Asia/Shanghai)"


async def test_one_very_low_reading_is_seen_among_90_days_of_each_minute(model: ChartModel, qtbot: QtBot) -> None:
    def drawn(low: bool) -> QImage:
        values = [41 if low and place == 77_777 else 120 for place in range(129_600)]
        rows = np.zeros(len(values), model.record.readings.rows.dtype)
        rows["time"] = [round((NOW - place * MINUTE).timestamp() * 1e6) for place in range(len(values))][::-1]
        rows["mg_per_dl"] = rows["value"] = values[::-1]
        entry = SENSOR.sensor_reading(NOW, 41), SENSOR.sensor_reading(NOW, 120)
        levels = model.record.readings.rows_of(entry)["level"]
        rows["level"] = np.where(rows["value"] == 41, levels[0], levels[1])
        model.record.readings.replace(0, None, rows[:0])
        model.record.readings.rows = rows
        tab = ChartTab(model)
        qtbot.addWidget(tab)
        tab.resize(1300, 800)
        tab.choose(8)
        return tab.canvas.grab().toImage()

    assert _seen(drawn(False), QColor(theme().very_low)) == 0
    assert _seen(drawn(True), QColor(theme().very_low)) >= 9


async def test_no_line_is_drawn_over_a_gap(model: ChartModel, qtbot: QtBot) -> None:
    def muted(gap: int) -> int:
        model.record.readings.replace(0, None, model.record.readings.rows[:0])
        model.record.put(
            [
                SENSOR.sensor_reading(NOW - 100 * MINUTE, 120),
                SENSOR.sensor_reading(NOW - (100 - gap) * MINUTE, 120),
            ]
        )
        tab = ChartTab(model)
        qtbot.addWidget(tab)
        tab.resize(1300, 800)
        tab.choose(0)
        image, frame = tab.canvas.grab().toImage(), tab.canvas.frame
        middle = frame.x((NOW - (100 - gap / 2) * MINUTE).timestamp())
        y = round(frame.y(120))
        return len({image.pixelColor(round(middle), each).name() for each in range(y - 4, y + 5)})

    assert muted(18) > 1
    assert muted(22) == 1


async def test_what_is_not_shared_is_said_in_words(still_desk: Desk, qtbot: QtBot) -> None:
    model = chart_of(still_desk, ())
    model.loading = Loading.CLOSED
    tab, header = ChartTab(model), PatientHeader(model)
    qtbot.addWidget(tab)
    qtbot.addWidget(header)
    assert not tab.canvas.isVisibleTo(tab)
    assert header.age.text() == "Glucose not shared with you"
    assert header.alerts.text() == "Alerts not shared with you"
    both = chart_of(still_desk, (SCOPE_MEAL_READ,)), chart_of(still_desk, (SCOPE_GLUCOSE_READ, SCOPE_MEAL_READ))
    pictures = []
    for each in both:
        tab = ChartTab(each)
        qtbot.addWidget(tab)
        tab.resize(1300, 800)
        pictures.append(tab.canvas.grab().toImage())
    assert pictures[0] != pictures[1]


async def test_the_header_says_who_and_how_she_is_now(model: ChartModel, qtbot: QtBot, clock: Clock) -> None:
    model.record.put([SENSOR.sensor_reading(NOW - 5 * place * MINUTE, 60 + 12 * place) for place in range(5)])
    low = Alert(alert_id="1", rule=ALERT_RULE_URGENT_LOW, urgency=ALERT_URGENCY_URGENT)
    low.raise_time.FromDatetime(NOW - 7 * MINUTE)
    model.keep_alert(low)
    header = PatientHeader(model)
    qtbot.addWidget(header)
    assert header.name.text() == "Li Haoran"
    assert "14:35" in header.about.text()
    assert "Asia/Shanghai" in header.about.text()
    assert header.value.text() == "3.3 ↓"
    assert header.age.text() == "mmol/L · Low · now"
    assert header.alerts.text() == "Urgent low"
    assert header.alerts_more.text() == f"since {words.clock(clock.now - 7 * MINUTE)}"
    clock.now += 20 * MINUTE
    model.desk.second.emit()
    assert header.value.text() == "3.3"  # what is old has no direction
    assert header.age.text() == "mmol/L · Low · 20 min · old"


async def test_the_status_says_what_is_loaded(tab: ChartTab, model: ChartModel) -> None:
    assert tab.status.text().endswith("600 readings")
    model.loading, model.loaded_since = Loading.LOADING, datetime(2026, 11, 20, tzinfo=UTC)
    model.changed.emit()
    assert tab.status.text() == "Loading … back to Fri 20 Nov 08:00, 600 readings"
    model.loading = Loading.WAITING
    model.changed.emit()
    assert "does not answer" in tab.status.text()
