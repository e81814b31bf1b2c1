"""The platform's gateway with one more upstream, the bare limits, behind the same filters."""

import asyncio
import json
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

from benchmarks import bare
from benchmarks.requests import CONVERSE, LOG, WATCH
from services.gateway.settings import GatewaySettings
from stack.envoy import Envoy
from stack.program import Program
from stack.services import python_environment

CLUSTER = "bare"
LIKE = {bare.ECHO: LOG, bare.PUBLISH: LOG, bare.FAN_OUT: WATCH, bare.RELAY: CONVERSE}
"""Each bare method has the route of one of ours: its checks, limits, timeouts, and its place in the order."""


class Bare(Program):
    """The bare server."""

    def __init__(self, port: int) -> None:
        super().__init__("bare", f"127.0.0.1:{port}")
        self._port = port

    async def command(self) -> list[str]:
        return [sys.executable, "-m", "benchmarks.bare", str(self._port)]

    def environment(self) -> dict[str, str]:
        return python_environment()

    async def ready(self) -> bool:
        _, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.close()
        return True


class Gateway(Envoy):
    """Envoy as the stack runs it, with the bare server behind it too."""

    def __init__(self, folder: Path, settings: GatewaySettings, concurrency: int, bare_port: int) -> None:
        super().__init__(folder, settings, concurrency)
        self._bare_port = bare_port

    async def command(self) -> list[str]:
        command = await super().command()
        folder = Path(command[command.index("--config-path") + 1]).parent
        _change(folder / "routes.json", _add_routes)
        _change(folder / "clusters.json", lambda clusters: _add_cluster(clusters, self._bare_port))
        return command


def _change(file: Path, change: Callable[[list[dict[str, Any]]], None]) -> None:
    config = json.loads(file.read_text())
    change(config["resources"])
    file.write_text(json.dumps(config, indent=2))


def _add_routes(configurations: list[dict[str, Any]]) -> None:
    routes = configurations[0]["virtual_hosts"][0]["routes"]
    for path, like in LIKE.items():
        place = next(n for n, route in enumerate(routes) if route["match"].get("path") == like)
        route = deepcopy(routes[place])
        route["name"] = path.removeprefix("/")
        route["match"]["path"] = path
        route["route"]["cluster"] = CLUSTER
        routes.insert(place + 1, route)


def _add_cluster(clusters: list[dict[str, Any]], port: int) -> None:
    cluster = deepcopy(next(one for one in clusters if one["name"] == "glucose"))
    del cluster["health_checks"]  # the bare server answers none
    cluster["name"] = cluster["load_assignment"]["cluster_name"] = CLUSTER
    replicas = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]
    del replicas[1:]
    replicas[0]["endpoint"]["address"]["socket_address"]["port_value"] = port
    clusters.append(cluster)
