"""`report`: a summary of 14 days, with the typical day and the episodes, from the database and through the gateway ÷
iglu-python's time for the same figures of the same readings, which it has in memory. iglu has no typical day: its
time is without."""

import time
from datetime import UTC, datetime
from itertools import batched
from statistics import median

import grpc
import iglu_python as iglu
import pandas as pd
from apricot.glucose.v1.diary_pb2 import UploadEntriesRequest, UploadEntriesResponse
from apricot.glucose.v1.report_pb2 import (
    GetDailyProfileRequest,
    GetSummaryRequest,
    GetSummaryResponse,
    ReportWindow,
)
from apricot.glucose.v1.report_pb2_grpc import ReportServiceStub

from benchmarks import requests
from benchmarks.harness import Bench, bench
from benchmarks.options import Options, say
from benchmarks.people import Person
from benchmarks.results import STRANGERS, Goal, Line, Repeat, ratio_of
from stack.demo import dataset
from stack.demo.dataset import DemoPatient, Kind
from stack.demo.entries import DiaryMaker

PATIENT, DAYS, CALLS = "li-haoran", 14, 20
OURS, IGLU = "ours ms", "iglu ms"
SUMMARY, PROFILE = "summary ms", "profile ms"


async def run(options: Options) -> list[Line]:
    """Measure it: the virtual patient whose glucose swings."""
    patient = next(one for one in dataset.load() if one.key == PATIENT)
    readings = [(entry.time_local, float(entry.value)) for entry in patient.entries if entry.kind is Kind.SENSOR]
    frame = pd.DataFrame({"id": "one", "time": [at for at, _ in readings], "gl": [value for _, value in readings]})
    repeats: list[Repeat] = []
    async with bench() as running:
        (person,) = await running.patients(1)
        await _upload(running, person, patient)
        window = ReportWindow(last_days=DAYS + 1)
        answer = await _summary(running, person, window)  # the first call waits for a worker to start
        assert answer.summary.readings_count == len(readings)
        await _profile(running, person, window)
        for _ in range(options.repeats):
            meter = running.meter()
            summary, profile = [], []
            for _ in range(options.many(CALLS)):
                began = time.perf_counter()
                await _summary(running, person, window)
                between = time.perf_counter()
                await _profile(running, person, window)
                summary.append(1000 * (between - began))
                profile.append(1000 * (time.perf_counter() - between))
            began = time.perf_counter()
            _iglu(frame)
            repeat = {OURS: median(summary) + median(profile), IGLU: 1000 * (time.perf_counter() - began)}
            repeat |= {SUMMARY: median(summary), PROFILE: median(profile), STRANGERS: meter.read().strangers}
            repeats.append(repeat)
            say(f"report: {repeat}")
    return [
        Line(
            "report",
            "GetSummary and GetDailyProfile of 14 days ÷ iglu-python's time for the same figures",
            ratio_of(repeats, OURS, IGLU),
            "",
            Goal("most", 0.05),
            repeats,
        )
    ]


async def _upload(running: Bench, person: Person, patient: DemoPatient) -> None:
    """The whole diary, its last entry now."""
    ahead = datetime.now(UTC).replace(second=0, microsecond=0, tzinfo=None) - patient.entries[-1].time_local
    maker = DiaryMaker(person.id, patient.zone, "bench/sensor")
    made = (maker.entry((line.time_local + ahead).replace(tzinfo=UTC), line) for line in patient.entries)
    batches = [
        UploadEntriesRequest(patient_id=person.id, entries=entries).SerializeToString()
        for entries in batched(made, requests.BATCH)
    ]
    upload: grpc.aio.StreamUnaryMultiCallable[bytes, bytes] = running.channel.stream_unary(requests.UPLOAD)
    answer = UploadEntriesResponse.FromString(await upload(iter(batches), metadata=person.metadata, timeout=60))
    assert answer.created_count == len(patient.entries)
    await running.settled()


async def _summary(running: Bench, person: Person, window: ReportWindow) -> GetSummaryResponse:
    request = GetSummaryRequest(patient_id=person.id, window=window)
    return await ReportServiceStub(running.channel).GetSummary(request, metadata=person.metadata, timeout=30)


async def _profile(running: Bench, person: Person, window: ReportWindow) -> None:
    request = GetDailyProfileRequest(patient_id=person.id, window=window)
    await ReportServiceStub(running.channel).GetDailyProfile(request, metadata=person.metadata, timeout=30)


def _iglu(frame: pd.DataFrame) -> None:
    """Every figure of a summary that iglu has."""
    for figure in (
        *(iglu.mean_glu, iglu.sd_glu, iglu.cv_glu, iglu.gmi, iglu.ea1c, iglu.j_index, iglu.lbgi, iglu.hbgi, iglu.adrr),
        *(iglu.gri, iglu.modd, iglu.mage, iglu.median_glu, iglu.range_glu, iglu.active_percent),
        *(iglu.below_percent, iglu.in_range_percent, iglu.above_percent, iglu.episode_calculation),
    ):
        figure(frame)
    iglu.conga(frame, n=4)
