"""Grants as a service knows them: asked once, kept for seconds, never older than a change, and each use recorded."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from apricot.access.v1.access_pb2 import (
    SCOPE_DOSE_READ,
    SCOPE_GLUCOSE_READ,
    SCOPE_GLUCOSE_WRITE,
    SCOPE_MEAL_READ,
    Scope,
)
from apricot.errors.v1.reason_pb2 import Reason

from kit.call import Call, Caller
from kit.errors import ApricotError
from tests.kit import identity
from tests.kit.calls import call
from tests.kit.identity import Relations

READS = [SCOPE_GLUCOSE_READ, SCOPE_MEAL_READ, SCOPE_DOSE_READ]


@pytest.fixture
async def relations() -> AsyncIterator[Relations]:
    async with identity.relations() as made:
        yield made


async def test_a_kept_answer_does_not_skip_the_record(relations: Relations) -> None:
    patient, look = uuid4(), call(path="/apricot.glucose.v1.DiaryService/ListEntries")
    relations.identity.grants[patient] = [SCOPE_GLUCOSE_WRITE, SCOPE_DOSE_READ, SCOPE_MEAL_READ]
    for _ in range(3):
        await relations.remote.require(look, [patient], READS)
    assert relations.identity.asked.qsize() == 1
    expected = (str(patient), str(look.caller.account_id), "apricot.glucose.v1.DiaryService/ListEntries")
    assert [(use.patient_id, use.actor_id, use.action) for use in relations.recorded] == [expected] * 3
    assert {use.scope for use in relations.recorded} == {SCOPE_MEAL_READ}  # the first of the door's that is held


async def test_each_patient_of_a_call_is_recorded_and_none_of_a_refused_one(relations: Relations) -> None:
    patients = [uuid4() for _ in range(3)]
    relations.identity.grants |= {patient: [SCOPE_DOSE_READ] for patient in patients}
    views = await relations.remote.require(call(), patients, READS)
    assert [use.patient_id for use in relations.recorded] == [str(patient) for patient in patients]
    assert all(view.allows(SCOPE_DOSE_READ) and not view.allows(SCOPE_MEAL_READ) for view in views.values())
    none: list[Scope.ValueType] = []
    for scopes in [SCOPE_MEAL_READ], none:
        with pytest.raises(ApricotError) as refused:
            await relations.remote.require(call(), [*patients, uuid4()], scopes)
        assert refused.value.reason == Reason.REASON_PATIENT_ACCESS_DENIED
    assert len(relations.recorded) == 3


async def test_a_change_is_known_at_once(relations: Relations) -> None:
    patient, look = uuid4(), call()
    relations.change(patient, SCOPE_GLUCOSE_READ)
    await relations.remote.require(look, [patient], READS)
    relations.change(patient)
    with pytest.raises(ApricotError):
        await relations.remote.require(look, [patient], READS)


async def test_an_answer_that_a_change_overtook_is_asked_for_again(relations: Relations) -> None:
    """Also for a patient whose kept answer was fine while the other's was on its way."""
    kept, other, look = uuid4(), uuid4(), call()
    relations.identity.grants = {kept: [SCOPE_GLUCOSE_READ], other: [SCOPE_GLUCOSE_READ]}
    await relations.remote.decide(look, [kept])
    await relations.identity.asked.get()
    relations.identity.open.clear()
    deciding = asyncio.create_task(relations.remote.decide(look, [kept, other]))
    assert await relations.identity.asked.get() == [str(other)]
    relations.change(kept, SCOPE_MEAL_READ)
    relations.change(other)
    relations.identity.open.set()
    of_kept, of_other = await deciding
    assert of_kept.view.ranges(SCOPE_GLUCOSE_READ) == of_other.view.ranges(SCOPE_GLUCOSE_READ) == []
    assert of_kept.view.allows(SCOPE_MEAL_READ)


async def test_a_session_without_the_clinical_role_gets_no_answer_of_one_with_it(relations: Relations) -> None:
    """A clinic's grants count in a session opened with the second factor, and in no other of the same account."""
    patient, account = uuid4(), uuid4()
    clinical, plain = _session(account, "patient", "clinician"), _session(account, "patient")
    relations.identity.grants[patient] = [SCOPE_GLUCOSE_READ]
    await relations.remote.require(clinical, [patient], READS)
    relations.identity.grants[patient] = []  # what identity says of the other session
    with pytest.raises(ApricotError):
        await relations.remote.require(plain, [patient], READS)


def _session(account: UUID, *roles: str) -> Call:
    made = call(account)
    made.signed_in = Caller(account, uuid4(), frozenset(roles), made.caller.expire_time)
    return made
