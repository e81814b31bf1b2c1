"""Clients that know nothing of Apricot: `buf curl` by reflection, and `curl` with JSON. README shows these commands."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from kit import contract
from services.identity import demo
from tests.e2e.conftest import Doors
from tests.e2e.shell import BUF, CURL, following, run, run_json
from tests.patience import PATIENCE

BUF_CURL = [BUF, "curl", "--http2-prior-knowledge", "--protocol", "grpc"]
PHONE = demo.PATIENT_PHONES[5]


def an_entry() -> dict[str, Any]:
    return {
        "entry_id": str(uuid4()),
        "time": datetime.now(UTC).isoformat(),
        "time_zone": "Asia/Shanghai",
        "device": "shell",
        "fingerstick_reading": {"glucose": {"value": 104, "unit": "GLUCOSE_UNIT_MG_PER_DL"}},
    }


async def test_reflection_lists_the_whole_contract(doors: Doors) -> None:
    listed = await run(*BUF_CURL, "--list-services", doors.gateway_url)
    assert {service.full_name for service in contract.services()} <= set(listed.split())
    listed = await run(*BUF_CURL, "--list-methods", doors.gateway_url)
    assert {method.action for method in contract.methods().values()} <= set(listed.split())


async def test_buf_curl_signs_in_logs_and_watches(doors: Doors) -> None:
    url = doors.gateway_url
    sign_in = {"phone_code": {"phone": PHONE, "code": demo.CODE}}
    signed_in = await run_json(*BUF_CURL, "-d", json.dumps(sign_in), f"{url}/apricot.identity.v1.AuthService/SignIn")
    patient = signed_in["account"]["accountId"]
    token = ("-H", f"Authorization: Bearer {signed_in['tokens']['accessToken']}")
    entry = an_entry()
    watch = (*BUF_CURL, *token, "-d", json.dumps({"patient_ids": [patient]}))
    async with following(*watch, f"{url}/apricot.glucose.v1.WatchService/WatchPatients") as updates:
        assert "snapshot" in await anext(updates)
        request = {"patient_id": patient, "request_id": str(uuid4()), "entries": [entry]}
        log = (*BUF_CURL, *token, "-d", json.dumps(request), f"{url}/apricot.glucose.v1.DiaryService/LogEntries")
        logged = await run_json(*log)
        assert logged["results"][0]["outcome"] == "ENTRY_OUTCOME_CREATED"
        assert await logged_in(updates) == [entry["entry_id"]]


async def test_buf_curl_shows_a_refusal(doors: Doors) -> None:
    shown = await run(*BUF_CURL, f"{doors.gateway_url}/apricot.identity.v1.AccountService/GetMe", expect=16 << 3)
    assert json.loads(shown)["code"] == "unauthenticated"


@pytest.mark.skipif(CURL is None, reason="no curl here")
async def test_curl_signs_in_logs_and_watches(doors: Doors) -> None:
    url, post = doors.gateway_url, ("curl", "-sS", "-H", "Content-Type: application/json")
    sign_in = {"phoneCode": {"phone": PHONE, "code": demo.CODE}}
    signed_in = await run_json(*post, "-d", json.dumps(sign_in), f"{url}/v1/auth/sign-in")
    patient = signed_in["account"]["accountId"]
    token = ("-H", f"Authorization: Bearer {signed_in['tokens']['accessToken']}")
    entry = an_entry()
    async with following("curl", "-sSN", *token, f"{url}/v1/watch?patientIds={patient}") as updates:
        assert "snapshot" in await anext(updates)
        request = {"requestId": str(uuid4()), "entries": [entry]}
        logged = await run_json(*post, *token, "-d", json.dumps(request), f"{url}/v1/patients/{patient}/entries")
        assert logged["results"][0]["outcome"] == "ENTRY_OUTCOME_CREATED"
        assert await logged_in(updates) == [entry["entry_id"]]
    listed = await run_json("curl", "-sS", *token, f"{url}/v1/patients/{patient}/entries?pageSize=1")
    assert [found["entryId"] for found in listed["entries"]] == [entry["entry_id"]]


async def logged_in(updates: Any) -> list[str]:
    """The ids of the next logged entries; heartbeats pass."""
    async with asyncio.timeout(PATIENCE):
        async for update in updates:
            if "entriesLogged" in update:
                return [entry["entryId"] for entry in update["entriesLogged"]["entries"]]
    raise AssertionError("the watch has ended")
