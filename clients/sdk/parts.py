"""Uploads: a stream of parts, and one answer."""

import asyncio
from collections.abc import Iterable

import grpc

_PART_BYTES = 256 << 10
_REASON_SECONDS = 0.5
_LOOKS = 10


def split(content: bytes) -> list[bytes]:
    """The parts of a file; one at least."""
    return [content[start : start + _PART_BYTES] for start in range(0, len(content) or 1, _PART_BYTES)]


async def answer_to[Q, A](call: "grpc.aio.StreamUnaryCall[Q, A]", parts: Iterable[Q]) -> A:
    """Send the parts; the answer. Where the platform refuses before the last part, grpc may end the call by a status of
    its own, which the platform's replaces a moment later. Errors: `grpc.aio.AioRpcError`."""
    try:
        for part in parts:
            await call.write(part)
        await call.done_writing()
    except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
        await settled(call)
    return await call


async def settled[Q, A](call: "grpc.aio.StreamUnaryCall[Q, A]") -> None:
    """Until a call that cannot be written to any more tells why."""
    for _ in range(_LOOKS):
        if await call.code() is not grpc.StatusCode.INTERNAL:
            break
        await asyncio.sleep(_REASON_SECONDS / _LOOKS)
