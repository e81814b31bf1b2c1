"""Uploads: a stream of parts, and one answer."""

import asyncio
from collections.abc import Iterable

import grpc

_PART_BYTES = 256 << 10
_REASON_SECONDS = 2.0
_LOOKS = 40


def split(content: bytes) -> list[bytes]:
    """The parts of a file; one at least."""
    return [content[start : start + _PART_BYTES] for start in range(0, len(content) or 1, _PART_BYTES)]


async def answer_to[Q, A](call: "grpc.aio.StreamUnaryCall[Q, A]", parts: Iterable[Q]) -> A:
    """Send the parts; the answer. Errors: `grpc.aio.AioRpcError`, with the platform's reason also where it refuses before
    the last part: grpc then ends the call with a status of its own, and the platform's replaces that a moment later."""
    try:
        for part in parts:
            await call.write(part)
        await call.done_writing()
    except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
        for _ in range(_LOOKS):
            if await call.code() is not grpc.StatusCode.INTERNAL:
                break
            await asyncio.sleep(_REASON_SECONDS / _LOOKS)
        raise await _ending(call) from None
    return await call


async def _ending[Q, A](call: "grpc.aio.StreamUnaryCall[Q, A]") -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(
        await call.code(),
        await call.initial_metadata(),
        await call.trailing_metadata(),
        details=await call.details(),
    )
