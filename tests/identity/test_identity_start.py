"""Starts: the first one, the next ones, several at once; the demo; and the real process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import jwt
import pyotp
import pytest
from apricot.access.v1.access_pb2 import ROLE_ADMIN, ROLE_CLINICIAN, Scope
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import account_pb2, auth_pb2, care_pb2
from apricot.identity.v1.account_pb2_grpc import AccountServiceStub
from apricot.identity.v1.auth_pb2_grpc import AuthServiceStub

from kit.clock import utc_now
from kit.tokens import RemoteKeys, TokenVerifier
from services.identity import demo
from stack.platform import Platform
from stack.testing import temporary_platform
from tests.identity.running import Person, Running, refused, request_id, running_identity, soon
from tests.patience import PATIENCE


async def demo_sign_in(running: Running, phone: str, with_totp: bool = True) -> tuple[Person, auth_pb2.SignInResponse]:
    person = Person(phone, totp_secret=demo.TOTP_SECRET)
    request = auth_pb2.SignInRequest(
        phone_code=auth_pb2.PhoneCode(phone=phone, code=demo.CODE), totp_code=running.totp(person) if with_totp else ""
    )
    answer = await running.auth("SignIn", request)
    person.account_id, person.tokens = answer.account.account_id, answer.tokens
    return person, answer


async def test_the_first_admins_secret_is_printed_once(engines: Platform, own_url: str) -> None:
    async with running_identity(own_url, engines.nats_url) as first:
        assert len(first.admin_secret) >= 16
        [row] = await first.execute("select * from admin_secret")
        assert first.admin_secret.encode() not in row["secret_hash"]
    async with running_identity(own_url, engines.nats_url) as second:
        assert second.admin_secret == ""


async def test_replicas_that_start_together_agree(engines: Platform, own_url: str) -> None:
    async with AsyncExitStack() as stack:
        replicas = await asyncio.gather(
            *(stack.enter_async_context(running_identity(own_url, engines.nats_url, demo=True)) for _ in range(3))
        )
        keys = [[key["kid"] for key in replica.identity.keys.key_set()["keys"]] for replica in replicas]
        assert keys[0] == keys[1] == keys[2]
        assert len(keys[0]) == 1
        person = await replicas[0].sign_in()
        for replica in replicas:
            assert await replica.account("GetMe", account_pb2.GetMeRequest(), person)


async def test_a_session_that_one_replica_ends_is_ended_at_the_others(engines: Platform, own_url: str) -> None:
    async with (
        running_identity(own_url, engines.nats_url) as one,
        running_identity(own_url, engines.nats_url) as other,
    ):
        feed = asyncio.create_task(other.identity.session_feed.run())
        person = await one.sign_in()
        await other.account("GetMe", account_pb2.GetMeRequest(), person)
        await one.auth("SignOut", auth_pb2.SignOutRequest(), person)

        async def refused() -> grpc.StatusCode:
            while True:
                try:
                    await other.account("GetMe", account_pb2.GetMeRequest(), person)
                except grpc.aio.AioRpcError as error:
                    return error.code()

        assert await soon(refused()) is grpc.StatusCode.UNAUTHENTICATED
        feed.cancel()
        await asyncio.gather(feed, return_exceptions=True)


async def test_the_demo_is_seeded_once_and_left_as_its_people_leave_it(engines: Platform, own_url: str) -> None:
    async with running_identity(own_url, engines.nats_url, demo=True) as running:
        assert running.admin_secret == ""
        patient, _ = await demo_sign_in(running, demo.PATIENT_PHONES[0], with_totp=False)
        [given] = (await running.care("ListGrants", care_pb2.ListGrantsRequest(), patient)).grants
        assert (given.organization_id, given.grantee_name) == (str(demo.CLINIC_ID), demo.CLINIC_NAME)
        revoke = care_pb2.RevokeAccessRequest(request_id=str(demo.demo_id("test")), grant_id=given.grant_id)
        await running.care("RevokeAccess", revoke, patient)
    async with running_identity(own_url, engines.nats_url, demo=True) as running:
        running.clock.advance(minutes=5)
        clinician, answer = await demo_sign_in(running, demo.CLINICIAN_PHONE)
        assert ROLE_CLINICIAN in answer.account.roles
        assert answer.account.profile.display_name == demo.CLINICIAN_NAME
        assert clinician.roles == ["patient", "clinician"]
        patients = (await running.care("ListMyPatients", care_pb2.ListMyPatientsRequest(), clinician)).patients
        assert len(patients) == len(demo.PATIENT_PHONES) - 1
        assert all(set(found.scopes) == set(Scope.values()) - {0} for found in patients)
        _, answer = await demo_sign_in(running, demo.ADMIN_PHONE)
        assert ROLE_ADMIN in answer.account.roles


async def test_start_without_the_demo_closes_its_accounts(engines: Platform, own_url: str) -> None:
    async with running_identity(own_url, engines.nats_url, demo=True) as running:
        admin, answer = await demo_sign_in(running, demo.ADMIN_PHONE)
        assert ROLE_ADMIN in answer.account.roles
    async with running_identity(own_url, engines.nats_url) as closed:
        assert closed.admin_secret, "somebody else becomes the first admin"
        refresh = auth_pb2.RefreshTokenRequest(refresh_token=admin.tokens.refresh_token, request_id=request_id())
        with refused(Reason.REASON_SESSION_ENDED):
            await closed.auth("RefreshToken", refresh)
        with refused(Reason.REASON_CREDENTIALS_INVALID):
            await demo_sign_in(closed, demo.ADMIN_PHONE)
        await closed.auth("RequestCode", auth_pb2.RequestCodeRequest(phone=demo.ADMIN_PHONE))
        by_code = auth_pb2.PhoneCode(phone=demo.ADMIN_PHONE, code=closed.phones.codes[demo.ADMIN_PHONE])
        with refused(Reason.REASON_CREDENTIALS_INVALID):
            await closed.auth("SignIn", auth_pb2.SignInRequest(phone_code=by_code, totp_code=closed.totp(admin)))
        assert not await closed.execute("select 1 from account_role where role = 'admin'")
    async with running_identity(own_url, engines.nats_url, demo=True) as again:
        again.clock.advance(minutes=5)
        _, answer = await demo_sign_in(again, demo.ADMIN_PHONE)
        assert ROLE_ADMIN in answer.account.roles


@pytest.fixture(scope="module")
async def process(engines: Platform) -> AsyncIterator[Platform]:
    """Identity as the platform runs it, with the demo."""
    async with temporary_platform(
        ("migrate", "identity"), demo=True, database_url=engines.database_url, nats_url=engines.nats_url
    ) as platform:
        yield platform


async def test_the_process_serves_keys_that_verify_its_tokens(process: Platform) -> None:
    [http], [address] = process.http_addresses("identity"), process.addresses("identity")
    url = f"http://{http}/.well-known/jwks.json"
    async with grpc.aio.insecure_channel(address) as channel:
        request = auth_pb2.SignInRequest(
            phone_code=auth_pb2.PhoneCode(phone=demo.CLINICIAN_PHONE, code=demo.CODE),
            totp_code=pyotp.TOTP(demo.TOTP_SECRET).now(),
        )
        answer = await AuthServiceStub(channel).SignIn(request, timeout=PATIENCE)
        token = answer.tokens.access_token
        caller = await TokenVerifier(RemoteKeys(url)).verify(token, utc_now())
        assert caller.roles == {"patient", "clinician"}
        metadata = (("authorization", f"Bearer {token}"),)
        me = await AccountServiceStub(channel).GetMe(account_pb2.GetMeRequest(), timeout=PATIENCE, metadata=metadata)
        assert me.account.account_id == str(caller.account_id)
    async with aiohttp.ClientSession() as http_client, http_client.get(url) as response:
        keys: dict[str, Any] = await response.json()
    assert jwt.get_unverified_header(token)["kid"] in {key["kid"] for key in keys["keys"]}


async def test_codes_are_in_the_log_of_the_console_and_in_no_structured_line(process: Platform) -> None:
    [address] = process.addresses("identity")
    async with grpc.aio.insecure_channel(address) as channel:
        await AuthServiceStub(channel).RequestCode(
            auth_pb2.RequestCodeRequest(phone="+8613811112222"), timeout=PATIENCE
        )
    lines = Path(process.state.log("identity").path).read_text().splitlines()
    [told] = [line for line in lines if "+8613811112222" in line]
    assert told.startswith("code for +8613811112222: ")
