"""Preflights of browsers: which origins may call, and with which HTTP methods."""

from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from google.api import annotations_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from services.gateway import contract
from services.gateway.render import render
from services.gateway.settings import CONTRACT, GatewaySettings
from tests.gateway.issuer import Issuer
from tests.gateway.replica import Replica
from tests.gateway.running import Gateway

GRPC_WEB = "/apricot.identity.v1.AccountService/GetMe"
HEALTH_RECORD = "/v1/healthRecord"
ORIGIN = "http://localhost:5173"
STRANGERS = ["https://evil.example", "http://localhost.evil.example", "http://localhost:1.evil"]


def json_routes(files: FileDescriptorSet) -> Iterator[tuple[str, str]]:
    """Yield the HTTP method and the path of each JSON route of the contract, of whatever kind it is."""
    methods = (method for file in files.file for service in file.service for method in service.method)
    for method in methods:
        rule = method.options.Extensions[annotations_pb2.http]
        for one in (rule, *rule.additional_bindings):
            kind = one.WhichOneof("pattern")
            if kind == "custom":
                yield one.custom.kind, one.custom.path
            elif kind:
                yield kind.upper(), getattr(one, kind)


ROUTES = sorted(json_routes(contract.load(CONTRACT)))
VERBS = sorted({verb for verb, _ in ROUTES})


async def preflight(http: aiohttp.ClientSession, path: str, origin: str, verb: str) -> dict[str, str]:
    """Return the headers by which a browser decides whether to send the call itself."""
    headers = {
        "origin": origin,
        "access-control-request-method": verb,
        "access-control-request-headers": "authorization,content-type,x-grpc-web",
    }
    async with http.options(path, headers=headers) as answer:
        return {name.lower(): value for name, value in answer.headers.items()}


def is_allowed(headers: dict[str, str], origin: str, verb: str) -> bool:
    """Return whether a browser would send the call."""
    needed = {"authorization", "content-type", "x-grpc-web"}
    return (
        headers.get("access-control-allow-origin") == origin
        and verb in headers["access-control-allow-methods"].split(", ")
        and needed <= set(headers["access-control-allow-headers"].split(", "))
    )


async def test_browser_may_send_every_json_route(gateway: Gateway) -> None:
    assert ("PUT", HEALTH_RECORD) in ROUTES
    async with aiohttp.ClientSession(gateway.url) as http:
        refused = [
            (verb, path)
            for verb, path in ROUTES
            if not is_allowed(await preflight(http, path, ORIGIN, verb), ORIGIN, verb)
        ]
    assert not refused


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("origin", STRANGERS)
async def test_other_origins_may_send_nothing(origin: str, verb: str, gateway: Gateway) -> None:
    async with aiohttp.ClientSession(gateway.url) as http:
        for path in (GRPC_WEB, next(path for one, path in ROUTES if one == verb)):
            headers = await preflight(http, path, origin, verb)
            assert "access-control-allow-origin" not in headers


async def test_browser_may_send_grpc_web(gateway: Gateway) -> None:
    async with aiohttp.ClientSession(gateway.url) as http:
        headers = await preflight(http, GRPC_WEB, ORIGIN, "POST")
    assert is_allowed(headers, ORIGIN, "POST")
    assert "access-control-allow-credentials" not in headers


async def test_methods_that_no_route_has_are_not_allowed(gateway: Gateway) -> None:
    async with aiohttp.ClientSession(gateway.url) as http:
        headers = await preflight(http, HEALTH_RECORD, ORIGIN, "TRACE")
    assert sorted(headers["access-control-allow-methods"].split(", ")) == VERBS


@pytest.mark.parametrize(("role", "status"), [("patient", 200), ("", 401)])
async def test_browser_reads_the_answer_of_a_put(
    role: str, status: int, gateway: Gateway, replica: Replica, issuer: Issuer
) -> None:
    replica.answers["/apricot.consult.v1.HealthRecordService/PutHealthRecord"] = b""
    token = {"authorization": f"Bearer {issuer.token(role)}"} if role else {}
    body = {"requestId": "r", "facts": {}}
    async with (
        aiohttp.ClientSession(gateway.url) as http,
        http.put(HEALTH_RECORD, json=body, headers={"origin": ORIGIN, **token}) as answer,
    ):
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (status, ORIGIN)


@pytest.mark.parametrize("verb", ["patch", "delete"])
def test_new_verb_of_the_contract_is_allowed(verb: str, tmp_path: Path) -> None:
    files = contract.load(CONTRACT)
    methods = (method for file in files.file for service in file.service for method in service.method)
    rule = next(method for method in methods if method.name == "PutHealthRecord").options.Extensions[
        annotations_pb2.http
    ]
    setattr(rule, verb, rule.put)
    (tmp_path / "contract.binpb").write_bytes(files.SerializeToString())
    rendered = render(GatewaySettings(contract=tmp_path / "contract.binpb"), tmp_path)
    [routes] = rendered["routes.json"]["resources"]
    cors = routes["virtual_hosts"][0]["typed_per_filter_config"]["envoy.filters.http.cors"]
    assert verb.upper() in cors["allow_methods"].split(", ")
