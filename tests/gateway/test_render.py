"""The rendered configuration, by itself and before Envoy's own judgement."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from services.gateway import contract
from services.gateway.access import JWT, RBAC
from services.gateway.callbacks import PROVIDERS
from services.gateway.contract import Method, NoRule
from services.gateway.limits import GUESSABLE
from services.gateway.render import render
from services.gateway.routes import HEALTH, routed
from services.gateway.settings import CONTRACT, GatewaySettings
from services.gateway.shape import Config
from stack.authority import Authority
from tests.gateway.replica import METHODS
from tests.gateway.running import running_gateway

SETTINGS = GatewaySettings(upstreams={"identity": ["127.0.0.1:9001", "[::1]:9001"], "glucose": ["glucose:9000"]})


@pytest.fixture(scope="module")
def files() -> dict[str, Config]:
    return render(SETTINGS, Path("/etc/envoy"))


@pytest.fixture(scope="module")
def clusters(files: dict[str, Config]) -> dict[str, Config]:
    return {cluster["name"]: cluster for cluster in files["clusters.json"]["resources"]}


@pytest.fixture(scope="module")
def manager(files: dict[str, Config]) -> Config:
    [listener] = files["listeners.json"]["resources"]
    found: Config = listener["filter_chains"][0]["filters"][0]["typed_config"]
    return found


@pytest.fixture(scope="module")
def routes(files: dict[str, Config]) -> dict[str, Config]:
    [found] = files["routes.json"]["resources"]
    return {route["name"]: route for route in found["virtual_hosts"][0]["routes"]}


@pytest.mark.parametrize("method", routed(METHODS.values(), SETTINGS), ids=lambda method: method.path)
def test_every_method_has_its_route_and_its_decision(method: Method, routes: dict[str, Config]) -> None:
    route = routes[method.path.removeprefix("/")]
    token, rules = (route["typed_per_filter_config"][name] for name in (JWT, RBAC))
    policy = rules["rbac"]["rules"]["policies"]["callers"]
    assert route["match"]["path"] == method.path
    assert route["route"]["cluster"] == method.upstream + ("-public" if method.callers == "public" else "")
    assert ("requirement_name" in token) == (method.callers != "public")
    assert ("any" in policy["principals"][0]) == isinstance(method.callers, str)


def test_nothing_else_is_routed(routes: dict[str, Config]) -> None:
    known = {method.path.removeprefix("/") for method in [*METHODS.values(), HEALTH] if not method.for_services_alone}
    callbacks = {f"payments/{provider}/callback" for provider in PROVIDERS}
    assert routes.keys() == known | callbacks | {"malformed", "unknown"}


def test_reflection_is_routed_by_its_setting_alone() -> None:
    without, with_it = (routed([], GatewaySettings(reflection=on)) for on in (False, True))
    assert [method.path for method in without] == ["/grpc.health.v1.Health/Check"]
    assert {method.service for method in with_it[1:]} == {
        *("grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection")
    }


def test_every_route_but_the_unknown_leads_to_a_cluster(clusters: dict[str, Config], routes: dict[str, Config]) -> None:
    assert {name for name, route in routes.items() if route["route"]["cluster"] not in clusters} == {
        *("malformed", "unknown")
    }


def test_what_no_rule_lets_in_is_denied(manager: Config) -> None:
    rbac = next(found for found in manager["http_filters"] if found["name"] == RBAC)
    assert rbac["typed_config"]["rules"] == {"action": "ALLOW"}


def test_the_filters_see_json_as_the_method_it_becomes(manager: Config) -> None:
    names = [found["name"].removeprefix("envoy.filters.http.") for found in manager["http_filters"]]
    assert names == [
        *("cors", "grpc_web", "grpc_json_transcoder", "grpc_stats"),
        *("jwt_authn", "local_ratelimit", "rbac.look", "ext_authz", "rbac", "buffer", "router"),
    ]


def test_streams_last_and_calls_end(routes: dict[str, Config]) -> None:
    def durations(name: str) -> tuple[str, str]:
        limit = routes[name]["route"]["max_stream_duration"]
        return limit["max_stream_duration"], limit["grpc_timeout_header_max"]

    assert durations("apricot.glucose.v1.DiaryService/ListEntries") == ("15s", "60s")
    assert durations("apricot.glucose.v1.DiaryService/UploadEntries") == ("600s", "600s")
    assert durations("apricot.glucose.v1.WatchService/WatchPatients") == ("0s", "0s")


def test_the_admin_port_is_local(files: dict[str, Config]) -> None:
    assert files["envoy.json"]["admin"]["address"]["socket_address"]["address"] == "127.0.0.1"


def test_the_access_log_has_no_room_for_secrets(manager: Config) -> None:
    fields = json.dumps(manager["access_log"][0]["typed_config"]["log_format"]["json_format"]).upper()
    assert not [word for word in ("PATH", "QUERY", "AUTHORIZATION", "COOKIE", "DETAILS", "FORWARDED") if word in fields]


def test_guessable_methods_exist() -> None:
    assert METHODS.keys() >= GUESSABLE


def test_a_method_without_a_rule_is_refused(tmp_path: Path) -> None:
    files = contract.load(CONTRACT)
    method = next(_methods(files))
    method.options.Clear()
    (tmp_path / "contract.binpb").write_bytes(files.SerializeToString())
    with pytest.raises(NoRule, match=method.name):
        render(GatewaySettings(contract=tmp_path / "contract.binpb"), tmp_path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"upstreams": {"glucoes": ["127.0.0.1:1"]}},
        {"upstreams": {"glucose": ["127.0.0.1"]}},
        {"http_upstreams": {"glucose": ["127.0.0.1:1"]}},
        {"http_upstreams": {"pharmacy": ["127.0.0.1"]}},
        {"jwks_url": "https://identity/"},
        {"tls_folder": "/tls"},
    ],
)
def test_a_wrong_address_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"upstreams|host:port|http"):
        render(GatewaySettings(**wrong), Path("/etc/envoy"))


def test_rendering_is_pure() -> None:
    assert json.dumps(render(SETTINGS, Path("/a"))) == json.dumps(render(SETTINGS, Path("/a")))


def test_the_command_writes_what_the_environment_says(tmp_path: Path) -> None:
    out = tmp_path / "envoy.json"
    environment = os.environ | {"APRICOT_GATEWAY_LISTEN_PORT": "8765"}
    subprocess.run([sys.executable, "-m", "services.gateway.render", "--out", out], check=True, env=environment)
    [written] = json.loads((tmp_path / "listeners.json").read_text())["resources"]
    assert written["address"]["socket_address"]["port_value"] == 8765
    assert {file.name for file in tmp_path.iterdir()} == {
        *("envoy.json", "listeners.json", "routes.json", "clusters.json")
    }


def test_addresses_are_static_and_names_are_looked_up(clusters: dict[str, Config]) -> None:
    assert (clusters["identity"]["type"], clusters["glucose"]["type"]) == ("STATIC", "STRICT_DNS")


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_envoy_takes_all_of_it(tls: bool, tmp_path: Path, jwks_url: str) -> None:
    settings: dict[str, Any] = {"upstreams": SETTINGS.upstreams, "jwks_url": jwks_url}
    if tls:
        authority = Authority(tmp_path / "tls")
        folders = {f"{name}tls_folder": str(authority.issue("gateway")) for name in ("", "public_")}
        settings |= {"jwks_url": jwks_url.replace("http:", "https:"), **folders}
    async with running_gateway(tmp_path, **settings) as gateway:
        stats = await gateway.stats("update_(rejected|success)$")
        rejected = {name for name, count in stats.items() if "rejected" in name and count}
        taken = {name for name, count in stats.items() if "success" in name and count}
        assert not rejected
        assert {f"{one}.update_success" for one in ("cluster_manager.cds", "listener_manager.lds")} <= taken
    log = (tmp_path / "envoy.log").read_text().splitlines()
    # Nobody has the keys here, nor answers; and no deprecation or anything else is complained of.
    complaints = [line for line in log if "[warning]" in line or "[error]" in line]
    assert not [line for line in complaints if "jwks" not in line.lower()]


def _methods(files: FileDescriptorSet) -> Iterator[Any]:
    for file in files.file:
        if file.package.startswith("apricot."):
            for service in file.service:
                yield from service.method
