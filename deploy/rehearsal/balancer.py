"""A Service's own address: each connection goes to one of the ready pods, one after the other."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import count

type Pick = Callable[[], Sequence[tuple[str, int]]]
"""The ready pods' addresses and ports."""

_CHUNK = 1 << 16


class Balancer:
    """One port of one Service."""

    def __init__(self, pick: Pick) -> None:
        self._pick = pick
        self._turn = count()
        self._server: asyncio.Server | None = None

    async def serve(self, address: str, port: int) -> None:
        self._server = await asyncio.start_server(self._connected, address, port)

    def close(self) -> None:
        if self._server:
            self._server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            ready = self._pick()
            if ready:
                await _join(reader, writer, *ready[next(self._turn) % len(ready)])
        except OSError:
            pass  # either side is gone, which the other one sees by the end of its connection
        finally:
            writer.close()


async def _join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int) -> None:
    """Until one side has ended."""
    pod_reader, pod_writer = await asyncio.open_connection(host, port)
    ways = [asyncio.create_task(_carry(reader, pod_writer)), asyncio.create_task(_carry(pod_reader, writer))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        pod_writer.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()
