"""Every standard header malformed, and one call with it by each wire."""

import aiohttp

from tests.hardening.frames import DATA, END_HEADERS, END_STREAM, HEADERS, call_headers, connected, frame, header_block

EMPTY = b"\0\0\0\0\0"
MALFORMED = [
    *(("grpc-timeout", value) for value in ("-1S", "1", "S", "999999999S", "1x", "1S,2S", "")),
    *(("grpc-encoding", value) for value in ("nope", "gzip,gzip")),
    ("grpc-accept-encoding", ",,;="),
    *((name, "!%=") for name in ("grpc-trace-bin", "grpc-tags-bin", "grpc-server-stats-bin", "x-any-bin")),
    *(("grpc-status", value) for value in ("-1", "x", "99999999999999999999")),
    ("grpc-message", "%zz"),
    *((name, "zz") for name in ("grpc-previous-rpc-attempts", "grpc-retry-pushback-ms")),
    *((name, "zz") for name in ("grpc-internal-encoding-request", "grpclb_client_stats", "lb-token")),
    *(("te", value) for value in ("gzip", "trailers, deflate")),
    *(("content-type", value) for value in ("application/grpc+evil", "application/grpc-web+evil", "application/grpcx")),
]


async def by_http2(
    address: str, path: str, name: str, value: str, *, token: str = "", source: str = "127.0.0.1"
) -> None:
    """Send one native gRPC call with the header, and wait until it is answered or its connection is closed."""
    own = [("authorization", f"Bearer {token}")] if token else []
    headers = [(key, text) for key, text in call_headers(path, *own) if key != name]
    block = header_block([*headers, (name, value)])
    async with connected(address, source) as connection:
        await connection.send(frame(HEADERS, END_HEADERS, 1, block), frame(DATA, END_STREAM, 1, EMPTY))
        await connection.answered()


async def by_grpc_web(http: aiohttp.ClientSession, path: str, name: str, value: str, *, token: str = "") -> int:
    """Send one gRPC-Web call with the header; return its HTTP status."""
    kind = {"content-type": "application/grpc-web+proto", "x-grpc-web": "1"}
    return await _post(http, path, EMPTY, kind | _bearer(token) | {name: value})


async def by_json(http: aiohttp.ClientSession, path: str, name: str, value: str, *, token: str = "") -> int:
    """Send one JSON call with the header; return its HTTP status."""
    return await _post(http, path, b"{}", {"content-type": "application/json"} | _bearer(token) | {name: value})


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"} if token else {}


async def _post(http: aiohttp.ClientSession, path: str, body: bytes, headers: dict[str, str]) -> int:
    async with http.post(path, data=body, headers=headers) as answer:
        await answer.read()
        return answer.status
