"""More connections than the gateway takes: what comes beyond is closed, what is there goes on."""

import asyncio
from pathlib import Path

from tests.gateway.running import running_gateway, until

CONNECTIONS = 40
HEALTH = b"GET /v1/nothing HTTP/1.1\r\nhost: apricot\r\n\r\n"


async def test_beyond_the_limit_nobody_else_gets_in_and_nobody_falls_out(tmp_path: Path) -> None:
    jwks = "http://127.0.0.1:1/jwks"
    async with running_gateway(tmp_path, connections=CONNECTIONS, jwks_url=jwks) as gateway:
        await gateway.channel.close()
        opened = [await _open(gateway.address) for _ in range(4 * CONNECTIONS)]
        served = [connection for connection in opened if await _is_served(*connection)]
        assert CONNECTIONS // 2 <= len(served) <= CONNECTIONS
        for connection in served:  # still
            assert await _is_served(*connection)
        for _, writer in opened:
            writer.transport.abort()

        async def let_in() -> bool:
            reader, writer = await _open(gateway.address)
            try:
                return await _is_served(reader, writer)
            finally:
                writer.transport.abort()

        await until(let_in)


async def _open(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, _, port = address.rpartition(":")
    return await asyncio.open_connection(host, int(port))


async def _is_served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    try:
        writer.write(HEALTH)
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.partition(b":")[2]))
    except (OSError, asyncio.IncompleteReadError):
        return False
    return True
