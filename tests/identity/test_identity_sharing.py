"""Sharing on the patient's own terms: ranges of the data's time, second opinions, and who is to be told."""

from datetime import timedelta
from uuid import uuid4

import pytest
from apricot.access.v1.access_pb2 import (
    SCOPE_ALERT_READ,
    SCOPE_ALERT_WRITE,
    SCOPE_GLUCOSE_WRITE,
    SCOPE_MEAL_READ,
    SCOPE_PLAN_WRITE,
    Scope,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import account_pb2, care_pb2, licence_pb2
from google.protobuf.field_mask_pb2 import FieldMask

from kit.times import to_datetime
from services.identity import demo
from stack.platform import Platform
from tests.identity.care import READ, DataRange, accept, clinic, decisions, grant, invite, revoke, window
from tests.identity.running import Person, Running, refused, request_id, running_identity

EVERY = [scope for scope in Scope.values() if scope]


def june(running: Running) -> DataRange:
    """A month that the clock has behind it."""
    end = running.clock.now - timedelta(days=10)
    return end - timedelta(days=30), end


async def carers(running: Running, patient: Person, scope: Scope.ValueType = READ) -> dict[str, bool]:
    """Clinical or not, by account."""
    request = care_pb2.ListCarersRequest(patient_id=patient.account_id, scope=scope)
    answer = await running.care("ListCarers", request, await running.service())
    found = {carer.account_id: carer.clinical for carer in answer.carers}
    assert len(found) == len(answer.carers)
    return found


async def test_a_grant_keeps_the_range_of_the_data_s_time(shared: Running) -> None:
    patient, follower = await shared.sign_in(), await shared.sign_in()
    start, end = june(shared)
    given = await grant(shared, patient, follower, READ, data=(start, end))
    assert (to_datetime(given.data_start_time), to_datetime(given.data_end_time)) == (start, end)
    listed = await shared.care("ListGrants", care_pb2.ListGrantsRequest(), patient)
    assert list(listed.grants) == [given]
    [decision] = await decisions(shared, follower, patient)
    assert list(decision.windows) == [window(READ, (start, end))]
    open_ended = await grant(shared, patient, follower, READ, data=(end, None))
    assert not open_ended.HasField("data_end_time")


async def test_two_grants_add_up_each_with_its_own_range(shared: Running) -> None:
    patient, follower = await shared.sign_in(), await shared.sign_in()
    given = await grant(shared, patient, follower, READ, SCOPE_MEAL_READ, data=june(shared))
    await grant(shared, patient, follower, SCOPE_MEAL_READ)
    [decision] = await decisions(shared, follower, patient, scope=SCOPE_ALERT_READ)
    assert not decision.allowed
    found = sorted(decision.windows, key=lambda each: (each.scope, each.HasField("start_time")))
    expected = [window(READ, june(shared)), window(SCOPE_MEAL_READ), window(SCOPE_MEAL_READ, june(shared))]
    assert found == expected
    await revoke(shared, given, patient)
    [decision] = await decisions(shared, follower, patient, scope=SCOPE_MEAL_READ)
    assert list(decision.windows) == [window(SCOPE_MEAL_READ)]


@pytest.mark.parametrize("minutes", [0, -1])
async def test_a_range_that_holds_no_instant_is_refused(shared: Running, minutes: int) -> None:
    patient, follower = await shared.sign_in(), await shared.sign_in()
    start, _ = june(shared)
    assert start is not None
    empty = start, start + timedelta(minutes=minutes)
    with refused(Reason.REASON_INVALID_FIELD):
        await grant(shared, patient, follower, data=empty)
    with refused(Reason.REASON_INVALID_FIELD):
        await invite(shared, patient, data=empty)


async def test_a_second_opinion_sees_a_window_for_48_hours(own: Running) -> None:
    patient, guest = await own.sign_in(), await own.sign_in()
    data = june(own)
    made = await invite(own, patient, READ, SCOPE_MEAL_READ, guest=True, data=data)
    given = (await own.care("AcceptInvite", accept(made.code), guest)).grant
    assert (to_datetime(given.data_start_time), to_datetime(given.data_end_time)) == data
    assert to_datetime(given.expire_time) == own.clock.now + timedelta(hours=48)
    [decision] = await decisions(own, guest, patient)
    assert list(decision.windows) == [window(READ, data), window(SCOPE_MEAL_READ, data)]


@pytest.mark.parametrize("scope", [SCOPE_GLUCOSE_WRITE, SCOPE_ALERT_WRITE, SCOPE_PLAN_WRITE])
async def test_a_second_opinion_changes_nothing(shared: Running, scope: Scope.ValueType) -> None:
    patient = await shared.sign_in()
    with refused(Reason.REASON_INVALID_FIELD):
        await invite(shared, patient, READ, scope, guest=True)
    await invite(shared, patient, READ, scope)  # for whoever stays


async def test_carers_are_whom_live_grants_reach(own: Running) -> None:
    patient, follower, other, former = [await own.sign_in() for _ in range(4)]
    doctor, member = await own.clinician(), await own.clinician()
    unlicensed = await own.sign_in()
    await grant(own, patient, follower, READ, SCOPE_ALERT_READ)
    await grant(own, patient, follower, READ)  # twice, and yet once in the list
    await grant(own, patient, other, SCOPE_MEAL_READ)
    await grant(own, patient, doctor, READ)
    await grant(own, patient, await clinic(own, member, unlicensed, doctor), READ)
    await revoke(own, await grant(own, patient, former, READ), patient)
    assert await carers(own, patient) == {
        follower.account_id: False,
        doctor.account_id: True,
        member.account_id: True,
    }
    assert await carers(own, patient, SCOPE_ALERT_READ) == {follower.account_id: False}
    assert await carers(own, other) == {}
    assert await carers(own, Person("", account_id=str(uuid4()))) == {}


async def test_carers_end_with_their_grants_and_licences(own: Running) -> None:
    patient, follower = await own.sign_in(), await own.sign_in()
    doctor, member = [await own.clinician(expiry_date="2026-06-02") for _ in range(2)]
    await grant(own, patient, follower, READ, lasting=timedelta(days=30))
    await grant(own, patient, doctor, READ)
    await grant(own, patient, await clinic(own, member), READ)
    assert set(await carers(own, patient)) == {follower.account_id, doctor.account_id, member.account_id}
    own.clock.advance(days=2)
    # Without a licence the doctor is a person whom the patient trusts, and the member nobody.
    assert await carers(own, patient) == {follower.account_id: False, doctor.account_id: False}
    own.clock.advance(days=30)
    assert await carers(own, patient) == {doctor.account_id: False}


async def test_a_member_without_a_confirmed_second_factor_is_no_carer(shared: Running) -> None:
    patient, member = await shared.sign_in(), await shared.sign_in()
    licence = await shared.submit(member)
    await shared.review(licence.licence_id, licence_pb2.LICENCE_STATE_APPROVED)
    await grant(shared, patient, await clinic(shared, member))
    enroll = account_pb2.EnrollTotpRequest(request_id=request_id())
    member.totp_secret = (await shared.account("EnrollTotp", enroll, member)).secret
    assert await carers(shared, patient) == {}
    confirm = account_pb2.ConfirmTotpRequest(request_id=request_id(), totp_code=shared.totp(member))
    await shared.account("ConfirmTotp", confirm, member)
    assert await carers(shared, patient) == {member.account_id: True}


async def test_who_sees_the_past_alone_is_not_told_of_now(shared: Running) -> None:
    patient, past, future, present = [await shared.sign_in() for _ in range(4)]
    now = shared.clock.now
    await grant(shared, patient, past, data=june(shared))
    await grant(shared, patient, future, data=(now + timedelta(days=1), None))
    await grant(shared, patient, present, data=(now - timedelta(days=1), now + timedelta(days=1)))
    assert set(await carers(shared, patient)) == {present.account_id}


async def test_only_services_ask_for_carers(shared: Running) -> None:
    patient = await shared.sign_in()
    request = care_pb2.ListCarersRequest(patient_id=patient.account_id, scope=READ)
    for caller in patient, await shared.clinician(), await shared.admin():
        with refused(Reason.REASON_ROLE_REQUIRED):
            await shared.care("ListCarers", request, caller)


async def test_services_alone_are_told_a_birth_date(shared: Running) -> None:
    patient = await shared.sign_in()
    request = care_pb2.GetBirthDateRequest(patient_id=patient.account_id)
    assert (await shared.care("GetBirthDate", request, await shared.service())).birth_date == ""
    change = account_pb2.UpdateProfileRequest(
        request_id=request_id(),
        profile=account_pb2.Profile(birth_date="1961-02-28"),
        update_mask=FieldMask(paths=["birth_date"]),
    )
    await shared.account("UpdateProfile", change, patient)
    told = await shared.care("GetBirthDate", request, await shared.service())
    assert (told.birth_date, told.time_zone) == ("1961-02-28", "Asia/Shanghai")
    for caller in patient, await shared.clinician(), await shared.admin():
        with refused(Reason.REASON_ROLE_REQUIRED):
            await shared.care("GetBirthDate", request, caller)
    nobody = care_pb2.GetBirthDateRequest(patient_id=str(uuid4()))
    with refused(Reason.REASON_NOT_FOUND):
        await shared.care("GetBirthDate", nobody, await shared.service())


async def test_the_demo_s_clinic_may_do_everything_also_where_the_demo_is_older(
    engines: Platform, own_url: str
) -> None:
    async with running_identity(own_url, engines.nats_url, demo=True) as running:
        assert await _demo_scopes(running) == [EVERY] * 6
        await running.execute("update care_grant set scopes = '{glucose_read}'")
        withdrawn, narrowed = (demo.demo_id(f"grant {demo.demo_id(phone)}") for phone in demo.PATIENT_PHONES[:2])
        await running.execute("update care_grant set revoke_time = now() where grant_id = $1", withdrawn)
        await running.execute("update care_grant set scopes = '{meal_read}' where grant_id = $1", narrowed)
    async with running_identity(own_url, engines.nats_url, demo=True) as running:
        assert sorted(await _demo_scopes(running)) == sorted([[SCOPE_MEAL_READ], *[EVERY] * 4])


async def _demo_scopes(running: Running) -> list[list[Scope.ValueType]]:
    """What the clinic may do with each of its patients."""
    request = care_pb2.CheckAccessRequest(
        patient_ids=[str(demo.demo_id(phone)) for phone in demo.PATIENT_PHONES],
        subject_id=str(demo.demo_id(demo.CLINICIAN_PHONE)),
    )
    answer = await running.care("CheckAccess", request, await running.service())
    return [sorted(window.scope for window in each.windows) for each in answer.decisions if each.allowed]
