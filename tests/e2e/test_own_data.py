"""One's own data, through the gateway: photos up and down, everything exported, and the account's end."""

import asyncio
import json
from contextlib import suppress
from uuid import uuid4

import pytest
from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ, SCOPE_GLUCOSE_WRITE, SCOPE_MEAL_READ
from apricot.glucose.v1.diary_pb2 import ENTRY_OUTCOME_CREATED
from apricot.glucose.v1.export_pb2 import EXPORT_FORMAT_CSV
from apricot.glucose.v1.food_pb2 import SearchFoodsRequest
from apricot.identity.v1.account_pb2 import DeleteAccountRequest, GetMeRequest, SetPasswordRequest
from apricot.identity.v1.audit_pb2 import ListAccessEventsRequest

from clients.sdk import ApricotError, Reason
from kit.database import Database
from stack.platform import Platform
from tests.glucose.diaries import HAND, ago
from tests.glucose.direct import direct_watch
from tests.kit.running import until
from tests.people import PASSWORD, People, Person
from tests.pictures import opened, picture

MEBIBYTE = 1 << 20


async def refusal(coroutine: object) -> Reason.ValueType:
    with pytest.raises(ApricotError) as refused:
        await coroutine  # type: ignore[misc]
    return refused.value.reason


async def test_a_photo_goes_up_and_comes_down_to_whom_its_meal_is_open(people: People) -> None:
    patient, friend = await people.patient(), await people.patient()
    content = picture(size=(320, 240))
    photo = await patient.session.upload_photo(patient.account_id, content + bytes(8 * MEBIBYTE - len(content)))
    meal = HAND.meal(ago(5), 45)
    meal.meal.photo_ids.append(photo.photo_id)
    [result] = await patient.session.log(patient.account_id, [meal])
    assert result.outcome == ENTRY_OUTCOME_CREATED
    look = friend.session.download_photo
    assert await refusal(look(patient.account_id, photo.photo_id)) == Reason.REASON_PATIENT_ACCESS_DENIED
    grant = await patient.grant(friend, SCOPE_MEAL_READ)
    assert opened(await look(patient.account_id, photo.photo_id)).size == (320, 240)
    assert await refusal(look(patient.account_id, str(uuid4()))) == Reason.REASON_NOT_FOUND
    await patient.revoke(grant)

    async def closed() -> bool:
        with suppress(ApricotError):
            await look(patient.account_id, photo.photo_id)
            return False
        return True

    await until(closed)


async def test_what_is_too_large_or_no_picture_is_refused(people: People) -> None:
    patient = await people.patient()
    upload = patient.session.upload_photo
    assert await refusal(upload(patient.account_id, bytes(8 * MEBIBYTE + 1))) == Reason.REASON_TOO_LARGE
    assert await refusal(upload(patient.account_id, b"%PDF-1.7")) == Reason.REASON_MEDIA_NOT_SUPPORTED
    assert await refusal(upload(patient.account_id, b"")) == Reason.REASON_MEDIA_NOT_SUPPORTED
    other = await people.patient()
    assert await refusal(upload(other.account_id, picture())) == Reason.REASON_PATIENT_ACCESS_DENIED


async def test_an_upload_by_another_is_one_look_in_the_audit(people: People) -> None:
    patient, helper = await people.patient(), await people.patient()
    await patient.grant(helper, SCOPE_GLUCOSE_WRITE)
    content = picture(size=(320, 240))
    await helper.session.upload_photo(patient.account_id, content + bytes(MEBIBYTE))  # five parts

    async def looks() -> list[str]:
        listed = await patient.session.audit.ListAccessEvents(ListAccessEventsRequest())
        return [event.action for event in listed.events if event.action.endswith("UploadPhoto")]

    async def told() -> bool:
        return len(await looks()) > 0

    await until(told)
    assert len(await looks()) == 1


async def test_foods_are_found_in_both_languages(people: People) -> None:
    patient = await people.patient()
    for query in "米饭", "rice":
        [food] = (await patient.session.foods.SearchFoods(SearchFoodsRequest(query=query, page_size=1))).foods
        assert (food.source_id, food.carbohydrate_g_per_100g) == ("SR28/20045", 28.17)
        assert (food.portion.weight_g, food.portion.carbohydrate_g) == (158, 44.5)


async def test_everything_is_exported_and_nobody_else_s(people: People) -> None:
    patient, other = await people.patient(), await people.patient()
    await patient.session.log(patient.account_id, [HAND.note(ago(1), "=1+1")])
    lines = b"".join([part async for part in patient.session.export_diary(patient.account_id)]).splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["export", "entry"]
    csv = b"".join([part async for part in patient.session.export_diary(patient.account_id, EXPORT_FORMAT_CSV)])
    assert b",'=1+1," in csv
    account = b"".join([part async for part in patient.session.export_account()])
    assert patient.phone.encode() in account
    await patient.grant(other, SCOPE_GLUCOSE_READ)  # no scope opens it

    async def take() -> None:
        async for _ in other.session.export_diary(patient.account_id):
            raise AssertionError

    assert await refusal(take()) == Reason.REASON_PATIENT_ACCESS_DENIED


async def test_a_deleted_account_is_cut_off_everywhere_within_a_second(people: People, platform: Platform) -> None:
    patient, friend, doctor = await people.patient(), await people.patient(), await people.new_clinician()
    photo = await patient.session.upload_photo(patient.account_id, picture())
    await patient.grant(friend, SCOPE_GLUCOSE_READ)
    await friend.grant(doctor, SCOPE_GLUCOSE_READ)
    replicas = platform.addresses("glucose")
    async with (
        direct_watch(replicas[0], friend.session, [patient.account_id]) as friends,
        direct_watch(replicas[1], patient.session, [patient.account_id]) as own,
        direct_watch(replicas[1], doctor.session, [friend.account_id]) as untouched,
    ):
        await asyncio.gather(friends.until_heartbeat(), own.until_heartbeat(), untouched.until_heartbeat())
        await _delete(patient)
        async with asyncio.timeout(1):
            ends = await asyncio.gather(friends.end(), own.end())
        assert {end.reason for end in ends} <= {Reason.REASON_GRANT_ENDED, Reason.REASON_SESSION_ENDED}
        assert await untouched.until_heartbeat()
    assert await refusal(patient.session.account.GetMe(GetMeRequest())) == Reason.REASON_SESSION_ENDED
    assert await refusal(patient.session.log(patient.account_id, [HAND.note(ago(1), "ghost")])) in (
        Reason.REASON_SESSION_ENDED,
        Reason.REASON_TOKEN_MISSING,
    )
    listing = friend.session.download_photo(patient.account_id, photo.photo_id)
    assert await refusal(listing) == Reason.REASON_PATIENT_ACCESS_DENIED
    database = Database(platform.database_url or "", "glucose", platform.sealing_keys("glucose"))
    try:
        async with database.connection() as connection:

            async def due() -> bool:
                query = "select touch_time < '2000-01-01' from photo where photo_id = $1::text::uuid"
                return await connection.fetchval(query, photo.photo_id) is not False

            await until(due)
    finally:
        await database.close()


async def _delete(person: Person) -> None:
    # A phone gets a code once a minute: prove it by password.
    password = SetPasswordRequest(request_id=str(uuid4()), new_password=PASSWORD)
    await person.session.account.SetPassword(password)
    await person.session.account.DeleteAccount(DeleteAccountRequest(request_id=str(uuid4()), password=PASSWORD))
