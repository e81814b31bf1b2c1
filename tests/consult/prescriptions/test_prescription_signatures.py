"""Forged and altered prescriptions: every reader refuses them, and nobody signs who may not."""

import random
from datetime import timedelta
from uuid import UUID, uuid4

from apricot.consult.v1.prescription_pb2 import (
    GENUINENESS_GENUINE,
    GENUINENESS_KEY_UNKNOWN,
    GENUINENESS_SIGNATURE_INVALID,
    GENUINENESS_WRONG_KEY,
    PRESCRIPTION_STATE_ISSUED,
    PRESCRIPTION_STATE_REVOKED,
    Prescription,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.auth_pb2 import SignOutRequest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.sdk.prescriptions import NotGenuine, verify
from kit.signatures import is_signed, signed_bytes
from prescribing.genuineness import PURPOSE
from tests.consult.prescriptions.ward import Ward, refused
from tests.consult.prescriptions.writing import facts, item, written


async def public_key(ward: Ward, made: Prescription) -> bytes:
    (key,) = [key for key in await ward.signing.keys(ward.doctor) if key.key_id == made.key_id]
    return key.public_key


def flipped(data: bytes, place: int) -> bytes:
    """One bit is another one."""
    changed = bytearray(data)
    changed[place] ^= 1 << (place % 8)
    return bytes(changed)


def is_refused(signed_content: bytes, signature: bytes, key: bytes) -> bool:
    try:
        verify(signed_content, signature, key)
    except NotGenuine:
        return not is_signed(PURPOSE, signed_content, signature, key)
    return False


def test_the_sdk_and_the_services_mean_the_same_bytes() -> None:
    assert signed_bytes(PURPOSE, b"x") == b"apricot-prescription-v1\0x"


async def test_anybody_with_the_public_key_verifies(ward: Ward) -> None:
    made = await ward.issue()
    assert verify(made.signed_content, made.signature, await public_key(ward, made)) == made.content
    answer = await ward.verify(made)
    assert (answer.genuineness, answer.state) == (GENUINENESS_GENUINE, PRESCRIPTION_STATE_ISSUED)
    await ward.revoke(made)
    answer = await ward.verify(made)
    assert (answer.genuineness, answer.state) == (GENUINENESS_GENUINE, PRESCRIPTION_STATE_REVOKED)


async def test_no_bit_of_it_can_be_another(ward: Ward) -> None:
    made = await ward.issue()
    key = await public_key(ward, made)
    for place in range(len(made.signed_content)):
        assert is_refused(flipped(made.signed_content, place), made.signature, key), place
    for place in range(64):
        assert is_refused(made.signed_content, flipped(made.signature, place), key), place
    for place in range(32):
        assert is_refused(made.signed_content, made.signature, flipped(key, place)), place
    for cut in (made.signed_content[:-1], made.signed_content + b"\0", b""):
        assert is_refused(cut, made.signature, key)
    some = random.Random(1)
    for _ in range(10):
        bad = flipped(made.signed_content, some.randrange(len(made.signed_content)))
        assert (await ward.verify(made, signed_content=bad)).genuineness == GENUINENESS_SIGNATURE_INVALID


async def test_another_doctor_s_key_and_another_purpose(ward: Ward) -> None:
    made, other = await ward.issue(), await ward.signing.doctor()
    await ward.signing.prove(other, ward.identity.totp(other, 1), content=made.signed_content)
    theirs = await ward.signing.sign(other, made.signed_content)
    forged = {"signature": theirs.signature, "key_id": theirs.key.key_id}
    assert (await ward.verify(made, **forged)).genuineness == GENUINENESS_WRONG_KEY
    assert (await ward.verify(made, key_id=theirs.key.key_id)).genuineness == GENUINENESS_SIGNATURE_INVALID
    assert (await ward.verify(made, key_id=str(uuid4()))).genuineness == GENUINENESS_KEY_UNKNOWN
    await ward.signing.proves_for(ward.doctor, made.signed_content, "referral")
    referral = await ward.signing.sign(ward.doctor, made.signed_content, purpose="referral")
    assert (await ward.verify(made, signature=referral.signature)).genuineness == GENUINENESS_SIGNATURE_INVALID
    assert is_refused(made.signed_content, referral.signature, referral.key.public_key)


async def test_a_retired_key_verifies_what_it_signed_and_nothing_later(ward: Ward) -> None:
    before = await ward.issue()
    new = await ward.signing.rotate(ward.doctor)
    assert (await ward.get(before)).altered is False
    after = await ward.revise(before)
    assert after.key_id == new.key_id != before.key_id
    ward.clock.advance(minutes=10)
    await ward.identity.fresh(ward.doctor)
    await ward.signing.prove(ward.doctor)
    late = await ward.revise(after)
    (old,) = await ward.identity.execute("select * from doctor_key where key_id = $1", UUID(before.key_id))
    sealed = ward.identity.opened("doctor_key.sealed_private_key", old["sealed_private_key"])
    private = ward.identity.identity.vault.open("doctor-key", before.key_id, sealed)
    backdoor = Ed25519PrivateKey.from_private_bytes(private).sign(signed_bytes(PURPOSE, late.signed_content))
    ward.keys._keys.clear()  # it is asked for anew within a minute
    answer = await ward.verify(late, signature=backdoor, key_id=before.key_id)
    assert answer.genuineness == GENUINENESS_WRONG_KEY


ALTERATIONS = {
    "the content": "signed_content = set_byte(signed_content, 60, 255 - get_byte(signed_content, 60))",
    "the content's length": "signed_content = substr(signed_content, 1, 30)",
    "the signature": "signature = overlay(signature placing '\\x00' from 1)",
    "the signature's length": "signature = ''",
    "the patient": "patient_id = gen_random_uuid()",
    "the doctor": "doctor_id = gen_random_uuid()",
    "the key": "key_id = gen_random_uuid()",
    "the end of its validity": "expire_time = expire_time + interval '1 second'",
    "when it was issued": "create_time = create_time - interval '1 second'",
    "the content for nonsense": "signed_content = '\\xffff'",
}


async def test_a_row_that_was_altered_is_never_shown_as_a_prescription(ward: Ward) -> None:
    made = await ward.issue()
    (kept,) = await ward.fetch(
        "select * from prescription_revision where prescription_id::text = $1", made.prescription_id
    )
    restore = ", ".join(f"{column} = ${place}" for place, column in enumerate(kept.keys(), start=1))
    for what, change in ALTERATIONS.items():
        alter = f"update prescription_revision set {change} where prescription_id = $1"  # noqa: S608
        await ward.tamper(alter, UUID(made.prescription_id))
        shown = await ward.get(made)
        assert shown.altered, what
        assert not shown.HasField("content")
        assert not shown.signed_content
        assert not shown.signature
        assert (await ward.listed(ward.doctor, consultation_id=ward.consultation)).prescriptions in ([], [shown])
        assert not (await ward.verify(made)).state
        with refused(Reason.REASON_WRONG_STATE):
            await ward.revise(made)
        back = f"update prescription_revision set {restore} where prescription_id = $1"  # noqa: S608
        await ward.tamper(back, *kept.values())
        assert await ward.get(made) == made


async def test_a_content_in_another_revision_s_place_is_altered(ward: Ward) -> None:
    first = await ward.issue()
    second = await ward.revise(first, written(item(milligrams="850")))
    swap = (
        "update prescription_revision as one set signed_content = other.signed_content, signature = other.signature,"
        " key_id = other.key_id from prescription_revision as other"
        " where one.prescription_id = $1 and other.prescription_id = $1 and one.revision = 2 and other.revision = 1"
    )
    await ward.tamper(swap, UUID(first.prescription_id))
    assert (await ward.get(second)).altered
    assert not (await ward.get(second, revision=1)).altered


async def test_an_altered_one_can_still_be_revoked_and_its_medicines_are_unknown(ward: Ward) -> None:
    made = await ward.issue()
    await ward.tamper(
        "update prescription_revision set signature = '' where prescription_id = $1", UUID(made.prescription_id)
    )
    keys = [finding.key for finding in await ward.check()]
    assert f"medicine::prescription {made.prescription_id}" in keys
    revoked = await ward.revoke(made)
    assert (revoked.state, revoked.altered) == (PRESCRIPTION_STATE_REVOKED, True)


async def test_without_a_fresh_proof_nothing_is_issued(ward: Ward) -> None:
    ward.clock.advance(minutes=5)
    await ward.identity.fresh(ward.doctor)
    with refused(Reason.REASON_FRESH_SIGN_IN_REQUIRED):
        await ward.issue()
    assert not (await ward.listed()).prescriptions
    await ward.signing.prove(ward.doctor)
    await ward.issue()


async def test_prepared_content_alone_is_issued_and_once(ward: Ward) -> None:
    content = await ward.prepare()
    await ward.signing.proves_for(ward.doctor, content)
    for bad, reason in {
        content + b"\0": Reason.REASON_INVALID_FIELD,
        b"no prescription": Reason.REASON_INVALID_FIELD,
        await ward.prepare(written=written(item(milligrams="850"))): Reason.REASON_REVISION_MISMATCH,
        await ward.prepare(): Reason.REASON_PROOF_OF_OTHER_CONTENT,
    }.items():
        with refused(reason):
            await ward.issue(content=bad)
    made = await ward.issue(content=content)
    assert made.signed_content == content
    with refused(Reason.REASON_WRONG_STATE):
        await ward.issue(content=content)
    assert len((await ward.listed()).prescriptions) == 1


async def test_content_prepared_ten_minutes_ago_is_not_issued(ward: Ward) -> None:
    content = await ward.prepare()
    ward.clock.advance(minutes=10)
    await ward.identity.fresh(ward.doctor)
    await ward.signing.prove(ward.doctor, content=content)
    with refused(Reason.REASON_REVISION_MISMATCH):
        await ward.issue(content=content)


async def test_a_licence_that_ended_this_morning_issues_nothing(ward: Ward) -> None:
    ends = ward.clock.now + timedelta(days=1)
    doctor = await ward.signing.doctor(expiry_date=ends.date().isoformat())
    consultation = await ward.consult(doctor=doctor)
    ward.clock.now = ends.replace(hour=15, minute=58)  # two minutes before midnight in China
    await ward.identity.fresh(doctor)
    await ward.signing.prove(doctor)
    await ward.put(facts(ward.today))
    made = await ward.issue(by=doctor, consultation_id=consultation)
    ward.clock.advance(minutes=3)
    with refused(Reason.REASON_LICENCE_EXPIRED):
        await ward.revise(made, by=doctor)
    await ward.revoke(made, doctor)
    with refused(Reason.REASON_LICENCE_EXPIRED):
        await ward.issue(by=doctor, consultation_id=consultation)


async def test_a_session_that_has_ended_issues_nothing(ward: Ward) -> None:
    await ward.identity.auth("SignOut", SignOutRequest(), ward.doctor)
    with refused(Reason.REASON_SESSION_ENDED):
        await ward.issue()
    assert not (await ward.listed()).prescriptions


async def test_too_short_in_practice(ward: Ward) -> None:
    doctor = await ward.signing.doctor(
        first_registration_date=(ward.clock.now - timedelta(days=1000)).date().isoformat()
    )
    await ward.signing.prove(doctor, ward.identity.totp(doctor, 1))
    with refused(Reason.REASON_PRACTICE_TOO_SHORT):
        await ward.issue(by=doctor, consultation_id=await ward.consult(doctor=doctor))
