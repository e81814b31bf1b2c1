"""A real Envoy for a test, on free ports, gone afterwards."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import grpc
from google.rpc import error_details_pb2, status_pb2

from services.gateway.render import BOOTSTRAP, write
from services.gateway.settings import GatewaySettings
from stack.ports import Ports
from stack.wheels import wheel_folder
from tests.patience import PATIENCE

ENVOY = str(wheel_folder("envoy") / "_bin" / "envoy")


type Metadata = dict[str, str]
type Unary = grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]
type Streaming = grpc.aio.UnaryStreamMultiCallable[bytes, bytes]


class Gateway:
    """`host:port`, a channel to it, and what it has logged."""

    def __init__(self, settings: GatewaySettings, channel: grpc.aio.Channel) -> None:
        self.settings = settings
        self.address = f"{settings.listen_host}:{settings.listen_port}"
        self.url = f"http://{self.address}"
        self.admin = f"http://127.0.0.1:{settings.admin_port}"
        self.log = settings.access_log
        self.channel = channel

    async def call(
        self,
        path: str,
        body: bytes = b"",
        token: str = "",
        metadata: Metadata | None = None,
        timeout: float | None = 10,
    ) -> bytes:
        """One unary call in bytes."""
        method: Unary = self.channel.unary_unary(path)
        return await method(body, timeout=timeout, metadata=_metadata(token, metadata))

    async def refusal(
        self, path: str, body: bytes = b"", token: str = "", metadata: Metadata | None = None
    ) -> grpc.aio.AioRpcError:
        try:
            await self.call(path, body, token, metadata)
        except grpc.aio.AioRpcError as error:
            return error
        raise AssertionError(f"{path} was let through")

    def stream(self, path: str, body: bytes, token: str) -> "grpc.aio.UnaryStreamCall[bytes, bytes]":
        """One server stream in bytes."""
        method: Streaming = self.channel.unary_stream(path)
        return method(body, metadata=_metadata(token, None))

    async def stats(self, names: str) -> dict[str, int]:
        """Envoy's counters and gauges whose names fit."""
        query = {"filter": names, "format": "json"}
        async with aiohttp.ClientSession(self.admin) as http, http.get("/stats", params=query) as answer:
            return {one["name"]: one["value"] for one in (await answer.json())["stats"] if "value" in one}

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []


@asynccontextmanager
async def running_gateway(folder: Path, **settings: Any) -> AsyncIterator[Gateway]:
    ports = Ports()
    chosen: dict[str, Any] = {
        "listen_port": ports.choose(),
        "admin_port": ports.choose(),
        "http_port": ports.choose(),
        "follow_port": ports.choose(),
        "access_log": folder / "access.log",
    }
    given = GatewaySettings(**(chosen | settings))
    config = folder / BOOTSTRAP
    write(given, config)
    command = [ENVOY, "-c", str(config), "--concurrency", "1", "--disable-hot-restart"]
    with (folder / "envoy.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command, "--log-level", "warning", "--file-flush-interval-msec", "50", stdout=log, stderr=log
        )
    # Each gateway its own connections: gRPC shares them between channels of one target.
    options = [("grpc.use_local_subchannel_pool", 1)]
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{given.listen_port}", options=options) as channel:
            gateway = Gateway(given, channel)
            await until(lambda: _ready(gateway.admin))
            yield gateway
    finally:
        process.kill()
        await process.wait()
        ports.release()


async def until(condition: Callable[[], Awaitable[object]], seconds: float = PATIENCE) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


def details(error: grpc.aio.AioRpcError) -> error_details_pb2.ErrorInfo:
    """The machine-readable part of an error; empty when it has none."""
    info = error_details_pb2.ErrorInfo()
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            status_pb2.Status.FromString(value).details[0].Unpack(info)
    return info


def _metadata(token: str, more: Metadata | None) -> list[tuple[str, str]]:
    bearer = [("authorization", f"Bearer {token}")] if token else []
    return [*bearer, *(more or {}).items()]


async def _ready(admin: str) -> bool:
    try:
        async with aiohttp.ClientSession() as http, http.get(f"{admin}/ready") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False
