"""Streams and connections without a token: bounded for each address, and closed in seconds."""

import asyncio
from pathlib import Path

from services.gateway.limits import REFLECTION_BURST
from tests.gateway.replica import Replica
from tests.gateway.running import running_gateway
from tests.hardening.frames import DATA, END_HEADERS, HEADERS, call_headers, connected, frame, header_block

REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
SIGN_IN = "/apricot.identity.v1.AuthService/SignIn"
STREAMS = 300


async def test_reflection_flood_leaves_sign_ins_alone(tmp_path: Path, jwks_url: str, replica: Replica) -> None:
    settings = {"jwks_url": jwks_url, "upstreams": {"identity": [replica.address]}, "reflection": True}
    block = header_block(call_headers(REFLECTION))
    async with running_gateway(tmp_path, **settings) as gateway, connected(gateway.address, "127.0.0.2") as hostile:
        began = asyncio.get_running_loop().time()
        for stream in range(1, 2 * STREAMS, 2):
            await hostile.send(frame(HEADERS, END_HEADERS, stream, block), frame(DATA, 0, stream, b"\0\0\0\0\0"))
        assert await gateway.call(SIGN_IN, b"well") == b"well"
        let_through = sum(call.path == REFLECTION for call in replica.calls)
        assert let_through <= REFLECTION_BURST + asyncio.get_running_loop().time() - began + 1


async def test_silent_connection_is_closed(tmp_path: Path, jwks_url: str) -> None:
    async with running_gateway(tmp_path, jwks_url=jwks_url) as gateway:
        host, _, port = gateway.address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        async with asyncio.timeout(60):
            assert await reader.read() == b""
        writer.close()
