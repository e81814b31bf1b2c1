"""Treatments that other services tell of: grants as long as they last, in whichever order it is heard."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from apricot.access.v1.access_pb2 import SCOPE_DOSE_READ, SCOPE_GLUCOSE_READ, Scope
from apricot.identity.v1 import care_pb2, events_pb2
from apricot.identity.v1.audit_pb2 import ListAccessEventsRequest, VerifyChainRequest
from hypothesis import given
from hypothesis import strategies as st

from kit.times import to_datetime, to_timestamp
from services.identity.domain.treatments import Effect, Given, effect
from services.identity.store import treatments
from tests.identity.care import allowed, revoke
from tests.identity.running import Person, Running, as_uuid, soon

type Told = events_pb2.CareBegun | events_pb2.CareEnded

MINUTE = timedelta(minutes=1)
BEGUN, ENDED = "apricot.identity.v1.CareBegun", "apricot.identity.v1.CareEnded"


class Treatment:
    """A consultation as identity hears of it; minutes count from the clock's beginning."""

    def __init__(self, running: Running, patient: Person) -> None:
        self.running = running
        self.patient = patient
        self.treatment_id = str(uuid4())
        self._beginning = running.clock.now

    def at(self, minute: int) -> datetime:
        return self._beginning + minute * MINUTE

    def begun(self, carer: Person, minute: int, *scopes: Scope.ValueType) -> Told:
        return events_pb2.CareBegun(
            patient_id=self.patient.account_id,
            account_id=carer.account_id,
            scopes=scopes or (SCOPE_GLUCOSE_READ,),
            treatment_id=self.treatment_id,
            time=to_timestamp(self.at(minute)),
        )

    def ended(self, minute: int) -> Told:
        return events_pb2.CareEnded(
            patient_id=self.patient.account_id, treatment_id=self.treatment_id, time=to_timestamp(self.at(minute))
        )

    async def tell(self, *told: Told) -> None:
        """In this order, and wait until identity has heard it."""
        await tell(self.running, *told)

    async def grants(self) -> Sequence[care_pb2.Grant]:
        return (await self.running.care("ListGrants", care_pb2.ListGrantsRequest(), self.patient)).grants  # type: ignore[no-any-return]


async def tell(running: Running, *told: Told) -> None:
    await running.bus.ensure_stream("consult")
    ids = [uuid4().hex for _ in told]
    for id_, one in zip(ids, told, strict=True):
        event = "begun" if isinstance(one, events_pb2.CareBegun) else "ended"
        subject = f"apricot.consult.care.{event}.{one.patient_id}"
        await running.bus.jetstream.publish(subject, one.SerializeToString(), headers={"Nats-Msg-Id": id_})

    async def heard() -> None:
        while len(await running.execute("select from handled_event where event_id = any($1)", ids)) < len(ids):
            await asyncio.sleep(0.01)

    await soon(heard())


@asynccontextmanager
async def hearing(running: Running, copies: int = 1) -> AsyncIterator[None]:
    """Identity's consumers of care, as so many replicas run them."""
    tasks = [asyncio.create_task(consumer.run()) for consumer in running.identity.care_consumers for _ in range(copies)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_treatment_opens_and_closes(own: Running) -> None:
    patient, doctor = await own.sign_in(), await own.sign_in()
    treatment = Treatment(own, patient)
    async with hearing(own), own.events(f"apricot.identity.grant.changed.{patient.account_id}") as changes:
        assert await allowed(own, doctor, patient) == [False]
        await treatment.tell(treatment.begun(doctor, 1, SCOPE_GLUCOSE_READ, SCOPE_DOSE_READ))
        assert await allowed(own, doctor, patient) == [True]
        await soon(changes.get())
        (grant,) = await treatment.grants()
        assert (grant.account_id, grant.treatment_id) == (doctor.account_id, treatment.treatment_id)
        assert set(grant.scopes) == {SCOPE_GLUCOSE_READ, SCOPE_DOSE_READ}
        assert not grant.HasField("expire_time")
        assert to_datetime(grant.create_time) == treatment.at(1)
        await treatment.tell(treatment.ended(2))
        assert await allowed(own, doctor, patient) == [False]
        await soon(changes.get())
        (grant,) = await treatment.grants()
        assert to_datetime(grant.revoke_time) == treatment.at(2)
    events = (await own.audit("ListAccessEvents", ListAccessEventsRequest(), patient)).events
    assert [(event.action, event.actor_id) for event in events] == [
        (ENDED, doctor.account_id),
        (BEGUN, doctor.account_id),
    ]
    assert (await own.audit("VerifyChain", VerifyChainRequest(), await own.admin())).intact


async def test_an_end_ends_its_own_treatment_alone_and_for_everybody(own: Running) -> None:
    patient, one, two = [await own.sign_in() for _ in range(3)]
    first, second = Treatment(own, patient), Treatment(own, patient)
    async with hearing(own):
        await first.tell(first.begun(one, 1), first.begun(two, 1), second.begun(one, 1))
        await first.tell(first.ended(2))
        assert await allowed(own, one, patient) == [True]  # by the other one
        assert await allowed(own, two, patient) == [False]
        await second.tell(second.ended(2))
        assert await allowed(own, one, patient) == [False]


async def live_carers(treatment: Treatment) -> set[str]:
    rows = await treatment.running.execute(
        "select account_id::text from care_grant where treatment_id = $1::uuid and revoke_time is null",
        treatment.treatment_id,
    )
    return {row["account_id"] for row in rows}


async def hear_in_every_order(
    running: Running, patient: Person, told: Callable[[Treatment], Sequence[Told]]
) -> list[Treatment]:
    """A treatment for each order of what is told: first each one's first event, then each one's second, …"""
    count = len(told(Treatment(running, patient)))
    orders = [(Treatment(running, patient), order) for order in itertools.permutations(range(count))]
    for turn in range(count):
        await tell(running, *(told(treatment)[order[turn]] for treatment, order in orders))
    return [treatment for treatment, _ in orders]


async def test_whatever_the_order_the_last_word_counts(own: Running) -> None:
    patient, one, two = [await own.sign_in() for _ in range(3)]
    async with hearing(own):
        # Taken by one, given back, taken by another.
        for treatment in await hear_in_every_order(
            own, patient, lambda it: [it.begun(one, 1), it.ended(2), it.begun(two, 3)]
        ):
            assert await live_carers(treatment) == {two.account_id}
        # And then closed.
        for treatment in await hear_in_every_order(
            own, patient, lambda it: [it.begun(one, 1), it.ended(2), it.begun(two, 3), it.ended(4)]
        ):
            assert await live_carers(treatment) == set()
        # Given back, and taken again by the same.
        for treatment in await hear_in_every_order(
            own, patient, lambda it: [it.begun(one, 1), it.ended(2), it.begun(one, 3)]
        ):
            assert await live_carers(treatment) == {one.account_id}
            await treatment.tell(treatment.ended(4))
            assert await live_carers(treatment) == set()


async def test_what_the_patient_took_back_no_event_gives_again(own: Running) -> None:
    patient, doctor = await own.sign_in(), await own.sign_in()
    treatment = Treatment(own, patient)
    async with hearing(own):
        begun = treatment.begun(doctor, 1)
        await treatment.tell(begun)
        (grant,) = await treatment.grants()
        await revoke(own, grant, patient)
        assert await allowed(own, doctor, patient) == [False]
        await treatment.tell(begun)  # once more, as another event
        await treatment.tell(treatment.ended(2), treatment.begun(doctor, 3))
        assert await allowed(own, doctor, patient) == [False]


async def test_many_at_once_in_several_replicas(own: Running) -> None:
    patient, *doctors = [await own.sign_in() for _ in range(4)]
    lives = [Treatment(own, patient) for _ in range(10)]
    async with hearing(own, copies=3):
        await tell(own, *(life.begun(doctor, 1) for life in lives for doctor in doctors))
        assert len(await treatment_grants(own, lives)) == 30
        await tell(own, *(life.ended(2) for life in lives))
        assert await allowed(own, doctors[0], patient) == [False]
    assert (await own.audit("VerifyChain", VerifyChainRequest(), await own.admin())).intact
    assert not await own.execute("select from parked_event")


async def treatment_grants(running: Running, lives: Sequence[Treatment]) -> list[object]:
    wanted = [life.treatment_id for life in lives]
    return await running.execute("select from care_grant where treatment_id = any($1::uuid[])", wanted)


async def test_a_treatment_of_nobody_gives_nothing(own: Running) -> None:
    patient, doctor = await own.sign_in(), await own.sign_in()
    treatment, of_nobody = Treatment(own, patient), Treatment(own, Person("", str(uuid4())))
    async with hearing(own):
        await treatment.tell(treatment.begun(Person("", str(uuid4())), 1), of_nobody.begun(doctor, 1))
        assert list(await treatment.grants()) == []
    assert not await own.execute("select from parked_event")


async def test_ends_are_remembered_for_a_week(own: Running) -> None:
    patient = await own.sign_in()
    treatment = Treatment(own, patient)
    async with hearing(own):
        await treatment.tell(treatment.ended(0))
    for days, left in (7, 1), (1, 0):
        own.clock.advance(days=days)
        await own.identity.upkeep.delete_expired_rows()
        assert len(await own.execute("select from ended_treatment")) == left


def test_a_grant_has_one_id_for_a_treatment_and_an_account() -> None:
    one, two, treatment = as_uuid(Person("", str(uuid4()))), as_uuid(Person("", str(uuid4()))), uuid4()
    assert treatments.grant_id(treatment, one) == treatments.grant_id(treatment, one)
    assert treatments.grant_id(treatment, one) != treatments.grant_id(treatment, two)


@given(st.integers(1, 9), st.none() | st.integers(1, 9), st.none() | st.integers(1, 9), st.booleans(), st.booleans())
def test_a_beginning_gives_only_behind_the_last_end(
    begin: int, end: int | None, before: int | None, live: bool, with_treatment: bool
) -> None:
    origin = datetime.fromisoformat("2026-06-01T00:00:00+00:00")
    given_ = None
    if before is not None:
        given_ = Given(origin + before * MINUTE, live=live, ended_with_treatment=with_treatment and not live)
    found = effect(origin + begin * MINUTE, None if end is None else origin + end * MINUTE, given_)
    if found is not Effect.NOTHING:
        assert end is None or begin > end
        assert before is None or begin > before
    if found is Effect.GIVE and given_ is not None:
        assert given_.ended_with_treatment


@pytest.mark.parametrize("live", [False, True])
def test_a_repeat_does_nothing(live: bool) -> None:
    now = datetime.fromisoformat("2026-06-01T00:00:00+00:00")
    assert effect(now, None, Given(now, live=live, ended_with_treatment=not live)) is Effect.NOTHING
