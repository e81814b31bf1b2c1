"""Time in range of the last 24 hours, by the platform's own figures.

`ReportService.GetCohort` counts whole local days, so that after midnight it would tell of minutes. `GetSummary` takes
any window, and costs a patient's day of readings: asked for whoever is in sight, one at a time, and kept for a while.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from apricot.glucose.v1.report_pb2 import GetSummaryRequest, GlucoseBand, ReportWindow, Summary, TimeRange
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.desk import Desk
from clients.readings.levels import Level
from clients.sdk import ApricotError, Reason

WINDOW = timedelta(hours=24)
_KEPT = timedelta(minutes=5)
_LOOK_SECONDS = 2.0
_BANDS = {
    GlucoseBand.GLUCOSE_BAND_VERY_LOW: Level.VERY_LOW,
    GlucoseBand.GLUCOSE_BAND_LOW: Level.LOW,
    GlucoseBand.GLUCOSE_BAND_IN_RANGE: Level.IN_RANGE,
    GlucoseBand.GLUCOSE_BAND_HIGH: Level.HIGH,
    GlucoseBand.GLUCOSE_BAND_VERY_HIGH: Level.VERY_HIGH,
}


@dataclass(frozen=True)
class Share:
    """Of a patient's readings of 24 hours, how many percent lie in each band."""

    percents: dict[Level, float]
    """Empty without a reading."""
    active_percent: float
    """Of the readings that a sensor should have made."""
    from_fingersticks: bool
    """Then they are shares of moments chosen to measure, not of time."""
    asked_at: datetime


class Shares(QObject):
    """Keeps the figures of those who are in sight."""

    changed = Signal(str)
    """A patient's figures are here, or gone."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._known: dict[str, Share] = {}
        self._seen_by: dict[object, tuple[str, ...]] = {}
        self._wanted = asyncio.Event()

    def of(self, patient_id: str) -> Share | None:
        """None: not known, or not yet."""
        return self._known.get(patient_id)

    def show(self, viewer: object, patient_ids: Iterable[str]) -> None:
        """What one viewer has in sight now, and lets her see reports."""
        self._seen_by[viewer] = tuple(patient_ids)
        self._wanted.set()

    def leave(self, viewer: object) -> None:
        """The viewer is gone."""
        self._seen_by.pop(viewer, None)

    def keep(self, patient_ids: Iterable[str]) -> None:
        """Forget everybody else."""
        kept = set(patient_ids)
        for patient_id in self._known.keys() - kept:
            del self._known[patient_id]

    async def run(self) -> None:
        """For ever: ask for whoever in sight has none, or has old ones."""
        while True:
            if (patient_id := self._next()) is not None:
                await self._ask(patient_id)
            else:
                self._wanted.clear()
                try:
                    await asyncio.wait_for(self._wanted.wait(), _LOOK_SECONDS)
                except TimeoutError:
                    continue

    def _next(self) -> str | None:
        """Whoever has none first, then the oldest that are due."""
        due = self._desk.now() - _KEPT
        waiting = [
            (share.asked_at.timestamp() if share else 0.0, patient_id)
            for ids in self._seen_by.values()
            for patient_id in ids
            if (share := self._known.get(patient_id)) is None or share.asked_at <= due
        ]
        return min(waiting)[1] if waiting else None

    async def _ask(self, patient_id: str) -> None:
        now = self._desk.now()
        window = TimeRange()
        window.start_time.FromDatetime(now - WINDOW)
        window.end_time.FromDatetime(now)
        try:
            answer = await self._desk.session.reports.GetSummary(
                GetSummaryRequest(patient_id=patient_id, window=ReportWindow(range=window))
            )
        except ApricotError as error:
            if error.reason == Reason.REASON_SESSION_ENDED:
                raise
            if error.temporary:
                await asyncio.sleep(max(_LOOK_SECONDS, error.retry_after_seconds))
                return
            # Such as a right that has just ended: there are no figures to show, and none to ask for again soon.
            self._known[patient_id] = Share({}, 0.0, from_fingersticks=False, asked_at=now)
            self.changed.emit(patient_id)
            return
        self._known[patient_id] = _share_of(answer.summary, now)
        self.changed.emit(patient_id)


def _share_of(summary: Summary, now: datetime) -> Share:
    return Share(
        percents={_BANDS[band.band]: band.percent for band in summary.bands if band.band in _BANDS}
        if summary.readings_count
        else {},
        active_percent=summary.active_percent,
        from_fingersticks=summary.from_fingersticks,
        asked_at=now,
    )
