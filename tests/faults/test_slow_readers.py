"""A reader that stops reading is cut off; it costs neither the others nor the service."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest, WatchPatientsResponse
from apricot.glucose.v1.watch_pb2_grpc import WatchServiceStub

from clients.sdk import ApricotError, Recorder
from stack.platform import Platform
from tests.faults.load import ZONE, Load, entry_ids, until, watching
from tests.faults.metrics import total
from tests.patience import PATIENCE
from tests.people import People, Person
from tests.pods import memory_bytes

type Stream = grpc.aio.UnaryStreamCall[WatchPatientsRequest, WatchPatientsResponse]

_MIB = 1 << 20
_NARROW = [
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.http2.bdp_probe", 0),
    ("grpc.http2.lookahead_bytes", 16 << 10),
]


async def test_a_slow_reader_is_cut_off_and_resumes_without_loss(wounded: Platform, folk: People) -> None:
    patient = await folk.patient()
    dropped, memory = await total(wounded, "apricot_dropped_watchers_total"), memory_bytes(wounded, "glucose")
    async with _raw_watch(wounded, patient) as slow, watching(patient) as quick:
        received: Counter[str] = Counter()
        token = ""
        for _ in range(2):  # the snapshot and the first heartbeat; then it stops
            token = (await _read(slow)).resume_token
        await _log_much(patient)

        async def is_dropped() -> bool:
            return await total(wounded, "apricot_dropped_watchers_total") > dropped

        await until(is_dropped)
        for _ in range(20):  # the slow one has not read on, and keeps nothing from the quick one
            last = await Load(patient, 0).log_one()
            await quick.has(last)
        assert memory_bytes(wounded, "glucose") - memory < 100 * _MIB

        async def read_on() -> None:
            nonlocal token
            while True:
                update = await _read(slow)
                received.update(entry_ids(update))
                token = update.resume_token

        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await read_on()
        assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert ApricotError.of(caught.value).reason == Reason.REASON_WATCHER_TOO_SLOW
        async with watching(patient, token) as resumed:
            await resumed.has(last)
        assert received
        assert resumed.entries
        assert received + resumed.entries == quick.entries


async def _log_much(patient: Person) -> None:
    """Three thousand entries, 18 MB of events."""
    phone, now = Recorder.by_hand("phone", ZONE), datetime.now(UTC)
    notes = [phone.note(now - timedelta(seconds=n), "字" * 2000) for n in range(3000)]
    totals = await patient.session.upload(patient.account_id, notes, batch_size=50)
    assert totals.created_count == len(notes)


@asynccontextmanager
async def _raw_watch(platform: Platform, patient: Person) -> AsyncIterator[Stream]:
    address = platform.gateway_address.removeprefix("http://")
    async with grpc.aio.insecure_channel(address, options=_NARROW) as channel:
        metadata = (("authorization", f"Bearer {await patient.token()}"),)
        request = WatchPatientsRequest(patient_ids=[patient.account_id])
        yield WatchServiceStub(channel).WatchPatients(request, metadata=metadata)


async def _read(stream: Stream) -> WatchPatientsResponse:
    async with asyncio.timeout(PATIENCE):
        message = await stream.read()
    assert isinstance(message, WatchPatientsResponse)
    return message
