"""`apricot.glucose.v1.ReportService`."""

from uuid import UUID

from apricot.glucose.v1 import report_pb2

from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from services.glucose.rpc import jobs
from services.glucose.rpc.cohort import get_cohort
from services.glucose.rpc.page.options import PageOptions
from services.glucose.rpc.pool import Pool
from services.glucose.rpc.report_windows import report_window, window_before
from services.glucose.store.readings import load_window

_MOST_PROFILE_DAYS = 366
_MOST_CURVES = 31


class Reports:
    """Figures of a window, the typical day, a page to print, a clinic at a glance."""

    def __init__(self, database: Database, pool: Pool, clock: Clock) -> None:
        self._database = database
        self._pool = pool
        self._clock = clock

    async def GetSummary(self, request: report_pb2.GetSummaryRequest, call: Call) -> report_pb2.GetSummaryResponse:
        window = await report_window(self._database, call, request.patient_id, request.window, self._clock())
        preset = request.preset or report_pb2.TARGET_PRESET_ADULT
        async with self._pool.turn() as turn:
            entries = await load_window(self._database, UUID(request.patient_id), window.visible)
            summary = await turn.run(jobs.summary, entries, window, preset)
        return report_pb2.GetSummaryResponse(summary=report_pb2.Summary.FromString(summary))

    async def GetDailyProfile(
        self, request: report_pb2.GetDailyProfileRequest, call: Call
    ) -> report_pb2.GetDailyProfileResponse:
        most_days = _MOST_CURVES if request.include_days else _MOST_PROFILE_DAYS
        window = await report_window(self._database, call, request.patient_id, request.window, self._clock(), most_days)
        async with self._pool.turn() as turn:
            entries = await load_window(self._database, UUID(request.patient_id), window.visible)
            profile = await turn.run(jobs.daily_profile, entries, window, request.include_days)
        return report_pb2.GetDailyProfileResponse.FromString(profile)

    async def RenderReport(
        self, request: report_pb2.RenderReportRequest, call: Call
    ) -> report_pb2.RenderReportResponse:
        now = self._clock()
        window = await report_window(self._database, call, request.patient_id, request.window, now)
        preset = request.preset or report_pb2.TARGET_PRESET_ADULT
        before = window_before(call, request.patient_id, window)
        options = PageOptions(
            request.language,
            request.format,
            request.unit,
            request.patient_name,
            request.patient_birth_date,
            request.record_number,
            now,
        )
        async with self._pool.turn() as turn:
            entries = await load_window(self._database, UUID(request.patient_id), window.visible)
            earlier = await load_window(self._database, UUID(request.patient_id), before.visible)
            page = await turn.run(jobs.page, entries, window, (earlier, before), preset, options)
        return report_pb2.RenderReportResponse(content=page, media_type=options.media_type)

    async def GetCohort(self, request: report_pb2.GetCohortRequest, call: Call) -> report_pb2.GetCohortResponse:
        return await get_cohort(self._database, self._clock(), request, call)
