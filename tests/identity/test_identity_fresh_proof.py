"""A stolen access token changes nothing about the account: sensitive acts ask a fresh proof, and the owner is told."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import account_pb2, auth_pb2, security_pb2
from apricot.identity.v1.account_pb2_grpc import AccountServiceStub

from kit.errors import ApricotError
from services.identity import notices
from services.identity.domain import proofs
from tests.identity import care
from tests.identity.running import DEADLINE_SECONDS, PASSWORD, Person, Running, new_phone, refused, request_id

NEEDS_PROOF = Reason.REASON_FRESH_PROOF_REQUIRED
type Act = Callable[[Running, Person], Awaitable[object]]


async def set_password(running: Running, by: Person) -> None:
    request = account_pb2.SetPasswordRequest(request_id=request_id(), new_password=PASSWORD)
    await running.account("SetPassword", request, by)


async def enroll(running: Running, by: Person) -> str:
    answer = await running.account("EnrollTotp", account_pb2.EnrollTotpRequest(request_id=request_id()), by)
    return str(answer.secret)


async def confirm(running: Running, by: Person) -> None:
    request = account_pb2.ConfirmTotpRequest(request_id=request_id(), totp_code="000000")
    await running.account("ConfirmTotp", request, by)


async def renew_codes(running: Running, by: Person) -> None:
    request = security_pb2.RenewRecoveryCodesRequest(request_id=request_id())
    await running.security("RenewRecoveryCodes", request, by)


async def end_session(running: Running, by: Person) -> None:
    request = security_pb2.EndSessionRequest(request_id=request_id(), session_id=request_id())
    await running.security("EndSession", request, by)


async def remove_device(running: Running, by: Person) -> None:
    request = security_pb2.RemoveDeviceRequest(request_id=request_id(), device_id=request_id())
    await running.security("RemoveDevice", request, by)


async def change_phone(running: Running, by: Person) -> None:
    phone = new_phone()
    request = security_pb2.ChangePhoneRequest(request_id=request_id(), phone=phone, code=await running.code(phone))
    await running.security("ChangePhone", request, by)


async def delete(running: Running, by: Person) -> None:
    request = account_pb2.DeleteAccountRequest(request_id=request_id(), fresh_proof=by.fresh_proof or "none")
    await running.account("DeleteAccount", request, by)


async def export(running: Running, by: Person) -> bytes:
    async with running.channel() as channel:
        request = account_pb2.ExportAccountRequest(fresh_proof=by.fresh_proof)
        stream = AccountServiceStub(channel).ExportAccount(request, metadata=by.metadata, timeout=DEADLINE_SECONDS)
        return b"".join([part.content async for part in stream])


async def give_access(running: Running, by: Person) -> None:
    await care.grant(running, by, request_id())


async def invite(running: Running, by: Person) -> None:
    await care.invite(running, by)


SENSITIVE = (
    set_password,
    enroll,
    confirm,
    renew_codes,
    end_session,
    remove_device,
    change_phone,
    delete,
    export,
    give_access,
    invite,
)


async def prove(running: Running, person: Person, **shown: str) -> Person:
    """The same session with a proof made now."""
    if "password" not in shown:
        shown["code"] = await running.code(person.phone)
    answer = await running.auth("ProveIdentity", auth_pb2.ProveIdentityRequest(**shown), person)
    return replace(person, fresh_proof=answer.fresh_proof)


@pytest.mark.parametrize("act", SENSITIVE, ids=lambda act: act.__name__)
async def test_stolen_access_token_opens_no_sensitive_act(shared: Running, act: Act) -> None:
    stolen = replace(await shared.sign_in(), fresh_proof="")
    with refused(NEEDS_PROOF):
        await act(shared, stolen)
    assert await shared.told(stolen.phone) == []


async def test_sign_in_opens_sensitive_acts_for_ten_minutes(own: Running) -> None:
    person = await own.sign_in()
    own.clock.advance(minutes=9)
    await set_password(own, person)
    own.clock.advance(minutes=1)
    person = await own.fresh(person)
    with refused(NEEDS_PROOF):
        await enroll(own, person)
    person = await prove(own, person, password=PASSWORD)
    assert await enroll(own, person)
    assert timedelta(minutes=10) == proofs.LIFETIME


async def test_proof_is_good_for_its_own_session_alone(shared: Running) -> None:
    person = await shared.sign_in()
    other = await shared.sign_in(replace(person))
    for proof in (other.fresh_proof, person.tokens.access_token, (await shared.sign_in()).fresh_proof, "x.y.z"):
        with refused(NEEDS_PROOF):
            await set_password(shared, replace(person, fresh_proof=proof))
    with refused(Reason.REASON_TOKEN_INVALID):
        as_token = replace(person, tokens=auth_pb2.TokenPair(access_token=person.fresh_proof))
        await shared.account("GetMe", account_pb2.GetMeRequest(), as_token)


async def test_proof_from_before_a_second_factor_opens_nothing_after(shared: Running) -> None:
    person = await shared.sign_in()
    weak = person.fresh_proof
    person = await shared.enroll(person)
    fresh_session = person.fresh_proof
    with refused(NEEDS_PROOF):
        await set_password(shared, replace(person, fresh_proof=weak))
    await set_password(shared, replace(person, fresh_proof=fresh_session))


async def test_proof_asks_the_second_factor_where_one_is_confirmed(own: Running) -> None:
    person = await own.enroll(await own.sign_in())
    own.clock.advance(minutes=1)
    with refused(Reason.REASON_SECOND_FACTOR_REQUIRED):
        await prove(own, person)
    own.clock.advance(minutes=1)
    person = await prove(own, person, totp_code=own.totp(person))
    await set_password(own, person)


async def test_deletion_by_code_asks_the_second_factor_too(own: Running) -> None:
    person = await own.enroll(await own.sign_in())
    for totp_code, reason in (
        ("", Reason.REASON_SECOND_FACTOR_REQUIRED),
        ("000000", Reason.REASON_SECOND_FACTOR_INVALID),
    ):
        own.clock.advance(minutes=1)
        code = await own.code(person.phone)
        request = account_pb2.DeleteAccountRequest(request_id=request_id(), code=code, totp_code=totp_code)
        with refused(reason):
            await own.account("DeleteAccount", request, person)
    await own.account("GetMe", account_pb2.GetMeRequest(), person)


async def test_wrong_code_proves_nothing(shared: Running) -> None:
    person = await shared.sign_in()
    shared.clock.advance(minutes=1)
    code = await shared.code(person.phone)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    with refused(Reason.REASON_CREDENTIALS_INVALID):
        await shared.auth("ProveIdentity", auth_pb2.ProveIdentityRequest(code=wrong), person)


async def test_repeat_with_a_newer_proof_gets_the_first_answer(own: Running) -> None:
    person = await own.sign_in()
    request = account_pb2.EnrollTotpRequest(request_id=request_id())
    first = await own.account("EnrollTotp", request, person)
    own.clock.advance(minutes=2)
    assert await own.account("EnrollTotp", request, await prove(own, person)) == first


async def test_owner_is_told_of_each_act(own: Running) -> None:
    person = await own.sign_in()
    await set_password(own, person)
    await own.enroll(person)
    await export(own, person)
    await delete(own, person)
    expected = ["password_set", "second_factor_confirmed", "account_exported", "account_deleted"]
    assert await own.told(person.phone) == expected
    assert await own.execute("select from owner_notice") == []


async def test_owner_is_told_of_access_given(own: Running) -> None:
    patient, follower = await own.sign_in(), await own.sign_in()
    await care.grant(own, patient, follower)
    code = (await care.invite(own, patient)).code
    await own.care("AcceptInvite", care.accept(code), follower)
    assert await own.told(patient.phone) == ["access_given", "invite_created", "access_given"]
    assert await own.told(follower.phone) == []


async def test_notice_is_tried_again_until_it_is_sent(own: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(phone: str, notice: str, text: str) -> None:
        raise ApricotError(Reason.REASON_UNAVAILABLE, "no answer")

    person = await own.sign_in()
    await set_password(own, person)
    with monkeypatch.context() as broken:
        broken.setattr(own.phones, "tell", fail)
        for _ in range(notices.MAX_TRIES - 1):
            assert await own.told(person.phone) == []
            own.clock.advance(hours=2)
    assert await own.told(person.phone) == ["password_set"]
