"""Reports through the whole platform: they follow every upload, amendment and deletion, and the grants."""

from datetime import timedelta
from io import BytesIO

import pytest
from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ, SCOPE_REPORT_READ
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.entry_pb2 import GLUCOSE_UNIT_MMOL_PER_L
from apricot.glucose.v1.report_pb2 import (
    REPORT_FORMAT_PNG,
    GetDailyProfileRequest,
    GetSummaryRequest,
    RenderReportRequest,
    ReportWindow,
    Summary,
)
from apricot.glucose.v1.report_pb2_grpc import ReportServiceStub
from pypdf import PdfReader

from clients.sdk import ApricotError
from tests.glucose.diaries import HAND, ago, amend, delete, log
from tests.patience import PATIENCE
from tests.people import People, Person


async def summary(caller: Person, patient: Person | None = None) -> Summary:
    request = GetSummaryRequest(patient_id=(patient or caller).account_id, window=ReportWindow(last_days=3))
    return (await ReportServiceStub(caller.session._channel).GetSummary(request, timeout=PATIENCE)).summary


async def test_a_report_follows_the_diary(people: People) -> None:
    patient = await people.patient()
    entries = [HAND.sensor_reading(ago(60 - 5 * n), 100) for n in range(3)]
    await log(patient, *entries)
    assert (await summary(patient)).mean_mg_per_dl == 100
    entries[0].sensor_reading.glucose.value = 160
    await amend(patient, entries[0], 1)
    assert (await summary(patient)).mean_mg_per_dl == 120
    await delete(patient, entries[1].entry_id, 1)
    assert (await summary(patient)).mean_mg_per_dl == 130
    back_dated = HAND.sensor_reading(ago(60) - timedelta(hours=20), 40)
    await log(patient, back_dated)
    found = await summary(patient)
    assert found.readings_count == 3
    assert found.mean_mg_per_dl == 100
    assert found.min_mg_per_dl == 40


async def test_reports_take_a_grant_of_their_own(people: People) -> None:
    patient, clinician = await people.patient(), await people.clinician()
    await log(patient, HAND.sensor_reading(ago(5), 100))
    await patient.grant(clinician, SCOPE_GLUCOSE_READ)
    with pytest.raises(ApricotError) as caught:
        await summary(clinician, patient)
    assert caught.value.reason == Reason.REASON_PATIENT_ACCESS_DENIED
    await patient.grant(clinician, SCOPE_REPORT_READ)
    assert (await summary(clinician, patient)).readings_count == 1
    request = GetDailyProfileRequest(patient_id=patient.account_id, window=ReportWindow(last_days=3), include_days=True)
    profile = await ReportServiceStub(clinician.session._channel).GetDailyProfile(request, timeout=PATIENCE)
    assert [len(day.values_mg_per_dl) for day in profile.days] == [1]


async def test_a_page_to_print(people: People) -> None:
    patient, clinician = await people.patient(), await people.clinician()
    await log(patient, *(HAND.sensor_reading(ago(60 - 5 * n), 10.0, GLUCOSE_UNIT_MMOL_PER_L) for n in range(6)))
    request = RenderReportRequest(
        patient_id=patient.account_id, window=ReportWindow(last_days=3), patient_name="李浩然"
    )
    page = await patient.session.reports.RenderReport(request, timeout=60)
    assert page.media_type == "application/pdf"
    (sheet,) = PdfReader(BytesIO(page.content)).pages
    written = sheet.extract_text()
    assert "李浩然" in written
    assert "SD 0.0 mmol/L" in written  # the unit of most readings
    request.format = REPORT_FORMAT_PNG
    picture = await patient.session.reports.RenderReport(request, timeout=60)
    assert picture.media_type == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    with pytest.raises(ApricotError) as caught:
        await clinician.session.reports.RenderReport(request)
    assert caught.value.reason == Reason.REASON_PATIENT_ACCESS_DENIED
