"""Logs (JSON, one line each), metrics (Prometheus) and spans (OpenTelemetry, exported only where an endpoint is set).

None of them carries health data: log events are fixed words with ids of calls, never requests or answers.
"""

import asyncio
import logging
import os
import sys
import time
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

import grpc
import structlog
from opentelemetry import propagate, trace
from opentelemetry.context import Context
from prometheus_client import Counter, Gauge, Histogram

from kit.call import current
from kit.contract import Method

_tracer = trace.get_tracer("apricot")
exporting = bool(os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"))
"""Whether spans go anywhere; the variable is OpenTelemetry's own."""

REQUESTS = Counter("apricot_requests", "Calls by kind (unary, stream), method and status.", ["kind", "method", "code"])
REFUSALS = Counter("apricot_refusals", "Refused calls by reason.", ["reason"])
LATENCY = Histogram(
    "apricot_request_seconds", "Time of a call; for streams, how long they were open.", ["kind", "method"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip
COMMIT_BATCH = Histogram(
    "apricot_commit_batch_entries",
    "Entries in one group commit.",
    buckets=(1, 2, 5, 10, 20, 50, 100, 500, 1000, 5000),
)
WATCHERS = Gauge("apricot_watchers", "Open watches.")
CERTIFICATE_END = Gauge(
    "apricot_certificate_end_seconds", "When the certificate in use expires, in Unix time; 0: none."
)
DROPPED_WATCHERS = Counter("apricot_dropped_watchers", "Watches closed since their reader was too slow.")
LOOP_LAG = Histogram(
    "apricot_event_loop_lag_seconds",
    "How late the event loop wakes a sleeper.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)

_LOOP_SECONDS = 0.1


def configure(service: str, replica: str, level: str) -> None:
    """Set up logs and, where an endpoint is set, spans; called once by `main.py`."""
    numeric = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _add_call,
            _add_constants(service, replica),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(numeric, logging.WARNING), stream=sys.stderr)
    if exporting:
        _export_spans(service, replica)


@contextmanager
def span(method: Method, metadata: Mapping[str, str]) -> Iterator[None]:
    """The server's span of one call, a child of the caller's."""
    if not exporting:
        yield
        return
    attributes = {"rpc.system": "grpc", "rpc.method": method.action}
    with _recorded(method.action, trace.SpanKind.SERVER, propagate.extract(metadata), attributes):
        yield


@contextmanager
def consumed(name: str, headers: Mapping[str, str] | None) -> Iterator[None]:
    """The span of one handled event, a child of its publication."""
    if not exporting:
        yield
        return
    with _recorded(name, trace.SpanKind.CONSUMER, propagate.extract(headers or {})):
        yield


@contextmanager
def step(name: str, kind: trace.SpanKind = trace.SpanKind.INTERNAL) -> Iterator[None]:
    """A span of one step inside a call: a transaction, a publish."""
    if not exporting:
        yield
        return
    with _recorded(name, kind):
        yield


@contextmanager
def _recorded(
    name: str, kind: trace.SpanKind, context: Context | None = None, attributes: Mapping[str, str] | None = None
) -> Iterator[None]:
    """A span that says that it failed, never how: an exception's text may hold health data."""
    with _tracer.start_as_current_span(
        name, context, kind, attributes, record_exception=False, set_status_on_exception=False
    ) as recorded:
        try:
            yield
        except Exception:
            recorded.set_status(trace.StatusCode.ERROR)
            raise


def places(error: BaseException) -> list[str]:
    """Where an error came through, innermost last. Its text is left out: it may hold what a patient logged."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def trace_headers() -> dict[str, str]:
    """The present span's headers, for a message or call that goes on elsewhere."""
    headers: dict[str, str] = {}
    if exporting:
        propagate.inject(headers)
    return headers


def observe(method: Method, code: grpc.StatusCode, seconds: float) -> None:
    """Count one finished call."""
    streams = method.descriptor.client_streaming or method.descriptor.server_streaming
    kind = "stream" if streams else "unary"
    REQUESTS.labels(kind, method.action, code.name).inc()
    LATENCY.labels(kind, method.action).observe(seconds)


async def watch_loop() -> None:
    """Note how late the event loop is, until cancelled."""
    while True:
        due = time.perf_counter() + _LOOP_SECONDS
        await asyncio.sleep(_LOOP_SECONDS)
        LOOP_LAG.observe(time.perf_counter() - due)


def _add_call(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    call = current.get()
    if call is not None:
        event["request_id"] = call.request_id
        event["method"] = call.method.action
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = f"{context.trace_id:032x}"
    return event


def _add_constants(service: str, replica: str) -> structlog.typing.Processor:
    def add(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["service"] = service
        event["replica"] = replica
        return event

    return add


def _export_spans(service: str, replica: str) -> None:
    # Imported here: the exporter costs 30 MB that a service without an endpoint need not hold.
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create({"service.name": f"apricot-{service}", "service.instance.id": replica})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
