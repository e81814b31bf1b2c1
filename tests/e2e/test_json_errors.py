"""What goes wrong in JSON is a `google.rpc.Status` in JSON, whoever refuses: the gateway, the transcoder, a service."""

import io
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from google.protobuf.json_format import ParseDict
from google.rpc import error_details_pb2, status_pb2

from tests.e2e.conftest import Doors
from tests.e2e.signer import Signer
from tests.people import People, Person

NO_JSON = [
    *(b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"{" * 500),
    b'{"entries": 1}',
    b'{"entries": [{"note": {"text": "\\ud800"}}]}',
    b'{"entries": [{"sensorReading": {"glucose": {"value": 1e999}}}]}',
    b'{"requestId": {"a": "b"}}',
]
GOOGLE_CODES = {400: {3, 9, 11}, 401: {16}, 403: {7}, 404: {5}, 409: {6, 10}, 429: {8}, 413: {8}}


@pytest.fixture(scope="module")
async def patient(people: People) -> Person:
    return await people.patient()


@pytest.fixture(scope="module")
async def http(doors: Doors) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(doors.gateway_url) as http:
        yield http


async def refused(answer: aiohttp.ClientResponse) -> tuple[int, str, error_details_pb2.BadRequest]:
    """HTTP status, reason and fields of a refusal, which has to be a whole `google.rpc.Status`."""
    assert answer.content_type == "application/json"
    body: dict[str, Any] = await answer.json()
    status, info, bad = status_pb2.Status(), error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    ParseDict(body, status)
    assert status.code in GOOGLE_CODES[answer.status]
    assert status.message
    for detail in status.details:
        detail.Unpack(info)
        detail.Unpack(bad)
    assert info.domain == "apricot"
    return answer.status, info.reason, bad


async def test_no_token(http: aiohttp.ClientSession) -> None:
    async with http.get("/v1/me") as answer:
        assert (await refused(answer))[:2] == (401, "TOKEN_MISSING")


async def test_the_wrong_role(http: aiohttp.ClientSession, patient: Person, signer: Signer) -> None:
    headers = {"authorization": f"Bearer {signer.token(patient.account_id)}"}
    async with http.post("/v1/audit:verify", json={}, headers=headers) as answer:
        assert (await refused(answer))[:2] == (403, "ROLE_REQUIRED")


async def test_a_service_s_refusals(http: aiohttp.ClientSession, patient: Person) -> None:
    headers = {"authorization": f"Bearer {await patient.token()}"}
    own = f"/v1/patients/{patient.account_id}/entries"
    async with http.get(f"/v1/patients/{uuid4()}/entries", headers=headers) as answer:
        assert (await refused(answer))[:2] == (403, "PATIENT_ACCESS_DENIED")
    async with http.get(own, params={"pageSize": "10000"}, headers=headers) as answer:
        status, reason, bad = await refused(answer)
        assert (status, reason, [each.field for each in bad.field_violations]) == (400, "INVALID_FIELD", ["page_size"])
    async with http.get(own, params={"pageToken": "x"}, headers=headers) as answer:
        assert (await refused(answer))[:2] == (400, "INVALID_PAGE_TOKEN")
    async with http.get(f"{own}/{uuid4()}/revisions", headers=headers) as answer:
        assert (await refused(answer))[:2] == (404, "NOT_FOUND")
    async with http.post("/v1/auth/sign-in", json={"phoneCode": {"phone": patient.phone, "code": "000000"}}) as answer:
        assert (await refused(answer))[:2] == (401, "CREDENTIALS_INVALID")


async def test_too_much_json(http: aiohttp.ClientSession, patient: Person) -> None:
    headers = {"authorization": f"Bearer {await patient.token()}", "content-type": "application/json"}
    body = io.BytesIO(b'{"requestId": "' + b"x" * (5 << 20) + b'"}')
    async with http.post(f"/v1/patients/{patient.account_id}/entries", data=body, headers=headers) as answer:
        assert (await refused(answer))[:2] == (413, "TOO_LARGE")


@pytest.mark.parametrize("body", NO_JSON, ids=repr)
async def test_json_that_is_none(body: bytes, http: aiohttp.ClientSession, patient: Person) -> None:
    """Malformed bodies are the caller's fault."""
    headers = {"authorization": f"Bearer {await patient.token()}", "content-type": "application/json"}
    async with http.post(f"/v1/patients/{patient.account_id}/entries", data=body, headers=headers) as answer:
        assert answer.status == 400, await answer.text()
