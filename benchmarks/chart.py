"""`chart`: 130,000 readings on the clinician's chart, 90 days in sight, panned and zoomed: the time of a frame, drawn
without a screen at 1440×900, beside what a screen of 60 frames a second leaves for it."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from math import exp, sin
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from apricot.glucose.v1.entry_pb2 import INSULIN_KIND_RAPID, Entry
from apricot.identity.v1.account_pb2 import Account
from apricot.identity.v1.care_pb2 import Patient
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from benchmarks.meter import Meter
from benchmarks.options import Options, say
from benchmarks.requests import new_id
from benchmarks.results import STRANGERS, Goal, Line, Repeat, median_of, percentile
from clients.clinician.models.desk import Desk
from clients.clinician.models.patient.chart import ChartModel, Loading
from clients.clinician.models.settings import Settings
from clients.clinician.views import theme
from clients.clinician.views.patient.chart_tab import RANGES, ChartTab
from clients.sdk import Apricot, SavedSession
from clients.sdk.entries import Recorder

READINGS, DAYS, FRAMES, SIZE = 130_000, 90, 300, (1440, 900)
FRAME_MS = 1000 / 60
_TURN = 50
"""Frames in one direction, then back."""


def _pan(tab: ChartTab, back: bool) -> None:
    tab.canvas.pan(0.002 if back else -0.002)


def _zoom(tab: ChartTab, back: bool) -> None:
    tab.canvas.zoom(1 / 0.96 if back else 0.96)


_MOVES = {"pan": _pan, "zoom": _zoom}


async def run(options: Options) -> list[Line]:
    """Measure it."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    theme.wear(application, theme.DARK)
    now, patient = datetime.now(UTC), new_id()
    repeats: list[Repeat] = []
    with TemporaryDirectory() as folder:
        settings = Settings(QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat))
        async with Apricot("127.0.0.1:1") as nobody:
            desk = Desk(nobody.resume(SavedSession("", "")), Account(), settings)
            desk.feed.patients = {patient: Patient(patient_id=patient, time_zone="Asia/Shanghai")}
            model = ChartModel(desk, patient)
            model.look_back_to(now - timedelta(days=400))
            model.record.put(_diary(now))
            model.loaded_since, model.loading = now - timedelta(days=400), Loading.READY
            tab = ChartTab(model)
            tab.resize(*SIZE)
            tab.show()
            for _ in range(options.repeats):
                tab.choose(len(RANGES) - 1)
                assert tab.canvas.span.seconds == DAYS * 86400
                meter = Meter({})
                repeat: Repeat = {}
                for name, move in _MOVES.items():
                    passed, used = _frames(tab, partial(move, tab), options)
                    repeat |= {f"{name} p50 ms": percentile(passed, 50), f"{name} p99 ms": percentile(passed, 99)}
                    repeat |= {f"{name} p50 ms of processor": percentile(used, 50)}
                repeats.append(repeat)
                repeats[-1][STRANGERS] = meter.read().strangers
                say(f"chart: {repeats[-1]}")
            tab.close()
    what = f"a frame of the chart with {READINGS:,} readings, {DAYS} days in sight, panned, p99"
    return [Line("chart", what, median_of(repeats, "pan p99 ms"), "ms", Goal("most", round(FRAME_MS, 1)), repeats)]


def _frames(tab: ChartTab, move: Callable[[bool], None], options: Options) -> tuple[list[float], list[float]]:
    """Milliseconds of each, by the clock and of processor: the move, and all that is painted for it, into a picture."""
    passed: list[float] = []
    used: list[float] = []
    for number in range(options.many(FRAMES)):
        began, worked = time.perf_counter(), time.thread_time()
        move(number // _TURN % 2 == 1)
        tab.canvas.grab()
        passed.append(1000 * (time.perf_counter() - began))
        used.append(1000 * (time.thread_time() - worked))
    return passed, used


def _diary(now: datetime) -> list[Entry]:
    """A reading each minute, and what goes with it: four meals and boluses a day."""
    random = Random(1)
    sensor, phone = Recorder.by_hand("bench/sensor", "Asia/Shanghai"), Recorder.by_hand("phone", "Asia/Shanghai")
    entries = []
    for minute in range(READINGS):
        swing = sum(60 * exp(-((((minute / 60) % 24 - hour) / 1.3) ** 2)) for hour in (8, 13, 19))
        value = 115 + swing + 30 * sin(minute / 4000) + random.gauss(0, 5)
        entries.append(sensor.sensor_reading(now - timedelta(minutes=minute), min(max(value, 40), 400)))
        if minute % 360 == 0:
            entries.append(phone.meal(now - timedelta(minutes=minute), random.randint(15, 90)))
            units = str(random.randint(2, 12))
            entries.append(phone.insulin_dose(now - timedelta(minutes=minute), INSULIN_KIND_RAPID, units))
    return entries
