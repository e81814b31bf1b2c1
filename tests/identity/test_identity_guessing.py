"""Guessing: its limits hold at every replica and over restarts, and are no way to lock somebody out for good."""

from datetime import timedelta

from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import account_pb2, auth_pb2

from services.identity.domain import codes
from services.identity.domain.limits import CODES_PER_PHONE, PASSWORDS_PER_PHONE
from stack.platform import Platform
from tests.identity.running import PASSWORD, Person, Running, new_phone, refused, request_id, running_identity


def by_password(phone: str, password: str = PASSWORD, totp_code: str = "") -> auth_pb2.SignInRequest:
    return auth_pb2.SignInRequest(
        phone_password=auth_pb2.PhonePassword(phone=phone, password=password), totp_code=totp_code
    )


def by_code(phone: str, code: str, totp_code: str = "") -> auth_pb2.SignInRequest:
    return auth_pb2.SignInRequest(phone_code=auth_pb2.PhoneCode(phone=phone, code=code), totp_code=totp_code)


def wrong(code: str) -> str:
    """Another code of six digits."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def with_password(running: Running) -> Person:
    person = await running.sign_in()
    request = account_pb2.SetPasswordRequest(request_id=request_id(), new_password=PASSWORD)
    await running.account("SetPassword", request, person)
    return person


async def guess(running: Running, request: auth_pb2.SignInRequest, times: int, reason: Reason.ValueType) -> None:
    for _ in range(times):
        with refused(reason):
            await running.auth("SignIn", request)


async def test_limits_hold_over_restarts_and_replicas(engines: Platform, own_url: str) -> None:
    """Passwords and codes are counted in the database, wherever they are tried."""
    invalid, limited = Reason.REASON_CREDENTIALS_INVALID, Reason.REASON_RATE_LIMITED
    async with (
        running_identity(own_url, engines.nats_url) as one,
        running_identity(own_url, engines.nats_url) as other,
    ):
        person, phone = await with_password(one), new_phone()
        code = await one.code(phone)
        half = PASSWORDS_PER_PHONE.burst // 2
        for replica in (one, other):
            await guess(replica, by_password(person.phone, "not the password"), half, invalid)
        for replica in (one, other):
            await guess(replica, by_password(person.phone), 1, limited)
        await guess(one, by_code(phone, wrong(code)), 3, invalid)
        await guess(other, by_code(phone, wrong(code)), codes.ATTEMPTS - 3, invalid)
    async with running_identity(own_url, engines.nats_url) as restarted:
        await guess(restarted, by_password(person.phone), 1, limited)
        await guess(restarted, by_code(phone, code), 1, invalid)
        with refused(limited):
            await restarted.auth("RequestCode", auth_pb2.RequestCodeRequest(phone=phone))


async def test_the_second_factor_is_guessed_no_oftener_than_the_first(own: Running) -> None:
    """Who has stolen the first one has as many tries at the second."""
    person = await own.enroll(await with_password(own))
    own.clock.advance(hours=1)
    right = own.totp(person)
    await guess(own, by_password(person.phone, PASSWORD, wrong(right)), PASSWORDS_PER_PHONE.burst, INVALID_FACTOR)
    await guess(own, by_password(person.phone, PASSWORD, right), 1, Reason.REASON_RATE_LIMITED)
    code = await own.code(person.phone)
    await guess(own, by_code(person.phone, code, wrong(right)), codes.ATTEMPTS, INVALID_FACTOR)
    await guess(own, by_code(person.phone, code, right), 1, Reason.REASON_CREDENTIALS_INVALID)


INVALID_FACTOR = Reason.REASON_SECOND_FACTOR_INVALID


async def test_a_lock_ends_by_itself_and_leaves_sessions_alone(own: Running) -> None:
    """Who guesses at somebody's phone keeps nobody out who is in, and the owner out for minutes at most."""
    person = await with_password(own)
    own.clock.advance(hours=1)
    await guess(
        own, by_password(person.phone, "not the password"), PASSWORDS_PER_PHONE.burst, Reason.REASON_CREDENTIALS_INVALID
    )
    for _ in range(CODES_PER_PHONE.burst):
        code = await own.code(person.phone)
        own.clock.advance(minutes=1)
    with refused(Reason.REASON_RATE_LIMITED):
        await own.code(person.phone)
    await own.auth("SignIn", by_code(person.phone, code))  # the last code that came is the owner's to use
    await own.account("GetMe", account_pb2.GetMeRequest(), await own.fresh(person))
    assert PASSWORDS_PER_PHONE.step <= timedelta(seconds=90)
    await own.auth("SignIn", by_password(person.phone))  # five minutes later
    assert CODES_PER_PHONE.step <= timedelta(minutes=12)
    own.clock.advance(minutes=12)
    await own.code(person.phone)
