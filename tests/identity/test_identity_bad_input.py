"""Bad input that the contract's own rules cannot catch: each a typed error, none an internal one."""

import base64
import json
from typing import Any

import pytest
from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import account_pb2, audit_pb2, auth_pb2, care_pb2, licence_pb2, organization_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from kit import paging
from tests.identity.running import Running, refused, request_id


def forged(request: Any, *key: Any) -> str:
    """A page token with the right filters and a key of one's own."""
    [filters, *_] = json.loads(base64.urlsafe_b64decode(paging.encode([""], request)))
    return base64.urlsafe_b64encode(json.dumps([filters, *key]).encode()).decode()


@pytest.mark.parametrize("key", ["no uuid", 7, "", None])
async def test_a_forged_page_token_is_refused(shared: Running, key: Any) -> None:
    request = care_pb2.ListGrantsRequest()
    request.page_token = forged(request, key)
    with refused(Reason.REASON_INVALID_PAGE_TOKEN):
        await shared.care("ListGrants", request, await shared.sign_in())


@pytest.mark.parametrize("key", ["7", 0, -1, 1 << 63, 10**30, -(10**30), True, 1.5])
async def test_a_forged_sequence_is_refused(shared: Running, key: Any) -> None:
    request = audit_pb2.ListAccessEventsRequest()
    request.page_token = forged(request, key)
    with refused(Reason.REASON_INVALID_PAGE_TOKEN):
        await shared.audit("ListAccessEvents", request, await shared.sign_in())


@pytest.mark.parametrize("text", ["nul\0", "bell\a"])
async def test_control_characters_are_refused_wherever_text_is_kept(shared: Running, text: str) -> None:
    person, admin = await shared.sign_in(), await shared.admin()
    with refused(Reason.REASON_INVALID_FIELD):
        code = auth_pb2.PhoneCode(phone=person.phone, code="000000")
        shared.clock.advance(minutes=1)
        code.code = await shared.code(person.phone)
        await shared.auth("SignIn", auth_pb2.SignInRequest(phone_code=code, device_name=text))
    with refused(Reason.REASON_INVALID_FIELD):
        device = account_pb2.RegisterDeviceRequest(request_id=request_id(), platform=1, push_token=text)  # type: ignore[arg-type]
        await shared.account("RegisterDevice", device, person)
    with refused(Reason.REASON_INVALID_FIELD):
        create = organization_pb2.CreateOrganizationRequest(request_id=request_id(), name=text)
        await shared.organization("CreateOrganization", create, admin)
    with refused(Reason.REASON_INVALID_FIELD):
        details = licence_pb2.LicenceDetails(role=2, number="12345", hospital=text, expiry_date="2030-01-01")  # type: ignore[arg-type]
        submit = licence_pb2.SubmitLicenceRequest(request_id=request_id(), details=details)
        await shared.licence("SubmitLicence", submit, person)


@pytest.mark.parametrize(
    "instant",
    [
        Timestamp(seconds=-62135596801),
        Timestamp(seconds=253402300800),
        Timestamp(seconds=1_900_000_000, nanos=-1),
        Timestamp(seconds=1_900_000_000, nanos=1_000_000_000),
        Timestamp(seconds=1_900_000_000, nanos=2_147_483_647),
        Timestamp(seconds=(1 << 63) - 1),
        Timestamp(),
    ],
)
async def test_an_end_that_no_clock_shows_is_refused(shared: Running, instant: Timestamp) -> None:
    patient, follower = await shared.sign_in(), await shared.sign_in()
    request = care_pb2.GrantAccessRequest(
        request_id=request_id(), account_id=follower.account_id, scopes=[SCOPE_GLUCOSE_READ], expire_time=instant
    )
    with refused(Reason.REASON_INVALID_FIELD):
        await shared.care("GrantAccess", request, patient)


async def test_a_service_has_no_account_to_act_with(shared: Running) -> None:
    service, person = await shared.service(), await shared.sign_in()
    grant = care_pb2.GrantAccessRequest(
        request_id=request_id(), account_id=person.account_id, scopes=[SCOPE_GLUCOSE_READ]
    )
    invite = care_pb2.CreateInviteRequest(request_id=request_id(), scopes=[SCOPE_GLUCOSE_READ])
    accept = care_pb2.AcceptInviteRequest(request_id=request_id(), code="0123456789")
    for method, request in (("GrantAccess", grant), ("CreateInvite", invite), ("AcceptInvite", accept)):
        with refused(Reason.REASON_NOT_FOUND):
            await shared.care(method, request, service)
    with refused(Reason.REASON_NOT_FOUND):
        await shared.submit(service)
    enroll = account_pb2.EnrollTotpRequest(request_id=request_id())
    with refused(Reason.REASON_NOT_FOUND):
        await shared.account("EnrollTotp", enroll, service)
    assert (await shared.auth("SignOut", auth_pb2.SignOutRequest(), service)).ended_session_count == 0
    assert not (await shared.care("ListMyPatients", care_pb2.ListMyPatientsRequest(), service)).patients
