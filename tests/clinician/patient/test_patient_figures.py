"""The figures of a real report, the page to print in a file, and what is said when there are none."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ, SCOPE_REPORT_READ
from apricot.glucose.v1.report_pb2 import (
    SUFFICIENCY_SPARSE,
    SUFFICIENCY_SUFFICIENT,
    TARGET_PRESET_ADULT,
    TARGET_PRESET_OLDER,
)
from pypdf import PdfReader
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from clients.clinician.models.identity import Identity, identity_of
from clients.clinician.models.patient.figures import FiguresModel, Goals, Standing
from clients.clinician.views.patient.days_tab import DaysTab
from clients.clinician.views.patient.figures_bar import FiguresBar
from clients.clinician.views.patient.metrics_tab import MetricsTab
from clients.clinician.views.patient.profile_tab import ProfileTab
from clients.sdk.entries import Recorder
from tests.clinician.conftest import OpenDesk
from tests.clinician.loop.parts import known_patient
from tests.kit.running import until
from tests.people import People, Person


async def _patient(people: People, clinician: Person, days: float) -> Person:
    """Of a sensor that read for so many days: 150, and 60 in the first hour of each 24."""
    patient = await people.patient()
    sensor, now = Recorder.of_device(patient.account_id, "sensor/1", "Asia/Shanghai"), datetime.now(UTC)
    readings = [
        sensor.sensor_reading(now - timedelta(minutes=5 * place), 60 if place % 288 < 12 else 150)
        for place in range(int(days * 288))
    ]
    await patient.session.upload(patient.account_id, readings)
    await patient.grant(clinician, SCOPE_REPORT_READ, SCOPE_GLUCOSE_READ)
    return patient


def _bar(tab: QWidget) -> FiguresBar:
    (bar,) = tab.findChildren(FiguresBar)
    return bar


async def test_figures_are_those_of_the_report_and_other_windows_and_targets_are_asked_for_anew(
    people: People, clinician: Person, open_desk: OpenDesk, qtbot: QtBot
) -> None:
    patient = await _patient(people, clinician, 15)
    desk = await open_desk(clinician)
    figures = FiguresModel(desk, patient.account_id)
    (
        metrics,
        days,
        profile,
    ) = MetricsTab(figures), DaysTab(figures), ProfileTab(figures)
    for tab in metrics, days, profile:
        qtbot.addWidget(tab)
    figures.open()
    assert _bar(metrics).age.text() == "Loading …"
    await until(lambda: figures.standing is Standing.READY)
    assert figures.summary is not None
    assert figures.summary.sufficiency == SUFFICIENCY_SUFFICIENT
    assert len(figures.bins) == 96
    assert [one.curve.local_date for one in days.days] == [one.local_date for one in figures.curves]
    assert 13 <= len(days.days) <= 14
    assert metrics.cards["mean"].value.text() == "8.1"
    assert "met" in metrics.cards["cv"].verdict.accessibleName()
    assert metrics.cards["lows"].value.text() == str(sum(event.band <= 2 for event in figures.summary.events))
    assert "As of" in _bar(metrics).age.text()
    missed = {bool(one.met) for one in figures.summary.targets}
    assert missed == {True, False}

    figures.choose(90, Goals.OLDER)
    assert figures.summary is None
    await until(lambda: figures.standing is Standing.READY)
    assert figures.summary.sufficiency == SUFFICIENCY_SUFFICIENT, "the last 14 days decide"
    assert figures.summary.preset == TARGET_PRESET_OLDER
    assert "Enough data" in _bar(metrics).sufficiency.text()


async def test_keys_choose_the_window(people: People, clinician: Person, open_desk: OpenDesk, qtbot: QtBot) -> None:
    patient = await _patient(people, clinician, 1)
    figures = FiguresModel(await open_desk(clinician), patient.account_id)
    tab = ProfileTab(figures)
    qtbot.addWidget(tab)
    tab.show()
    tab.activateWindow()
    figures.open()
    await until(lambda: figures.standing is Standing.READY)
    tab.page.bar.refresh.setFocus()
    QTest.keyClick(tab.page.bar.refresh, Qt.Key.Key_2)
    await until(lambda: figures.days == 30 and figures.standing is Standing.READY)
    assert figures.summary is not None
    assert figures.summary.sufficiency == SUFFICIENCY_SPARSE
    assert "Not enough data" in _bar(tab).sufficiency.text()
    assert (figures.summary.end_time.ToDatetime() - figures.summary.start_time.ToDatetime()).days in (29, 30)


async def test_figures_are_as_old_as_they_are_until_somebody_refreshes(
    people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    patient = await _patient(people, clinician, 1)
    figures = FiguresModel(await open_desk(clinician), patient.account_id)
    figures.open()
    await until(lambda: figures.standing is Standing.READY)
    assert figures.summary is not None
    count, as_of = figures.summary.readings_count, figures.as_of
    sensor = Recorder.of_device(patient.account_id, "sensor/1", "Asia/Shanghai")
    await patient.session.log(patient.account_id, [sensor.sensor_reading(datetime.now(UTC), 100)])
    assert (figures.summary.readings_count, figures.as_of) == (count, as_of)
    figures.refresh()
    await until(lambda: figures.standing is Standing.READY)
    assert figures.summary.readings_count == count + 1
    assert as_of is not None
    assert figures.as_of is not None
    assert figures.as_of > as_of


async def test_reports_that_are_not_shared_are_said_to_be_so(
    people: People, clinician: Person, open_desk: OpenDesk, qtbot: QtBot
) -> None:
    patient = await people.patient()
    await patient.grant(clinician, SCOPE_GLUCOSE_READ)
    figures = FiguresModel(await open_desk(clinician), patient.account_id)
    tab = ProfileTab(figures)
    qtbot.addWidget(tab)
    figures.open()
    await until(lambda: figures.standing is Standing.NOT_SHARED)
    assert "not shared" in tab.page.why.text()
    assert tab.page.why.isVisibleTo(tab)


async def test_a_patient_without_readings_has_unknown_figures(
    people: People, clinician: Person, open_desk: OpenDesk, qtbot: QtBot
) -> None:
    patient = await _patient(people, clinician, 0)
    figures = FiguresModel(await open_desk(clinician), patient.account_id)
    tab = MetricsTab(figures)
    qtbot.addWidget(tab)
    figures.open()
    await until(lambda: figures.standing is Standing.READY)
    assert {tab.cards[name].value.text() for name in ("mean", "gmi", "cv", "gri", "extremes")} == {"unknown"}
    assert "No readings" in _bar(tab).sufficiency.text()


async def test_the_report_is_saved_where_she_says_in_her_unit(
    people: People, clinician: Person, open_desk: OpenDesk, qtbot: QtBot, tmp_path: Path
) -> None:
    patient = await _patient(people, clinician, 2)
    figures = FiguresModel(await open_desk(clinician), patient.account_id)
    tab = MetricsTab(figures)
    qtbot.addWidget(tab)
    tab.show()
    figures.open()
    await until(lambda: figures.standing is Standing.READY)
    QTest.mouseClick(tab.print, Qt.MouseButton.LeftButton)
    (dialog,) = tab.findChildren(QFileDialog)
    await until(dialog.isVisible)
    path = tmp_path / "report.pdf"
    dialog.fileSelected.emit(str(path))
    dialog.close()
    await until(lambda: str(path) in tab.told.text())
    text = "".join(page.extract_text() for page in PdfReader(path).pages)
    assert "mmol/L" in text
    assert identity_of(None, patient.account_id).record_number in text

    tab.save(str(tmp_path / "nowhere" / "report.pdf"))
    await until(lambda: "not saved" in tab.told.text())
    assert tab.print.isEnabled()


async def test_goals_of_the_young_are_chosen_for_them(people: People, clinician: Person, open_desk: OpenDesk) -> None:
    patient = await known_patient(people, birth_date="2012-05-14")
    await patient.grant(clinician, SCOPE_REPORT_READ, SCOPE_GLUCOSE_READ)
    desk = await open_desk(clinician)
    await until(lambda: patient.account_id in desk.feed.patients)
    figures = FiguresModel(desk, patient.account_id)
    assert figures.goals is Goals.YOUNG
    assert figures.goals.preset == TARGET_PRESET_ADULT
    assert FiguresModel(desk, str(uuid4())).goals is Goals.ADULT, "nobody knows the age"


@pytest.mark.parametrize(
    ("birth_date", "age"),
    [("2008-12-01", 18), ("2008-12-02", 18), ("2008-12-03", 17), ("2008", 17), ("", None)],
)
def test_age_is_counted_in_whole_years(birth_date: str, age: int | None) -> None:
    assert Identity("", birth_date=birth_date).age_years(date(2026, 12, 2)) == age
