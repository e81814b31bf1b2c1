"""Logs and errors hold no health data and no secrets: distinctive ones are sent every way they can go wrong, then
looked for in every log file of the platform."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
from apricot.glucose.v1.diary_pb2 import AmendEntryRequest, ListEntriesRequest, LogEntriesRequest
from apricot.glucose.v1.entry_pb2 import DOSE_UNIT_MG, Entry
from apricot.identity.v1.auth_pb2 import PhoneCode, PhonePassword, SignInRequest

from clients.sdk import Recorder
from stack.platform import Platform
from tests.e2e.conftest import Doors
from tests.e2e.signer import Signer
from tests.e2e.wire import Outcome, length_delimited
from tests.patience import PATIENCE
from tests.people import People, Person, new_phone

DIARY = "/apricot.glucose.v1.DiaryService"
SIGN_IN = "/apricot.identity.v1.AuthService/SignIn"
VALUE = "137.4242"
WORDS = "quokka-hypo-at-night"
MEDICINE = "wombatformin"
DEVICE = "numbat-g7"
PASSWORD = "bilby horse battery"
WRONG_CODE = "835274"
HEALTH = [VALUE, WORDS, MEDICINE, DEVICE]
recorder = Recorder.by_hand(DEVICE, "Asia/Shanghai")


def logs(platform: Platform) -> dict[Path, str]:
    return {path: path.read_text(errors="replace") for path in sorted(platform.state.logs.iterdir())}


def bad(entry: Entry) -> Entry:
    """One that is refused for its value, which a message might quote."""
    entry.sensor_reading.glucose.value = -float(VALUE)
    return entry


@pytest.fixture(scope="module")
async def story(doors: Doors, people: People, signer: Signer, platform: Platform) -> tuple[Person, str, str]:
    """Everything is done and everything goes wrong; the person, the token and the code used."""
    phone = new_phone()
    code = await people.code_for(phone)
    session = await people.apricot.sign_in_with_code(phone, code)
    assert session.signed_in
    person = Person(session, session.signed_in.account.account_id, phone)
    token, now, me = await person.token(), datetime.now(UTC), person.account_id

    outcomes = [await call async for call in _story(doors, token, me, now)]
    for door in ("gateway", "direct"):
        for credential in (
            SignInRequest(phone_code=PhoneCode(phone=phone, code=WRONG_CODE), totp_code=WRONG_CODE),
            SignInRequest(phone_password=PhonePassword(phone=phone, password=PASSWORD)),
        ):
            outcomes.append(await doors.call(door, SIGN_IN, credential.SerializeToString()))
        outcomes.append(await doors.call(door, f"{DIARY}/LogEntries", b"", token[:-3] + "abc"))
    secrets = [*HEALTH, phone, PASSWORD, WRONG_CODE, token]
    for outcome in outcomes:
        assert not [secret for secret in secrets if secret in outcome.message or secret.encode() in outcome.details]

    async with aiohttp.ClientSession(doors.gateway_url, headers={"authorization": f"Bearer {token}"}) as http:
        own = f"/v1/patients/{me}/entries"
        await http.post(own, data=f'{{"entries": "{WORDS}", {VALUE}', headers={"content-type": "application/json"})
        await http.post(own, json={"requestId": WORDS, "entries": [{"note": {"text": WORDS}}], "nothing": VALUE})
        await http.get(own, params={"pageToken": WORDS, WORDS: VALUE})
        await http.get(f"/v1/{WORDS}/{VALUE}", params={"phone": phone})
    return person, token, code


async def _story(doors: Doors, token: str, me: str, now: datetime) -> AsyncIterator[Awaitable[Outcome]]:
    doses = [
        recorder.medicine_dose(now - timedelta(minutes=minute), MEDICINE, "500", DOSE_UNIT_MG) for minute in (0, 1)
    ]
    good = [recorder.sensor_reading(now, float(VALUE)), recorder.note(now, WORDS), *doses]
    amended = Entry()
    amended.CopyFrom(doses[1])
    amended.time.CopyFrom(doses[0].time)  # collides with the other's natural key, in PostgreSQL
    clash = recorder.sensor_reading(now, float(VALUE) + 1)
    nul = recorder.medicine_dose(now, f"{MEDICINE}\0", "1", DOSE_UNIT_MG)

    def log(*entries: Entry) -> bytes:
        return LogEntriesRequest(patient_id=me, request_id=str(uuid4()), entries=entries).SerializeToString()

    def amend(entry: Entry, note: str) -> bytes:
        return AmendEntryRequest(
            patient_id=me, request_id=str(uuid4()), entry=entry, expected_revision=1, note=note
        ).SerializeToString()

    for door in ("gateway", "direct", "direct-2"):
        yield doors.call(door, f"{DIARY}/LogEntries", log(*good), token)
        yield doors.call(door, f"{DIARY}/LogEntries", log(clash, bad(recorder.sensor_reading(now, 1)), nul), token)
        yield doors.call(door, f"{DIARY}/AmendEntry", amend(amended, WORDS), token)
        yield doors.call(door, f"{DIARY}/AmendEntry", amend(bad(recorder.sensor_reading(now, 1)), WORDS), token)
        yield doors.call(door, f"{DIARY}/AmendEntry", amend(doses[0], f"{WORDS}\0"), token)
        yield doors.call(door, f"{DIARY}/LogEntries", log(*good) + length_delimited(3, WORDS.encode()), token)
        yield doors.call(
            door, f"{DIARY}/ListEntries", ListEntriesRequest(patient_id=me, page_token=WORDS).SerializeToString(), token
        )


async def flushed(platform: Platform) -> None:
    """Envoy writes its log every ten seconds, or when 64 KiB wait: call until calls made now are there."""
    mark = f"mark-{uuid4().hex}"
    async with (
        asyncio.timeout(PATIENCE),
        aiohttp.ClientSession(platform.gateway_address, headers={"user-agent": mark}) as http,
    ):
        while mark not in (platform.state.logs / "access.log").read_text():
            await asyncio.gather(*(http.get("/v1/me") for _ in range(50)))


@pytest.fixture(scope="module")
async def found(platform: Platform, story: tuple[Person, str, str]) -> dict[tuple[str, str], str]:
    """Log file, what it tells, and the line."""
    person, token, code = story
    await flushed(platform)
    _, claims, signature = token.split(".")
    hidden = [*HEALTH, person.phone, person.account_id, claims, signature, PASSWORD, WRONG_CODE, code]
    sent = f"code for {person.phone}: {code}"  # the console sender's line, for one's own machine
    return {
        (path.name, secret): line
        for path, text in logs(platform).items()
        for line in text.replace(sent, "").splitlines()
        for secret in hidden
        if re.search(rf"(?<![\w.]){re.escape(secret)}(?!\w)", line)
    }


async def test_no_log_tells(found: dict[tuple[str, str], str]) -> None:
    assert not {where: line for where, line in found.items() if where[0] != "postgres.log"}


async def test_postgresql_s_log_does_not_tell(found: dict[tuple[str, str], str]) -> None:
    assert not {where: line for where, line in found.items() if where[0] == "postgres.log"}


async def test_there_are_logs_to_look_at(platform: Platform, story: tuple[Person, str, str]) -> None:
    """Else the tests above would prove nothing."""
    await flushed(platform)
    texts = {path.name: text for path, text in logs(platform).items()}
    assert {"access.log", "identity.log", "glucose-1.log", "glucose-2.log", "postgres.log", "nats.log"} <= texts.keys()
    assert f"code for {story[0].phone}" in texts["identity.log"]
    calls = [json.loads(line) for line in texts["access.log"].splitlines()]
    assert {"apricot.glucose.v1.DiaryService/AmendEntry", "apricot.identity.v1.AuthService/SignIn"} <= {
        call["method"] for call in calls
    }
    for name in ("glucose-1.log", "glucose-2.log"):
        assert [json.loads(line) for line in texts[name].splitlines() if line.startswith("{")]
