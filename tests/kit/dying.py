"""A service one of whose background tasks fails: `python -m tests.kit.dying GRPC_PORT HTTP_PORT`."""

import asyncio
import sys

from kit.access import NoPatients
from kit.chain import Chain
from kit.clock import utc_now
from kit.server import Server
from kit.settings import ServiceSettings
from kit.tokens import TokenVerifier
from tests.in_process import KEYS
from tests.kit.calls import Keys


async def fail() -> None:
    """As soon as somebody says so; or end without a word."""
    if await asyncio.to_thread(sys.stdin.readline) != "end\n":
        raise RuntimeError("unexpected")


async def serve(grpc_port: int, http_port: int) -> None:
    settings = ServiceSettings(
        grpc_port=grpc_port,
        http_port=http_port,
        database_url="",
        nats_url="",
        jwks_url="",
        identity_address="",
        sealing_keys=KEYS,
    )
    server = Server(settings, Chain(TokenVerifier(Keys()), NoPatients(), {}, utc_now))
    server.add_background(fail())
    await server.run()


if __name__ == "__main__":
    asyncio.run(serve(*map(int, sys.argv[1:])))
