"""`revoke`: from a grant's withdrawal until the reader's open watch has ended, and until their calls are denied."""

import asyncio
import time
from contextlib import suppress

import grpc
from apricot.glucose.v1.diary_pb2 import ListEntriesRequest
from apricot.glucose.v1.diary_pb2_grpc import DiaryServiceStub
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest, WatchPatientsResponse
from apricot.glucose.v1.watch_pb2_grpc import WatchServiceStub
from apricot.identity.v1.care_pb2 import RevokeAccessRequest
from apricot.identity.v1.care_pb2_grpc import CareServiceStub

from benchmarks import people
from benchmarks.harness import Bench, bench
from benchmarks.options import Options, say
from benchmarks.people import Person
from benchmarks.requests import new_id
from benchmarks.results import STRANGERS, Goal, Line, Repeat, median_of, percentile

type Watch = grpc.aio.UnaryStreamCall[WatchPatientsRequest, WatchPatientsResponse]

TIMES = 40
_DEADLINE = 10


async def run(options: Options) -> list[Line]:
    """Measure it."""
    repeats: list[Repeat] = []
    async with bench() as running:
        patient, reader = await running.patients(2)
        for _ in range(options.repeats):
            meter = running.meter()
            found = [await _revoke(running, patient, reader) for _ in range(options.many(TIMES))]
            watches, calls = ([times[side] * 1000 for times in found] for side in (0, 1))
            repeats.append(
                {
                    "watch p50 ms": percentile(watches, 50),
                    "watch p99 ms": percentile(watches, 99),
                    "call p50 ms": percentile(calls, 50),
                    "call p99 ms": percentile(calls, 99),
                    STRANGERS: meter.read().strangers,
                }
            )
            say(f"revoke {repeats[-1]}")
    what = "a grant's withdrawal to the end of the reader's watch, p99"
    return [Line("revoke", what, median_of(repeats, "watch p99 ms"), "ms", Goal("most", 1000), repeats)]


async def _revoke(running: Bench, patient: Person, reader: Person) -> tuple[float, float]:
    """Grant, watch and withdraw; return the seconds until the watch ended, and until a call was denied."""
    grant_id = await people.grant(running.channel, patient, reader)
    watch = await _let_in(running.channel, patient, reader)
    revoke = RevokeAccessRequest(request_id=new_id(), grant_id=grant_id)
    await CareServiceStub(running.channel).RevokeAccess(revoke, metadata=patient.metadata, timeout=_DEADLINE)
    began = time.perf_counter()
    return await asyncio.gather(_ended(watch, began), _denied(running.channel, patient, reader, began))


async def _let_in(channel: grpc.aio.Channel, patient: Person, reader: Person) -> Watch:
    """Open the watch as soon as glucose knows the grant."""
    request = WatchPatientsRequest(patient_ids=[patient.id], snapshot_minutes=1)
    async with asyncio.timeout(_DEADLINE):
        while True:
            watch = WatchServiceStub(channel).WatchPatients(request, metadata=reader.metadata)
            try:
                await watch.read()
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.PERMISSION_DENIED:
                    raise
            else:
                return watch


async def _ended(watch: Watch, began: float) -> float:
    async with asyncio.timeout(_DEADLINE):
        with suppress(grpc.aio.AioRpcError):
            while await watch.read() is not grpc.aio.EOF:
                pass
    return time.perf_counter() - began


async def _denied(channel: grpc.aio.Channel, patient: Person, reader: Person, began: float) -> float:
    request = ListEntriesRequest(patient_id=patient.id, page_size=1)
    async with asyncio.timeout(_DEADLINE):
        while True:
            try:
                await DiaryServiceStub(channel).ListEntries(request, metadata=reader.metadata)
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.PERMISSION_DENIED:
                    raise
                return time.perf_counter() - began
