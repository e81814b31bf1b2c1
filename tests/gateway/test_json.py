"""The contract as JSON over HTTP."""

import io
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import aiohttp
import grpc
import pytest
import pytest_asyncio
from apricot.glucose.v1 import diary_pb2, entry_pb2, watch_pb2
from apricot.identity.v1 import auth_pb2

from tests.gateway.bad_tokens import BAD_TOKENS
from tests.gateway.issuer import Issuer
from tests.gateway.replica import Replica
from tests.gateway.running import Gateway

DIARY = "/apricot.glucose.v1.DiaryService"
PATIENT = str(uuid4())
ENTRIES = f"/v1/patients/{PATIENT}/entries"


@pytest_asyncio.fixture
async def http(gateway: Gateway) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(gateway.url) as session:
        yield session


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"} if token else {}


def error(body: dict[str, Any]) -> tuple[int, str]:
    return body["code"], body["details"][0]["reason"]


async def test_post(http: aiohttp.ClientSession, replica: Replica, issuer: Issuer) -> None:
    result = diary_pb2.EntryResult(entry_id="e", outcome=diary_pb2.ENTRY_OUTCOME_CREATED)
    replica.answers[f"{DIARY}/LogEntries"] = diary_pb2.LogEntriesResponse(results=[result]).SerializeToString()
    body = {"requestId": "r", "entries": [{"entryId": "e"}]}
    async with http.post(ENTRIES, json=body, headers=bearer(issuer.token())) as answer:
        assert answer.status == 200
        assert (await answer.json())["results"][0]["outcome"] == "ENTRY_OUTCOME_CREATED"
        assert answer.headers["x-request-id"]
    request = diary_pb2.LogEntriesRequest(patient_id=PATIENT, request_id="r", entries=[entry_pb2.Entry(entry_id="e")])
    assert diary_pb2.LogEntriesRequest.FromString(replica.calls[0].body) == request


async def test_get(http: aiohttp.ClientSession, replica: Replica, issuer: Issuer) -> None:
    replica.answers[f"{DIARY}/ListEntries"] = diary_pb2.ListEntriesResponse(next_page_token="n").SerializeToString()
    query = {"startTime": "2026-03-01T08:00:00+08:00", "pageSize": "7"}
    async with http.get(ENTRIES, params=query, headers=bearer(issuer.token())) as answer:
        assert (answer.status, await answer.json()) == (200, {"entries": [], "nextPageToken": "n"})
    request = diary_pb2.ListEntriesRequest.FromString(replica.calls[0].body)
    assert (request.patient_id, request.page_size, request.start_time.seconds) == (PATIENT, 7, 1772323200)
    assert not any(PATIENT in value for value in replica.calls[0].metadata.values())


async def test_public_post(http: aiohttp.ClientSession, replica: Replica) -> None:
    answer_ = auth_pb2.RequestCodeResponse(retry_after_seconds=60)
    replica.answers["/apricot.identity.v1.AuthService/RequestCode"] = answer_.SerializeToString()
    async with http.post("/v1/auth/code", json={"phone": "+8613800138000"}) as answer:
        assert (answer.status, (await answer.json())["retryAfterSeconds"]) == (200, 60)


async def test_a_stream_is_one_json_object_a_line(
    http: aiohttp.ClientSession, replica: Replica, issuer: Issuer
) -> None:
    event = watch_pb2.WatchPatientsResponse(resume_token="t")
    replica.answers["/apricot.glucose.v1.WatchService/WatchPatients"] = event.SerializeToString()
    async with http.get("/v1/watch", params={"patientIds": PATIENT}, headers=bearer(issuer.token())) as answer:
        lines = [json.loads(line) async for line in answer.content]
    assert [line["resumeToken"] for line in lines] == ["t"]


@pytest.mark.parametrize("why", BAD_TOKENS)
async def test_a_bad_token_is_401(why: str, http: aiohttp.ClientSession, replica: Replica, issuer: Issuer) -> None:
    reason, make = BAD_TOKENS[why]
    async with http.get(ENTRIES, headers=bearer(make(issuer))) as answer:
        assert answer.status == 401
        assert error(await answer.json()) == (grpc.StatusCode.UNAUTHENTICATED.value[0], reason)
    assert not replica.calls


async def test_the_wrong_role_is_403(http: aiohttp.ClientSession, replica: Replica, issuer: Issuer) -> None:
    async with http.post("/v1/audit:verify", json={}, headers=bearer(issuer.token("clinician"))) as answer:
        assert answer.status == 403
        assert error(await answer.json()) == (grpc.StatusCode.PERMISSION_DENIED.value[0], "ROLE_REQUIRED")
    assert not replica.calls


async def test_role_by_now_is_403_with_its_own_reason(
    http: aiohttp.ClientSession, replica: Replica, issuer: Issuer
) -> None:
    issuer.by_now.add("/apricot.identity.v1.AuditService/VerifyChain")
    try:
        async with http.post("/v1/audit:verify", json={}, headers=bearer(issuer.token("clinician"))) as answer:
            assert answer.status == 403
            assert error(await answer.json()) == (grpc.StatusCode.PERMISSION_DENIED.value[0], "ROLE_NOT_IN_TOKEN")
    finally:
        issuer.by_now.clear()
    assert not replica.calls


async def test_a_service_s_error_keeps_its_details(
    http: aiohttp.ClientSession, replica: Replica, issuer: Issuer
) -> None:
    replica.failures[f"{DIARY}/ListEntries"] = grpc.StatusCode.NOT_FOUND
    async with http.get(ENTRIES, headers=bearer(issuer.token())) as answer:
        assert (answer.status, (await answer.json())["message"]) == (404, "failed on purpose")


@pytest.mark.parametrize("path", ["/", "/v1/nothing", f"{DIARY}/ListEntries", "/admin", "/v1/patients/a%2fb/entries"])
async def test_an_unknown_path_is_no_server_error(
    path: str, http: aiohttp.ClientSession, replica: Replica, issuer: Issuer
) -> None:
    async with http.get(path, headers=bearer(issuer.token("admin"))) as answer:
        assert answer.status in (400, 404)
    assert not replica.calls


@pytest.mark.parametrize(
    "send",
    [
        {"params": {"startTim": "2026-03-01T00:00:00Z"}},
        {"params": {"pageSize": "many"}},
    ],
)
async def test_a_misspelt_query_is_refused(
    send: dict[str, Any], http: aiohttp.ClientSession, replica: Replica, issuer: Issuer
) -> None:
    async with http.get(ENTRIES, headers=bearer(issuer.token()), **send) as answer:
        assert answer.status == 400
    assert not replica.calls


async def test_a_body_too_large_is_refused(http: aiohttp.ClientSession, replica: Replica, issuer: Issuer) -> None:
    body = io.BytesIO(json.dumps({"requestId": "x" * (5 << 20)}).encode())
    async with http.post(ENTRIES, data=body, headers=bearer(issuer.token())) as answer:
        assert answer.status == 413
    assert not replica.calls
