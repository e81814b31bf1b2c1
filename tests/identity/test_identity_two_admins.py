"""What takes two administrators: the reset of a second factor, another administrator; and the look-up of an account."""

from typing import Any

from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import account_pb2, admin_pb2, audit_pb2
from apricot.identity.v1.admin_pb2_grpc import AdminServiceStub

from services.identity.domain.account_changes import RESET_DELAY
from services.identity.domain.limits import LOOK_UPS_PER_ADMIN
from services.identity.domain.roles import Role
from services.identity.store import accounts
from tests.identity.running import Person, Running, Stub, as_uuid, new_phone, refused, request_id

RESET = admin_pb2.ACCOUNT_CHANGE_KIND_RESET_SECOND_FACTOR
GIVE = admin_pb2.ACCOUNT_CHANGE_KIND_GIVE_ADMIN


async def call(running: Running, method: str, request: Any, by: Person) -> Any:
    async with running.channel() as channel:
        return await Stub(AdminServiceStub(channel))(method, request, by)


async def propose(running: Running, by: Person, about: Person, kind: Any) -> admin_pb2.AccountChange:
    request = admin_pb2.ProposeAccountChangeRequest(
        request_id=request_id(), kind=kind, account_id=about.account_id, reason="identity card seen at the desk"
    )
    return (await call(running, "ProposeAccountChange", request, by)).change  # type: ignore[no-any-return]


async def approve(running: Running, by: Person, change_id: str) -> admin_pb2.AccountChange:
    request = admin_pb2.ApproveAccountChangeRequest(request_id=request_id(), change_id=change_id)
    return (await call(running, "ApproveAccountChange", request, by)).change  # type: ignore[no-any-return]


async def two_admins(running: Running) -> tuple[Person, Person]:
    """The first administrator, and a second one whom the operator has made."""
    first, second = await running.admin(), await running.enroll(await running.sign_in())
    async with running.database.transaction() as session:
        await accounts.give_role(session, as_uuid(second), Role.ADMIN, running.clock())
    return await running.sign_in(first), await running.fresh(second)


async def test_two_administrators_reset_a_lost_second_factor_after_a_day(own: Running) -> None:
    first, second = await two_admins(own)
    doctor = await own.clinician()
    change = await propose(own, first, doctor, RESET)
    approved = await approve(own, second, change.change_id)
    assert approved.state == admin_pb2.ACCOUNT_CHANGE_STATE_APPROVED
    assert await own.told(doctor.phone) == ["second_factor_confirmed", "reset_proposed", "reset_approved"]
    await own.identity.upkeep.make_due_changes()
    assert (await own.account("GetMe", account_pb2.GetMeRequest(), doctor)).account.second_factor

    own.clock.now += RESET_DELAY
    await own.identity.upkeep.make_due_changes()
    assert (await own.told(doctor.phone))[-1] == "second_factor_reset"
    doctor.totp_secret = ""
    doctor = await own.sign_in(doctor)
    assert doctor.roles == ["patient"]
    own.clock.advance(minutes=1)
    assert (await own.enroll(doctor)).roles == ["patient", "clinician"]


async def test_owner_who_shows_the_second_factor_stops_its_reset(own: Running) -> None:
    first, second = await two_admins(own)
    doctor = await own.clinician()
    change = await propose(own, first, doctor, RESET)
    await approve(own, second, change.change_id)
    await own.sign_in(doctor)
    own.clock.now += RESET_DELAY
    await own.identity.upkeep.make_due_changes()
    await own.sign_in(doctor)
    assert doctor.roles == ["patient", "clinician"]


async def test_one_administrator_alone_changes_nothing(own: Running) -> None:
    first, second = await two_admins(own)
    doctor = await own.clinician()
    change = await propose(own, first, doctor, RESET)
    with refused(Reason.REASON_NOT_ALLOWED):
        await approve(own, first, change.change_id)
    with refused(Reason.REASON_ALREADY_EXISTS):
        await propose(own, second, doctor, RESET)
    with refused(Reason.REASON_NOT_ALLOWED):
        await propose(own, first, first, RESET)
    about_second = await propose(own, first, second, RESET)
    with refused(Reason.REASON_NOT_ALLOWED):
        await approve(own, second, about_second.change_id)


async def test_third_administrator_is_made_by_two(own: Running) -> None:
    first, second = await two_admins(own)
    third = await own.enroll(await own.sign_in())
    change = await propose(own, first, third, GIVE)
    assert (await own.fresh(third)).roles == ["patient"]
    assert (await approve(own, second, change.change_id)).state == admin_pb2.ACCOUNT_CHANGE_STATE_DONE
    assert (await own.fresh(third)).roles == ["patient", "admin"]
    assert (await own.told(third.phone))[-2:] == ["admin_proposed", "admin_given"]
    seen = await own.audit("ListAccessEvents", audit_pb2.ListAccessEventsRequest(), third)
    assert {event.actor_id for event in seen.events} == {first.account_id, second.account_id}


async def test_withdrawn_or_old_proposal_is_not_approved(own: Running) -> None:
    first, second = await two_admins(own)
    doctor = await own.clinician()
    change = await propose(own, first, doctor, RESET)
    withdraw = admin_pb2.WithdrawAccountChangeRequest(request_id=request_id(), change_id=change.change_id)
    await call(own, "WithdrawAccountChange", withdraw, second)
    with refused(Reason.REASON_WRONG_STATE):
        await approve(own, second, change.change_id)
    listed = await call(own, "ListAccountChanges", admin_pb2.ListAccountChangesRequest(), first)
    assert [found.state for found in listed.changes] == [admin_pb2.ACCOUNT_CHANGE_STATE_WITHDRAWN]


async def test_administrators_stolen_token_proposes_and_approves_nothing(own: Running) -> None:
    first, second = await two_admins(own)
    change = await propose(own, first, await own.clinician(), RESET)
    first.fresh_proof = second.fresh_proof = ""
    with refused(Reason.REASON_FRESH_PROOF_REQUIRED):
        await approve(own, second, change.change_id)
    with refused(Reason.REASON_FRESH_PROOF_REQUIRED):
        await propose(own, first, second, RESET)


async def test_looked_up_owner_sees_who_looked(own: Running) -> None:
    admin, person = await own.admin(), await own.sign_in()
    request = admin_pb2.LookUpAccountRequest(phone=person.phone)
    assert (await call(own, "LookUpAccount", request, admin)).account_id == person.account_id
    seen = await own.audit("ListAccessEvents", audit_pb2.ListAccessEventsRequest(), person)
    assert [(event.actor_id, event.action.rpartition("/")[2]) for event in seen.events] == [
        (admin.account_id, "LookUpAccount")
    ]
    with refused(Reason.REASON_ROLE_REQUIRED):
        await call(own, "LookUpAccount", request, person)


async def test_look_up_that_finds_nothing_is_in_the_audit(own: Running) -> None:
    admin, phone = await own.admin(), new_phone()
    with refused(Reason.REASON_NOT_FOUND):
        await call(own, "LookUpAccount", admin_pb2.LookUpAccountRequest(phone=phone), admin)
    (event,) = await own.execute("select * from audit_event where action like '%LookUpAccount'")
    assert str(event["actor_id"]) == admin.account_id
    assert (event["patient_id"], event["object_id"]) == (None, None)
    assert phone not in str(event)


async def test_look_ups_are_limited(own: Running) -> None:
    admin, request = await own.admin(), admin_pb2.LookUpAccountRequest(phone=new_phone())
    for _ in range(LOOK_UPS_PER_ADMIN.burst):
        with refused(Reason.REASON_NOT_FOUND):
            await call(own, "LookUpAccount", request, admin)
    with refused(Reason.REASON_RATE_LIMITED):
        await call(own, "LookUpAccount", request, admin)
