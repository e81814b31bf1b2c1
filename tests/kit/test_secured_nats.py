"""NATS behind TLS, and three of it: nobody else is taken for it, and its streams outlive one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import override

import pytest

from kit.bus import Bus, Publication, Streams
from kit.certificates import Certificate
from kit.outages import is_outage
from stack.authority import Authority
from stack.nats import Nats
from stack.ports import Ports
from tests.kit.running import published, until
from tests.patience import PATIENCE


class Node(Nats):
    """One of a cluster, or alone."""

    def __init__(self, folder: Path, port: int, tls: Path | None, routes: Sequence[int] = (), route: int = 0) -> None:
        super().__init__(folder, "127.0.0.1", port, "no word: of/it @ 100%", {}, tls)
        self._routes, self._route, self._server_name = routes, route, folder.name
        self._process: asyncio.subprocess.Process | None = None

    @override
    def _config(self) -> dict[str, object]:
        cluster = {
            "name": "apricot",
            "host": "127.0.0.1",
            "port": self._route,
            "routes": [f"nats://127.0.0.1:{port}" for port in self._routes],
        }
        named = super()._config() | {"server_name": self._server_name}
        return named | ({"cluster": cluster} if self._routes else {})

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Node"]:
        command = await self.command()
        self._process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
        try:
            await until(self._serves)
            yield self
        finally:
            await self.kill()

    async def kill(self) -> None:
        if self._process is not None:
            if self._process.returncode is None:
                self._process.kill()
            await self._process.wait()

    async def _serves(self) -> bool:
        try:
            return await self.ready()
        except OSError:
            return False


@pytest.fixture
def ports() -> Iterator[Ports]:
    ports = Ports()
    yield ports
    ports.release()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "tls")


async def refuses(url: str, certificate: Certificate) -> bool:
    """Whether the bus does not connect, though it tries."""
    try:
        async with asyncio.timeout(1.5):
            await (await Bus.connect(url, "test", certificate=certificate)).close()
    except TimeoutError:
        return True
    return False


async def test_only_who_has_the_ca_s_certificate_is_served(tmp_path: Path, ports: Ports, authority: Authority) -> None:
    own, foreign = authority.issue("glucose"), Authority(tmp_path / "foreign").issue("glucose")
    async with Node(tmp_path / "one", ports.choose(), authority.issue("nats")).running() as node:
        bus = await Bus.connect(node.url, "test", certificate=Certificate(own))
        assert (await bus.ensure_stream("secured")).last_sequence == 0
        await bus.publish([Publication("1", "apricot.secured.thing.made.k", b"hello")])
        assert [event.payload for event in await published(bus, "secured")] == [b"hello"]
        await bus.close()
        assert await refuses(node.url, Certificate(foreign))
    async with Node(tmp_path / "plain", ports.choose(), None).running() as plain:
        assert await refuses(plain.url.replace("nats:", "tls:"), Certificate(own))


async def test_streams_get_their_copies_and_outlive_a_node(tmp_path: Path, ports: Ports, authority: Authority) -> None:
    tls, own = authority.issue("nats"), Certificate(authority.issue("glucose"))
    routes = [ports.choose() for _ in range(3)]
    nodes = [Node(tmp_path / f"node-{n}", ports.choose(), tls, routes, route) for n, route in enumerate(routes)]
    async with AsyncExitStack() as cluster:
        await asyncio.gather(*(cluster.enter_async_context(node.running()) for node in nodes))
        urls = ",".join(node.url for node in nodes)
        alone = await Bus.connect(urls, "alone", certificate=own)
        await at_last(lambda: alone.ensure_stream("secured"))  # they take a moment to choose who leads
        await alone.publish([Publication("1", "apricot.secured.thing.made.k", b"before")])
        await alone.close()

        bus = await Bus.connect(urls, "test", Streams(copies=3), own)
        await at_last(lambda: bus.ensure_stream("secured"))
        await until(lambda: _has_copies(bus, 3))
        await _connected_to(bus, nodes).kill()
        payloads = [b"before"]
        for number in range(10):  # each is there at once, wherever the consumer stands
            payloads.append(f"after {number}".encode())
            publication = Publication(f"2-{number}", "apricot.secured.thing.made.k", payloads[-1])
            await at_last(partial(bus.publish, [publication]))
            assert [event.payload for event in await at_last(lambda: published(bus, "secured"))] == payloads
        await bus.close()


async def at_last[T](ask: Callable[[], Awaitable[T]]) -> T:
    """Its answer, through outages as every caller of the kit's takes them: three nodes choose twice who leads."""
    async with asyncio.timeout(3 * PATIENCE):
        while True:
            try:
                return await ask()
            except Exception as error:
                if not is_outage(error):
                    raise
                await asyncio.sleep(0.1)


def _connected_to(bus: Bus, nodes: Sequence[Node]) -> Node:
    url = bus.client.connected_url
    return next(node for node in nodes if url and node.address.endswith(f":{url.port}"))


async def _has_copies(bus: Bus, wanted: int) -> bool:
    cluster = (await at_last(lambda: bus.jetstream.stream_info("secured"))).cluster
    followers = cluster.replicas if cluster else None
    return len([one for one in followers or () if one.current]) == wanted - 1
