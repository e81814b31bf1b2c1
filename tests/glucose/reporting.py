"""The report service in this process, on a real PostgreSQL, with a clock and a view that the test sets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from apricot.access.v1.access_pb2 import SCOPE_REPORT_READ
from apricot.glucose.v1.entry_pb2 import GLUCOSE_UNIT_MG_PER_DL, Entry, GlucoseUnit
from apricot.glucose.v1.report_pb2 import (
    TARGET_PRESET_UNSPECIFIED,
    GetDailyProfileRequest,
    GetDailyProfileResponse,
    GetSummaryRequest,
    ReportWindow,
    Summary,
    TargetPreset,
)

from clients.sdk import Recorder
from kit import contract
from kit.call import Call, Caller
from kit.clock import utc_now
from kit.database import Database
from kit.times import to_timestamp
from kit.views import View, Window
from services.glucose import events
from services.glucose.rpc import jobs
from services.glucose.rpc.intake import Intake
from services.glucose.rpc.pool import Pool
from services.glucose.rpc.reports import Reports
from services.glucose.store.group import NewEntry
from services.glucose.store.journal import Journal
from tests.in_process import KEYS

SERVICE = "/apricot.glucose.v1.ReportService"


class Reporting:
    """Everybody's diaries and reports."""

    def __init__(self, database: Database, pool: Pool) -> None:
        self.now = utc_now()
        self._journal = Journal(database, events.entries_logged, _nobody_listens)
        self._service = Reports(database, pool, lambda: self.now)

    def patient(self) -> "Patient":
        """Somebody new."""
        return Patient(self, uuid4())

    async def log(self, patient: UUID, entries: list[Entry]) -> None:
        intake = Intake(patient, patient, self.now)
        admitted = [found for entry in entries if isinstance(found := intake.admit(entry), NewEntry)]
        assert len(admitted) == len(entries)
        await self._journal.write(admitted)

    async def summary(self, request: GetSummaryRequest, call: Call) -> Summary:
        return (await self._service.GetSummary(request, call)).summary

    async def profile(self, request: GetDailyProfileRequest, call: Call) -> GetDailyProfileResponse:
        return await self._service.GetDailyProfile(request, call)


@dataclass(frozen=True)
class Patient:
    """One patient's diary and reports."""

    reporting: Reporting
    id: UUID

    async def log(self, *entries: Entry) -> None:
        await self.reporting.log(self.id, list(entries))

    async def summary(
        self, window: ReportWindow, preset: TargetPreset.ValueType = TARGET_PRESET_UNSPECIFIED, view: View | None = None
    ) -> Summary:
        """As the patient sees it, or somebody with this view."""
        request = GetSummaryRequest(patient_id=str(self.id), window=window, preset=preset)
        return await self.reporting.summary(request, self._call("GetSummary", view))

    async def profile(
        self, window: ReportWindow, *, include_days: bool = False, view: View | None = None
    ) -> GetDailyProfileResponse:
        """Likewise."""
        request = GetDailyProfileRequest(patient_id=str(self.id), window=window, include_days=include_days)
        return await self.reporting.profile(request, self._call("GetDailyProfile", view))

    def _call(self, method: str, view: View | None) -> Call:
        account = self.id if view is None else uuid4()
        caller = Caller(account, uuid4(), frozenset({"patient"}), self.reporting.now + timedelta(minutes=10))
        views = {} if view is None else {self.id: view}
        return Call(contract.methods()[f"{SERVICE}/{method}"], "test", signed_in=caller, views=views)


def last(days: int) -> ReportWindow:
    """The last local days."""
    return ReportWindow(last_days=days)


def between(start: datetime, end: datetime) -> ReportWindow:
    """From an instant to another."""
    window = ReportWindow()
    window.range.start_time.CopyFrom(to_timestamp(start))
    window.range.end_time.CopyFrom(to_timestamp(end))
    return window


def report_view(*ranges: tuple[datetime, datetime]) -> View:
    """What grants of these ranges open."""
    return View(frozenset(Window(SCOPE_REPORT_READ, start, end) for start, end in ranges))


def sensor(
    start: datetime,
    hours: float,
    value: float = 120,
    *,
    zone: str = "Asia/Shanghai",
    device: str = "cgm",
    minutes: int = 5,
    unit: GlucoseUnit.ValueType = GLUCOSE_UNIT_MG_PER_DL,
) -> list[Entry]:
    """A sensor that always shows the same."""
    recorder = Recorder.by_hand(device, zone)
    times = (start + timedelta(minutes=minutes * n) for n in range(round(hours * 60 / minutes)))
    return [recorder.sensor_reading(time, value, unit) for time in times]


def at(text: str) -> datetime:
    """An instant in UTC: "2026-03-29 01:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@asynccontextmanager
async def reporting(database_url: str) -> AsyncIterator[Reporting]:
    database, pool = Database(database_url, "glucose", KEYS), Pool(preload=jobs.MODULES)
    yield Reporting(database, pool)
    await pool.close()
    await database.close()


async def _nobody_listens() -> None:
    pass
