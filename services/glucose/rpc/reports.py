"""`apricot.glucose.v1.ReportService`."""

from apricot.glucose.v1 import report_pb2

from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from services.glucose.rpc.cohort import get_cohort


class Reports:
    """Figures of a window, the typical day, a page to print, a clinic at a glance."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def GetSummary(self, request: report_pb2.GetSummaryRequest, call: Call) -> report_pb2.GetSummaryResponse:
        raise NotImplementedError

    async def GetDailyProfile(
        self, request: report_pb2.GetDailyProfileRequest, call: Call
    ) -> report_pb2.GetDailyProfileResponse:
        raise NotImplementedError

    async def RenderReport(
        self, request: report_pb2.RenderReportRequest, call: Call
    ) -> report_pb2.RenderReportResponse:
        raise NotImplementedError

    async def GetCohort(self, request: report_pb2.GetCohortRequest, call: Call) -> report_pb2.GetCohortResponse:
        return await get_cohort(self._database, self._clock(), request, call)
