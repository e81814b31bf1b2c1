"""Alerts pushed to devices by a webhook: signed, tried again, visible, and without health data."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from aiohttp import web
from apricot.glucose.v1 import alert_pb2 as pb

from kit.pushes import MOST_TRIES, Pushes
from kit.webhook import Webhook
from services.glucose.domain.alerts.pace import Pace
from services.glucose.settings import GlucoseSettings
from services.glucose.work.pushes import PushedAlerts
from tests.glucose.alerts.clinic import Clinic, opened, recipient
from tests.in_process import KEYS

SECRET = "push-secret-of-tests"


class Provider:
    """Answers with one status."""

    def __init__(self) -> None:
        self.status = 200
        self.received: list[tuple[bytes, str]] = []
        self.url = ""

    async def receive(self, request: web.Request) -> web.Response:
        self.received.append((await request.read(), request.headers["Apricot-Signature"]))
        return web.Response(status=self.status, headers={"Location": self.url})


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    found = Provider()
    async with _served(found):
        yield found


@asynccontextmanager
async def _served(provider: Provider) -> AsyncIterator[None]:
    app = web.Application()
    app.add_routes([web.post("/push", provider.receive)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    provider.url = f"http://{host}:{port}/push"
    yield
    await runner.cleanup()


@pytest.fixture
async def pushing(alerts_url: str) -> AsyncIterator[Clinic]:
    async with opened(alerts_url, Pace(), pushing=True) as found:
        await found.forget()
        yield found


def sender(clinic: Clinic, provider: Provider) -> Pushes:
    return Pushes(clinic.database, Webhook(provider.url, SECRET), clinic.clock, PushedAlerts(clinic.clock).show)


async def urgent_low(clinic: Clinic, patient: UUID) -> pb.Alert:
    return await clinic.one(patient, pb.ALERT_RULE_URGENT_LOW)


async def test_what_is_pushed_is_signed_and_says_nothing_of_health(
    pushing: Clinic, provider: Provider, patient: UUID
) -> None:
    await pushing.sensor(patient, 0, 50)
    await sender(pushing, provider).push_waiting()
    [(body, signature)] = provider.received
    assert signature == "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    message = json.loads(body)
    alert = await urgent_low(pushing, patient)
    assert message.pop("push_id")
    assert message == {
        "account_id": str(patient),
        "patient_id": str(patient),
        "kind": "alert",
        "reference_id": alert.alert_id,
        "urgent": True,
    }
    assert recipient(alert, patient).state == pb.RECIPIENT_STATE_DELIVERED
    assert recipient(alert, patient).HasField("deliver_time")


@pytest.mark.parametrize("status", [500, 404, 302])
async def test_a_failed_push_is_tried_again_ever_later_and_at_last_given_up(
    pushing: Clinic, provider: Provider, patient: UUID, status: int
) -> None:
    provider.status = status
    await pushing.fingerstick(patient, 0, 50)
    pushes = sender(pushing, provider)
    tried = []
    for second in range(0, 1000, 5):
        pushing.now = pushing.at(second / 60)
        before = len(provider.received)
        await pushes.push_waiting()
        tried += [second] * (len(provider.received) - before)
    assert tried == [0, 5, 15, 35, 75, 155, 315, 635]
    assert len(tried) == MOST_TRIES
    found = recipient(await urgent_low(pushing, patient), patient)
    assert found.failed_push_count == MOST_TRIES
    assert found.push_failed
    assert found.state == pb.RECIPIENT_STATE_RAISED


async def test_a_provider_that_comes_back(pushing: Clinic, provider: Provider, patient: UUID) -> None:
    provider.status = 503
    await pushing.fingerstick(patient, 0, 50)
    pushes = sender(pushing, provider)
    await pushes.push_waiting()
    provider.status = 204
    pushing.now = pushing.at(5 / 60)
    await pushes.push_waiting()
    found = recipient(await urgent_low(pushing, patient), patient)
    assert (found.failed_push_count, found.push_failed) == (1, False)
    assert found.state == pb.RECIPIENT_STATE_DELIVERED


async def test_each_telling_is_a_push(pushing: Clinic, provider: Provider, patient: UUID) -> None:
    for minutes in 0, 5, 10:
        await pushing.sensor(patient, minutes, 50)
    await sender(pushing, provider).push_waiting()
    assert len(provider.received) == 3


async def test_without_a_webhook_nothing_is_queued(clinic: Clinic, patient: UUID) -> None:
    await clinic.sensor(patient, 0, 50)
    async with clinic.database.connection() as connection:
        assert not await connection.fetchval("select exists (select from push where patient_id = $1)", patient)


def test_settings_refuse_a_webhook_without_a_secret() -> None:
    common = {
        "grpc_port": 0,
        "http_port": 0,
        "database_url": "postgresql://x",
        "nats_url": "nats://x",
        "jwks_url": "http://x",
        "identity_address": "x:1",
        "service_secret": "s" * 16,
        "sealing_keys": KEYS,
        "object_store_url": "file:///x",
    }
    with pytest.raises(ValueError, match="a webhook needs a secret"):
        GlucoseSettings.model_validate(common | {"push_webhook_url": "http://provider"})
