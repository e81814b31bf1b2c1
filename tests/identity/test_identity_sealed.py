"""Who somebody is lies sealed in the database, and stays known when the key changes."""

from uuid import UUID

import asyncpg
import pytest
from apricot.access.v1.access_pb2 import ROLE_CLINICIAN
from apricot.identity.v1 import account_pb2, auth_pb2, licence_pb2
from google.protobuf.field_mask_pb2 import FieldMask

from kit.resealing import SETTLED
from kit.sealing import SealingKeys
from services.identity.domain.indexed import LICENCE_NUMBER
from services.identity.store import hand_overs, licences
from stack.platform import Platform
from tests.identity.running import Person, Running, as_uuid, new_phone, request_id, running_identity
from tests.identity.test_identity_export import exported
from tests.sealed import whereabouts

ADDRESS = "203.0.113.77"
PUSH_TOKEN = "push-token-of-Wang"
PROFILE = account_pb2.Profile(display_name="王秀英", birth_date="1961-02-28")
PROFILE_WORDS = [PROFILE.display_name, PROFILE.birth_date]
DETAILS = licence_pb2.LicenceDetails(
    role=ROLE_CLINICIAN, number="LIC-330100", hospital="杏林医院", title="主任医师", expiry_date="2030-12-31"
)
NOTE, REASON, ON_DEVICE, OF_SESSION = "与身份证相符", "法院调取王某病历", "王的手机", "王的平板"
OLD, NEW = {"tests": b"t" * 32}, {"new": bytes(32)}


async def written(running: Running) -> tuple[Person, list[str]]:
    """Somebody of whom everything is known, and what would tell who it is."""
    person, waiting = Person(new_phone()), new_phone()
    await running.auth("RequestCode", auth_pb2.RequestCodeRequest(phone=waiting), address=ADDRESS)
    code = auth_pb2.PhoneCode(phone=person.phone, code=await running.code(person.phone))
    signed_in = await running.auth("SignIn", auth_pb2.SignInRequest(phone_code=code, device_name=OF_SESSION))
    person.account_id, person.tokens = signed_in.account.account_id, signed_in.tokens
    person.fresh_proof = signed_in.fresh_proof
    mask = FieldMask(paths=["display_name", "birth_date"])
    update = account_pb2.UpdateProfileRequest(request_id=request_id(), profile=PROFILE, update_mask=mask)
    await running.account("UpdateProfile", update, person)
    await running.account("RegisterDevice", device(), person)
    submit = licence_pb2.SubmitLicenceRequest(request_id=request_id(), details=DETAILS)
    licence = (await running.licence("SubmitLicence", submit, person)).licence
    approve = licence_pb2.ReviewLicenceRequest(
        request_id=request_id(),
        licence_id=licence.licence_id,
        decision=licence_pb2.LICENCE_STATE_APPROVED,
        note=NOTE,
    )
    await running.licence("ReviewLicence", approve, await running.admin())
    async with running.database.transaction() as session:
        await hand_overs.note(
            session,
            running.identity.vault.subkey("audit"),
            patient_id=as_uuid(person),
            actor_id=UUID(int=1),
            reason=REASON,
            manifest_sha256=bytes(32),
            now=running.clock(),
        )
    await running.enroll(await running.fresh(person))
    licensed = [DETAILS.number, DETAILS.hospital, DETAILS.title, NOTE]
    return person, [
        *(person.phone, waiting, ADDRESS, PUSH_TOKEN, ON_DEVICE, OF_SESSION, REASON, person.totp_secret),
        *(*PROFILE_WORDS, *licensed),
    ]


def device() -> account_pb2.RegisterDeviceRequest:
    return account_pb2.RegisterDeviceRequest(
        request_id=request_id(), platform=account_pb2.DEVICE_PLATFORM_IOS, push_token=PUSH_TOKEN, name=ON_DEVICE
    )


async def require_known(running: Running, person: Person) -> None:
    """Everything reads as it was written, and everything is found."""
    account_id = person.account_id
    await running.sign_in(person)
    assert person.account_id == account_id
    assert "clinician" in person.roles
    me = (await running.account("GetMe", account_pb2.GetMeRequest(), person)).account
    assert (me.phone, me.profile.display_name, me.profile.birth_date) == (
        person.phone,
        PROFILE.display_name,
        PROFILE.birth_date,
    )
    [licence] = (await running.licence("ListLicences", licence_pb2.ListLicencesRequest(), person)).licences
    assert (licence.details, licence.review_note) == (DETAILS, NOTE)
    number = running.identity.vault.indexed(LICENCE_NUMBER, DETAILS.number)
    async with running.database.transaction() as session:
        assert await licences.approved_of_number(session, "clinician", number) is not None
    [row] = await running.execute("select device_id from device")
    assert (await running.account("RegisterDevice", device(), person)).device_id == str(row["device_id"])


async def test_a_copy_of_the_database_does_not_tell_who_anybody_is(own: Running) -> None:
    person, words = await written(own)
    assert await whereabouts(own.database, words) == set()
    assert not {column for word in words for column in await whereabouts(own.database, [word.encode().hex()])}
    await require_known(own, person)


async def test_the_key_changes_and_everybody_stays_known(engines: Platform, own_url: str) -> None:
    async with running_identity(own_url, engines.nats_url) as before:
        person, words = await written(before)
        then = before.clock.now
    async with running_identity(own_url, engines.nats_url, keys=SealingKeys(NEW | OLD)) as both:
        both.clock.now = then
        await both.identity.indexing.bring_over()
        both.clock.now += SETTLED
        await both.identity.indexing.bring_over()
        assert not await both.execute("select from resealing where done_time is null")
        then = both.clock.now
    async with running_identity(own_url, engines.nats_url, keys=SealingKeys(NEW)) as after:
        after.clock.now = then
        await require_known(after, person)
        assert await whereabouts(after.database, words) == set()
        told, mine = str(await exported(after, person)), (person.phone, *PROFILE_WORDS, ON_DEVICE, OF_SESSION, REASON)
        assert all(word in told for word in mine)


async def test_a_hand_over_is_changed_by_no_seal(own: Running) -> None:
    await written(own)
    async with own.database.connection() as connection:
        for resealing, change in ("on", "actor_id = patient_id"), ("", "reason = 'another'"):
            await connection.execute("select set_config('apricot.resealing', $1, false)", resealing)
            with pytest.raises(asyncpg.RaiseError, match="only ever appended"):
                await connection.execute(f"update hand_over set {change}")  # noqa: S608  one of these words
