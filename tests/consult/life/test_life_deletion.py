"""What a deleted account leaves open."""

from uuid import UUID, uuid4

import pytest
from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_STATE_CANCELLED,
    CONSULTATION_STATE_EXPIRED,
    FEE_STATE_EARNED,
    FEE_STATE_REFUNDED,
)
from apricot.errors.v1.reason_pb2 import Reason

from kit.bus import Event
from services.consult.work.accounts import on_accounts_deleted
from tests.consult.life.practice import Practice, refused


async def delete(practice: Practice, account: UUID) -> None:
    """What identity tells of a deleted account, handled."""
    async with practice.database.transaction() as session:
        await on_accounts_deleted(session, [Event(1, str(uuid4()), "account", "deleted", str(account), b"", 0)])


async def test_deleted_patient_leaves_the_question_pool(practice: Practice) -> None:
    asked = await practice.open()
    await delete(practice, practice.patient)

    assert await practice.pool(practice.doctor) == []
    with refused(Reason.REASON_WRONG_STATE):
        await practice.claim(asked)
    left = await practice.get(asked)
    assert (left.state, left.fee_state) == (CONSULTATION_STATE_CANCELLED, FEE_STATE_REFUNDED)
    assert (await practice.events(asked))[-2:] == ["care.ended", "consultation.changed"]


async def test_deleted_patient_cancels_a_question_to_a_doctor(practice: Practice) -> None:
    asked = await practice.open(practice.doctor)
    await delete(practice, practice.patient)
    with refused(Reason.REASON_WRONG_STATE):
        await practice.claim(asked)
    assert practice.patient not in await practice.pushed(asked)


@pytest.mark.parametrize("answered", [True, False])
async def test_deleted_patient_ends_an_active_consultation(practice: Practice, answered: bool) -> None:
    active = await practice.claim(await practice.open())
    if answered:
        await practice.say(active, practice.doctor)
    await delete(practice, practice.patient)
    left = await practice.get(active, practice.doctor)
    assert left.state == CONSULTATION_STATE_EXPIRED
    assert left.fee_state == (FEE_STATE_EARNED if answered else FEE_STATE_REFUNDED)


async def test_deleted_doctor_frees_those_who_wait(practice: Practice) -> None:
    waiting, other = await practice.open(practice.doctor), await practice.open(practice.colleague)
    await delete(practice, practice.doctor)
    left = await practice.get(waiting)
    assert (left.state, left.fee_state) == (CONSULTATION_STATE_CANCELLED, FEE_STATE_REFUNDED)
    assert practice.patient in await practice.pushed(waiting)
    assert (await practice.get(other)).state == other.state


async def test_call_under_way_opens_nothing_after_deletion(practice: Practice) -> None:
    await delete(practice, practice.patient)
    with refused(Reason.REASON_SESSION_ENDED):
        await practice.open()


async def test_deletion_told_twice_ends_things_once(practice: Practice) -> None:
    asked = await practice.open()
    await delete(practice, practice.patient)
    before = await practice.events(asked)
    await delete(practice, practice.patient)
    assert await practice.events(asked) == before
