"""The limits: an echo, a fan-out and a relay that do nothing else, in bare grpc.aio on uvloop like the services."""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator

import grpc
import uvloop

SERVICE = "bench.Bare"
ECHO, PUBLISH, FAN_OUT = f"/{SERVICE}/Echo", f"/{SERVICE}/Publish", f"/{SERVICE}/FanOut"
RELAY = f"/{SERVICE}/Relay"

type Context = grpc.aio.ServicerContext[bytes, bytes]

_queues: set[asyncio.Queue[bytes]] = set()
_pairs: dict[bytes, list[Context]] = {}


async def echo(request: bytes, _: Context) -> bytes:
    """Answer what was asked."""
    return request


async def publish(request: bytes, _: Context) -> bytes:
    """Hand these bytes to every stream; the answer says when."""
    began = time.monotonic()
    for queue in _queues:
        queue.put_nowait(request)
    return str(began).encode()


async def fan_out(_: bytes, context: Context) -> None:
    """One empty message when it listens, then whatever is published."""
    queue: asyncio.Queue[bytes] = asyncio.Queue()
    _queues.add(queue)
    try:
        await context.write(b"")
        while True:
            await context.write(await queue.get())
    finally:
        _queues.discard(queue)


async def relay(frames: AsyncIterator[bytes], context: Context) -> None:
    """The first frame names a pair; each further one goes to the other stream of the pair."""
    name = await anext(aiter(frames))
    pair = _pairs.setdefault(name, [])
    pair.append(context)
    try:
        await context.write(b"")
        async for frame in frames:
            for other in pair:
                if other is not context:
                    await other.write(frame)
    finally:
        pair.remove(context)
        if not pair:
            del _pairs[name]


async def main(port: int) -> None:
    """Serve until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0), ("grpc.http2.max_ping_strikes", 0)])
    handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
        "Echo": grpc.unary_unary_rpc_method_handler(echo),
        "Publish": grpc.unary_unary_rpc_method_handler(publish),
        "FanOut": grpc.unary_stream_rpc_method_handler(fan_out),
        "Relay": grpc.stream_stream_rpc_method_handler(relay),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await stop.wait()
    await server.stop(None)


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
