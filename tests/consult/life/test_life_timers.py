"""What time alone does to consultations, to the second; and that it does it once."""

import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest
from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_STATE_ACTIVE,
    CONSULTATION_STATE_EXPIRED,
    CONSULTATION_STATE_WAITING,
    FEE_STATE_EARNED,
    FEE_STATE_REFUNDED,
    Consultation,
)

from kit.times import to_datetime
from services.consult import events
from services.consult.work import consultations as work
from tests.consult.life.practice import SHARED, Practice


async def at(practice: Practice, consultation: Consultation, after: timedelta) -> Consultation:
    """How it stands so long after it was opened, its timers run."""
    practice.clock.now = to_datetime(consultation.create_time) + after
    await practice.timers.act_due()
    return await practice.get(consultation)


async def test_in_the_pool_it_is_passed_on_twice_and_then_expires(practice: Practice) -> None:
    other = await practice.add_doctor(practice.colleague.__class__(int=practice.colleague.int ^ 1), "cardiology")
    asked = await practice.open()
    own = {practice.doctor, practice.colleague}
    assert set(await practice.pushed(asked)) == own
    assert asked.consultation_id not in await practice.pool(other)

    second = timedelta(seconds=1)
    assert (await at(practice, asked, timedelta(minutes=10) - second)).escalation_level == 0
    passed_on = await at(practice, asked, timedelta(minutes=10))
    assert (passed_on.state, passed_on.escalation_level) == (CONSULTATION_STATE_WAITING, 1)
    assert asked.consultation_id in await practice.pool(other)
    told = await practice.pushed(asked)
    assert set(told[2:4]) == own  # its own department's first
    assert told[4] == other

    assert (await at(practice, asked, timedelta(minutes=30) - second)).escalation_level == 1
    assert (await at(practice, asked, timedelta(minutes=30))).escalation_level == 2
    assert len(await practice.pushed(asked)) == 8

    assert (await at(practice, asked, timedelta(minutes=60) - second)).state == CONSULTATION_STATE_WAITING
    over = await at(practice, asked, timedelta(minutes=60))
    assert (over.state, over.fee_state) == (CONSULTATION_STATE_EXPIRED, FEE_STATE_REFUNDED)
    assert not over.HasField("expire_time")
    assert await practice.pool(practice.doctor) == []
    assert (await practice.pushed(asked))[8:] == [practice.patient]
    assert await practice.events(asked) == ["consultation.changed"] * 3 + ["care.ended", "consultation.changed"]


async def test_late_workers_pass_it_on_once(practice: Practice) -> None:
    asked = await practice.open()
    assert (await at(practice, asked, timedelta(minutes=40))).escalation_level == 2
    assert len(await practice.pushed(asked)) == 4


async def test_a_chosen_doctor_has_a_day(practice: Practice) -> None:
    asked = await practice.open(practice.doctor)
    assert to_datetime(asked.expire_time) - to_datetime(asked.create_time) == timedelta(hours=24)
    still = await at(practice, asked, timedelta(hours=24) - timedelta(seconds=1))
    assert (still.state, still.escalation_level) == (CONSULTATION_STATE_WAITING, 0)
    over = await at(practice, asked, timedelta(hours=24))
    assert (over.state, over.fee_state) == (CONSULTATION_STATE_EXPIRED, FEE_STATE_REFUNDED)


@pytest.mark.parametrize("answered", [False, True])
async def test_an_active_one_expires_two_days_after_the_last_word(practice: Practice, answered: bool) -> None:
    asked = await practice.open(practice.doctor, shared_scopes=SHARED)
    practice.clock.advance(hours=1)
    active = await practice.claim(asked)
    assert to_datetime(active.expire_time) == practice.clock.now + timedelta(hours=48)
    practice.clock.advance(hours=40)
    await practice.say(active, practice.doctor if answered else practice.patient)
    last = practice.clock.now
    assert to_datetime((await practice.get(active)).expire_time) == last + timedelta(hours=48)
    for moment in timedelta(hours=8), timedelta(hours=48) - timedelta(seconds=1):
        practice.clock.now = last + moment
        await practice.timers.act_due()
        assert (await practice.get(active)).state == CONSULTATION_STATE_ACTIVE
    practice.clock.now = last + timedelta(hours=48)
    await practice.timers.act_due()
    over = await practice.get(active)
    assert over.state == CONSULTATION_STATE_EXPIRED
    assert over.fee_state == (FEE_STATE_EARNED if answered else FEE_STATE_REFUNDED)
    assert (await practice.events(active))[-2:] == ["care.ended", "consultation.changed"]


async def test_given_back_it_waits_anew(practice: Practice) -> None:
    asked = await practice.open()
    practice.clock.advance(minutes=9)
    await practice.claim(asked)
    practice.clock.advance(minutes=20)
    returned = await practice.decline(asked)
    assert to_datetime(returned.expire_time) == practice.clock.now + timedelta(minutes=60)
    assert returned.escalation_level == 0
    assert (await at(practice, asked, timedelta(minutes=39))).escalation_level == 1
    assert (await at(practice, asked, timedelta(minutes=88))).state == CONSULTATION_STATE_WAITING
    assert (await at(practice, asked, timedelta(minutes=89))).state == CONSULTATION_STATE_EXPIRED


async def test_each_thing_happens_once_whoever_dies(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four workers at once, each of whom may die at any push, before its commit."""
    chance = random.Random(1)
    push = events.push

    def push_and_perhaps_die(*arguments: Any, **named: Any) -> None:
        push(*arguments, **named)
        if chance.random() < 0.3:
            raise asyncio.CancelledError

    asked = []
    for _ in range(12):
        practice.patient = type(practice.patient)(int=practice.patient.int ^ chance.getrandbits(64))
        asked.append(await practice.open())
    practice.clock.advance(minutes=10)
    monkeypatch.setattr(work, "_BATCH", 3)
    monkeypatch.setattr(events, "push", push_and_perhaps_die)
    deaths, passed_on = 0, 0
    while passed_on < len(asked):
        workers = [asyncio.ensure_future(practice.timers.act_due()) for _ in range(4)]
        outcomes = await asyncio.gather(*workers, return_exceptions=True)
        deaths += sum(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
        rows = await practice.fetch("select escalation_level from consultation")
        assert {row["escalation_level"] for row in rows} <= {0, 1}
        passed_on = sum(row["escalation_level"] for row in rows)
    assert deaths > 3
    for each in asked:
        assert len(await practice.pushed(each)) == 2 + 2
