"""Spans go to the collector that the environment names, from the client's trace through gRPC, SQL and NATS."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import grpc
import pytest
from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from clients.sdk import Apricot, ApricotError, Recorder
from stack.platform import Platform
from stack.testing import temporary_platform
from tests.patience import PATIENCE
from tests.people import People


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """Keeps the spans it gets."""

    def __init__(self) -> None:
        self.spans: list[Span] = []

    async def Export(
        self, request: trace_service_pb2.ExportTraceServiceRequest, context: object
    ) -> trace_service_pb2.ExportTraceServiceResponse:
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                self.spans += scope.spans
        return trace_service_pb2.ExportTraceServiceResponse()

    def named(self, name: str) -> list[Span]:
        return [span for span in self.spans if span.name == name]


@pytest.fixture
async def collector(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Collector]:
    server, found = grpc.aio.server(), Collector()
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(found, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
    yield found
    await server.stop(0)


@pytest.fixture
async def traced(collector: Collector) -> AsyncIterator[Platform]:
    async with temporary_platform(demo=True) as running:
        yield running


async def test_one_trace_from_the_call_to_the_audit(collector: Collector, traced: Platform) -> None:
    async with Apricot(traced.gateway_address.removeprefix("http://")) as apricot:
        people = People(apricot, traced.part("identity").log.path)
        patient, follower = await people.patient(), await people.patient()
        await patient.grant(follower, SCOPE_GLUCOSE_READ)
        recorder = Recorder.of_device(patient.account_id, "sensor", "Asia/Shanghai")
        await patient.session.log(patient.account_id, [recorder.sensor_reading(datetime.now(UTC), 120)])
        assert [entry async for entry in follower.session.entries(patient.account_id)]
        wanted = ["apricot.glucose.v1.DiaryService/ListEntries", "apricot.identity.v1.CareService/CheckAccess"]
        async with asyncio.timeout(PATIENCE):
            while not all(map(collector.named, [*wanted, "nats publish", "database"])) or not any(
                span.kind == Span.SPAN_KIND_CONSUMER for span in collector.spans
            ):
                await asyncio.sleep(0.05)
        listed, checked = (collector.named(name)[0] for name in wanted)
        assert checked.trace_id == listed.trace_id
        with pytest.raises(ApricotError):
            assert [entry async for entry in patient.session.entries(follower.account_id)]
        async with asyncio.timeout(PATIENCE):
            while not (failed := [span for span in collector.spans if span.status.code == Status.STATUS_CODE_ERROR]):
                await asyncio.sleep(0.05)
        assert {span.status.message for span in failed} == {""}  # texts of errors may hold health data
        assert patient.account_id not in str(collector.spans)
