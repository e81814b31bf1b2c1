"""Signatures: only by a doctor with a live licence who has just proven the second factor in that session."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import account_pb2, auth_pb2, licence_pb2, signing_pb2
from apricot.identity.v1.signing_pb2_grpc import SigningServiceStub

from kit.signatures import is_signed, signed_bytes
from tests.identity.running import Person, Running, refused, request_id
from tests.identity.signing import PURPOSE, Signing


@pytest.fixture
async def signing(shared: Running) -> AsyncIterator[Signing]:
    async with grpc.aio.insecure_channel(shared.address) as channel:
        yield Signing(shared, SigningServiceStub(channel))


@pytest.fixture
async def own_signing(own: Running) -> AsyncIterator[Signing]:
    async with grpc.aio.insecure_channel(own.address) as channel:
        yield Signing(own, SigningServiceStub(channel))


async def test_a_doctor_signs_after_proving_the_second_factor(signing: Signing) -> None:
    doctor = await signing.doctor()
    with refused(Reason.REASON_FRESH_SIGN_IN_REQUIRED):
        await signing.sign(doctor)  # the sign-in itself proves nothing
    assert await signing.keys(doctor) == []
    await signing.prove(doctor)
    signed = await signing.sign(doctor, b"content")
    assert is_signed(PURPOSE, b"content", signed.signature, signed.key.public_key)
    assert [signed.key] == await signing.keys(doctor)
    assert signed.key.account_id == doctor.account_id
    assert (await signing.sign(doctor, b"content")).signature == signed.signature


async def test_a_signature_is_of_its_content_purpose_and_key_alone(signing: Signing) -> None:
    doctor, other = await signing.doctor(), await signing.doctor()
    for each in (doctor, other):
        await signing.prove(each, signing.running.totp(each, 1))
    signed = await signing.sign(doctor, b"content")
    key = signed.key.public_key
    assert not is_signed(PURPOSE, b"Content", signed.signature, key)
    assert not is_signed("referral", b"content", signed.signature, key)
    assert not is_signed(PURPOSE, b"content", signed.signature, (await signing.sign(other)).key.public_key)
    for place in range(64):
        flipped = bytearray(signed.signature)
        flipped[place] ^= 1
        assert not is_signed(PURPOSE, b"content", bytes(flipped), key)
    assert not is_signed(PURPOSE, b"content", b"", key)
    assert not is_signed(PURPOSE, b"content", signed.signature, b"no key")


def test_no_purpose_and_content_make_the_bytes_of_another_pair() -> None:
    assert signed_bytes("a", b"b") == b"apricot-a-v1\0b"
    assert signed_bytes("a", b"-v1\0b") != signed_bytes("a-v1", b"b")


@pytest.mark.parametrize("service", ["glucose", "pharmacy"])
async def test_no_service_but_consult_has_content_signed(signing: Signing, service: str) -> None:
    doctor = await signing.doctor()
    await signing.prove(doctor)
    with refused(Reason.REASON_ROLE_REQUIRED):
        await signing.sign(doctor, by=await signing.running.service(service))


async def test_a_proof_lasts_five_minutes(own_signing: Signing) -> None:
    clock, doctor = own_signing.running.clock, await own_signing.doctor()
    await own_signing.prove(doctor)
    clock.advance(minutes=5, seconds=-1)
    await own_signing.sign(doctor)
    clock.advance(seconds=1)
    with refused(Reason.REASON_FRESH_SIGN_IN_REQUIRED):
        await own_signing.sign(doctor)
    await own_signing.prove(doctor)
    await own_signing.sign(doctor)


async def test_proof_for_one_content_signs_no_other(signing: Signing) -> None:
    doctor = await signing.doctor()
    await signing.prove(doctor, content=b"one")
    for content, purpose in [(b"other", PURPOSE), (b"one", "referral")]:
        with refused(Reason.REASON_PROOF_OF_OTHER_CONTENT):
            await signing.sign(doctor, content, purpose)
    await signing.sign(doctor, b"one")


async def test_proof_for_no_content_signs_nothing(signing: Signing) -> None:
    doctor = await signing.doctor()
    await signing.prove(doctor, content=None)
    with refused(Reason.REASON_FRESH_SIGN_IN_REQUIRED):
        await signing.sign(doctor)


async def test_replayed_proof_opens_no_other_content(signing: Signing) -> None:
    doctor, same = await signing.doctor(), request_id()
    code = signing.running.totp(doctor, 1)
    await signing.prove(doctor, code, same, b"one")
    with refused(Reason.REASON_SECOND_FACTOR_INVALID):
        await signing.prove(doctor, code, content=b"other")
    with refused(Reason.REASON_REQUEST_ID_REUSED):
        await signing.prove(doctor, code, same, b"other")
    with refused(Reason.REASON_PROOF_OF_OTHER_CONTENT):
        await signing.sign(doctor, b"other")


async def test_next_proof_takes_the_place_of_the_one_before(own_signing: Signing) -> None:
    doctor = await own_signing.doctor()
    await own_signing.prove(doctor, content=b"one")
    own_signing.running.clock.advance(seconds=60)
    await own_signing.prove(doctor, content=b"other")
    with refused(Reason.REASON_PROOF_OF_OTHER_CONTENT):
        await own_signing.sign(doctor, b"one")
    await own_signing.sign(doctor, b"other")


async def test_a_code_proves_once_and_a_wrong_one_never(signing: Signing) -> None:
    doctor = await signing.doctor()
    used = signing.running.totp(doctor)  # opened the session
    with refused(Reason.REASON_SECOND_FACTOR_INVALID):
        await signing.prove(doctor, used)
    code, same = signing.running.totp(doctor, 1), request_id()
    first = await signing.prove(doctor, code, same)
    assert await signing.prove(doctor, code, same) == first
    with refused(Reason.REASON_SECOND_FACTOR_INVALID):
        await signing.prove(doctor, code)
    with refused(Reason.REASON_SECOND_FACTOR_INVALID):
        await signing.prove(doctor, str((int(code) + 1) % 1_000_000).zfill(6))


async def test_a_proof_at_once_from_two_places_counts_once(signing: Signing) -> None:
    doctor = await signing.doctor()
    code = signing.running.totp(doctor, 1)
    tries = await asyncio.gather(*(signing.prove(doctor, code) for _ in range(4)), return_exceptions=True)
    assert len([each for each in tries if isinstance(each, signing_pb2.ProveSecondFactorResponse)]) == 1


async def test_guessing_codes_is_limited(signing: Signing) -> None:
    doctor = await signing.doctor()
    for _ in range(9):  # and the one of the enrolment
        with refused(Reason.REASON_SECOND_FACTOR_INVALID):
            await signing.prove(doctor, signing.running.totp(doctor, 77))
    with refused(Reason.REASON_RATE_LIMITED):
        await signing.prove(doctor)


async def test_the_proof_of_another_session_of_the_same_doctor_is_none(signing: Signing) -> None:
    doctor = await signing.doctor()
    await signing.prove(doctor)
    elsewhere = Person(doctor.phone, totp_secret=doctor.totp_secret)
    await signing.running.sign_in(elsewhere)
    await signing.sign(doctor)
    with refused(Reason.REASON_FRESH_SIGN_IN_REQUIRED):
        await signing.sign(elsewhere)


async def test_a_licence_that_expired_this_morning_signs_nothing(own_signing: Signing) -> None:
    clock, doctor = own_signing.running.clock, await own_signing.doctor(expiry_date="2026-06-02")
    clock.now = clock.now.replace(day=2, hour=15, minute=58)  # two minutes before midnight in China
    await own_signing.running.fresh(doctor)
    await own_signing.prove(doctor)
    await own_signing.sign(doctor)
    clock.advance(minutes=2)
    with refused(Reason.REASON_LICENCE_EXPIRED):
        await own_signing.sign(doctor)


async def test_a_withdrawn_licence_signs_nothing(signing: Signing) -> None:
    doctor = await signing.doctor()
    await signing.prove(doctor)
    mine = await signing.running.licence("ListLicences", licence_pb2.ListLicencesRequest(), doctor)
    await signing.running.review(mine.licences[0].licence_id, licence_pb2.LICENCE_STATE_WITHDRAWN)
    with refused(Reason.REASON_SESSION_ENDED):
        await signing.sign(doctor)


@pytest.mark.parametrize(
    ("first_registration_date", "reason"),
    [
        ("2023-06-01", Reason.REASON_UNSPECIFIED),
        ("2023-06-02", Reason.REASON_PRACTICE_TOO_SHORT),
        ("", Reason.REASON_PRACTICE_TOO_SHORT),
    ],
)
async def test_three_years_in_practice_are_needed(
    own_signing: Signing, first_registration_date: str, reason: Reason.ValueType
) -> None:
    doctor = await own_signing.doctor(first_registration_date=first_registration_date)
    await own_signing.prove(doctor)
    if reason:
        with refused(reason):
            await own_signing.sign(doctor)
    else:
        await own_signing.sign(doctor)


async def test_tokens_that_sign_nothing(own_signing: Signing) -> None:
    running, doctor = own_signing.running, await own_signing.doctor()
    await own_signing.prove(doctor)
    patient = await running.sign_in()
    with refused(Reason.REASON_ROLE_REQUIRED):
        await own_signing.sign(patient)
    with refused(Reason.REASON_ROLE_REQUIRED):
        await own_signing.sign(doctor, by=doctor)  # services alone ask
    with refused(Reason.REASON_INVALID_FIELD):
        await own_signing.sign(Person("", tokens=auth_pb2.TokenPair(access_token="x")))
    await running.auth("SignOut", auth_pb2.SignOutRequest(), doctor)
    with refused(Reason.REASON_SESSION_ENDED):
        await own_signing.sign(doctor)


async def test_a_session_that_ended_elsewhere_signs_nothing_before_anybody_was_told(signing: Signing) -> None:
    doctor = await signing.doctor()
    await signing.prove(doctor)
    await signing.running.execute("update session set end_time = now() where account_id = $1", doctor.account_id)
    with refused(Reason.REASON_SESSION_ENDED):
        await signing.sign(doctor)


async def test_the_old_key_stays_published_after_the_new_one(signing: Signing) -> None:
    doctor = await signing.doctor()
    with refused(Reason.REASON_FRESH_SIGN_IN_REQUIRED):
        await signing.rotate(doctor)
    await signing.prove(doctor)
    before = await signing.sign(doctor)
    new = await signing.rotate(doctor)
    after = await signing.sign(doctor)
    assert after.key == new != before.key
    old, present = await signing.keys(doctor)
    assert (old.key_id, present) == (before.key.key_id, new)
    assert old.end_time == present.start_time
    assert is_signed(PURPOSE, b"content", before.signature, old.public_key)


async def test_first_signatures_at_once_make_one_key(signing: Signing) -> None:
    doctor = await signing.doctor()
    await signing.prove(doctor)
    signed = await asyncio.gather(*(signing.sign(doctor) for _ in range(6)))
    assert len({each.key.key_id for each in signed}) == len(await signing.keys(doctor)) == 1


async def test_every_signature_is_in_the_audit_and_no_private_key_anywhere(signing: Signing) -> None:
    doctor, object_id = await signing.doctor(), request_id()
    await signing.prove(doctor)
    await signing.sign(doctor, object_id=object_id)
    (event,) = await signing.running.execute("select * from audit_event where object_id = $1", object_id)
    assert str(event["actor_id"]) == doctor.account_id
    assert event["action"] == "apricot.identity.v1.SigningService/Sign"
    (key,) = await signing.running.execute("select * from doctor_key where account_id = $1", doctor.account_id)
    sealed = signing.running.opened("doctor_key.sealed_private_key", key["sealed_private_key"])
    opened = signing.running.identity.vault.open("doctor-key", str(key["key_id"]), sealed)
    assert len(opened) == 32
    assert opened not in sealed
    assert opened not in key["sealed_private_key"]


async def test_keys_are_listed_by_id_page_by_page(own_signing: Signing) -> None:
    doctor = await own_signing.doctor()
    await own_signing.prove(doctor)
    made = {(await own_signing.sign(doctor)).key.key_id}
    made |= {(await own_signing.rotate(doctor)).key_id for _ in range(2)}
    seen, token = list[str](), ""
    while True:
        page = await own_signing.call(
            "ListPublicKeys", signing_pb2.ListPublicKeysRequest(page_size=2, page_token=token)
        )
        seen += [key.key_id for key in page.keys]
        if not (token := page.next_page_token):
            break
    assert seen == sorted(made)
    named = await own_signing.call("ListPublicKeys", signing_pb2.ListPublicKeysRequest(key_ids=[seen[1], request_id()]))
    assert [key.key_id for key in named.keys] == [seen[1]]


async def test_the_keys_of_a_deleted_account_are_retired_and_stay(own_signing: Signing) -> None:
    running, doctor = own_signing.running, await own_signing.doctor()
    await own_signing.prove(doctor)
    signed = await own_signing.sign(doctor)
    running.clock.advance(minutes=2)
    deletion = account_pb2.DeleteAccountRequest(
        request_id=request_id(),
        code=await running.code(doctor.phone),
        totp_code=running.totp(doctor),
    )
    await running.account("DeleteAccount", deletion, doctor)
    (key,) = await own_signing.keys(doctor)
    assert key.public_key == signed.key.public_key
    assert key.HasField("end_time")
