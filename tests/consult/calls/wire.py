"""A way to the gateway that can be cut: connections break, and for a while there are no new ones."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Wire:
    """Carries bytes between a client and the gateway."""

    def __init__(self, host: str, port: int) -> None:
        self.address = ""
        self.connections = 0
        """So many were made."""
        self._target = host, port
        self._is_cut = False
        self._open: set[asyncio.StreamWriter] = set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side, or the wire, ends it."""
        if self._is_cut:
            writer.transport.abort()
            return
        self.connections += 1
        there_reader, there_writer = await asyncio.open_connection(*self._target)
        self._open |= {writer, there_writer}
        try:
            await asyncio.gather(_pump(reader, there_writer), _pump(there_reader, writer))
        finally:
            self._open -= {writer, there_writer}

    def cut(self) -> None:
        """As when a phone leaves its network."""
        self._is_cut = True
        for writer in self._open:
            writer.transport.abort()

    def mend(self) -> None:
        """There is a network again."""
        self._is_cut = False


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while content := await reader.read(65536):
            writer.write(content)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def wire_to(gateway_address: str) -> AsyncIterator[Wire]:
    """A new one, on a port of its own."""
    host, _, port = gateway_address.removeprefix("http://").rpartition(":")
    made = Wire(host, int(port))
    server = await asyncio.start_server(made.carry, "127.0.0.1", 0)
    made.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        made.cut()
        server.close()
        await server.wait_closed()
