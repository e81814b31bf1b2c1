"""The process of `board`: the ward's page on an offscreen screen, on the app's own loop, fed by a made-up watch."""

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, override

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import psutil
import qasync
from apricot.glucose.v1.watch_pb2 import WatchPatientsResponse
from apricot.identity.v1.account_pb2 import Account
from PySide6.QtCore import QEvent, QSettings
from PySide6.QtWidgets import QApplication, QWidget

from benchmarks.child import job, report
from benchmarks.results import percentile
from benchmarks.synthetic_ward import SyntheticWard
from clients.clinician.garbage import collected_between_events
from clients.clinician.models.desk import Desk
from clients.clinician.models.settings import Settings
from clients.clinician.models.ward.ward import Ward
from clients.clinician.models.ward.ward_model import WardModel
from clients.clinician.views import theme
from clients.clinician.views.ward.page import WardPage
from clients.sdk import Apricot, SavedSession

_EVENTS_A_TURN = 200
_CLEAR_SECONDS = 3.0
"""The first frames take in all snapshots; they are no part of the measure."""


class TimedWard(Ward):
    """Measures each frame: from the flush of what has come until all it changed is painted."""

    frames: list[float]
    """Milliseconds."""
    processor: list[float]
    """Of this process alone, milliseconds: a busy machine makes frames late, and these not."""
    window: QWidget

    @override
    def _show(self) -> None:
        began, worked = time.perf_counter(), time.process_time()
        super()._show()
        QApplication.sendPostedEvents(self.window, QEvent.Type.UpdateRequest)
        self.frames.append((time.perf_counter() - began) * 1000)
        self.processor.append((time.process_time() - worked) * 1000)


async def _run(given: dict[str, Any]) -> None:
    folder = tempfile.TemporaryDirectory()
    settings = Settings(QSettings(f"{folder.name}/settings.ini", QSettings.Format.IniFormat))
    made = SyntheticWard(given["patients"], datetime.now(UTC))
    async with Apricot("127.0.0.1:1", tls=False) as apricot:  # nobody is called: the feed is fed by hand
        session = apricot.resume(SavedSession(refresh_token="", refresh_request_id=""))
        desk = Desk(session, Account(account_id="me"), settings, now=lambda: made.now)
        desk.feed.patients = {patient.patient_id: patient for patient in made.patients}
        ward = TimedWard(desk)
        ward.frames, ward.processor = [], []
        page = ward.window = WardPage(desk, WardModel(ward))
        page.resize(1440, 900)
        page.show()
        for message in made.snapshots():
            desk.feed.updated.emit(message)
        await asyncio.sleep(_CLEAR_SECONDS)
        events = made.events()
        ward.frames.clear()
        ward.processor.clear()
        await _live(desk, made, events, given["per_second"], given["seconds"])
        report(
            p50=percentile(ward.frames, 50),
            p99=percentile(ward.frames, 99),
            processor_p99=percentile(ward.processor, 99),
            count=len(ward.frames),
        )
        await _hour(desk, made, events, given["per_second"], given["hour_events"])


async def _live(
    desk: Desk, made: SyntheticWard, events: Iterator[WatchPatientsResponse], per_second: float, seconds: float
) -> None:
    """At their pace, each by itself, as a socket hands them over; and the desk's seconds."""
    began = time.perf_counter()
    sent, second = 0, 0
    while (passed := time.perf_counter() - began) < seconds:
        while sent < passed * per_second:
            made.pass_time(timedelta(seconds=1 / per_second))
            desk.feed.updated.emit(next(events))
            sent += 1
        if passed >= second + 1:
            second += 1
            desk.second.emit()
        await asyncio.sleep(1 / per_second)


async def _hour(
    desk: Desk, made: SyntheticWard, events: Iterator[WatchPatientsResponse], per_second: float, count: int
) -> None:
    """As fast as they are taken in, by the ward's own clock."""
    process = psutil.Process()
    sizes, began = [process.memory_info().rss / 1e6], time.perf_counter()
    for sent in range(1, count + 1):
        made.pass_time(timedelta(seconds=1 / per_second))
        desk.feed.updated.emit(next(events))
        if sent % _EVENTS_A_TURN == 0:
            desk.second.emit()
            await asyncio.sleep(0)
        if sent % (count // 4) == 0:
            sizes.append(process.memory_info().rss / 1e6)
    report(sizes=sizes, per_second=count / (time.perf_counter() - began))


async def _main() -> None:
    with collected_between_events():  # as in the app
        await _run(job())


if __name__ == "__main__":
    application = QApplication([])
    theme.wear(application, theme.LIGHT)
    asyncio.run(_main(), loop_factory=lambda: qasync.QEventLoop(application))
