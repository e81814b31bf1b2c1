"""Recovery codes, and a second factor that is replaced."""

from dataclasses import replace

from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import account_pb2, auth_pb2, security_pb2

from tests.identity.running import Person, Running, as_uuid, refused, request_id

INVALID = Reason.REASON_SECOND_FACTOR_INVALID


async def recover(running: Running, person: Person, recovery_code: str) -> Person:
    """Sign in by a code to the phone and a recovery code."""
    running.clock.advance(minutes=1)
    credential = auth_pb2.PhoneCode(phone=person.phone, code=await running.code(person.phone))
    request = auth_pb2.SignInRequest(phone_code=credential, recovery_code=recovery_code)
    answer = await running.auth("SignIn", request)
    assert answer.account.account_id == person.account_id
    return replace(person, tokens=answer.tokens, fresh_proof=answer.fresh_proof)


async def codes_left(running: Running, person: Person) -> int:
    answer = await running.account("GetMe", account_pb2.GetMeRequest(), person)
    return int(answer.account.recovery_codes_left)


async def test_confirming_a_second_factor_gives_ten_recovery_codes(shared: Running) -> None:
    person = await shared.enroll(await shared.sign_in())
    assert len(set(person.recovery_codes)) == 10
    assert {len(code) for code in person.recovery_codes} == {10}
    assert await codes_left(shared, person) == 10


async def test_recovery_code_stands_in_for_the_second_factor_once(own: Running) -> None:
    person = await own.clinician()
    code = person.recovery_codes[0]
    recovered = await recover(own, person, f"{code[:5].lower()}-{code[5:].lower()}")
    assert recovered.roles == ["patient", "clinician"]
    assert await codes_left(own, recovered) == 9
    with refused(INVALID):
        await recover(own, person, code)
    assert "recovery_code_used" in await own.told(person.phone)


async def test_recovery_code_of_somebody_else_is_refused(own: Running) -> None:
    person, other = await own.enroll(await own.sign_in()), await own.enroll(await own.sign_in())
    for code in (other.recovery_codes[0], "0000000000", "not a code"):
        with refused(INVALID):
            await recover(own, person, code)
    assert await codes_left(own, other) == 10


async def test_lost_authenticator_is_replaced_by_a_recovery_code(own: Running) -> None:
    person = await own.enroll(await own.sign_in())
    before = person.totp_secret
    recovered = await recover(own, person, person.recovery_codes[3])
    made = await own.account("EnrollTotp", account_pb2.EnrollTotpRequest(request_id=request_id()), recovered)
    await own.sign_in(person)  # until the new one is confirmed the old one counts
    recovered.totp_secret = made.secret
    confirm = account_pb2.ConfirmTotpRequest(request_id=request_id(), totp_code=own.totp(recovered))
    renewed = list((await own.account("ConfirmTotp", confirm, recovered)).recovery_codes)
    assert not set(renewed) & set(person.recovery_codes)
    assert "second_factor_replaced" in await own.told(person.phone)

    with refused(Reason.REASON_SESSION_ENDED):  # the sessions opened with the old one
        await own.account("GetMe", account_pb2.GetMeRequest(), person)
    own.clock.advance(hours=1)  # past the limit of codes
    recovered = await own.sign_in(recovered)
    with refused(INVALID):
        await own.sign_in(replace(recovered, totp_secret=before))
    with refused(INVALID):
        await recover(own, recovered, person.recovery_codes[5])


async def test_repeated_confirmation_returns_the_same_codes(shared: Running) -> None:
    person = await shared.sign_in()
    made = await shared.account("EnrollTotp", account_pb2.EnrollTotpRequest(request_id=request_id()), person)
    person.totp_secret = made.secret
    confirm = account_pb2.ConfirmTotpRequest(request_id=request_id(), totp_code=shared.totp(person))
    first = await shared.account("ConfirmTotp", confirm, person)
    assert await shared.account("ConfirmTotp", confirm, person) == first
    with refused(Reason.REASON_FRESH_PROOF_REQUIRED):
        await shared.account("ConfirmTotp", confirm, replace(person, fresh_proof=""))


async def test_renewed_recovery_codes_void_the_old_ones(own: Running) -> None:
    person = await own.enroll(await own.sign_in())
    renew = security_pb2.RenewRecoveryCodesRequest(request_id=request_id())
    answer = await own.security("RenewRecoveryCodes", renew, person)
    assert len(answer.recovery_codes) == 10
    assert "recovery_codes_renewed" in await own.told(person.phone)
    with refused(INVALID):
        await recover(own, person, person.recovery_codes[0])
    await recover(own, person, answer.recovery_codes[0])


async def test_recovery_codes_need_a_second_factor(shared: Running) -> None:
    renew = security_pb2.RenewRecoveryCodesRequest(request_id=request_id())
    with refused(Reason.REASON_WRONG_STATE):
        await shared.security("RenewRecoveryCodes", renew, await shared.sign_in())


async def test_recovery_codes_are_nowhere_in_the_database(own: Running) -> None:
    person = await own.enroll(await own.sign_in())
    hashes = await own.execute("select code_hash from recovery_code where account_id = $1", as_uuid(person))
    assert len(hashes) == 10
    [row] = await own.execute(
        "select string_agg(encode(answer, 'escape'), '') as kept from answered_request where caller_id = $1",
        as_uuid(person),
    )
    opened = [
        own.opened("answered_request.answer", found["answer"])
        for found in await own.execute("select answer from answered_request where caller_id = $1", as_uuid(person))
    ]
    assert not any(code.encode() in kept for code in person.recovery_codes for kept in opened)
    assert not any(code in row["kept"] for code in person.recovery_codes)
