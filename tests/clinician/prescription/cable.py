"""The network between the app and the gateway, for tests that lose it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Cable:
    """Carries bytes both ways. Deaf, it loses the answers; cut, it carries nothing and refuses whoever comes."""

    def __init__(self, host: str, port: int) -> None:
        self._to = host, port
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._deaf = self._cut = False
        self.address = ""

    async def serve(self) -> asyncio.Server:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return server

    def lose_answers(self) -> None:
        """Requests arrive still; nobody hears what came of them."""
        self._deaf = True

    def cut(self) -> None:
        """From now on."""
        self._cut = True
        self._hang_up()

    def mend(self) -> None:
        """Who tries again gets through."""
        self._cut = self._deaf = False
        self._hang_up()

    def _hang_up(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def close(self) -> None:
        self._hang_up()
        for task in list(self._tasks):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._cut:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection(*self._to)
        self._writers |= {writer, back}
        for carried in (self._carry(reader, back, answers=False), self._carry(there, writer, answers=True)):
            task = asyncio.create_task(carried)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if not (answers and self._deaf):
                    writer.write(data)
                    await writer.drain()
        self._writers.discard(writer)
        writer.transport.abort()


@asynccontextmanager
async def cable_to(address: str) -> AsyncIterator[Cable]:
    host, _, port = address.rpartition(":")
    cable = Cable(host, int(port))
    server = await cable.serve()
    yield cable
    server.close()
    await cable.close()
