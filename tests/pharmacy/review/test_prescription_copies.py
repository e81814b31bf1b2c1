"""The pharmacy's copies follow consult's events in whichever order they come; consult's follow the pharmacy's."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from apricot.consult.v1.events_pb2 import PrescriptionIssued, PrescriptionRevised, PrescriptionRevoked
from apricot.consult.v1.health_record_pb2 import GetFactsForDispensingRequest
from apricot.consult.v1.prescription_pb2 import (
    PRESCRIPTION_STATE_DISPENSED,
    PRESCRIPTION_STATE_EXPIRED,
    PRESCRIPTION_STATE_REPEATING,
    PRESCRIPTION_STATE_REVOKED,
    Prescription,
)
from apricot.errors.v1.reason_pb2 import Reason

from kit.bus import Event
from services.pharmacy.domain.orders import Act, State
from services.pharmacy.domain.prescriptions import State as Copy
from services.pharmacy.rpc.checking import Checked
from services.pharmacy.store.review_cases import Case
from services.pharmacy.work.prescriptions import Prescriptions
from tests.consult.prescriptions import ward as wards
from tests.consult.prescriptions.writing import written
from tests.pharmacy.review.dispensary import Dispensary, moved, pharmacist, refused, repeated
from tests.pharmacy.review.marks import dispensed, keep_in_consult, mark, returned, state

_MESSAGES: dict[str, Any] = {
    "issued": PrescriptionIssued,
    "revised": PrescriptionRevised,
    "revoked": PrescriptionRevoked,
}


def told(what: str, prescription: Prescription) -> Event:
    """As consult publishes it."""
    patient = prescription.content.patient_id
    message = _MESSAGES[what](patient_id=patient, prescription=prescription)
    return Event(1, str(uuid4()), "prescription", what, patient, message.SerializeToString(), 0)


async def hear(dispensary: Dispensary, events: Iterable[Event]) -> None:
    """As the pharmacy's worker does, each in its own transaction."""
    work = Prescriptions(dispensary.database, dispensary.telling, dispensary.clock)
    for each in events:
        async with dispensary.database.transaction() as session:
            await work.on_events(session, [each])


async def copies(dispensary: Dispensary, prescription: Prescription) -> list[tuple[int, Copy]]:
    rows = await dispensary.fetch(
        "select revision, state from prescription where prescription_id = $1 order by revision",
        UUID(prescription.prescription_id),
    )
    return [(row["revision"], Copy(row["state"])) for row in rows]


async def test_in_whichever_order_events_come_the_newest_revision_is_in_force(dispensary: Dispensary) -> None:
    content = await dispensary.content(written())
    for order in permutations(range(3)):
        content.prescription_id = str(uuid4())
        made = []
        for content.revision in (1, 2, 3):
            made.append(await dispensary.signed(content))
        events = [told("issued" if each.revision == 1 else "revised", each) for each in made]
        await hear(dispensary, [events[place] for place in order])
        assert await copies(dispensary, made[0]) == [(1, Copy.REPLACED), (2, Copy.REPLACED), (3, Copy.ISSUED)]


async def test_in_whichever_order_events_come_what_was_taken_back_stays_so(dispensary: Dispensary) -> None:
    content = await dispensary.content(written())
    for order in permutations(range(3)):
        content.prescription_id, content.revision = str(uuid4()), 1
        first = await dispensary.signed(content)
        content.revision = 2
        second = await dispensary.signed(content)
        events = [told("issued", first), told("revised", second), told("revoked", second)]
        await hear(dispensary, [events[place] for place in order])
        assert await copies(dispensary, first) == [(1, Copy.REPLACED), (2, Copy.REVOKED)]


async def test_heard_together_as_well_as_one_by_one(dispensary: Dispensary) -> None:
    some = [await dispensary.signed(await dispensary.content(written())) for _ in range(3)]
    work = Prescriptions(dispensary.database, dispensary.telling, dispensary.clock)
    async with dispensary.database.transaction() as session:
        await work.on_events(session, [*(told("issued", each) for each in some), told("revoked", some[1])])
    assert [(await copies(dispensary, each))[0][1] for each in some] == [Copy.ISSUED, Copy.REVOKED, Copy.ISSUED]


_BEFORE_THE_COURIER: list[tuple[tuple[Act, ...], State]] = [
    ((), State.IN_REVIEW),
    ((Act.APPROVE,), State.PREPARING),
    ((Act.APPROVE, Act.PACK), State.READY),
]


@pytest.mark.parametrize(("acts", "state"), _BEFORE_THE_COURIER, ids=lambda value: getattr(value, "name", ""))
async def test_what_is_taken_back_is_not_handed_out(
    dispensary: Dispensary, acts: tuple[Act, ...], state: State
) -> None:
    made = await dispensary.prescribe()
    order = await dispensary.order(made)
    await dispensary.move(order, *acts)
    assert await dispensary.state_of(order) is state
    await hear(dispensary, [told("revoked", made)])
    assert await dispensary.state_of(order) is State.CANCELLED


async def test_an_unpaid_order_of_a_replaced_revision_is_given_up(dispensary: Dispensary) -> None:
    content = await dispensary.content(written())
    first = await dispensary.signed(content)
    await hear(dispensary, [told("issued", first)])
    order = await dispensary.order(first, pay=False)
    content.revision = 2
    second = await dispensary.signed(content)
    await hear(dispensary, [told("revised", second)])
    assert await dispensary.state_of(order) is State.CANCELLED
    await dispensary.order(second)  # which it holds up no longer


async def test_of_an_approval_and_what_ends_it_at_one_instant_nothing_is_packed(dispensary: Dispensary) -> None:
    """Whichever comes first, of a pharmacist who decides and a doctor who takes it back."""
    for decide in (dispensary.approve, dispensary.reject):
        for _ in range(4):
            made = await dispensary.prescribe()
            order = await dispensary.order(made)
            await dispensary.claim(order)
            digest = (await dispensary.check(order)).digest
            decided = decide(order, digest) if decide == dispensary.approve else dispensary.reject(order)
            outcomes = await asyncio.gather(decided, hear(dispensary, [told("revoked", made)]), return_exceptions=True)
            for each in outcomes:
                if isinstance(each, BaseException):
                    with refused(Reason.REASON_PRESCRIPTION_NOT_VALID, Reason.REASON_WRONG_STATE):
                        raise each
            assert await dispensary.state_of(order) is State.CANCELLED
            (row,) = await dispensary.fetch("select state from prescription_claim where order_id = $1", order)
            assert row["state"] == 2
            with refused(Reason.REASON_PRESCRIPTION_NOT_VALID):
                await dispensary.order(made)


@pytest.mark.parametrize("meanwhile", ["revoked", "revised", "cancelled", "lapsed", "taken over"])
async def test_what_happens_while_an_approval_checks_once_more(
    dispensary: Dispensary, meanwhile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = await dispensary.content(written())
    made = await dispensary.signed(content)
    await hear(dispensary, [told("issued", made)])
    order = await dispensary.order(made)
    colleague = await pharmacist(dispensary.ward)
    async with dispensary.database.transaction() as session:
        dispensary.employ(session, colleague)
    await dispensary.claim(order)
    digest = (await dispensary.check(order)).digest
    content.revision = 2
    revised = await dispensary.signed(content)
    run = dispensary.checks.run

    async def run_while(case: Case, now: datetime) -> Checked:
        made_check = await run(case, now)
        if meanwhile == "revoked":
            await hear(dispensary, [told("revoked", made)])
        elif meanwhile == "revised":
            await hear(dispensary, [told("revised", revised)])
        elif meanwhile == "taken over":
            with moved(dispensary.clock, minutes=15):
                await dispensary.claim(order, colleague)
        else:
            await dispensary.move(order, Act.CANCEL if meanwhile == "cancelled" else Act.LAPSE)
        return made_check

    monkeypatch.setattr(dispensary.checks, "run", run_while)
    with refused(Reason.REASON_WRONG_STATE):
        await dispensary.approve(order, digest)
    expected = State.IN_REVIEW if meanwhile == "taken over" else State.CANCELLED
    assert await dispensary.state_of(order) is expected


async def test_what_the_courier_has_goes_on(dispensary: Dispensary) -> None:
    made = await dispensary.prescribe()
    order = await dispensary.order(made)
    await dispensary.move(order, Act.APPROVE, Act.PACK, Act.PICK_UP)
    await hear(dispensary, [told("revoked", made)])
    assert await dispensary.state_of(order) is State.ON_THE_WAY


async def test_consult_marks_what_was_dispensed_and_it_cannot_be_taken_back(dispensary: Dispensary) -> None:
    made = await dispensary.ward.issue()
    await mark(dispensary, dispensed(made, used_up=True))
    assert await state(dispensary, made) == PRESCRIPTION_STATE_DISPENSED
    for act in (dispensary.ward.revoke(made), dispensary.ward.revise(made)):
        with wards.refused(Reason.REASON_WRONG_STATE):
            await act
    with moved(dispensary.clock, days=30):
        row = await dispensary.ward.fetch(
            "select state from prescription_revision where prescription_id = $1", UUID(made.prescription_id)
        )
    assert row[0]["state"] == PRESCRIPTION_STATE_DISPENSED


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
async def test_consult_hears_of_dispensings_in_any_order(settled: Dispensary, order: tuple[int, ...]) -> None:
    made = await settled.signed(await settled.content(written(repeated(2))))
    await keep_in_consult(settled, made)
    events = [dispensed(made, used_up=False), dispensed(made, used_up=False), dispensed(made, used_up=True)]
    await mark(settled, *(events[place] for place in order))
    assert await state(settled, made) == PRESCRIPTION_STATE_DISPENSED


async def test_what_came_back_may_be_handed_out_once_more_until_the_doctor_takes_it_back(
    dispensary: Dispensary,
) -> None:
    """In whichever order it is heard: the newest counts."""
    for order in permutations(range(3)):
        made = await dispensary.signed(await dispensary.content(written()))
        await keep_in_consult(dispensary, made)
        began = dispensary.clock.now
        events = [
            dispensed(made, used_up=True, time=began + timedelta(hours=1)),
            returned(made, began + timedelta(days=16)),
            dispensed(made, used_up=True, time=began + timedelta(days=19)),
        ]
        for place in order:
            await mark(dispensary, events[place])
        with moved(dispensary.clock, days=19):
            assert await state(dispensary, made) == PRESCRIPTION_STATE_DISPENSED
        await mark(dispensary, returned(made, began + timedelta(days=20)))
        with moved(dispensary.clock, days=22):
            assert await state(dispensary, made) == PRESCRIPTION_STATE_REPEATING
            assert (await dispensary.ward.revoke(made)).state == PRESCRIPTION_STATE_REVOKED
        await mark(dispensary, returned(made, began + timedelta(days=23)))
        assert await state(dispensary, made) == PRESCRIPTION_STATE_REVOKED


async def test_what_was_handed_out_late_because_it_came_back_is_known_to_be_taken(dispensary: Dispensary) -> None:
    made = await dispensary.ward.issue()
    began = dispensary.clock.now
    await mark(dispensary, returned(made, began + timedelta(days=18)))
    await mark(dispensary, dispensed(made, used_up=True, time=began + timedelta(days=19)))
    with moved(dispensary.clock, days=22):
        known = await dispensary.ward.records.GetFactsForDispensing(
            GetFactsForDispensingRequest(patient_id=str(dispensary.patient_id)),
            dispensary.ward.call("HealthRecordService/GetFactsForDispensing", dispensary.ward.patient),
        )
        assert [each.prescription_id for each in known.prescriptions] == [made.prescription_id]


async def test_with_repeats_left_it_can_be_taken_back_until_its_course_is_over(dispensary: Dispensary) -> None:
    for ends, expected in ((False, PRESCRIPTION_STATE_REVOKED), (True, PRESCRIPTION_STATE_EXPIRED)):
        made = await dispensary.signed(await dispensary.content(written(repeated(1))))
        await keep_in_consult(dispensary, made)
        await mark(dispensary, dispensed(made, used_up=False))
        assert await state(dispensary, made) == PRESCRIPTION_STATE_REPEATING
        if ends:
            began = dispensary.clock.now
            dispensary.clock.now += timedelta(days=59)
            shown = await state(dispensary, made)
            dispensary.clock.now = began
        else:
            with moved(dispensary.clock, days=10):
                assert await state(dispensary, made) == PRESCRIPTION_STATE_REPEATING
            shown = (await dispensary.ward.revoke(made)).state
        assert shown == expected


async def test_what_was_revoked_meanwhile_stays_revoked(dispensary: Dispensary) -> None:
    made = await dispensary.ward.issue()
    await dispensary.ward.revoke(made)
    await mark(dispensary, dispensed(made, used_up=True))
    assert await state(dispensary, made) == PRESCRIPTION_STATE_REVOKED


async def test_what_was_dispensed_is_known_to_be_taken(dispensary: Dispensary) -> None:
    """For as long as it lasts, and not as something that is still to be handed out."""
    made = await dispensary.ward.issue()
    await mark(dispensary, dispensed(made, used_up=True))
    assert [found.key for found in await dispensary.ward.check()] == ["duplicate:A10BA02:A10BA02"]
    assert [found.consequence for found in await dispensary.ward.check()] == [1]
    began = dispensary.clock.now
    dispensary.clock.now += timedelta(days=10)
    found = await dispensary.ward.check()
    dispensary.clock.now = began
    assert not [each for each in found if each.key.startswith("duplicate")]
