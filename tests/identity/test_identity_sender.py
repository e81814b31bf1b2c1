"""The webhook that one-time codes go out by: signed, tried again, and honest about failing."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from apricot.errors.v1.reason_pb2 import Reason

from kit.errors import ApricotError
from services.identity.main import IdentitySettings
from services.identity.sender import ConsoleSender, WebhookSender
from tests.identity.running import settings
from tests.patience import PATIENCE

SECRET = "webhook-secret-of-tests"


class Provider:
    """Answers with these statuses in turn, then with 200."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.received: list[tuple[bytes, str]] = []
        self.url = ""

    async def receive(self, request: web.Request) -> web.Response:
        self.received.append((await request.read(), request.headers["Apricot-Signature"]))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    found = Provider()
    app = web.Application()
    app.add_routes([web.post("/codes", found.receive)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    found.url = f"http://{host}:{port}/codes"
    yield found
    await runner.cleanup()


async def test_a_code_is_posted_and_signed(provider: Provider) -> None:
    await WebhookSender(provider.url, SECRET).send("+8613800000000", "123456")
    [(body, signature)] = provider.received
    assert json.loads(body) == {"phone": "+8613800000000", "code": "123456"}
    assert signature == "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


async def test_a_failed_post_is_tried_again(provider: Provider) -> None:
    provider.statuses = [503, 500]
    await WebhookSender(provider.url, SECRET).send("+8613800000000", "123456")
    assert len(provider.received) == 3


async def test_a_provider_that_never_answers_well_is_an_outage(provider: Provider) -> None:
    provider.statuses = [500] * 3
    with pytest.raises(ApricotError) as caught:
        await WebhookSender(provider.url, SECRET).send("+8613800000000", "123456")
    assert caught.value.reason == Reason.REASON_UNAVAILABLE
    assert "123456" not in str(caught.value)


async def test_a_provider_that_is_not_there_is_an_outage() -> None:
    with pytest.raises(ApricotError) as caught:
        await asyncio.wait_for(WebhookSender("http://127.0.0.1:1/", SECRET).send("+8613800000000", "1"), PATIENCE)
    assert caught.value.reason == Reason.REASON_UNAVAILABLE


async def test_the_console_prints_the_code_for_the_developer(capsys: pytest.CaptureFixture[str]) -> None:
    await ConsoleSender().send("+8613800000000", "123456")
    assert capsys.readouterr().out == "code for +8613800000000: 123456\n"


def test_settings_refuse_a_webhook_without_a_secret_and_a_key_that_is_none() -> None:
    with pytest.raises(ValueError, match="a webhook needs a secret"):
        settings("postgresql://x", "nats://x", sender_webhook_url="http://provider", print_codes=False)
    for key in ("too short", "c2hvcnQ="):
        with pytest.raises(ValueError, match="32 bytes"):
            settings("postgresql://x", "nats://x", identity_key=key)
    assert isinstance(settings("postgresql://x", "nats://x"), IdentitySettings)


def test_codes_are_printed_only_where_a_setting_says_so() -> None:
    with pytest.raises(ValueError, match="APRICOT_PRINT_CODES=1"):
        settings("postgresql://x", "nats://x", print_codes=False)
    sender = {"sender_webhook_url": "http://provider", "sender_webhook_secret": SECRET}
    with pytest.raises(ValueError, match="set one of them"):
        settings("postgresql://x", "nats://x", **sender)
    settings("postgresql://x", "nats://x", print_codes=False, **sender)
    settings("postgresql://x", "nats://x", print_codes=False, demo=True)
