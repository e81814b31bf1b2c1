"""Random days at the desk against a model in Python: whatever is booked, moved, cancelled, waited for and offered, the
service and the model agree on who has a place, and no slot has more than it has."""

from dataclasses import dataclass, field
from itertools import count
from uuid import UUID, uuid4

from apricot.consult.v1 import booking_pb2 as pb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.database import Database
from kit.errors import ApricotError
from services.consult.rpc.errors import ERRORS
from tests.consult.booking.practice import NINE, Practice

REFUSED: tuple[type[Exception], ...] = (KeyError, ApricotError, *ERRORS)
"""And what the desk never gave is nothing to cancel, move, leave or accept."""


@dataclass
class Model:
    """Who has a place, who is offered one, and who waits, in order."""

    capacity: dict[str, int]
    overlapping: set[frozenset[str]]
    placed: dict[str, set[UUID]] = field(default_factory=dict)
    offered: dict[str, set[UUID]] = field(default_factory=dict)
    waiting: dict[str, list[UUID]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for slot in self.capacity:
            self.placed[slot], self.offered[slot], self.waiting[slot] = set(), set(), []

    def is_busy(self, slot: str, patient: UUID) -> bool:
        others = {other for pair in self.overlapping if slot in pair for other in pair} | {slot}
        return any(patient in self.placed[other] for other in others)

    def free(self, slot: str) -> int:
        return self.capacity[slot] - len(self.placed[slot]) - len(self.offered[slot])

    def book(self, slot: str, patient: UUID) -> bool:
        if self.free(slot) < 1 or self.is_busy(slot, patient):
            return False
        self.placed[slot].add(patient)
        return True

    def cancel(self, slot: str, patient: UUID) -> bool:
        if patient not in self.placed[slot]:
            return False
        self.placed[slot].remove(patient)
        self.offer(slot)
        return True

    def reschedule(self, slot: str, other: str, patient: UUID) -> bool:
        if slot == other or patient not in self.placed[slot]:
            return False
        self.placed[slot].remove(patient)
        if not self.book(other, patient):
            self.placed[slot].add(patient)
            return False
        self.offer(slot)
        return True

    def join(self, slot: str, patient: UUID) -> bool:
        if patient in self.placed[slot] | self.offered[slot] or patient in self.waiting[slot]:
            return False
        self.waiting[slot].append(patient)
        return True

    def leave(self, slot: str, patient: UUID) -> bool:
        if patient in self.waiting[slot]:
            self.waiting[slot].remove(patient)
            return True
        if patient in self.offered[slot]:
            self.offered[slot].remove(patient)
            self.offer(slot)
            return True
        return False

    def accept(self, slot: str, patient: UUID) -> bool:
        if patient not in self.offered[slot] or self.is_busy(slot, patient):
            return False
        self.offered[slot].remove(patient)
        self.placed[slot].add(patient)
        return True

    def lapse(self) -> None:
        """Half an hour later: no offer stands, and each free place goes to the next in line."""
        for slot in self.capacity:
            self.offered[slot].clear()
        for slot in self.capacity:
            self.offer(slot)

    def offer(self, slot: str) -> None:
        for patient in list(self.waiting[slot]):
            if self.free(slot) and not self.is_busy(slot, patient):
                self.waiting[slot].remove(patient)
                self.offered[slot].add(patient)


class Desk:
    """The service, driven as the model is."""

    def __init__(self, practice: Practice, slots: list[pb.Slot]) -> None:
        self.practice = practice
        self.slots = {slot.slot_id: slot for slot in slots}
        self.appointments: dict[tuple[str, UUID], pb.Appointment] = {}
        self.entries: dict[tuple[str, UUID], pb.WaitingEntry] = {}

    async def book(self, slot: str, patient: UUID) -> bool:
        try:
            self.appointments[slot, patient] = await self.practice.book(self.slots[slot], patient)
        except REFUSED:
            return False
        return True

    async def cancel(self, slot: str, patient: UUID) -> bool:
        try:
            await self.practice.cancel(self.appointments[slot, patient], patient)
        except REFUSED:
            return False
        return True

    async def reschedule(self, slot: str, other: str, patient: UUID) -> bool:
        try:
            moved = await self.practice.reschedule(self.appointments[slot, patient], self.slots[other], patient)
        except REFUSED:
            return False
        self.appointments[other, patient] = moved
        return True

    async def join(self, slot: str, patient: UUID) -> bool:
        try:
            self.entries[slot, patient] = await self.practice.join(self.slots[slot], patient)
        except REFUSED:
            return False
        return True

    async def leave(self, slot: str, patient: UUID) -> bool:
        try:
            await self.practice.leave(self.entries[slot, patient], patient)
        except REFUSED:
            return False
        return True

    async def accept(self, slot: str, patient: UUID) -> bool:
        try:
            self.appointments[slot, patient] = await self.practice.accept(self.entries[slot, patient], patient)
        except REFUSED:
            return False
        return True


_days = count(10)
"""Each example has a day of its own, so that what is left of others is over."""
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["book", "book", "cancel", "reschedule", "join", "leave", "accept", "lapse"]),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(0, 3),
    ),
    min_size=5,
    max_size=25,
)


@given(steps=STEPS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
async def test_the_desk_does_as_the_model_says(
    booking_database: Database, steps: list[tuple[str, int, int, int]]
) -> None:
    doctor, other = Practice(booking_database), Practice(booking_database)
    doctor.clock.advance(days=next(_days))
    other.clock.now = doctor.clock.now
    await doctor.open()
    await other.open()
    slots = [
        await doctor.slot(NINE),
        await doctor.slot(NINE + 30, capacity=2),
        await other.slot(NINE + 45),  # overlaps with the one before
    ]
    ids = [slot.slot_id for slot in slots]
    model, desk = Model({slot.slot_id: slot.capacity for slot in slots}, {frozenset(ids[1:])}), Desk(doctor, slots)
    patients = [uuid4() for _ in range(4)]
    for act, first, second, who in steps:
        doctor.clock.advance(seconds=1)  # who joins later waits behind
        arguments = [ids[first], patients[who]]
        if act == "reschedule":
            arguments.insert(1, ids[second])
        if act == "lapse":
            doctor.clock.advance(minutes=31)
            await doctor.timer.do_due()
            model.lapse()
        else:
            assert await getattr(desk, act)(*arguments) == getattr(model, act)(*arguments), (act, arguments)
        assert await _holders(doctor, ids) == (model.placed, model.offered)
        assert all(model.free(slot) >= 0 for slot in ids)


async def _holders(practice: Practice, slots: list[str]) -> tuple[dict[str, set[UUID]], dict[str, set[UUID]]]:
    """Who has a place of each slot, and who is offered one, by the places themselves."""
    placed: dict[str, set[UUID]] = {slot: set() for slot in slots}
    offered: dict[str, set[UUID]] = {slot: set() for slot in slots}
    for row in await practice.fetch(
        "select seat.slot_id, a.patient_id as placed, w.patient_id as offered from seat "
        "left join (select * from appointment where state <= 5) a on appointment_id = holder_id "
        "left join (select entry_id, patient_id from waiting_entry where state = 2) w on entry_id = holder_id "
        "where seat.slot_id = any($1::uuid[]) and holder_id is not null",
        slots,
    ):
        (placed if row["placed"] else offered)[str(row["slot_id"])].add(row["placed"] or row["offered"])
    return placed, offered
