"""The access log tells what happened, and nothing about whom."""

import json
from uuid import uuid4

import aiohttp

from tests.gateway.issuer import Issuer
from tests.gateway.replica import Replica
from tests.gateway.running import Gateway, until


async def test_a_call_leaves_its_method_and_no_secret(gateway: Gateway, replica: Replica, issuer: Issuer) -> None:
    patient, page, token = str(uuid4()), str(uuid4()), issuer.token()
    headers = {"authorization": f"Bearer {token}", "user-agent": "test_log"}
    replica.answers["/apricot.glucose.v1.DiaryService/ListEntries"] = b""
    paths = [f"/v1/patients/{patient}/entries?pageToken={page}", f"/nowhere/{patient}?access_token={token}"]
    async with aiohttp.ClientSession(gateway.url, headers=headers) as http:
        ids = []
        for path in paths:
            async with http.get(path) as answer:
                ids.append(answer.headers["x-request-id"])
        async with http.post(f"/v1/patients/{patient}/entries", data=f'{{"note": {page}') as answer:
            assert answer.status == 400
            ids.append(answer.headers["x-request-id"])

    async def logged() -> bool:
        return {record["request_id"] for record in gateway.records()} >= set(ids)

    await until(logged)
    records = {record["request_id"]: record for record in gateway.records()}
    methods = ["apricot.glucose.v1.DiaryService/ListEntries", "unknown", "apricot.glucose.v1.DiaryService/LogEntries"]
    assert [records[id_]["method"] for id_ in ids] == methods
    assert [records[id_]["status"] for id_ in ids] == [200, 404, 400]
    assert records[ids[0]]["user_agent"] == "test_log"
    everything = json.dumps(list(records.values()))
    assert not [secret for secret in (patient, page, token, "Bearer", "?") if secret in everything]


async def test_metrics_are_at_the_admin_port(gateway: Gateway) -> None:
    async with aiohttp.ClientSession(gateway.admin) as http, http.get("/stats/prometheus") as answer:
        text = await answer.text()
    assert "envoy_http_downstream_rq_total" in text
    assert 'envoy_cluster_name="glucose"' in text
