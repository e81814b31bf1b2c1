"""Who may see whom: grants to people and organizations, their ends, invites, and the decisions on access."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import account_pb2, care_pb2, licence_pb2, organization_pb2
from google.protobuf.field_mask_pb2 import FieldMask

from kit.times import to_datetime
from services.identity.store import grants
from tests.identity.care import READ, WRITE, accept, allowed, clinic, decisions, grant, invite, revoke, window
from tests.identity.running import Person, Running, refused, request_id, soon


async def test_a_patient_sees_themselves_and_nobody_else(shared: Running) -> None:
    one, other = await shared.sign_in(), await shared.sign_in()
    assert await allowed(shared, one, one, other, str(uuid4())) == [True, False, False]
    assert await allowed(shared, one, one, scope=WRITE) == [True]


async def test_nobody_learns_whether_a_patient_exists(shared: Running) -> None:
    person, other = await shared.sign_in(), await shared.sign_in()
    existing, unknown = await decisions(shared, person, other, str(uuid4()))
    assert existing == unknown == care_pb2.AccessDecision(allowed=False)


async def test_a_grant_to_a_person_allows_its_scopes_and_no_more(shared: Running) -> None:
    patient, follower, stranger = [await shared.sign_in() for _ in range(3)]
    given = await grant(shared, patient, follower, READ)
    assert await decisions(shared, follower, patient) == [care_pb2.AccessDecision(allowed=True, windows=[window(READ)])]
    assert await allowed(shared, follower, patient, scope=WRITE) == [False]
    assert await allowed(shared, stranger, patient) == [False]
    assert await allowed(shared, patient, follower) == [False]
    await revoke(shared, given, patient)
    assert await allowed(shared, follower, patient) == [False]


async def test_decisions_come_in_the_order_asked_repeats_included(shared: Running) -> None:
    patients = [await shared.sign_in() for _ in range(4)]
    follower = await shared.sign_in()
    for patient in patients[::2]:
        await grant(shared, patient, follower)
    asked = [patients[3], patients[0], patients[1], patients[2], patients[0]]
    assert await allowed(shared, follower, *asked) == [False, True, False, True, True]


async def test_two_thousand_patients_are_decided_at_once(shared: Running) -> None:
    patient, follower = await shared.sign_in(), await shared.sign_in()
    await grant(shared, patient, follower)
    asked = [str(uuid4()) for _ in range(1999)]
    answers = await allowed(shared, follower, *asked, patient)
    assert answers == [False] * 1999 + [True]
    with refused(Reason.REASON_INVALID_FIELD):
        await allowed(shared, follower, *asked, patient, str(uuid4()))


async def test_a_grant_ends_by_itself_and_the_decision_tells_when(shared: Running) -> None:
    patient, follower = await shared.sign_in(), await shared.sign_in()
    await grant(shared, patient, follower, lasting=timedelta(minutes=5))
    end = shared.clock.now + timedelta(minutes=5)
    [decision] = await decisions(shared, follower, patient)
    assert to_datetime(decision.expire_time) == end
    await grant(shared, patient, follower, lasting=timedelta(minutes=2))
    [decision] = await decisions(shared, follower, patient)
    assert to_datetime(decision.expire_time) == end - timedelta(minutes=3)  # then it is to be asked for again
    shared.clock.advance(minutes=2)
    [decision] = await decisions(shared, follower, patient)
    assert (decision.allowed, to_datetime(decision.expire_time)) == (True, end)
    shared.clock.advance(minutes=3)
    assert await allowed(shared, follower, patient) == [False]
    await grant(shared, patient, follower)
    [decision] = await decisions(shared, follower, patient)
    assert not decision.HasField("expire_time")


async def test_an_organizations_grant_reaches_its_licensed_members(shared: Running) -> None:
    member, outsider, unlicensed = await shared.clinician(), await shared.clinician(), await shared.sign_in()
    organization, patient = await clinic(shared, member, unlicensed), await shared.sign_in()
    await grant(shared, patient, organization)
    member, outsider = await shared.fresh(member), await shared.fresh(outsider)
    assert await allowed(shared, member, patient) == [True]
    assert await allowed(shared, outsider, patient) == [False]
    assert await allowed(shared, unlicensed, patient) == [False]


async def test_who_leaves_an_organization_sees_its_patients_no_more_and_it_is_told_for_each(shared: Running) -> None:
    member = await shared.clinician()
    organization = await clinic(shared, member)
    patients = [await shared.sign_in() for _ in range(3)]
    for patient in patients:
        await grant(shared, patient, organization)
    member = await shared.fresh(member)
    assert all(await allowed(shared, member, *patients))
    remove = organization_pb2.RemoveMemberRequest(
        request_id=request_id(), organization_id=organization, account_id=member.account_id
    )
    async with shared.events("apricot.identity.grant.changed.*") as events:
        await shared.organization("RemoveMember", remove, member)
        told = {(await soon(events.get())).subject.rsplit(".", 1)[1] for _ in patients}
    assert told == {patient.account_id for patient in patients}
    assert not any(await allowed(shared, member, *patients))


async def test_through_an_organization_a_member_sees_no_longer_than_the_licence_lasts(own: Running) -> None:
    member = await own.clinician(expiry_date="2026-06-02")
    organization, patient = await clinic(own, member), await own.sign_in()
    await grant(own, patient, organization)
    member, service = await own.fresh(member), await own.service()
    [decision] = await decisions(own, member, patient)
    assert to_datetime(decision.expire_time).isoformat() == "2026-06-02T16:00:00+00:00"
    assert await allowed(own, service, patient, subject=member) == [True]
    own.clock.now = to_datetime(decision.expire_time)
    assert await allowed(own, await own.service(), patient, subject=member) == [False]


async def test_a_service_asks_on_anothers_behalf_and_nobody_else_does(shared: Running) -> None:
    patient, follower = await shared.sign_in(), await shared.sign_in()
    await grant(shared, patient, follower)
    service = await shared.service()
    assert await allowed(shared, service, patient, subject=follower) == [True]
    assert await allowed(shared, service, patient, subject=patient) == [True]
    assert await allowed(shared, service, patient) == [False]
    with refused(Reason.REASON_NOT_ALLOWED):
        await allowed(shared, patient, patient, subject=follower)
    nobody = Person("", account_id=str(uuid4()))
    assert await allowed(shared, service, nobody, subject=nobody) == [False]


@pytest.mark.parametrize("by_patient", [True, False])
async def test_a_grant_is_taken_or_given_back_and_told(shared: Running, by_patient: bool) -> None:
    patient, follower = await shared.sign_in(), await shared.sign_in()
    async with shared.events(f"apricot.identity.grant.changed.{patient.account_id}") as events:
        given = await grant(shared, patient, follower)
        await soon(events.get())
        ended = await revoke(shared, given, patient if by_patient else follower)
        await soon(events.get())
    assert to_datetime(ended.revoke_time) == shared.clock.now
    assert await revoke(shared, given, patient) == ended


async def test_a_strangers_grant_is_as_if_there_were_none(shared: Running) -> None:
    patient, follower, stranger = [await shared.sign_in() for _ in range(3)]
    given = await grant(shared, patient, follower)
    with refused(Reason.REASON_NOT_FOUND):
        await revoke(shared, given, stranger)


async def test_what_ends_by_itself_is_told_once(own: Running) -> None:
    patient, follower = await own.sign_in(), await own.sign_in()
    async with own.events(f"apricot.identity.grant.changed.{patient.account_id}") as events:
        await grant(own, patient, follower, lasting=timedelta(minutes=5))
        await soon(events.get())
        own.clock.advance(minutes=5)
        await own.identity.upkeep.tell_expired_grants()
        await soon(events.get())
    async with own.database.transaction() as session:
        assert not await grants.take_expired(session, own.clock.now)


async def test_a_revoked_or_lasting_grant_does_not_end_by_itself(own: Running) -> None:
    patient, follower = await own.sign_in(), await own.sign_in()
    await revoke(own, await grant(own, patient, follower, lasting=timedelta(minutes=5)), patient)
    await grant(own, patient, follower, lasting=timedelta(minutes=6))
    await grant(own, patient, follower)
    own.clock.advance(minutes=5)
    async with own.database.transaction() as session:
        assert not await grants.take_expired(session, own.clock.now)


async def test_a_member_without_a_confirmed_second_factor_sees_nobody(shared: Running) -> None:
    member, patient, service = await shared.sign_in(), await shared.sign_in(), await shared.service()
    licence = await shared.submit(member)
    await shared.review(licence.licence_id, licence_pb2.LICENCE_STATE_APPROVED)
    await grant(shared, patient, await clinic(shared, member))
    assert await allowed(shared, service, patient, subject=member) == [False]
    enroll = account_pb2.EnrollTotpRequest(request_id=request_id())
    member.totp_secret = (await shared.account("EnrollTotp", enroll, member)).secret
    assert await allowed(shared, service, patient, subject=member) == [False]
    confirm = account_pb2.ConfirmTotpRequest(request_id=request_id(), totp_code=shared.totp(member))
    await shared.account("ConfirmTotp", confirm, member)
    assert await allowed(shared, service, patient, subject=member) == [True]
    assert await allowed(shared, member, patient) == [False]  # the session was opened without it
    assert await allowed(shared, await shared.sign_in(member), patient) == [True]


async def test_a_grant_needs_somebody_else_who_exists_and_time_to_come(shared: Running) -> None:
    patient, nobody = await shared.sign_in(), Person("", account_id=str(uuid4()))
    with refused(Reason.REASON_NOT_ALLOWED):
        await grant(shared, patient, patient)
    with refused(Reason.REASON_NOT_FOUND):
        await grant(shared, patient, nobody)
    with refused(Reason.REASON_NOT_FOUND):
        await grant(shared, patient, str(uuid4()))
    with refused(Reason.REASON_INVALID_FIELD):
        await grant(shared, patient, await shared.sign_in(), lasting=timedelta(0))


async def test_grants_are_listed_newest_first_page_by_page_ended_ones_too(shared: Running) -> None:
    patient, follower = await shared.sign_in(), await shared.sign_in()
    given = [await grant(shared, patient, follower) for _ in range(5)]
    await revoke(shared, given[2], patient)
    seen, token = list[care_pb2.Grant](), ""
    while True:
        request = care_pb2.ListGrantsRequest(page_size=2, page_token=token)
        page = await shared.care("ListGrants", request, patient)
        seen += page.grants
        token = page.next_page_token
        if not token:
            break
    assert {one.grant_id for one in seen} == {one.grant_id for one in given}
    assert len(seen) == len(given)
    assert [one.grant_id for one in seen if one.HasField("revoke_time")] == [given[2].grant_id]


async def test_who_holds_grants_of_a_patient_lists_them_and_nobody_elses(shared: Running) -> None:
    patient, other, member = await shared.sign_in(), await shared.sign_in(), await shared.clinician()
    organization = await clinic(shared, member)
    mine, ended = await grant(shared, patient, member), await grant(shared, patient, member, WRITE)
    ours = await grant(shared, patient, organization)
    await grant(shared, patient, other)
    await grant(shared, other, member)
    await revoke(shared, ended, patient)
    member, seen, token = await shared.fresh(member), list[care_pb2.Grant](), ""
    while True:
        request = care_pb2.ListHeldGrantsRequest(patient_id=patient.account_id, page_size=2, page_token=token)
        page = await shared.care("ListHeldGrants", request, member)
        seen += page.grants
        token = page.next_page_token
        if not token:
            break
    assert len(seen) == 3
    assert {one.grant_id for one in seen} == {ours.grant_id, ended.grant_id, mine.grant_id}
    assert [one.grant_id for one in seen if one.HasField("revoke_time")] == [ended.grant_id]
    unknown = care_pb2.ListHeldGrantsRequest(patient_id=str(uuid4()))
    assert await shared.care("ListHeldGrants", unknown, member) == care_pb2.ListHeldGrantsResponse()


async def test_through_an_organization_only_who_acts_clinically_lists_its_grants(shared: Running) -> None:
    patient, member = await shared.sign_in(), await shared.sign_in()
    await grant(shared, patient, await clinic(shared, member))
    request = care_pb2.ListHeldGrantsRequest(patient_id=patient.account_id)
    assert not (await shared.care("ListHeldGrants", request, await shared.fresh(member))).grants


async def test_a_ward_lists_patients_by_name_with_the_union_of_scopes(shared: Running) -> None:
    member = await shared.clinician()
    organization, patients = await clinic(shared, member), [await shared.sign_in() for _ in range(4)]
    for patient, name in zip(patients, "DBCA", strict=True):
        profile = account_pb2.Profile(display_name=name, birth_date="1961-02-28", sex=account_pb2.SEX_FEMALE)
        mask = FieldMask(paths=["display_name", "birth_date", "sex"])
        request = account_pb2.UpdateProfileRequest(request_id=request_id(), profile=profile, update_mask=mask)
        await shared.account("UpdateProfile", request, patient)
        await grant(shared, patient, organization)
    await grant(shared, patients[1], member, WRITE)
    await revoke(shared, await grant(shared, await shared.sign_in(), member), member)
    member, seen, token = await shared.fresh(member), list[care_pb2.Patient](), ""
    while True:
        page = await shared.care(
            "ListMyPatients", care_pb2.ListMyPatientsRequest(page_size=3, page_token=token), member
        )
        seen += page.patients
        token = page.next_page_token
        if not token:
            break
    assert [patient.display_name for patient in seen] == ["A", "B", "C", "D"]
    assert [list(patient.scopes) for patient in seen] == [[READ], [READ, WRITE], [READ], [READ]]
    assert seen[0].birth_year == 1961
    assert seen[0].birth_date == "1961-02-28"
    assert seen[0].sex == account_pb2.SEX_FEMALE
    assert seen[0].time_zone == "Asia/Shanghai"


async def test_an_invite_is_accepted_however_it_is_typed_and_once(shared: Running) -> None:
    patient, one, other = [await shared.sign_in() for _ in range(3)]
    code = (await invite(shared, patient)).code
    typed = f" {code[:4].lower()}-{code[4:]} "
    given = (await shared.care("AcceptInvite", accept(typed), one)).grant
    assert given.patient_id == patient.account_id
    assert await allowed(shared, one, patient) == [True]
    with refused(Reason.REASON_INVITE_NOT_VALID):
        await shared.care("AcceptInvite", accept(code), other)


async def test_of_many_who_accept_at_once_one_holds_the_grant(shared: Running) -> None:
    patient, people = await shared.sign_in(), [await shared.sign_in() for _ in range(6)]
    code = (await invite(shared, patient)).code
    answers = await asyncio.gather(
        *(shared.care("AcceptInvite", accept(code), person) for person in people), return_exceptions=True
    )
    assert len([answer for answer in answers if isinstance(answer, care_pb2.AcceptInviteResponse)]) == 1
    assert sum([await allowed(shared, person, patient) == [True] for person in people]) == 1


async def test_an_invite_repeats_its_code_and_stores_no_part_of_it(own: Running) -> None:
    patient = await own.sign_in()
    request = care_pb2.CreateInviteRequest(request_id=request_id(), scopes=[READ])
    first = await own.care("CreateInvite", request, patient)
    assert await own.care("CreateInvite", request, patient) == first
    assert first.link.endswith(first.code)
    rows = await own.execute("select answer from answered_request union all select code_hash from invite")
    assert not [row for row in rows if first.code.encode() in row["answer"]]


async def test_an_invite_ends_after_48_hours_and_a_guests_grant_with_it(own: Running) -> None:
    patient, guest = await own.sign_in(), await own.sign_in()
    made = await invite(own, patient, guest=True)
    given = (await own.care("AcceptInvite", accept(made.code), guest)).grant
    assert given.expire_time == made.expire_time
    late = await invite(own, patient)
    own.clock.advance(hours=48)
    guest = await own.fresh(guest)
    assert await allowed(own, guest, patient) == [False]
    with refused(Reason.REASON_INVITE_NOT_VALID):
        await own.care("AcceptInvite", accept(late.code), guest)


async def test_nobody_accepts_their_own_invite(shared: Running) -> None:
    patient = await shared.sign_in()
    with refused(Reason.REASON_NOT_ALLOWED):
        await shared.care("AcceptInvite", accept((await invite(shared, patient)).code), patient)


async def test_guessing_invites_is_limited(shared: Running) -> None:
    person = await shared.sign_in()
    for _ in range(10):
        with refused(Reason.REASON_INVITE_NOT_VALID):
            await shared.care("AcceptInvite", accept("0123456789"), person)
    with refused(Reason.REASON_RATE_LIMITED):
        await shared.care("AcceptInvite", accept("0123456789"), person)


async def test_a_repeated_grant_is_one_grant(shared: Running) -> None:
    patient, follower = await shared.sign_in(), await shared.sign_in()
    request = care_pb2.GrantAccessRequest(request_id=request_id(), account_id=follower.account_id, scopes=[READ])
    answers = await asyncio.gather(*(shared.care("GrantAccess", request, patient) for _ in range(4)))
    assert len({answer.grant.grant_id for answer in answers}) == 1
    assert len((await shared.care("ListGrants", care_pb2.ListGrantsRequest(), patient)).grants) == 1
    request.scopes[0] = WRITE
    with refused(Reason.REASON_REQUEST_ID_REUSED):
        await shared.care("GrantAccess", request, patient)


async def test_a_withdrawn_licence_closes_the_organizations_patients(shared: Running) -> None:
    member, patient = await shared.clinician(), await shared.sign_in()
    await grant(shared, patient, await clinic(shared, member))
    member = await shared.fresh(member)
    assert await allowed(shared, member, patient) == [True]
    licences = await shared.licence("ListLicences", licence_pb2.ListLicencesRequest(), member)
    await shared.review(licences.licences[0].licence_id, licence_pb2.LICENCE_STATE_WITHDRAWN)
    assert await allowed(shared, await shared.service(), patient, subject=member) == [False]


async def test_invites_are_listed_and_withdrawn(own: Running) -> None:
    patient, follower = await own.sign_in(), await own.sign_in()
    codes = [(await invite(own, patient)).code]
    own.clock.advance(seconds=1)
    codes.append((await invite(own, patient, guest=True)).code)
    listed = (await own.care("ListInvites", care_pb2.ListInvitesRequest(), patient)).invites
    assert [each.guest for each in listed] == [True, False]
    assert not (await own.care("ListInvites", care_pb2.ListInvitesRequest(), follower)).invites
    withdraw = care_pb2.WithdrawInviteRequest(request_id=request_id(), invite_id=listed[1].invite_id)
    with refused(Reason.REASON_NOT_FOUND):
        await own.care("WithdrawInvite", withdraw, follower)
    await own.care("WithdrawInvite", withdraw, patient)
    await own.care("WithdrawInvite", withdraw, patient)  # a repeat
    with refused(Reason.REASON_INVITE_NOT_VALID):
        await own.care("AcceptInvite", accept(codes[0]), follower)
    await own.care("AcceptInvite", accept(codes[1]), follower)
    assert not (await own.care("ListInvites", care_pb2.ListInvitesRequest(), patient)).invites
    accepted = care_pb2.WithdrawInviteRequest(request_id=request_id(), invite_id=listed[0].invite_id)
    with refused(Reason.REASON_NOT_FOUND):
        await own.care("WithdrawInvite", accepted, patient)
