"""The inbox, live: what is open, what changes, what is gone; at both replicas, and without a hint."""

from datetime import timedelta
from typing import Any

import pytest
from apricot.consult.v1 import consultation_pb2 as pb
from apricot.consult.v1.consultation_pb2 import WatchInboxResponse
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.audit_pb2 import ListAccessEventsRequest

from kit.database import Database
from services.consult.rpc import inbox as inbox_module
from services.consult.rpc.inboxes import MOST_OF_ACCOUNT
from stack.platform import Platform
from tests.consult.life.inboxes import inbox
from tests.consult.life.living import claimed, closed, opened, pooled_doctors
from tests.consult.life.practice import Practice, refused
from tests.kit.running import until
from tests.people import People

DEPARTMENT = "haematology"


async def test_both_replicas_show_what_happens_at_either(
    people: People, consult_database: Database, platform: Platform
) -> None:
    first, second = await pooled_doctors(people, DEPARTMENT, 2)
    patient = await people.patient()
    before = await opened(patient, department=DEPARTMENT)
    one, two = platform.addresses("consult")
    gateway = platform.gateway_address.removeprefix("http://")
    async with inbox(one, first) as firsts, inbox(two, second) as seconds, inbox(gateway, patient) as own:
        for each in firsts, seconds, own:
            await each.until_live()
            assert before.consultation_id in each.shown
        asked = await opened(patient, department=DEPARTMENT)
        id_ = asked.consultation_id
        for each in firsts, seconds, own:
            await each.until(lambda shown: id_ in shown)
        active = await claimed(first, asked)
        await seconds.until(lambda shown: id_ not in shown)  # another doctor's now
        for each in firsts, own:
            await each.until(lambda shown: shown[id_].state == pb.CONSULTATION_STATE_ACTIVE)
            assert each.shown[id_] == active
        over = await closed(first, asked)
        for each in firsts, own:
            await each.until(lambda shown: shown[id_].state == pb.CONSULTATION_STATE_CLOSED)
            assert each.shown[id_] == over

    async def audited() -> bool:
        events = (await patient.session.audit.ListAccessEvents(ListAccessEventsRequest())).events
        found = [event.actor_id for event in events if event.action.endswith("/WatchInbox")]
        return sorted(found) == sorted([first.account_id, second.account_id])  # once a stream each

    await until(audited)


async def test_it_ends_with_the_session(people: People, platform: Platform) -> None:
    patient = await people.patient()
    async with inbox(platform.addresses("consult")[1], patient) as own:
        await own.until_live()
        await patient.session.sign_out()
        assert (await own.end()).reason == Reason.REASON_SESSION_ENDED


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_module, "LOOK_SECONDS", 0.03)
    monkeypatch.setattr(inbox_module, "_LEAST_SECONDS", 0.01)
    monkeypatch.setattr(inbox_module, "LIFE_SECONDS", 0.1)


def watch(practice: Practice, by: Any, token_minutes: float = 10) -> Any:
    call = practice.call("WatchInbox", by)
    assert call.signed_in is not None
    expire_time = practice.clock.now + timedelta(minutes=token_minutes)
    call.signed_in = type(call.signed_in)(by, call.signed_in.session_id, call.signed_in.roles, expire_time)
    return practice.consultations.WatchInbox(pb.WatchInboxRequest(), call)


async def following(stream: Any) -> WatchInboxResponse:
    """The next message that is no sign of life."""
    while (message := await anext(stream)) == WatchInboxResponse():
        pass
    assert isinstance(message, WatchInboxResponse)
    return message


@pytest.mark.usefixtures("quick")
async def test_without_hints_the_second_look_finds_it(practice: Practice) -> None:
    stream = watch(practice, practice.colleague)
    assert await following(stream) == WatchInboxResponse(live=True)
    asked = await practice.open()
    assert (await following(stream)).consultation == asked
    await practice.say(asked, practice.patient)
    assert (await following(stream)).consultation.last_sequence == 1
    await practice.claim(asked)
    assert await following(stream) == WatchInboxResponse(gone_consultation_id=asked.consultation_id)
    joined = await practice.invite(asked)
    assert (await following(stream)).consultation == joined
    over = await practice.close(asked)
    assert (await following(stream)).consultation == over
    assert await anext(stream) == WatchInboxResponse()  # a sign of life; what is over is told once
    await stream.aclose()


@pytest.mark.usefixtures("quick")
async def test_what_is_opened_declined_and_withdrawn(practice: Practice) -> None:
    doctors, patients = watch(practice, practice.doctor), watch(practice, practice.patient)
    for stream in doctors, patients:
        assert (await following(stream)).live
    asked = await practice.open(practice.doctor)
    for stream in doctors, patients:
        assert (await following(stream)).consultation == asked
    over = await practice.decline(asked)
    assert (await following(doctors)).gone_consultation_id == asked.consultation_id
    assert (await following(patients)).consultation == over
    asked = await practice.open(practice.doctor)
    for stream in doctors, patients:
        assert (await following(stream)).consultation == asked
    over = await practice.cancel(asked)
    for stream in doctors, patients:
        assert (await following(stream)).consultation == over
        await stream.aclose()


@pytest.mark.usefixtures("quick")
async def test_the_pool_empties_when_the_licence_ends(practice: Practice) -> None:
    asked = await practice.open()
    stream = watch(practice, practice.doctor)
    assert (await following(stream)).consultation == asked
    assert (await following(stream)).live
    await practice.fetch("update doctor set licence_end_time = $1", practice.clock.now)
    assert (await following(stream)).gone_consultation_id == asked.consultation_id
    await stream.aclose()


@pytest.mark.usefixtures("quick")
async def test_it_ends_with_the_token_and_when_the_process_drains(practice: Practice) -> None:
    stream = watch(practice, practice.patient)
    assert (await following(stream)).live
    practice.clock.advance(minutes=10)
    with refused(Reason.REASON_TOKEN_EXPIRED):
        await following(stream)
    stream = watch(practice, practice.patient)
    assert (await following(stream)).live
    practice.inboxes.drain()
    with refused(Reason.REASON_UNAVAILABLE):
        await following(stream)


@pytest.mark.usefixtures("quick")
async def test_one_account_has_so_many_inboxes_at_a_replica(practice: Practice) -> None:
    streams = [watch(practice, practice.patient) for _ in range(MOST_OF_ACCOUNT)]
    for stream in streams:
        assert (await anext(stream)).live
    with refused(Reason.REASON_TOO_MANY):
        await anext(watch(practice, practice.patient))
    for stream in streams:
        await stream.aclose()
    stream = watch(practice, practice.patient)
    assert (await anext(stream)).live
    await stream.aclose()
