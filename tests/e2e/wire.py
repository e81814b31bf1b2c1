"""Any method of the contract, called in bytes: through the gateway, or at a service's own port."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from kit.contract import Method
from tests.patience import PATIENCE

type Metadata = Sequence[tuple[str, str]]

DEADLINE_SECONDS = PATIENCE
OPTIONS = [
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_send_message_length", 64 << 20),
    ("grpc.max_receive_message_length", 64 << 20),
    ("grpc.max_metadata_size", 1 << 20),
]


@dataclass(frozen=True)
class Outcome:
    """How a call ended: OK, or a refusal with its details."""

    code: grpc.StatusCode = grpc.StatusCode.OK
    message: str = ""
    reason: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    violations: dict[str, str] = field(default_factory=dict)
    """Field paths, and what is wrong with each."""
    details: bytes = b""
    """`google.rpc.Status` as it came."""
    answer: bytes = b""
    """The answer, or the first message of a stream."""

    @property
    def ok(self) -> bool:
        return self.code is grpc.StatusCode.OK


def outcome_of(error: grpc.RpcError) -> Outcome:
    """From what grpc raises, asynchronous or not."""
    assert isinstance(error, grpc.Call | grpc.aio.AioRpcError)
    info, bad, details = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), b""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            details = value
            with suppress(DecodeError):
                for detail in status_pb2.Status.FromString(value).details:
                    detail.Unpack(info)
                    detail.Unpack(bad)
    return Outcome(
        code=error.code(),
        message=error.details() or "",
        reason=info.reason,
        metadata=dict(info.metadata),
        violations={each.field: each.description for each in bad.field_violations},
        details=details,
    )


def bearer(token: str) -> list[tuple[str, str]]:
    """The metadata of a token; none without one."""
    return [("authorization", f"Bearer {token}")] if token else []


async def call(
    channel: grpc.aio.Channel,
    method: Method,
    request: bytes,
    token: str = "",
    metadata: Metadata = (),
    timeout: float | None = DEADLINE_SECONDS,
) -> Outcome:
    """One call with one message. Of a server stream the first message counts."""
    sent = [*bearer(token), *metadata]
    streams = method.descriptor.client_streaming, method.descriptor.server_streaming
    try:
        match streams:
            case False, False:
                unary: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(method.path)
                return Outcome(answer=await unary(request, timeout=timeout, metadata=sent))
            case True, False:
                upload: grpc.aio.StreamUnaryMultiCallable[bytes, bytes] = channel.stream_unary(method.path)
                return Outcome(answer=await upload(iter([request]), timeout=timeout, metadata=sent))
            case _:
                many: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream(method.path)
                stream = many(request, timeout=timeout, metadata=sent)
                try:
                    first = await stream.read()
                finally:
                    stream.cancel()
                return Outcome(answer=first if isinstance(first, bytes) else b"")
    except grpc.aio.AioRpcError as error:
        return outcome_of(error)


def call_now(
    channel: grpc.Channel,
    method: Method,
    request: bytes,
    token: str = "",
    metadata: Metadata = (),
    timeout: float = DEADLINE_SECONDS,
) -> Outcome:
    """The same, waiting: for tests that are not coroutines."""
    sent = (*bearer(token), *metadata)
    streams = method.descriptor.client_streaming, method.descriptor.server_streaming
    try:
        match streams:
            case False, False:
                unary: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(method.path)
                return Outcome(answer=unary(request, timeout=timeout, metadata=sent))
            case True, False:
                upload: grpc.StreamUnaryMultiCallable[bytes, bytes] = channel.stream_unary(method.path)
                return Outcome(answer=upload(iter([request]), timeout=timeout, metadata=sent))
            case _:
                many: grpc.UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream(method.path)
                stream = many(request, timeout=timeout, metadata=sent)
                try:
                    return Outcome(answer=next(iter(stream), b""))
                finally:
                    stream.cancel()
    except grpc.RpcError as error:
        return outcome_of(error)


def length_delimited(number: int, value: bytes) -> bytes:
    """A field of that number on the wire, as string, bytes or message."""
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    """As on the wire."""
    low, high = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + varint(high) if high else bytes([low])
