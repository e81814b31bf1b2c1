"""What identity knows of a person, as a file."""

import json
from typing import Any

import grpc
import pytest
from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import account_pb2, care_pb2
from apricot.identity.v1.account_pb2_grpc import AccountServiceStub

from services.identity.domain.audit import Event
from services.identity.store import audit, exports
from tests.identity.running import PASSWORD, Person, Running, as_uuid, refused, request_id
from tests.patience import PATIENCE


async def exported(running: Running, person: Person) -> list[dict[str, Any]]:
    async with grpc.aio.insecure_channel(running.address) as channel:
        stream = AccountServiceStub(channel).ExportAccount(
            account_pb2.ExportAccountRequest(fresh_proof=person.fresh_proof), metadata=person.metadata, timeout=PATIENCE
        )
        content = b"".join([part.content async for part in stream])
    return [json.loads(line) for line in content.decode().splitlines()]


def records(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line["record"] for line in lines if line["kind"] == kind]


async def test_a_new_account_has_itself_and_its_session(shared: Running) -> None:
    person = await shared.sign_in()
    lines = await exported(shared, person)
    assert [line["kind"] for line in lines] == ["export", "account", "session"]
    [account] = records(lines, "account")
    assert account["accountId"] == person.account_id
    assert account["phone"] == person.phone


async def test_everything_is_in_it_but_secrets(own: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "_PAGE", 2)
    person, friend, patient = await own.clinician(), await own.sign_in(), await own.sign_in()
    password = account_pb2.SetPasswordRequest(request_id=request_id(), new_password=PASSWORD)
    await own.account("SetPassword", password, person)
    device = account_pb2.RegisterDeviceRequest(
        request_id=request_id(), platform=account_pb2.DEVICE_PLATFORM_IOS, push_token="push-secret", name="Handy"
    )
    await own.account("RegisterDevice", device, person)
    for giver, holder in (person, friend), (patient, person):
        give = care_pb2.GrantAccessRequest(
            request_id=request_id(), scopes=[SCOPE_GLUCOSE_READ], account_id=holder.account_id
        )
        await own.care("GrantAccess", give, giver)
    for _ in range(5):
        async with own.database.transaction() as session:
            seen = Event(own.clock(), as_uuid(friend), "apricot.glucose.v1.X/Look", as_uuid(person))
            await audit.append(session, own.identity.vault.subkey("audit"), seen)
    lines = await exported(own, person)
    assert len(records(lines, "access_event")) == 6  # and the grant that was given
    [given] = records(lines, "grant_given")
    [held] = records(lines, "grant_held")
    assert given["accountId"] == friend.account_id
    assert held["patientId"] == patient.account_id
    assert records(lines, "licence")[0]["details"]["hospital"] == "杏林医院"
    assert records(lines, "device") == [
        {"platform": "ios", "name": "Handy", "createTime": records(lines, "device")[0]["createTime"]}
    ]
    text = json.dumps(lines)
    for secret in "push-secret", "argon2", person.totp_secret, person.tokens.refresh_token:
        assert secret not in text


async def test_a_service_has_no_account_to_export(shared: Running) -> None:
    service = await shared.service()
    with refused(Reason.REASON_NOT_FOUND):
        await exported(shared, service)
