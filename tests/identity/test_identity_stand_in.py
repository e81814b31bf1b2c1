"""The operator's commands on the machine, for administrators who are missing."""

import pytest

from operations.refusals import Reason, Refused
from operations.stand_in import OPERATOR_ID, Wanted, stand_in
from services.identity.domain.account_changes import Kind
from tests.identity.running import Person, Running, new_phone
from tests.identity.test_identity_two_admins import GIVE, RESET, propose, two_admins


async def act(running: Running, kind: Kind, person: Person, *, emergency: bool = False) -> None:
    wanted = Wanted(kind, person.phone, emergency)
    await stand_in(running.database, running.identity.vault, wanted, running.clock)


async def test_last_administrator_gets_back_in_by_the_operator(own: Running) -> None:
    admin = await own.admin()
    await act(own, Kind.RESET_SECOND_FACTOR, admin)
    assert (await own.told(admin.phone))[-1] == "second_factor_reset"
    admin.totp_secret = ""
    admin = await own.sign_in(admin)
    assert admin.roles == ["patient"]
    own.clock.advance(minutes=1)
    assert (await own.enroll(admin)).roles == ["patient", "admin"]
    [event] = await own.execute("select * from audit_event where actor_id = $1", OPERATOR_ID)
    assert event["action"] == "apricot.operations.ResetSecondFactor"
    assert str(event["patient_id"]) == admin.account_id


async def test_second_administrator_takes_the_first_one_and_the_operator(own: Running) -> None:
    admin, second = await own.admin(), await own.enroll(await own.sign_in())
    with pytest.raises(Refused) as refusal:
        await act(own, Kind.GIVE_ADMIN, second)
    assert refusal.value.reason == Reason.ADMINISTRATORS_CAN_ACT
    assert (await own.fresh(second)).roles == ["patient"]
    await propose(own, await own.sign_in(admin), second, GIVE)
    await act(own, Kind.GIVE_ADMIN, second)
    assert (await own.fresh(second)).roles == ["patient", "admin"]
    assert (await own.told(second.phone))[-1] == "admin_given"


async def test_operator_leaves_to_two_administrators_what_they_can_do(own: Running) -> None:
    first, second = await two_admins(own)
    doctor = await own.clinician()
    await propose(own, first, doctor, RESET)
    with pytest.raises(Refused) as refusal:
        await act(own, Kind.RESET_SECOND_FACTOR, doctor)
    assert refusal.value.reason == Reason.ADMINISTRATORS_CAN_ACT
    await act(own, Kind.RESET_SECOND_FACTOR, doctor, emergency=True)
    for admin in (first, second):
        assert (await own.told(admin.phone))[-1] == "operator_acted"
    actions = await own.execute("select action from audit_event where actor_id = $1", OPERATOR_ID)
    assert [row["action"] for row in actions] == ["apricot.operations.ResetSecondFactorInEmergency"]


async def test_unknown_phone_is_refused(own: Running) -> None:
    with pytest.raises(Refused) as refusal:
        await act(own, Kind.GIVE_ADMIN, Person(new_phone()))
    assert refusal.value.reason == Reason.UNKNOWN_ACCOUNT
