"""Where a consultation can go from where it stands: the table, and the methods that go by it."""

from collections.abc import Awaitable, Callable

import pytest
from apricot.consult.v1.consultation_pb2 import Consultation, ConsultationState, DiagnosisCode, FeeState, Referral
from apricot.errors.v1.reason_pb2 import Reason

from services.consult.domain.consultations import TRANSITIONS, Act, State, WrongStateError, after, declining
from services.consult.domain.fees import FEE_TRANSITIONS, FeeSettledError, fee_after
from services.consult.domain.fees import FeeState as Fee
from tests.consult.life.practice import Practice, refused

ALLOWED = {
    (State.WAITING, Act.CLAIM): State.ACTIVE,
    (State.WAITING, Act.ESCALATE): State.WAITING,
    (State.WAITING, Act.DECLINE): State.CANCELLED,
    (State.WAITING, Act.CANCEL): State.CANCELLED,
    (State.WAITING, Act.EXPIRE): State.EXPIRED,
    (State.ACTIVE, Act.RETURN): State.WAITING,
    (State.ACTIVE, Act.INVITE): State.ACTIVE,
    (State.ACTIVE, Act.DECIDE): State.ACTIVE,
    (State.ACTIVE, Act.CLOSE): State.CLOSED,
    (State.ACTIVE, Act.REFER): State.REFERRED,
    (State.ACTIVE, Act.EXPIRE): State.EXPIRED,
}
FEE_BEHIND = {
    Act.CLOSE: Fee.EARNED,
    Act.REFER: Fee.EARNED,
    Act.DECLINE: Fee.REFUNDED,
    Act.CANCEL: Fee.REFUNDED,
}
REFERRAL = Referral(department_code="nephrology", reason="肾功能异常")
E11 = DiagnosisCode(code="E11.9", description="2型糖尿病")


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("state", State)
def test_the_table_and_nothing_beside_it(state: State, act: Act) -> None:
    if (state, act) in ALLOWED:
        assert after(state, act) is ALLOWED[state, act] is TRANSITIONS[state, act]
    else:
        with pytest.raises(WrongStateError):
            after(state, act)


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("fee", Fee)
def test_a_fee_is_settled_once(fee: Fee, act: Act, answered: bool) -> None:
    settled = (Fee.EARNED if answered else Fee.REFUNDED) if act is Act.EXPIRE else FEE_BEHIND.get(act)
    if settled is None or fee is Fee.NONE:
        assert fee_after(fee, act, answered=answered) is fee
    elif fee is Fee.HELD:
        assert fee_after(fee, act, answered=answered) is settled
    else:
        with pytest.raises(FeeSettledError):
            fee_after(fee, act, answered=answered)
    assert not {before for before, _ in FEE_TRANSITIONS} & {Fee.EARNED, Fee.REFUNDED}


def test_the_states_are_numbered_as_in_the_contract() -> None:
    assert {state.name: state.value for state in State} | {"UNSPECIFIED": 0} == {
        name.removeprefix("CONSULTATION_STATE_"): number for name, number in ConsultationState.items()
    }
    assert {fee.name.replace("NONE", "UNSPECIFIED"): fee.value for fee in Fee} == {
        name.removeprefix("FEE_STATE_"): number for name, number in FeeState.items()
    }


@pytest.mark.parametrize("state", [State.WAITING, State.CLOSED, State.CANCELLED])
def test_what_is_not_active_is_declined_not_given_back(state: State) -> None:
    assert declining(state, pool=True, answered=False) is Act.DECLINE


type Doing = Callable[[Practice, Consultation], Awaitable[Consultation]]


async def _expired(practice: Practice, consultation: Consultation) -> Consultation:
    practice.clock.advance(hours=200)
    await practice.timers.act_due()
    return await practice.get(consultation)


async def _escalated(practice: Practice, consultation: Consultation) -> Consultation:
    practice.clock.advance(minutes=10)
    await practice.timers.act_due()
    return await practice.get(consultation)


async def _decided_eligible(practice: Practice, consultation: Consultation) -> Consultation:
    shown = [await practice.attach(consultation)]
    return await practice.decide(consultation, eligible=True, earlier_diagnoses=[E11], evidence_attachment_ids=shown)


DOING: dict[Act, Doing] = {
    Act.CLAIM: lambda practice, it: practice.claim(it),
    Act.ESCALATE: _escalated,
    Act.DECLINE: lambda practice, it: practice.decline(it),
    Act.RETURN: lambda practice, it: practice.decline(it),
    Act.CANCEL: lambda practice, it: practice.cancel(it),
    Act.INVITE: lambda practice, it: practice.invite(it),
    Act.DECIDE: _decided_eligible,
    Act.CLOSE: lambda practice, it: practice.close(it),
    Act.REFER: lambda practice, it: practice.close(it, referral=REFERRAL),
    Act.EXPIRE: _expired,
}
BY_TIME = (Act.ESCALATE, Act.EXPIRE)
OF_POOL = (Act.ESCALATE, Act.RETURN)


async def brought(practice: Practice, state: State, *, pool: bool) -> Consultation:
    """A consultation in this state, whose doctor it has met where there is one."""
    consultation = await practice.open(None if pool else practice.doctor)
    match state:
        case State.ACTIVE:
            return await practice.claim(consultation)
        case State.CLOSED:
            return await practice.close(await practice.claim(consultation))
        case State.REFERRED:
            return await practice.close(await practice.claim(consultation), referral=REFERRAL)
        case State.EXPIRED:
            return await _expired(practice, await practice.claim(consultation))
        case State.CANCELLED:
            return await practice.cancel(consultation)
    return consultation


def _is_case(state: State, act: Act, pool: bool) -> bool:
    """One method declines and gives back: which it is, the state and the pool tell."""
    if act is Act.DECLINE:
        return not pool and state is not State.ACTIVE
    if act is Act.RETURN:
        return pool or state is State.ACTIVE
    return True


CASES = [
    pytest.param(state, act, pool, id=f"{state.name}-{act.value}-{'pool' if pool else 'chosen'}")
    for state in State
    for act in Act
    for pool in (False, True)
    if _is_case(state, act, pool)
]


@pytest.mark.parametrize(("state", "act", "pool"), CASES)
async def test_each_method_goes_by_the_table(practice: Practice, state: State, act: Act, pool: bool) -> None:
    """The doctor, the patient or the timer does it; what is forbidden changes nothing."""
    consultation = await brought(practice, state, pool=pool)
    practice.clock.advance(seconds=1)
    allowed = ALLOWED.get((state, act))
    if act in OF_POOL and not pool:
        allowed = None  # for a chosen doctor there is no pool to escalate in or to give back to
    if allowed is not None:
        assert State((await DOING[act](practice, consultation)).state) is allowed
        return
    before = await practice.get(consultation)
    if act in BY_TIME:
        await DOING[act](practice, consultation)
    else:
        # In the pool nobody has a doctor's part in it yet.
        no_seat = pool and state in (State.WAITING, State.CANCELLED) and act not in (Act.CLAIM, Act.CANCEL)
        with refused(Reason.REASON_NOT_FOUND if no_seat else Reason.REASON_WRONG_STATE):
            await DOING[act](practice, consultation)
    assert await practice.get(consultation) == before
