"""Services, their migration and the gateway as parts; the services here are stand-ins that tell what they were told."""

import base64
import json
import sys
from pathlib import Path

import aiohttp
import pytest

from stack.events import Event, PartFailed
from stack.log import Log
from stack.migration import migrate
from stack.platform import Platform
from stack.services import Service
from stack.testing import temporary_settings
from tests.stack.conftest import Processes

STAND_IN = """
import http.server, json, os

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(dict(os.environ)).encode())

address = os.environ["APRICOT_HOST"], int(os.environ["APRICOT_HTTP_PORT"])
http.server.ThreadingHTTPServer(address, Handler).serve_forever()
"""


@pytest.fixture
def stand_ins(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def command(service: Service) -> list[str]:
        return [sys.executable, "-c", STAND_IN, str(state_dir)]

    monkeypatch.setattr(Service, "command", command)


async def told(http_address: str) -> dict[str, str]:
    async with aiohttp.ClientSession() as http, http.get(f"http://{http_address}/") as answer:
        environment: dict[str, str] = json.loads(await answer.text())
        return {name: value for name, value in environment.items() if name.startswith("APRICOT_")}


@pytest.mark.usefixtures("stand_ins")
async def test_a_service_is_told_where_everything_is(state_dir: Path, processes: Processes) -> None:
    settings = temporary_settings(state_dir, glucose_replicas=2, demo=True)
    async with Platform(settings, parts=("nats", "identity", "glucose")) as platform:
        [identity_http] = platform.http_addresses("identity")
        identity, *glucose = [
            await told(one) for name in ("identity", "glucose") for one in platform.http_addresses(name)
        ]
        for service in identity, *glucose:
            assert service["APRICOT_NATS_URL"].rpartition("@")[2] == platform.nats_url.rpartition("@")[2]
            assert service["APRICOT_JWKS_URL"] == f"http://{identity_http}/.well-known/jwks.json"
            assert [service["APRICOT_IDENTITY_ADDRESS"]] == platform.addresses("identity")
            assert service["APRICOT_DEMO"] == "1"
        assert len(base64.b64decode(identity["APRICOT_IDENTITY_KEY"])) == 32
        assert [one["APRICOT_REPLICA"] for one in glucose] == ["glucose-1", "glucose-2"]
        ports = [one["APRICOT_GRPC_PORT"] for one in glucose]
        assert platform.addresses("glucose") == [f"127.0.0.1:{port}" for port in ports]
        secrets = json.loads(identity["APRICOT_SERVICE_SECRETS"])
        assert {one["APRICOT_SERVICE_SECRET"] for one in glucose} == {secrets["glucose"]}

    async with Platform(settings, parts=("identity",)) as platform:
        [again] = platform.http_addresses("identity")
        assert (await told(again))["APRICOT_SERVICE_SECRETS"] == json.dumps(secrets)


@pytest.mark.usefixtures("stand_ins")
async def test_only_identity_has_its_key(state_dir: Path, processes: Processes) -> None:
    async with Platform(temporary_settings(state_dir), parts=("identity", "glucose")) as platform:
        [glucose] = platform.http_addresses("glucose")
        assert "APRICOT_IDENTITY_KEY" not in await told(glucose)


@pytest.mark.usefixtures("stand_ins")
async def test_a_replica_that_dies_comes_back_where_it_was(state_dir: Path, processes: Processes) -> None:
    settings = temporary_settings(state_dir, glucose_replicas=2)
    async with Platform(settings, parts=("glucose",)) as platform:
        one, other = platform.replicas("glucose")
        address, survivor = platform.http_addresses("glucose")[0], other.pid
        one.kill()
        await one.wait_ready()
        assert (await told(address))["APRICOT_REPLICA"] == "glucose-1"
        assert other.pid == survivor


@pytest.mark.usefixtures("stand_ins")
async def test_the_gateway_comes_last_and_goes_first(state_dir: Path, processes: Processes) -> None:
    heard: list[Event] = []
    settings = temporary_settings(state_dir)
    async with Platform(settings, parts=("identity", "glucose", "gateway"), listener=heard.append) as platform:
        gateway = platform.part("gateway")
        gateway.kill()
        await gateway.wait_ready()
        async with aiohttp.ClientSession() as http, http.get(f"{platform.gateway_address}/") as answer:
            assert answer.status < 500
    ready = [event.part for event in heard if event.state == "ready"]
    stopped = [event.part for event in heard if event.state == "stopped"]
    assert ready[-2:] == ["gateway", "gateway"]
    assert set(ready[:-2]) == {"identity", "glucose-1", "glucose-worker"}
    assert stopped[0] == "gateway"


async def test_two_gateways_at_once(state_dir: Path, processes: Processes) -> None:
    one, two = (temporary_settings(state_dir / name) for name in ("one", "two"))
    async with Platform(one, parts=("gateway",)) as first, Platform(two, parts=("gateway",)) as second:
        assert first.gateway_address != second.gateway_address


async def test_a_migration_that_fails_says_why(tmp_path: Path) -> None:
    log = Log(tmp_path / "migrate.log")
    with pytest.raises(PartFailed, match="migrate ended with exit code") as failure:
        await migrate(["glucose"], {"APRICOT_DATABASE_URL": "postgresql://nobody:none@127.0.0.1:1"}, log, print)
    assert failure.value.log_tail


async def test_the_real_platform_starts_whole(state_dir: Path, processes: Processes) -> None:
    async with Platform(temporary_settings(state_dir, glucose_replicas=2)) as platform:
        [identity] = platform.http_addresses("identity")
        async with aiohttp.ClientSession() as http:
            async with http.get(f"http://{identity}/.well-known/jwks.json") as answer:
                assert (await answer.json())["keys"]
            async with http.get(f"{platform.gateway_address}/") as answer:
                assert answer.status < 500
