"""The caller's own account: profile, devices, the first admin; and requests that are repeated."""

import asyncio

import pytest
from apricot.access.v1.access_pb2 import ROLE_ADMIN, ROLE_PATIENT
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import account_pb2
from apricot.identity.v1.account_pb2 import DevicePlatform, Profile
from google.protobuf.field_mask_pb2 import FieldMask

from tests.identity.running import Person, Running, refused, request_id

ME = account_pb2.GetMeRequest()


def update(profile: Profile, *paths: str) -> account_pb2.UpdateProfileRequest:
    return account_pb2.UpdateProfileRequest(
        request_id=request_id(), profile=profile, update_mask=FieldMask(paths=list(paths))
    )


async def test_a_profile_changes_where_the_mask_says(shared: Running) -> None:
    person = await shared.sign_in()
    everything = Profile(
        display_name="王秀英",
        birth_date="1961-02-28",
        sex=account_pb2.SEX_FEMALE,
        time_zone="Asia/Urumqi",
        language="zh-CN",
    )
    paths = ("display_name", "birth_date", "sex", "time_zone", "language")
    await shared.account("UpdateProfile", update(everything, *paths), person)
    renamed = update(Profile(display_name="王秀英 Wang", birth_date="1970-01-01"), "display_name")
    answer = await shared.account("UpdateProfile", renamed, person)
    everything.display_name = "王秀英 Wang"
    assert answer.account.profile == everything
    assert (await shared.account("GetMe", ME, person)).account == answer.account
    emptied = await shared.account("UpdateProfile", update(Profile(), *paths), person)
    assert emptied.account.profile == Profile()


@pytest.mark.parametrize(
    ("profile", "path"),
    [
        (Profile(birth_date="2001-02-29"), "birth_date"),
        (Profile(birth_date="2099-01-01"), "birth_date"),
        (Profile(time_zone="Mars/Olympus"), "time_zone"),
        (Profile(display_name="nul\0"), "display_name"),
        (Profile(display_name="x" * 101), "display_name"),
        (Profile(), "phone"),
    ],
)
async def test_a_profile_that_cannot_be_is_refused(shared: Running, profile: Profile, path: str) -> None:
    with refused(Reason.REASON_INVALID_FIELD):
        await shared.account("UpdateProfile", update(profile, path), await shared.sign_in())


async def test_an_empty_mask_is_refused(shared: Running) -> None:
    with refused(Reason.REASON_INVALID_FIELD):
        await shared.account("UpdateProfile", update(Profile()), await shared.sign_in())


async def test_a_repeat_gets_the_first_answer_and_another_body_is_told_so(shared: Running) -> None:
    person = await shared.sign_in()
    first = update(Profile(display_name="one"), "display_name")
    answer = await shared.account("UpdateProfile", first, person)
    await shared.account("UpdateProfile", update(Profile(display_name="two"), "display_name"), person)
    assert await shared.account("UpdateProfile", first, person) == answer
    assert (await shared.account("GetMe", ME, person)).account.profile.display_name == "two"
    first.profile.display_name = "three"
    with refused(Reason.REASON_REQUEST_ID_REUSED):
        await shared.account("UpdateProfile", first, person)


async def test_a_push_token_belongs_to_the_last_who_registered_it(shared: Running) -> None:
    one, other = await shared.sign_in(), await shared.sign_in()

    def register() -> account_pb2.RegisterDeviceRequest:
        return account_pb2.RegisterDeviceRequest(
            request_id=request_id(),
            platform=DevicePlatform.DEVICE_PLATFORM_HARMONY,
            push_token=f"token-of-{one.phone}",
            name="Mate",
        )

    first = await shared.account("RegisterDevice", register(), one)
    second = await shared.account("RegisterDevice", register(), other)
    assert first.device_id == second.device_id
    [row] = await shared.execute("select account_id from device where device_id = $1", first.device_id)
    assert str(row["account_id"]) == other.account_id


@pytest.mark.parametrize("token", ["", "two words", "\U0001f48a" * 500, "a" * 513])
async def test_a_push_token_is_printable_ascii_of_at_most_512_characters(shared: Running, token: str) -> None:
    person, request = await shared.sign_in(), account_pb2.RegisterDeviceRequest(request_id=request_id(), name="Mate")
    request.platform = DevicePlatform.DEVICE_PLATFORM_HARMONY
    request.push_token = token
    with refused(Reason.REASON_INVALID_FIELD):
        await shared.account("RegisterDevice", request, person)
    request.push_token = request_id().ljust(512, "~")
    assert (await shared.account("RegisterDevice", request, person)).device_id


async def test_the_first_admin_is_made_by_the_secret_printed_once(own: Running) -> None:
    person = await own.sign_in()
    wrong = account_pb2.ClaimAdminRequest(request_id=request_id(), secret="not the secret at all")
    with refused(Reason.REASON_CREDENTIALS_INVALID):
        await own.account("ClaimAdmin", wrong, person)
    right = account_pb2.ClaimAdminRequest(request_id=request_id(), secret=own.admin_secret)
    answer = await own.account("ClaimAdmin", right, person)
    assert list(answer.account.roles) == [ROLE_PATIENT, ROLE_ADMIN]

    # The role waits for the second factor.
    person = await own.sign_in(person)
    assert person.roles == ["patient"]
    person = await own.enroll(person)
    assert person.roles == ["patient", "admin"]

    other = await own.sign_in()
    with refused(Reason.REASON_WRONG_STATE):
        again = account_pb2.ClaimAdminRequest(request_id=request_id(), secret=own.admin_secret)
        await own.account("ClaimAdmin", again, other)


async def test_of_many_who_claim_at_once_one_becomes_admin(own: Running) -> None:
    people = [await own.sign_in() for _ in range(5)]

    async def claim(person: Person) -> bool:
        request = account_pb2.ClaimAdminRequest(request_id=request_id(), secret=own.admin_secret)
        await own.account("ClaimAdmin", request, person)
        return True

    answers = await asyncio.gather(*map(claim, people), return_exceptions=True)
    assert answers.count(True) == 1


async def test_a_service_has_no_account(shared: Running) -> None:
    with refused(Reason.REASON_NOT_FOUND):
        await shared.account("GetMe", ME, await shared.service())
