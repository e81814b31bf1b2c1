"""A patient's figures as of the moment they were asked for: summary with targets, the typical day, day by day."""

import asyncio
from datetime import datetime
from enum import Enum
from pathlib import Path

from apricot.glucose.v1.report_pb2 import (
    REPORT_FORMAT_PDF,
    TARGET_PRESET_ADULT,
    TARGET_PRESET_OLDER,
    TARGET_PRESET_PREGNANCY,
    DayCurve,
    GetDailyProfileRequest,
    GetSummaryRequest,
    ProfileBin,
    RenderReportRequest,
    ReportLanguage,
    ReportWindow,
    Summary,
    TargetPreset,
)
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.desk import Desk
from clients.sdk import ApricotError, Reason

WINDOWS = 14, 30, 90
"""Days."""
_MOST_CURVES = 30
_REPORT_SECONDS = 60.0
_GROWN_UP_YEARS = 18


class Standing(Enum):
    """What can be shown."""

    LOADING = "loading"
    READY = "ready"
    NOT_SHARED = "not shared"
    FAILED = "failed"
    """The newest ones could not be had; those shown, if any, are as old as `as_of` says."""


class Goals(Enum):
    """For whom the targets are, and where they stand. Those for the young are the adults' own (ISPAD 2022)."""

    ADULT = "adult"
    YOUNG = "young"
    OLDER = "older"
    PREGNANCY = "pregnancy"

    @property
    def preset(self) -> TargetPreset.ValueType:
        """Return the contract's name of their numbers."""
        return _PRESETS.get(self, TARGET_PRESET_ADULT)


_PRESETS = {Goals.OLDER: TARGET_PRESET_OLDER, Goals.PREGNANCY: TARGET_PRESET_PREGNANCY}


class FiguresModel(QObject):
    """Of the last 14, 30 or 90 of the patient's days, held against one preset of targets."""

    changed = Signal()
    saved = Signal(str)
    """The report is in this file."""
    save_failed = Signal(str)
    """It could not be written; why, in the operating system's words."""

    def __init__(self, desk: Desk, patient_id: str) -> None:
        super().__init__()
        self.desk = desk
        self.patient_id = patient_id
        self.days = WINDOWS[0]
        age = desk.feed.identity(patient_id).age_years(desk.now().date())
        self.goals = Goals.YOUNG if age is not None and age < _GROWN_UP_YEARS else Goals.ADULT
        self.standing = Standing.LOADING
        self.summary: Summary | None = None
        self.bins: list[ProfileBin] = []
        """The typical day in quarters of an hour."""
        self.curves: list[DayCurve] = []
        """Day by day, oldest first: of 90 days the newest 30."""
        self.as_of: datetime | None = None
        """When what is shown was asked for."""
        self.error: ApricotError | None = None
        """Why it failed."""
        self.saving = False
        self._work: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Ask for them the first time; again only by `refresh`."""
        self.refresh()

    def close(self) -> None:
        """They are shown no more."""
        if self._work is not None:
            self._work.cancel()

    def choose(self, days: int, goals: Goals) -> None:
        """Another window or other targets. What is shown is of the old ones no more."""
        if (days, goals) == (self.days, self.goals):
            return
        self.days, self.goals = days, goals
        self._forget()
        self.refresh()

    def refresh(self) -> None:
        """Ask for them anew."""
        self.close()
        self.standing = Standing.LOADING
        self.changed.emit()
        self._work = self.desk.tasks.spawn(self._fetch())

    def save_report(self, path: Path, language: ReportLanguage.ValueType) -> None:
        """Have the page to print made, in her unit, and keep it in a file."""
        self.saving = True
        self.changed.emit()
        self.desk.tasks.spawn(self._save(path, language))

    def _forget(self) -> None:
        self.summary, self.bins, self.curves, self.as_of = None, [], [], None

    @property
    def _window(self) -> ReportWindow:
        return ReportWindow(last_days=self.days)

    async def _fetch(self) -> None:
        asked, reports, days = self.desk.now(), self.desk.session.reports, self.days
        summary_request = GetSummaryRequest(patient_id=self.patient_id, window=self._window, preset=self.goals.preset)
        profile_request = GetDailyProfileRequest(
            patient_id=self.patient_id, window=self._window, include_days=days <= _MOST_CURVES
        )
        try:
            summary = (await reports.GetSummary(summary_request)).summary
            profile = await reports.GetDailyProfile(profile_request)
            curves = list(profile.days)
            if days > _MOST_CURVES:
                profile_request.window.last_days, profile_request.include_days = _MOST_CURVES, True
                curves = list((await reports.GetDailyProfile(profile_request)).days)
        except ApricotError as error:
            if error.reason == Reason.REASON_PATIENT_ACCESS_DENIED:
                self._forget()
                self.standing = Standing.NOT_SHARED
            else:
                self.standing, self.error = Standing.FAILED, error
        else:
            self.summary, self.bins, self.curves = summary, list(profile.bins), curves
            self.standing, self.as_of, self.error = Standing.READY, asked, None
        self.changed.emit()

    async def _save(self, path: Path, language: ReportLanguage.ValueType) -> None:
        whose = self.desk.feed.identity(self.patient_id)
        request = RenderReportRequest(
            patient_id=self.patient_id,
            window=self._window,
            preset=self.goals.preset,
            language=language,
            format=REPORT_FORMAT_PDF,
            unit=self.desk.settings.unit.of_contract,
            patient_name=whose.name[:100],
            patient_birth_date=whose.birth_date,
            record_number=whose.record_number,
        )
        try:
            page = await self.desk.session.reports.RenderReport(request, timeout=_REPORT_SECONDS)
            await asyncio.to_thread(path.write_bytes, page.content)
        except OSError as error:
            self.save_failed.emit(error.strerror or str(error))
        else:
            self.saved.emit(str(path))
        finally:
            self.saving = False
            self.changed.emit()
