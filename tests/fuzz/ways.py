"""The ways into the platform: gRPC at the gateway and at each service, JSON and gRPC-Web at the gateway. Each takes a
message in bytes and tells how it ended."""

import json
from collections.abc import Awaitable, Callable
from io import BytesIO
from random import Random
from typing import Any
from urllib.parse import quote

import aiohttp
import grpc
from google.api import annotations_pb2
from google.protobuf import json_format
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2, status_pb2

from kit.contract import Method
from tests.e2e.conftest import Doors
from tests.e2e.wire import Outcome
from tests.patience import PATIENCE

type Way = Callable[[Method, bytes, str], Awaitable[Outcome]]

DEADLINE_SECONDS = PATIENCE
ALL_CODES = {code.value[0]: code for code in grpc.StatusCode}
OF_HTTP = {500: grpc.StatusCode.INTERNAL, 502: grpc.StatusCode.UNAVAILABLE, 503: grpc.StatusCode.UNAVAILABLE}
BROKEN_FRAME = "BROKEN_FRAME"
"""The reason, where the frame was another than it says: gRPC answers INTERNAL, or waits for the rest of it."""
LEAVES: list[Any] = [
    *(None, True, [], {}, "", "\0", "NaN", "Infinity", -1, 1.5, 2**63, -(2**64), "9" * 400, "\ud7ff\U0010ffff"),
    *({"a": {"b": []}}, [[[]]], "x" * 5000),
]


class Ways:
    """Open while it is used: `async with Ways(doors, random) as ways`."""

    def __init__(self, doors: Doors, random: Random) -> None:
        self._doors = doors
        self._random = random
        self.all: dict[str, Way] = {
            "gateway": self._at_the_gateway,
            "service": self._at_the_service,
            "json": self._as_json,
            "web": self._from_the_web,
        }

    async def __aenter__(self) -> "Ways":
        timeout = aiohttp.ClientTimeout(total=DEADLINE_SECONDS)
        connector = aiohttp.TCPConnector(limit=0)
        self._http = aiohttp.ClientSession(self._doors.gateway_url, timeout=timeout, connector=connector)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def _at_the_gateway(self, method: Method, request: bytes, token: str) -> Outcome:
        return await self._doors.call("gateway", method.path, request, token, timeout=DEADLINE_SECONDS)

    async def _at_the_service(self, method: Method, request: bytes, token: str) -> Outcome:
        door = self._random.choice(["direct", "direct-2"])
        return await self._doors.call(door, method.path, request, token, timeout=DEADLINE_SECONDS)

    async def _from_the_web(self, method: Method, request: bytes, token: str) -> Outcome:
        head, whole = b"\0" + len(request).to_bytes(4), self._random.random() < 0.97
        if not whole:
            head = self._random.choice([b"\1" + head[1:], b"\x80" + head[1:], head[:3], b"\0\0\0\0\1", b""])
        headers = {"content-type": "application/grpc-web+proto", "x-grpc-web": "1", **_bearer(token)}
        try:
            async with self._http.post(method.path, data=BytesIO(head + request), headers=headers) as answer:
                return _web_outcome(answer.headers, await _first_of(answer, method), whole)
        except TimeoutError:
            if whole:
                raise
            return Outcome(code=grpc.StatusCode.DEADLINE_EXCEEDED, reason=BROKEN_FRAME)

    async def _as_json(self, method: Method, request: bytes, token: str) -> Outcome:
        """Where the method has no JSON, or the bytes are no message, an empty body at its path."""
        verb, path, body = json_request(method, request, self._random)
        headers = {"content-type": "application/json", **_bearer(token)}
        async with self._http.request(verb, path, data=BytesIO(body), headers=headers) as answer:
            content = await _first_of(answer, method)
        if answer.status < 400:
            return Outcome(answer=content)
        status, info = _json_status(content)
        code = OF_HTTP.get(answer.status) or ALL_CODES.get(status.code) or grpc.StatusCode.INVALID_ARGUMENT
        return Outcome(code=code, message=status.message, reason=info.reason or "OF_HTTP", answer=content)


def json_request(method: Method, request: bytes, random: Random) -> tuple[str, str, bytes]:
    """Verb, path and body by the contract's annotation; some leaf of it may be another value."""
    rule = method.descriptor.GetOptions().Extensions[annotations_pb2.http]
    verb = rule.WhichOneof("pattern") or "post"
    template: str = getattr(rule, verb, "") or method.path
    message = GetMessageClass(method.descriptor.input_type)()
    try:
        message.ParseFromString(request)
    except DecodeError:
        return verb.upper(), _filled(template, {}), request
    try:
        fields: dict[str, Any] = json_format.MessageToDict(message, preserving_proto_field_name=True)
    except json_format.Error:  # a time that no calendar has is written by nobody
        fields = {}
    path = _filled(template, fields)
    if verb == "get":
        query = "&".join(f"{quote(name)}={quote(str(value)[:2000])}" for name, value in fields.items())
        return "GET", f"{path}?{query}", b""
    body: Any = fields
    if random.random() < 0.4:
        _spoil(body, random)
    text = json.dumps(body).encode()
    return verb.upper(), path, random.choice([text, text, text, text[: len(text) // 2], b"[" * 300, b'{"a":' * 300])


def _filled(template: str, fields: dict[str, Any]) -> str:
    """The path with the fields that it names, which leave the body."""
    path = template
    for name in [part.partition("}")[0] for part in template.split("{")[1:]]:
        value = fields.pop(name, "")
        path = path.replace(f"{{{name}}}", quote(str(value)[:2000], safe=""))
    return path


def _spoil(value: Any, random: Random) -> None:
    """Exchange one leaf, or put in a field that there is not."""
    if isinstance(value, list) and value:
        value = random.choice(value)
    if not isinstance(value, dict):
        return
    name = random.choice([*value, "nothing"])
    if isinstance(value.get(name), dict | list) and random.random() < 0.7:
        _spoil(value[name], random)
    else:
        value[name] = random.choice(LEAVES)


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"} if token else {}


async def _first_of(answer: aiohttp.ClientResponse, method: Method) -> bytes:
    """The body; of a stream what comes first."""
    return await (answer.content.readany() if method.descriptor.server_streaming else answer.read())


def _json_status(content: bytes) -> tuple[status_pb2.Status, error_details_pb2.ErrorInfo]:
    info = error_details_pb2.ErrorInfo()
    try:
        body = json.loads(content)
    except ValueError:
        return status_pb2.Status(), info
    details = body.get("details", []) if isinstance(body, dict) else []
    code = body.get("code", 0) if isinstance(body, dict) else 0
    reasons = [one.get("reason", "") for one in details if isinstance(one, dict)]
    info.reason = next(filter(None, reasons), "")
    return status_pb2.Status(code=code if isinstance(code, int) else 0), info


def _web_outcome(headers: Any, content: bytes, whole: bool) -> Outcome:
    """Trailers are in the head when nothing else came, else in the last frame."""
    text = headers.get("grpc-status", "") or content.rpartition(b"grpc-status:")[2][:2].strip().decode(errors="replace")
    code = ALL_CODES.get(int(text), grpc.StatusCode.UNKNOWN) if text.isdigit() else grpc.StatusCode.OK
    return Outcome(code=code, reason="OF_WEB" if whole else BROKEN_FRAME, answer=content)
