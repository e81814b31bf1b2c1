"""What devices get to reach each other: TURN credentials by the published scheme, and the SFU's room."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest
from apricot.consult.v1.call_pb2 import CALL_STATE_ENDED

from kit.database import Database
from services.consult.domain import turn
from services.consult.main import media_servers
from services.consult.rpc.media_servers import MediaServers
from services.consult.settings import ConsultSettings
from stack.platform import Platform
from tests.consult.calls.wired_calls import Surgery
from tests.in_process import KEYS, own_database

STUN, TURN = ["stun:stun.example.org:3478"], ["turn:turn.example.org:3478?transport=udp", "turns:turn.example.org"]
KEY, SECRET = "apricot", "s" * 32
SFU = {"livekit_url": "wss://sfu.example.org", "livekit_api_key": KEY, "livekit_api_secret": SECRET}


@pytest.fixture(scope="module")
async def database(engines: Platform) -> AsyncIterator[Database]:
    async with own_database(engines, "consult") as made:
        yield made


def hmac_sha1(key: bytes, text: bytes) -> bytes:
    """RFC 2104, by its own words."""
    padded = (hashlib.sha1(key).digest() if len(key) > 64 else key).ljust(64, b"\0")  # noqa: S324
    inner = hashlib.sha1(bytes(byte ^ 0x36 for byte in padded) + text).digest()  # noqa: S324
    return hashlib.sha1(bytes(byte ^ 0x5C for byte in padded) + inner).digest()  # noqa: S324


@pytest.mark.parametrize(
    "secret", ["north", "a secret of more than sixty-four bytes, which HMAC takes the hash of first"]
)
def test_credentials_are_as_the_scheme_has_them(secret: str) -> None:
    made = turn.credentials(secret, "4f1c", datetime(2026, 11, 24, 8, tzinfo=UTC))
    assert made.username == "1795507200:4f1c"
    assert made.credential == base64.b64encode(hmac_sha1(secret.encode(), made.username.encode())).decode()


async def test_a_call_gives_servers_and_credentials_for_an_hour(database: Database) -> None:
    surgery = Surgery(database, MediaServers(stun_urls=STUN, turn_urls=TURN, turn_secret=SECRET))
    await surgery.open()
    answer = await surgery.join(surgery.patient)
    stun, relay = answer.ice_servers
    assert (list(stun.urls), stun.username, stun.credential) == (STUN, "", "")
    assert (list(relay.urls), relay.username) == (TURN, f"{answer.credentials_expire_time.seconds}:{surgery.patient}")
    assert answer.credentials_expire_time.ToDatetime(UTC) - surgery.clock() == turn.LIFETIME
    assert not answer.HasField("sfu_room")
    surgery.clock.advance(minutes=30)
    again = await surgery.join(surgery.patient)
    assert again.credentials_expire_time.seconds == answer.credentials_expire_time.seconds + 1800, "made anew"


async def test_credentials_are_kept_nowhere(database: Database) -> None:
    surgery = Surgery(database, MediaServers(turn_urls=TURN, turn_secret=SECRET, **SFU))
    await surgery.open(colleagues=1)
    request_id = str(uuid4())
    first = await surgery.join(surgery.patient, request_id=request_id)
    async with database.connection() as connection:
        kept = await connection.fetchval("select answer from answered_request where request_id = $1", request_id)
    assert first.ice_servers[0].credential.encode() not in kept
    assert first.sfu_room.token.encode() not in kept
    assert await surgery.join(surgery.patient, request_id=request_id) == first, "a repeat gets its own all the same"


@pytest.mark.parametrize("servers", [MediaServers(), MediaServers(turn_urls=TURN), MediaServers(turn_secret=SECRET)])
async def test_without_a_secret_there_is_no_turn(database: Database, servers: MediaServers) -> None:
    surgery = Surgery(database, servers)
    await surgery.open()
    answer = await surgery.join(surgery.patient)
    assert (len(answer.ice_servers), answer.HasField("credentials_expire_time")) == (0, False)


async def test_a_call_that_is_over_gives_nothing(database: Database) -> None:
    surgery = Surgery(database, MediaServers(stun_urls=STUN, turn_urls=TURN, turn_secret=SECRET, **SFU))
    elsewhere = await surgery.open()
    await surgery.join(surgery.doctor)
    await surgery.open()
    busy = await surgery.join(surgery.patient)
    assert (busy.call.state, len(busy.ice_servers), elsewhere != surgery.consultation_id) == (CALL_STATE_ENDED, 0, True)


async def test_more_than_two_meet_in_a_room_of_the_sfu(database: Database) -> None:
    surgery = Surgery(database, MediaServers(**SFU))
    await surgery.open(colleagues=1)
    answers = [await surgery.join(person) for person in (surgery.patient, surgery.doctor, surgery.colleague)]
    for person, answer in zip((surgery.patient, surgery.doctor, surgery.colleague), answers, strict=True):
        assert answer.sfu_room.url == "wss://sfu.example.org"
        claims = jwt.decode(answer.sfu_room.token, SECRET, algorithms=["HS256"], issuer=KEY)
        assert claims["sub"] == str(person)
        assert 0 < claims["exp"] - datetime.now(UTC).timestamp() <= 3600
        granted = {name: value for name, value in claims["video"].items() if value}
        assert granted == {
            "roomJoin": True,
            "room": answer.call.call_id,
            "canPublish": True,
            "canSubscribe": True,
            "canPublishData": True,
        }
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(answers[0].sfu_room.token, "x" * 32, algorithms=["HS256"])


async def test_two_reach_each_other_without_it(database: Database) -> None:
    surgery = Surgery(database, MediaServers(**SFU))
    await surgery.open()
    assert not (await surgery.join(surgery.patient)).HasField("sfu_room")


def settings(**given: Any) -> ConsultSettings:
    return ConsultSettings(
        grpc_port=0,
        http_port=0,
        database_url="postgresql://x",
        nats_url="nats://x",
        jwks_url="http://x",
        identity_address="x",
        service_secret="s" * 16,
        sealing_keys=KEYS,
        object_store_url=Path.cwd().as_uri(),
        **given,
    )


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert media_servers(settings()) == MediaServers(stun_urls=[], turn_urls=[])
    monkeypatch.setenv("APRICOT_STUN_URLS", json.dumps(STUN))
    monkeypatch.setenv("APRICOT_TURN_URLS", json.dumps(TURN))
    made = media_servers(settings(turn_secret="north", **SFU))
    assert made == MediaServers(stun_urls=STUN, turn_urls=TURN, turn_secret="north", **SFU)


@pytest.mark.parametrize(
    "given",
    [
        {"turn_urls": ["http://turn.example.org"]},
        {"stun_urls": STUN * 5},
        {"livekit_url": "wss://sfu.example.org"},
        {"livekit_url": "wss://sfu.example.org", "livekit_api_key": KEY, "livekit_api_secret": "short"},
    ],
)
def test_settings_that_cannot_work_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        settings(**given)
