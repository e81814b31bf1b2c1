"""`kill -9` in the middle of every transition of an order, and of what is done between them: to the service with its
worker, and to everything that it stands on. Each is made once, and whatever has to do with the order agrees."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from apricot.consult.v1.health_record_pb2 import AddToHealthRecordRequest
from apricot.consult.v1.prescription_pb2 import (
    Amount,
    IssuePrescriptionRequest,
    PreparePrescriptionRequest,
    Prescription,
)
from apricot.pharmacy.v1.delivery_pb2 import SetAvailabilityRequest
from apricot.pharmacy.v1.events_pb2 import OrderChanged, PrescriptionDispensed
from apricot.pharmacy.v1.product_pb2 import ProductContent

from clients.sdk.prescriptions import signed_sha256
from kit.bus import Bus
from kit.clock import utc_now
from kit.database import Database
from services.pharmacy.domain.orders import TRANSITIONS, Act, State
from stack.platform import Platform
from tests.consult.prescriptions.consulting import consultation
from tests.consult.prescriptions.writing import facts, written
from tests.e2e.market import Market, named, request_id, tablets
from tests.faults.agreement import agrees, shelf_agrees
from tests.faults.errand import DO, PACKS, PRICE, QUANTITY, Errand, Step
from tests.faults.load import until
from tests.faults.wounds import AT_COMMIT, IN_THE_MIDDLE, all_interrupted, commits_can_be_held
from tests.kit.running import published
from tests.people import People, Person
from tests.pharmacy.orders.walk import ENDS

SERVICE, GROUND = ("pharmacy-1", "pharmacy-2", "pharmacy-worker"), ("postgres", "nats", "cashier")
COURIERS = 4
WAY: Mapping[State, Sequence[Act]] = {
    State.AWAITING_PAYMENT: (Act.PLACE,),
    State.IN_REVIEW: (Act.PLACE, Act.PAY_FOR_REVIEW),
    State.PREPARING: (Act.PLACE, Act.PAY),
    State.READY: (Act.PLACE, Act.PAY, Act.PACK),
    State.ON_THE_WAY: (Act.PLACE, Act.PAY, Act.PACK, Act.PICK_UP),
    State.UNDELIVERED: (Act.PLACE, Act.PAY, Act.PACK, Act.PICK_UP, Act.FAIL),
    State.DELIVERED: (Act.PLACE, Act.PAY, Act.PACK, Act.PICK_UP, Act.DELIVER),
    State.RETURNING: (Act.PLACE, Act.PAY, Act.PACK, Act.PICK_UP, Act.DELIVER, Act.ASK_RETURN),
}
BY_TIME_ALONE = Act.EXPIRE, Act.LAPSE
"""The worker does one after the other: one of them stands in the middle at a time."""


@dataclass(frozen=True)
class Plan:
    """A step that is interrupted, of an order that stands somewhere."""

    state: State
    before: Sequence[Step]
    step: Step
    after: Sequence[Step]
    act: Act | None
    """What all of these steps amount to."""

    @property
    def needs_prescription(self) -> bool:
        """Also where a prescription is given free or used up."""
        ends = self.act in (*BY_TIME_ALONE, Act.PAY_FOR_REVIEW, Act.DELIVER, Act.BRING_BACK, Act.ACCEPT_RETURN)
        return self.state is State.IN_REVIEW or ends

    @property
    def way(self) -> Sequence[Act]:
        way = WAY[self.state]
        if self.needs_prescription and Act.PAY in way:
            index = way.index(Act.PAY)
            return *way[:index], Act.PAY_FOR_REVIEW, Act.APPROVE, *way[index + 1 :]
        return way


_CHECKED = Errand.claim, Errand.check, Errand.approve
BESIDE = [
    Plan(State.IN_REVIEW, (), Errand.claim, _CHECKED[1:], Act.APPROVE),
    Plan(State.IN_REVIEW, (Errand.claim,), Errand.check, (Errand.approve,), Act.APPROVE),
    Plan(State.IN_REVIEW, (Errand.claim,), Errand.release, _CHECKED, Act.APPROVE),
    Plan(State.IN_REVIEW, (Errand.claim,), Errand.ask, (Errand.answer, *_CHECKED), Act.APPROVE),
    Plan(State.IN_REVIEW, (Errand.claim, Errand.ask), Errand.answer, _CHECKED, Act.APPROVE),
    Plan(State.READY, (), Errand.accept, (Errand.pick_up,), Act.PICK_UP),
    Plan(State.READY, (Errand.accept,), Errand.give_back, (Errand.accept, Errand.pick_up), Act.PICK_UP),
    Plan(State.DELIVERED, (), Errand.rate, (), None),
]
"""What moves no order."""


def plans() -> list[Plan]:
    return [_move(state, act) for state, act in TRANSITIONS] + BESIDE


def _move(state: State, act: Act) -> Plan:
    """Who does not pay has begun to: there is something to close."""
    *before, step = DO[act]
    if state is State.AWAITING_PAYMENT and Errand.start_payment not in before:
        before = [Errand.start_payment]
    return Plan(state, before, step, (), act)


def waves() -> list[list[Plan]]:
    """So many at once as do not wait for one another."""
    alone = [plan for plan in plans() if plan.act in BY_TIME_ALONE]
    others = [plan for plan in plans() if plan.act not in BY_TIME_ALONE]
    return [[plan, *others[number :: len(alone)]] for number, plan in enumerate(alone)]


def test_no_transition_is_left_out() -> None:
    walked = [(plan.state, plan.act) for wave in waves() for plan in wave if plan not in BESIDE]
    assert sorted(walked) == sorted(TRANSITIONS)


@pytest.mark.parametrize(
    ("victims", "hold"), [(SERVICE, AT_COMMIT), (GROUND, IN_THE_MIDDLE)], ids=["the service", "the ground"]
)
async def test_every_transition_is_made_once(
    market: Market, patient_folk: People, victims: Sequence[str], hold: str
) -> None:
    cast = await Cast.gather(market, patient_folk)
    errands = [[await cast.errand(plan, number) for number, plan in enumerate(wave)] for wave in waves()]
    for wave, made in zip(waves(), errands, strict=True):
        await asyncio.gather(*(_stand_before(errand, plan) for errand, plan in zip(made, wave, strict=True)))
        async with commits_can_be_held(market.platform):
            await all_interrupted(made, [plan.step for plan in wave], victims, hold)
        await asyncio.gather(*(_go_on(errand, plan) for errand, plan in zip(made, wave, strict=True)))
    for product_id in (*cast.on_prescription, *cast.without):
        await shelf_agrees(market, product_id)
    await _told_once(market.platform, [errand for made in errands for errand in made])


async def _stand_before(errand: Errand, plan: Plan) -> None:
    await errand.go(*plan.way)
    assert errand.state is plan.state
    for step in plan.before:
        await step(errand)


async def _go_on(errand: Errand, plan: Plan) -> None:
    """Everything agrees at once, and where the order ends."""
    for step in plan.after:
        await step(errand)
    if plan.act is not None:
        errand.went(plan.act)
    await agrees(errand)
    if (end := ENDS.get(errand.state)) is not None:
        await errand.go(end)
        await agrees(errand)


async def _told_once(platform: Platform, errands: Sequence[Errand]) -> None:
    """Each step is one event, and so is each dispensing."""
    bus = await Bus.connect(platform.nats_url, "test")
    try:
        wanted = {errand.order.order_id: list(range(1, len(errand.acts) + 1)) for errand in errands}
        dispensed = sorted(e.order.order_id for e in errands if e.prescription and Act.DELIVER in e.acts)

        async def told() -> tuple[dict[str, list[int]], list[str]]:
            steps = {order_id: list[int]() for order_id in wanted}
            used = list[str]()
            for event in await published(bus, "pharmacy"):
                if event.kind == "order.changed":
                    changed = OrderChanged.FromString(event.payload)
                    steps.get(changed.order_id, []).append(changed.step.sequence)
                elif event.kind == "prescription.dispensed":
                    used.append(PrescriptionDispensed.FromString(event.payload).order_id)
            return {order: sorted(each) for order, each in steps.items()}, sorted(u for u in used if u in wanted)

        async def all_told() -> bool:
            steps, used = await told()
            return steps == wanted and used == dispensed

        await until(all_told)
    finally:
        await bus.close()


def _metformin() -> ProductContent:
    metformin = tablets("盐酸二甲双胍片", "metformin", "A10BA02", "500", on_prescription=True)
    metformin.pack.CopyFrom(Amount(value=str(14 // QUANTITY), unit="{tablet}"))
    return metformin


def _paracetamol() -> ProductContent:
    return tablets("对乙酰氨基酚片", "paracetamol", "N02BE01", "500", on_prescription=False)


@dataclass(frozen=True)
class Cast:
    """Who and what the orders need."""

    market: Market
    people: People
    doctor: Person
    couriers: Sequence[Person]
    on_prescription: Sequence[str]
    without: Sequence[str]
    """What is sold: of a wave each order has a lot of its own, and so waits for no other."""

    @classmethod
    async def gather(cls, market: Market, people: People) -> "Cast":
        doctor = await people.new_clinician()
        couriers = [await people.new_courier() for _ in range(COURIERS)]
        for courier in couriers:
            await courier.session.delivery.SetAvailability(
                SetAvailabilityRequest(request_id=request_id(), position=market.place, has_cold_box=True)
            )
        widest = max(map(len, waves()))
        sold = [
            [await market.sell(content(), PRICE, PACKS) for _ in range(widest)]
            for content in (_metformin, _paracetamol)
        ]
        return cls(market, people, doctor, couriers, *sold)

    async def errand(self, plan: Plan, number: int) -> Errand:
        """One of a wave's; what its couriers carry is no more than they may."""
        market = replace(self.market, courier=self.couriers[number % COURIERS])
        buyer = await named(await self.people.patient())
        if not plan.needs_prescription:
            return Errand(market, buyer, self.without[number])
        prescription = await self._prescribed(buyer)
        return Errand(market, buyer, self.on_prescription[number], prescription, self.doctor)

    async def _prescribed(self, buyer: Person) -> Prescription:
        """By the doctor, in a consultation that the pharmacy does not see; it has heard of what came of it."""
        platform = self.market.platform
        consult = Database(platform.database_url, "consult", platform.sealing_keys("consult"))
        pharmacy = Database(platform.database_url, "pharmacy", platform.sealing_keys("pharmacy"))
        try:
            patient, doctor = UUID(buyer.account_id), UUID(self.doctor.account_id)
            consultation_id = str(await consultation(consult, patient, doctor, utc_now()))
            known = facts(datetime.now(UTC).date().isoformat())
            add = AddToHealthRecordRequest(request_id=request_id(), consultation_id=consultation_id, facts=known)
            await self.doctor.session.health_record.AddToHealthRecord(add)
            issued = await self._issued(consultation_id)

            async def heard() -> bool:
                async with pharmacy.connection() as connection:
                    query = "select exists(select from prescription where prescription_id = $1)"
                    return bool(await connection.fetchval(query, UUID(issued.prescription_id)))

            await until(heard)
        finally:
            await consult.close()
            await pharmacy.close()
        return issued

    async def _issued(self, consultation_id: str) -> Prescription:
        """Issue with a proof written to the database: an authenticator shows one code every half minute."""
        prepare = PreparePrescriptionRequest(consultation_id=consultation_id, written=written())
        content = (await self.doctor.session.prescriptions.PreparePrescription(prepare)).content
        platform = self.market.platform
        identity = Database(platform.database_url, "identity", platform.sealing_keys("identity"))
        try:
            async with identity.connection() as connection:
                await connection.execute(
                    "update session set prove_time = now(), prove_sha256 = $1 where account_id = $2",
                    signed_sha256(content),
                    UUID(self.doctor.account_id),
                )
        finally:
            await identity.close()
        issue = IssuePrescriptionRequest(
            request_id=request_id(), consultation_id=consultation_id, written=written(), content=content
        )
        return (await self.doctor.session.prescriptions.IssuePrescription(issue)).prescription
