"""Signing in: by code, by password, with a second factor, as a service; and what guessing gets."""

import asyncio

import pyotp
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import account_pb2, auth_pb2

from kit import idempotency
from services.identity import demo
from stack.platform import Platform
from tests.identity.running import (
    PASSWORD,
    Person,
    Running,
    new_phone,
    refused,
    request_id,
    running_identity,
    service_secret,
)
from tests.in_process import KEYS


def by_code(phone: str, code: str, totp_code: str = "") -> auth_pb2.SignInRequest:
    return auth_pb2.SignInRequest(phone_code=auth_pb2.PhoneCode(phone=phone, code=code), totp_code=totp_code)


def by_password(phone: str, password: str = PASSWORD, totp_code: str = "") -> auth_pb2.SignInRequest:
    credential = auth_pb2.PhonePassword(phone=phone, password=password)
    return auth_pb2.SignInRequest(phone_password=credential, totp_code=totp_code)


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def set_password(running: Running, person: Person, new: str = PASSWORD, current: str = "") -> None:
    request = account_pb2.SetPasswordRequest(request_id=request_id(), current_password=current, new_password=new)
    await running.account("SetPassword", request, person)


async def test_the_first_sign_in_makes_the_account_and_the_next_finds_it(shared: Running) -> None:
    person = await shared.sign_in()
    first = person.account_id
    assert person.roles == ["patient"]
    await shared.sign_in(person)
    assert person.account_id == first


async def test_a_code_works_once(shared: Running) -> None:
    phone = new_phone()
    code = await shared.code(phone)
    await shared.auth("SignIn", by_code(phone, code))
    with refused(Reason.REASON_CREDENTIALS_INVALID):
        await shared.auth("SignIn", by_code(phone, code))


async def test_of_two_sign_ins_at_once_a_code_admits_one(shared: Running) -> None:
    phone = new_phone()
    request = by_code(phone, await shared.code(phone))
    answers = await asyncio.gather(*(shared.auth("SignIn", request) for _ in range(5)), return_exceptions=True)
    assert len([answer for answer in answers if isinstance(answer, auth_pb2.SignInResponse)]) == 1


async def test_a_code_ends_after_five_minutes(shared: Running) -> None:
    phone = new_phone()
    code = await shared.code(phone)
    shared.clock.advance(minutes=5)
    with refused(Reason.REASON_CREDENTIALS_INVALID):
        await shared.auth("SignIn", by_code(phone, code))


async def test_five_wrong_codes_void_the_right_one_however_many_come_at_once(shared: Running) -> None:
    phone = new_phone()
    code = await shared.code(phone)
    wrong = [shared.auth("SignIn", by_code(phone, another(code))) for _ in range(5)]
    await asyncio.gather(*wrong, return_exceptions=True)
    with refused(Reason.REASON_CREDENTIALS_INVALID):
        await shared.auth("SignIn", by_code(phone, code))


async def test_a_phone_gets_one_code_a_minute_and_five_an_hour(shared: Running) -> None:
    phone = new_phone()
    await shared.code(phone)
    shared.clock.advance(seconds=20)
    with refused(Reason.REASON_RATE_LIMITED) as metadata:
        await shared.code(phone)
    assert metadata == {"retry_after_seconds": "40"}
    for _ in range(4):
        shared.clock.advance(minutes=1)
        await shared.code(phone)
    shared.clock.advance(minutes=1)
    with refused(Reason.REASON_RATE_LIMITED):
        await shared.code(phone)


async def test_an_address_gets_so_many_codes_an_hour_over_all_phones(engines: Platform, own_url: str) -> None:
    async with running_identity(own_url, engines.nats_url, codes_per_address_and_hour=3) as running:
        for _ in range(3):
            await running.auth("RequestCode", auth_pb2.RequestCodeRequest(phone=new_phone()), address="203.0.113.7")
        with refused(Reason.REASON_RATE_LIMITED):
            await running.auth("RequestCode", auth_pb2.RequestCodeRequest(phone=new_phone()), address="203.0.113.7")
        await running.auth("RequestCode", auth_pb2.RequestCodeRequest(phone=new_phone()), address="203.0.113.8")


async def test_addresses_of_one_ipv6_network_share_a_limit(engines: Platform, own_url: str) -> None:
    async with running_identity(own_url, engines.nats_url, codes_per_address_and_hour=3) as running:

        async def ask(address: str) -> None:
            await running.auth("RequestCode", auth_pb2.RequestCodeRequest(phone=new_phone()), address=address)

        for host in range(3):
            await ask(f"2001:db8:1:2::{host:x}")
        with refused(Reason.REASON_RATE_LIMITED):
            await ask("2001:db8:1:2:ffff::1")
        await ask("2001:db8:1:3::1")
        for host in range(4):
            await ask(f"203.0.113.{host}")


async def test_the_answer_does_not_tell_whether_the_phone_has_an_account(shared: Running) -> None:
    known, unknown = await shared.sign_in(), new_phone()
    shared.clock.advance(minutes=2)
    answers = [
        await shared.auth("RequestCode", auth_pb2.RequestCodeRequest(phone=phone)) for phone in (known.phone, unknown)
    ]
    assert answers[0] == answers[1]


async def test_password_sign_in(shared: Running) -> None:
    person = await shared.sign_in()
    await set_password(shared, person)
    answer = await shared.auth("SignIn", by_password(person.phone))
    assert answer.account.account_id == person.account_id
    assert answer.account.password_set


async def test_wrong_password_no_password_and_unknown_phone_get_the_same_answer(shared: Running) -> None:
    with_password, without = await shared.sign_in(), await shared.sign_in()
    await set_password(shared, with_password)
    for phone in (with_password.phone, without.phone, new_phone()):
        with refused(Reason.REASON_CREDENTIALS_INVALID):
            await shared.auth("SignIn", by_password(phone, "not the password"))


async def test_guessing_a_password_is_limited_though_each_guess_fails(shared: Running) -> None:
    person = await shared.sign_in()
    await set_password(shared, person)
    shared.clock.advance(hours=1)
    for _ in range(10):
        with refused(Reason.REASON_CREDENTIALS_INVALID):
            await shared.auth("SignIn", by_password(person.phone, "not the password"))
    with refused(Reason.REASON_RATE_LIMITED):
        await shared.auth("SignIn", by_password(person.phone))
    await shared.sign_in(person)  # a code is not a password: the owner gets in
    shared.clock.advance(minutes=15)
    await shared.auth("SignIn", by_password(person.phone))


async def test_changing_the_password_needs_the_present_one_and_ends_the_other_sessions(shared: Running) -> None:
    person = await shared.sign_in()
    other = await shared.sign_in(Person(person.phone))
    await set_password(shared, person)
    with refused(Reason.REASON_SESSION_ENDED):
        await shared.account("GetMe", account_pb2.GetMeRequest(), other)
    with refused(Reason.REASON_CREDENTIALS_INVALID):
        await set_password(shared, person, "another password", "not the password")
    await set_password(shared, person, "another password", PASSWORD)
    await shared.account("GetMe", account_pb2.GetMeRequest(), person)


async def test_a_repeated_password_change_gets_its_first_answer_and_is_kept_in_no_guessable_form(own: Running) -> None:
    person = await own.sign_in()
    request = account_pb2.SetPasswordRequest(request_id=request_id(), new_password=PASSWORD)
    for _ in range(2):
        await own.account("SetPassword", request, person)
    [row] = await own.execute("select digest from answered_request")
    kept = KEYS.open(idempotency.DIGEST, row["digest"])
    assert kept != idempotency.digest("/apricot.identity.v1.AccountService/SetPassword", request)
    request.new_password = "another password"
    with refused(Reason.REASON_REQUEST_ID_REUSED):
        await own.account("SetPassword", request, person)


async def test_a_second_factor_is_asked_for_and_each_step_works_once(shared: Running) -> None:
    person = await shared.enroll(await shared.sign_in())
    await set_password(shared, person)
    shared.clock.advance(minutes=5)
    with refused(Reason.REASON_SECOND_FACTOR_REQUIRED):
        await shared.auth("SignIn", by_password(person.phone))
    for steps in (-2, 2):
        with refused(Reason.REASON_SECOND_FACTOR_INVALID):
            await shared.auth("SignIn", by_password(person.phone, totp_code=shared.totp(person, steps)))
    now, ahead = shared.totp(person), shared.totp(person, 1)
    await shared.auth("SignIn", by_password(person.phone, totp_code=now))
    with refused(Reason.REASON_SECOND_FACTOR_INVALID):
        await shared.auth("SignIn", by_password(person.phone, totp_code=now))
    await shared.auth("SignIn", by_password(person.phone, totp_code=ahead))


async def test_a_missing_second_factor_leaves_the_code_for_the_next_try(shared: Running) -> None:
    person = await shared.enroll(await shared.sign_in())
    shared.clock.advance(minutes=3)
    code = await shared.code(person.phone)
    with refused(Reason.REASON_SECOND_FACTOR_REQUIRED):
        await shared.auth("SignIn", by_code(person.phone, code))
    await shared.auth("SignIn", by_code(person.phone, code, shared.totp(person)))


async def test_enrolment_repeats_its_secret_and_stores_it_sealed(own: Running) -> None:
    person = await own.sign_in()
    request = account_pb2.EnrollTotpRequest(request_id=request_id())
    first = await own.account("EnrollTotp", request, person)
    assert await own.account("EnrollTotp", request, person) == first
    assert pyotp.parse_uri(first.otpauth_uri).secret == first.secret
    rows = await own.execute("select answer from answered_request union all select sealed_secret from second_factor")
    assert not [row for row in rows if first.secret.encode() in row["answer"]]
    wrong = account_pb2.ConfirmTotpRequest(request_id=request_id(), totp_code="000000")
    person.totp_secret = first.secret
    if own.totp(person) != "000000":
        with refused(Reason.REASON_SECOND_FACTOR_INVALID):
            await own.account("ConfirmTotp", wrong, person)
    right = account_pb2.ConfirmTotpRequest(request_id=request_id(), totp_code=own.totp(person))
    await own.account("ConfirmTotp", right, person)
    with refused(Reason.REASON_FRESH_PROOF_REQUIRED):  # the proof shows no second factor, which there is by now
        await own.account("EnrollTotp", account_pb2.EnrollTotpRequest(request_id=request_id()), person)


async def test_service_signs_in_by_its_own_secret_alone(shared: Running) -> None:
    service = await shared.service()
    assert service.roles == ["service"]
    assert service.tokens.refresh_token == ""
    for name, secret in (("glucose", service_secret("consult")), ("other", service_secret("glucose"))):
        wrong = auth_pb2.ServiceSecret(service=name, secret=secret)
        with refused(Reason.REASON_CREDENTIALS_INVALID):
            await shared.auth("SignIn", auth_pb2.SignInRequest(service_secret=wrong))


async def test_a_service_sign_in_through_the_gateway_is_refused(shared: Running) -> None:
    right = auth_pb2.SignInRequest(
        service_secret=auth_pb2.ServiceSecret(service="glucose", secret=service_secret("glucose"))
    )
    with refused(Reason.REASON_CREDENTIALS_INVALID):
        await shared.auth("SignIn", right, through_gateway=True)
    await shared.auth("SignIn", right)


async def test_the_demo_code_works_for_demo_phones_where_the_demo_is_on(engines: Platform, own_url: str) -> None:
    async with running_identity(own_url, engines.nats_url, demo=True) as running:
        await running.auth("SignIn", by_code(demo.PATIENT_PHONES[0], demo.CODE))
        phone = new_phone()
        code = await running.code(phone)
        if code != demo.CODE:
            with refused(Reason.REASON_CREDENTIALS_INVALID):
                await running.auth("SignIn", by_code(phone, demo.CODE))
        with refused(Reason.REASON_SECOND_FACTOR_REQUIRED):
            await running.auth("SignIn", by_code(demo.CLINICIAN_PHONE, demo.CODE))


async def test_the_demo_code_works_nowhere_else(shared: Running) -> None:
    with refused(Reason.REASON_CREDENTIALS_INVALID):
        await shared.auth("SignIn", by_code(demo.PATIENT_PHONES[0], demo.CODE))
