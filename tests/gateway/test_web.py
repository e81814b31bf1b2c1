"""What browsers do: gRPC-Web."""

import base64

import aiohttp
from google.rpc import status_pb2

from tests.gateway.issuer import Issuer
from tests.gateway.replica import Replica
from tests.gateway.running import Gateway

METHOD = "/apricot.identity.v1.AccountService/GetMe"
ORIGIN = "http://localhost:5173"
PROTO = {"content-type": "application/grpc-web+proto", "x-grpc-web": "1", "origin": ORIGIN}
TRAILERS = 0x80


def frame(message: bytes, flags: int = 0) -> bytes:
    return bytes([flags]) + len(message).to_bytes(4) + message


async def test_grpc_web(gateway: Gateway, replica: Replica, issuer: Issuer) -> None:
    headers = PROTO | {"authorization": f"Bearer {issuer.token()}"}
    async with (
        aiohttp.ClientSession(gateway.url) as http,
        http.post(METHOD, data=frame(b"hello"), headers=headers) as answer,
    ):
        body = await answer.read()
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert "grpc-status-details-bin" in answer.headers["access-control-expose-headers"]
    assert body.startswith(frame(b"hello"))
    flags, trailers = body[len(frame(b"hello"))], body[len(frame(b"hello")) + 5 :]
    assert (flags, b"grpc-status:0" in trailers) == (TRAILERS, True)
    assert replica.calls[0].body == b"hello"


async def test_grpc_web_as_text(gateway: Gateway, replica: Replica, issuer: Issuer) -> None:
    text = {"content-type": "application/grpc-web-text", "accept": "application/grpc-web-text"}
    headers = PROTO | text | {"authorization": f"Bearer {issuer.token()}"}
    async with (
        aiohttp.ClientSession(gateway.url) as http,
        http.post(METHOD, data=base64.b64encode(frame(b"hello")), headers=headers) as answer,
    ):
        assert base64.b64decode((await answer.read())[:16])[:10] == frame(b"hello")


async def test_a_refusal_reaches_the_browser(gateway: Gateway, replica: Replica) -> None:
    async with (
        aiohttp.ClientSession(gateway.url) as http,
        http.post(METHOD, data=frame(b"hello"), headers=PROTO) as answer,
    ):
        assert (answer.status, answer.content_type) == (200, "application/grpc-web+proto")
        assert answer.headers["grpc-status"] == "16"
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        details = base64.b64decode(answer.headers["grpc-status-details-bin"] + "==")
    assert b"TOKEN_MISSING" in status_pb2.Status.FromString(details).details[0].value
    assert not replica.calls


async def test_role_by_now_is_told_to_the_browser(gateway: Gateway, replica: Replica, issuer: Issuer) -> None:
    method = "/apricot.identity.v1.AuthService/RotateKeys"
    issuer.by_now.add(method)
    headers = PROTO | {"authorization": f"Bearer {issuer.token()}"}
    try:
        async with (
            aiohttp.ClientSession(gateway.url) as http,
            http.post(method, data=frame(b""), headers=headers) as answer,
        ):
            assert (answer.status, answer.headers["grpc-status"]) == (200, "7")
            details = base64.b64decode(answer.headers["grpc-status-details-bin"] + "==")
    finally:
        issuer.by_now.clear()
    assert b"ROLE_NOT_IN_TOKEN" in status_pb2.Status.FromString(details).details[0].value
    assert not replica.calls
