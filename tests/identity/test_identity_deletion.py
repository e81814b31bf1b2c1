"""A deleted account: ended everywhere at once, erased, and its phone free."""

import asyncio
from dataclasses import replace
from typing import Any

from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import account_pb2, auth_pb2, care_pb2, events_pb2, licence_pb2, organization_pb2
from apricot.identity.v1.account_pb2 import Profile
from google.protobuf.field_mask_pb2 import FieldMask

from kit.sealing import NO_KEYS
from services.identity import demo
from services.identity.domain.audit import Head
from stack.platform import Platform
from tests.identity.running import (
    PASSWORD,
    Person,
    Running,
    as_uuid,
    new_phone,
    refused,
    request_id,
    running_identity,
    soon,
)
from tests.sealed import whereabouts

ME = account_pb2.GetMeRequest()


async def deletion(running: Running, person: Person) -> account_pb2.DeleteAccountRequest:
    """A request with a fresh code."""
    running.clock.advance(minutes=1)  # past the resend limit
    request = account_pb2.DeleteAccountRequest(request_id=request_id(), code=await running.code(person.phone))
    if person.totp_secret:
        request.totp_code = running.totp(person)
    return request


async def delete(running: Running, person: Person) -> None:
    await running.account("DeleteAccount", await deletion(running, person), person)


async def grant(running: Running, patient: Person, *, to_account: str = "", to_clinic: str = "") -> None:
    request = care_pb2.GrantAccessRequest(request_id=request_id(), scopes=[SCOPE_GLUCOSE_READ])
    if to_clinic:
        request.organization_id = to_clinic
    else:
        request.account_id = to_account
    await running.care("GrantAccess", request, patient)


async def sees(running: Running, who: Person, patient: Person) -> bool:
    answer = await running.care("CheckAccess", care_pb2.CheckAccessRequest(patient_ids=[patient.account_id]), who)
    return bool(answer.decisions[0].allowed)


async def described(running: Running) -> Person:
    """Somebody of whom there is something in every table that has something of a person."""
    code = auth_pb2.PhoneCode(phone=new_phone())
    code.code = await running.code(code.phone)
    answer = await running.auth("SignIn", auth_pb2.SignInRequest(phone_code=code, device_name="Erase Me's"))
    person = Person(code.phone, answer.account.account_id, answer.tokens, answer.fresh_proof)
    profile, paths = Profile(display_name="Erase Me", birth_date="1961-02-28"), ["display_name", "birth_date"]
    update = account_pb2.UpdateProfileRequest(
        request_id=request_id(), profile=profile, update_mask=FieldMask(paths=paths)
    )
    await running.account("UpdateProfile", update, person)
    device = account_pb2.RegisterDeviceRequest(
        request_id=request_id(), platform=account_pb2.DEVICE_PLATFORM_IOS, push_token=person.phone, name="Erase Me's"
    )
    await running.account("RegisterDevice", device, person)
    password = account_pb2.SetPasswordRequest(request_id=request_id(), new_password=PASSWORD)
    await running.account("SetPassword", password, person)
    running.clock.advance(minutes=1)
    await running.code(person.phone)
    return person


async def delete_by_password(running: Running, person: Person) -> None:
    request = account_pb2.DeleteAccountRequest(request_id=request_id(), password=PASSWORD)
    await running.account("DeleteAccount", request, person)


async def test_nothing_of_the_person_is_left(engines: Platform, own_url: str) -> None:
    """Looked for where nothing is sealed, so that what is left would be seen."""
    async with running_identity(own_url, engines.nats_url, keys=NO_KEYS) as running:
        person = await described(running)
        words = [person.phone, "Erase Me", "1961-02-28"]
        there = {"account.phone", "account.birth_date", "device.name", "one_time_code.phone"}
        assert await whereabouts(running.database, words) >= there
        await delete_by_password(running, person)
        assert "account_deleted" in await running.told(person.phone)
        assert await whereabouts(running.database, words) == set()


async def test_no_seal_of_the_person_is_left(own: Running) -> None:
    person = await described(own)
    await delete_by_password(own, person)
    [row] = await own.execute("select * from account")
    assert row["display_name"] == ""
    assert [row[name] for name in ("phone_index", "sealed_birth_date", "birth_date", "password_hash")] == [None] * 4
    assert own.database.sealing.open_text("account.phone", row["phone"]) == f"deleted:{person.account_id}"
    assert not await own.execute("select from device")
    assert not await own.execute("select from one_time_code")
    assert {row["device_name"] for row in await own.execute("select device_name from session")} == {""}


async def test_all_its_sessions_end(shared: Running) -> None:
    person = await shared.sign_in()
    elsewhere = await shared.sign_in(Person(person.phone))
    async with shared.events(f"apricot.identity.session.ended.{person.account_id}") as told:
        await delete(shared, person)
        ended = events_pb2.SessionEnded.FromString((await soon(told.get())).data)
    assert len(ended.session_ids) == 2
    for session in person, elsewhere:
        with refused(Reason.REASON_SESSION_ENDED):
            await shared.account("GetMe", ME, session)
        with refused(Reason.REASON_SESSION_ENDED):
            await shared.fresh(session)


async def test_deleting_again_finds_the_session_ended(shared: Running) -> None:
    person = await shared.sign_in()
    request = await deletion(shared, person)
    await shared.account("DeleteAccount", request, person)
    with refused(Reason.REASON_SESSION_ENDED):
        await shared.account("DeleteAccount", request, person)


async def test_of_two_at_once_both_are_answered(shared: Running) -> None:
    person = await shared.sign_in()
    request = await deletion(shared, person)
    both = [shared.account("DeleteAccount", request, person) for _ in range(2)]
    answers = await asyncio.gather(*both, return_exceptions=True)
    assert any(isinstance(answer, account_pb2.DeleteAccountResponse) for answer in answers)
    links = await shared.execute(
        "select from audit_event where actor_id = $1 and action like '%DeleteAccount'", as_uuid(person)
    )
    assert len(links) == 1


async def test_the_phone_is_free_and_its_old_password_opens_nothing(shared: Running) -> None:
    person = await shared.sign_in()
    password = account_pb2.SetPasswordRequest(request_id=request_id(), new_password=PASSWORD)
    await shared.account("SetPassword", password, person)
    await delete(shared, person)
    by_password = auth_pb2.PhonePassword(phone=person.phone, password=PASSWORD)
    with refused(Reason.REASON_CREDENTIALS_INVALID):
        await shared.auth("SignIn", auth_pb2.SignInRequest(phone_password=by_password))
    again = await shared.sign_in(Person(person.phone))
    assert again.account_id != person.account_id
    me = (await shared.account("GetMe", ME, again)).account
    assert me.profile == Profile()
    assert not me.password_set


async def test_without_a_proof_it_stays(shared: Running) -> None:
    person = await shared.sign_in()
    other = await shared.sign_in()
    wrong: list[dict[str, Any]] = [{"code": "000000"}, {"password": PASSWORD}]
    shared.clock.advance(minutes=1)
    wrong.append({"code": await shared.code(other.phone)})  # somebody else's
    for proof in wrong:
        with refused(Reason.REASON_CREDENTIALS_INVALID):
            request = account_pb2.DeleteAccountRequest(request_id=request_id(), **proof)
            await shared.account("DeleteAccount", request, person)
    with refused(Reason.REASON_INVALID_FIELD):
        nothing = account_pb2.DeleteAccountRequest(request_id=request_id())
        await shared.account("DeleteAccount", nothing, replace(person, fresh_proof=""))
    assert (await shared.account("GetMe", ME, person)).account.account_id == person.account_id


async def test_a_password_is_proof_enough(shared: Running) -> None:
    person = await shared.sign_in()
    password = account_pb2.SetPasswordRequest(request_id=request_id(), new_password=PASSWORD)
    await shared.account("SetPassword", password, person)
    request = account_pb2.DeleteAccountRequest(request_id=request_id(), password=PASSWORD)
    await shared.account("DeleteAccount", request, person)
    with refused(Reason.REASON_SESSION_ENDED):
        await shared.account("GetMe", ME, person)


async def test_grants_end_both_ways_and_are_told(shared: Running) -> None:
    person, friend, patient = [await shared.sign_in() for _ in range(3)]
    await grant(shared, person, to_account=friend.account_id)
    await grant(shared, patient, to_account=person.account_id)
    assert await sees(shared, friend, person)
    async with shared.events("apricot.identity.grant.changed.*") as told:
        await delete(shared, person)
        changed = {(await soon(told.get())).subject.rsplit(".", 1)[1] for _ in range(2)}
    assert changed == {person.account_id, patient.account_id}
    assert not await sees(shared, friend, person)
    carers = await shared.care(
        "ListCarers",
        care_pb2.ListCarersRequest(patient_id=patient.account_id, scope=SCOPE_GLUCOSE_READ),
        await shared.service(),
    )
    assert not carers.carers


async def test_nobody_can_grant_to_it(shared: Running) -> None:
    person, patient = await shared.sign_in(), await shared.sign_in()
    await delete(shared, person)
    with refused(Reason.REASON_NOT_FOUND):
        await grant(shared, patient, to_account=person.account_id)


async def test_an_invite_of_its_opens_nothing(shared: Running) -> None:
    person, guest = await shared.sign_in(), await shared.sign_in()
    create = care_pb2.CreateInviteRequest(request_id=request_id(), scopes=[SCOPE_GLUCOSE_READ])
    code = (await shared.care("CreateInvite", create, person)).code
    await delete(shared, person)
    with refused(Reason.REASON_INVITE_NOT_VALID):
        await shared.care("AcceptInvite", care_pb2.AcceptInviteRequest(request_id=request_id(), code=code), guest)


async def test_a_clinician_leaves_the_clinic_and_the_licence_s_number_is_free(own: Running) -> None:
    clinician, patient, admin = await own.clinician(), await own.sign_in(), await own.admin()
    create = organization_pb2.CreateOrganizationRequest(request_id=request_id(), name="杏林")
    clinic = (await own.organization("CreateOrganization", create, admin)).organization.organization_id
    add = organization_pb2.AddMemberRequest(
        request_id=request_id(), organization_id=clinic, account_id=clinician.account_id
    )
    await own.organization("AddMember", add, admin)
    await grant(own, patient, to_clinic=clinic)
    [row] = await own.execute("select number from licence")
    number = own.database.sealing.open_text("licence.number", row["number"])
    async with own.events(f"apricot.identity.grant.changed.{patient.account_id}") as told:
        await delete(own, await own.fresh(clinician))
        await soon(told.get())
    members = organization_pb2.ListMembersRequest(organization_id=clinic)
    assert not (await own.organization("ListMembers", members, await own.admin())).members
    again = await own.submit(await own.sign_in(), number=number.lower())
    assert again.state == licence_pb2.LICENCE_STATE_SUBMITTED


async def test_it_is_told_and_the_chain_keeps_who_did_it(own: Running) -> None:
    person = await own.sign_in()
    async with own.events("apricot.identity.account.deleted.*") as told:
        await delete(own, person)
        event = await soon(told.get())
    assert event.subject == f"apricot.identity.account.deleted.{person.account_id}"
    assert events_pb2.AccountDeleted.FromString(event.data).account_id == person.account_id
    [last] = await own.execute("select * from audit_event order by sequence desc limit 1")
    assert last["actor_id"] == last["object_id"] == as_uuid(person)
    assert last["action"] == "apricot.identity.v1.AccountService/DeleteAccount"
    assert last["sequence"] > Head().sequence


async def test_the_demo_s_accounts_are_everybody_s(engines: Platform, own_url: str) -> None:
    async with running_identity(own_url, engines.nats_url, demo=True) as running:
        code = auth_pb2.PhoneCode(phone=demo.PATIENT_PHONES[0], code=demo.CODE)
        answer = await running.auth("SignIn", auth_pb2.SignInRequest(phone_code=code))
        somebody = Person(code.phone, answer.account.account_id, answer.tokens)
        request = account_pb2.DeleteAccountRequest(request_id=request_id(), code=demo.CODE)
        with refused(Reason.REASON_NOT_ALLOWED):
            await running.account("DeleteAccount", request, somebody)
        assert (await running.account("GetMe", ME, somebody)).account.phone == code.phone
