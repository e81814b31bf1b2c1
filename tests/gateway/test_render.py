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
from services.gateway.routes import BESIDE_CONTRACT
from services.gateway.settings import CONTRACT, GatewaySettings
from services.gateway.shape import Config
from tests.gateway.replica import METHODS
from tests.gateway.running import ENVOY

SETTINGS = GatewaySettings(upstreams={"identity": ["127.0.0.1:9001", "[::1]:9001"], "glucose": ["glucose:9000"]})


@pytest.fixture(scope="module")
def config() -> Config:
    return render(SETTINGS)


@pytest.fixture(scope="module")
def manager(config: Config) -> Config:
    chain = config["static_resources"]["listeners"][0]["filter_chains"][0]
    found: Config = chain["filters"][0]["typed_config"]
    return found


@pytest.fixture(scope="module")
def routes(manager: Config) -> dict[str, Config]:
    return {route["name"]: route for route in manager["route_config"]["virtual_hosts"][0]["routes"]}


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.path)
def test_every_method_has_its_route_and_its_decision(method: Method, routes: dict[str, Config]) -> None:
    route = routes[method.path.removeprefix("/")]
    token, rules = (route["typed_per_filter_config"][name] for name in (JWT, RBAC))
    policy = rules["rbac"]["rules"]["policies"]["callers"]
    assert route["match"]["path"] == method.path
    assert route["route"]["cluster"] == method.path.split(".")[1]
    assert ("requirement_name" in token) == (method.callers != "public")
    assert ("any" in policy["principals"][0]) == isinstance(method.callers, str)


def test_nothing_else_is_routed(routes: dict[str, Config]) -> None:
    known = {method.path.removeprefix("/") for method in [*METHODS.values(), *BESIDE_CONTRACT]}
    callbacks = {f"payments/{provider}/callback" for provider in PROVIDERS}
    assert routes.keys() == known | callbacks | {"unknown"}


def test_every_route_but_the_unknown_leads_to_a_cluster(config: Config, routes: dict[str, Config]) -> None:
    clusters = {cluster["name"] for cluster in config["static_resources"]["clusters"]}
    assert {name for name, route in routes.items() if route["route"]["cluster"] not in clusters} == {"unknown"}


def test_what_no_rule_lets_in_is_denied(manager: Config) -> None:
    rbac = next(found for found in manager["http_filters"] if found["name"] == RBAC)
    assert rbac["typed_config"]["rules"] == {"action": "ALLOW"}


def test_the_filters_see_json_as_the_method_it_becomes(manager: Config) -> None:
    names = [found["name"].removeprefix("envoy.filters.http.") for found in manager["http_filters"]]
    assert names == [
        *("cors", "grpc_web", "grpc_json_transcoder"),
        *("jwt_authn", "local_ratelimit", "rbac", "buffer", "router"),
    ]


def test_streams_last_and_calls_end(routes: dict[str, Config]) -> None:
    def durations(name: str) -> tuple[str, str]:
        limit = routes[name]["route"]["max_stream_duration"]
        return limit["max_stream_duration"], limit["grpc_timeout_header_max"]

    assert durations("apricot.glucose.v1.DiaryService/ListEntries") == ("15s", "60s")
    assert durations("apricot.glucose.v1.DiaryService/UploadEntries") == ("600s", "600s")
    assert durations("apricot.glucose.v1.WatchService/WatchPatients") == ("0s", "0s")


def test_the_admin_port_is_local(config: Config) -> None:
    assert config["admin"]["address"]["socket_address"]["address"] == "127.0.0.1"


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
        render(GatewaySettings(contract=tmp_path / "contract.binpb"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"upstreams": {"glucoes": ["127.0.0.1:1"]}},
        {"upstreams": {"glucose": ["127.0.0.1"]}},
        {"http_upstreams": {"glucose": ["127.0.0.1:1"]}},
        {"http_upstreams": {"pharmacy": ["127.0.0.1"]}},
        {"jwks_url": "https://identity/"},
    ],
)
def test_a_wrong_address_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"upstreams|host:port|http"):
        render(GatewaySettings(**wrong))


def test_rendering_is_pure() -> None:
    assert json.dumps(render(SETTINGS)) == json.dumps(render(SETTINGS))


def test_the_command_writes_what_the_environment_says(tmp_path: Path) -> None:
    out = tmp_path / "envoy.json"
    environment = os.environ | {"APRICOT_GATEWAY_LISTEN_PORT": "8765"}
    subprocess.run([sys.executable, "-m", "services.gateway.render", "--out", out], check=True, env=environment)
    written = json.loads(out.read_text())
    assert written["static_resources"]["listeners"][0]["address"]["socket_address"]["port_value"] == 8765
    assert list(tmp_path.iterdir()) == [out]


def test_addresses_are_static_and_names_are_looked_up(config: Config) -> None:
    kinds = {cluster["name"]: cluster["type"] for cluster in config["static_resources"]["clusters"]}
    assert (kinds["identity"], kinds["glucose"]) == ("STATIC", "STRICT_DNS")


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_envoy_accepts_it(tls: bool, tmp_path: Path) -> None:
    files = {}
    if tls:
        certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        command += ["-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)]
        subprocess.run(command, check=True, capture_output=True)
        files = {"tls_cert_file": certificate, "tls_key_file": key}
    path = tmp_path / "envoy.json"
    path.write_text(json.dumps(render(SETTINGS.model_copy(update=files))))
    run = subprocess.run([ENVOY, "--mode", "validate", "-c", str(path)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    # Envoy validates without clusters, so it complains of the keys; of nothing else, deprecations among them.
    complaints = [line for line in run.stderr.splitlines() if "[warning]" in line or "[error]" in line]
    assert not [line for line in complaints if "jwks" not in line.lower()]


def _methods(files: FileDescriptorSet) -> Iterator[Any]:
    for file in files.file:
        if file.package.startswith("apricot."):
            for service in file.service:
                yield from service.method
