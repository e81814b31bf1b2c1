"""What the worker makes of supplies: how long they last, reminders and warnings, each once and by day."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import grpc
import pytest
from apricot.consult.v1.prescription_pb2 import Amount
from apricot.glucose.v1.entry_pb2 import DOSE_UNIT_ML, INSULIN_KIND_LONG, INSULIN_KIND_RAPID
from apricot.pharmacy.v1.events_pb2 import RefillDue, SupplyWarned
from apricot.pharmacy.v1.product_pb2 import ProductContent
from sqlmodel import col, select

from kit.outages import is_outage
from kit.outbox import OutboxRow
from kit.service_identity import ServiceIdentity
from services.pharmacy.domain.orders import Act, State
from services.pharmacy.domain.supply import Basis
from services.pharmacy.store.tables import SupplyLotRow, SupplyRow
from services.pharmacy.work.diaries import Diaries
from stack.platform import Platform
from tests.glucose.diaries import HAND
from tests.pharmacy.refill.dispensary import (
    BUDESONIDE,
    GLARGINE,
    METFORMIN,
    PARACETAMOL,
    Dispensary,
    prescribed,
    tablets,
)

TWO_TABLETS = prescribed(METFORMIN, "500", "mg")
"""A day, in two doses: a pack lasts for 30 days."""


async def supply(dispensary: Dispensary, patient: UUID, product: ProductContent = METFORMIN) -> SupplyRow:
    async with dispensary.database.transaction() as session:
        found = await session.get(SupplyRow, (patient, product.atc_code))
    assert found is not None
    return found


async def days_left(dispensary: Dispensary, patient: UUID, product: ProductContent = METFORMIN) -> float:
    found = await supply(dispensary, patient, product)
    assert found.run_out_time is not None
    return (found.run_out_time - dispensary.clock()) / timedelta(days=1)


async def metformin(dispensary: Dispensary, *, repeats: int = 0) -> tuple[UUID, UUID]:
    """A patient with a pack, and its prescription."""
    patient = uuid4()
    item = prescribed(METFORMIN, "500", "mg", repeats=repeats)
    prescription = await dispensary.prescribe(patient, item)
    await dispensary.deliver(patient, METFORMIN, prescription=prescription)
    return patient, prescription


async def live(dispensary: Dispensary, days: int, each: int = 1) -> None:
    """So many days pass; the worker looks on each of them, or after so many at once."""
    for _ in range(0, days, each):
        dispensary.clock.advance(days=each)
        await dispensary.look()


async def test_a_delivery_is_looked_at_and_then_each_day(dispensary: Dispensary) -> None:
    patient, _ = await metformin(dispensary)
    await dispensary.look()
    assert await days_left(dispensary, patient) == 30
    first = await supply(dispensary, patient)
    assert (first.basis, first.look_time) == (Basis.ASSUMED, dispensary.clock())
    dispensary.clock.advance(hours=23)
    await dispensary.look()
    assert (await supply(dispensary, patient)).look_time == first.look_time
    dispensary.clock.advance(hours=1)
    await dispensary.look()
    assert await days_left(dispensary, patient) == 29


async def test_the_diary_measures_where_there_is_one(dispensary: Dispensary) -> None:
    patient, _ = await metformin(dispensary)
    dispensary.clock.advance(days=10)
    await dispensary.log_tablets(patient, range(10), "1")
    await dispensary.look()
    assert (await supply(dispensary, patient)).basis == Basis.MEASURED
    # Delivered at eight in the morning, logged from the next midnight on: 16 hours by the calendar, then ten tablets.
    assert await days_left(dispensary, patient) == pytest.approx((60 - 2 * 16 / 24 - 10) / 2)


async def test_doses_in_a_unit_that_cannot_be_compared_measure_nothing(dispensary: Dispensary) -> None:
    patient, _ = await metformin(dispensary)
    dispensary.clock.advance(days=1)
    await dispensary.log(patient, tablets(dispensary.clock(), "5", DOSE_UNIT_ML))
    await dispensary.look()
    assert (await supply(dispensary, patient)).basis == Basis.ASSUMED
    assert await days_left(dispensary, patient) == 29


async def test_pens_last_by_the_units_in_them(dispensary: Dispensary) -> None:
    """Five pens of 300 units at 20 a day are 75 days; 18 were logged each day, and another insulin too."""
    patient = uuid4()
    prescription = await dispensary.prescribe(patient, prescribed(GLARGINE, "20", "[iU]", times_per_day=1))
    await dispensary.deliver(patient, GLARGINE, packs=5, prescription=prescription)
    await dispensary.look()
    assert await days_left(dispensary, patient, GLARGINE) == 75
    now = dispensary.clock()
    await dispensary.log(
        patient, HAND.insulin_dose(now, INSULIN_KIND_LONG, "18"), HAND.insulin_dose(now, INSULIN_KIND_RAPID, "30")
    )
    for _ in range(3):
        now = dispensary.clock.advance(days=1)
        await dispensary.log(patient, HAND.insulin_dose(now, INSULIN_KIND_LONG, "18"))
    await dispensary.look()
    assert (await supply(dispensary, patient, GLARGINE)).basis == Basis.MEASURED
    assert await days_left(dispensary, patient, GLARGINE) == pytest.approx((1500 - 4 * 18) / 20)


@pytest.mark.parametrize(
    ("product", "dose", "unit", "often", "lasts"),
    [
        (METFORMIN, "1", "{tablet}", {"times_per_day": 3}, 20),
        (METFORMIN, "1", "g", {"times_per_day": 1}, 30),
        (METFORMIN, "500", "mg", {"every_hours": 8}, 20),
        (METFORMIN, "500", "mg", {"every_hours": 48}, 120),
        (METFORMIN, "500", "mg", {"as_needed_most_per_day": 3}, None),
        (METFORMIN, "5", "mL", {"times_per_day": 1}, None),
        (GLARGINE, "0.1", "mL", {"times_per_day": 1}, 30),
        (BUDESONIDE, "2", "{puff}", {"times_per_day": 2}, 50),
        (BUDESONIDE, "400", "ug", {"times_per_day": 1}, 100),
    ],
)
async def test_how_long_it_lasts_is_told_by_the_prescription_or_not_at_all(
    dispensary: Dispensary, product: ProductContent, dose: str, unit: str, often: dict[str, int], lasts: float | None
) -> None:
    patient = uuid4()
    prescription = await dispensary.prescribe(patient, prescribed(product, dose, unit, **often))
    await dispensary.deliver(patient, product, prescription=prescription)
    await dispensary.look()
    if lasts is None:
        found = await supply(dispensary, patient, product)
        assert (found.run_out_time, found.basis, found.due_time) == (None, None, None)
    else:
        assert await days_left(dispensary, patient, product) == pytest.approx(lasts)


async def test_a_combination_is_counted_and_not_weighed(dispensary: Dispensary) -> None:
    """850 mg of which of its substances?"""
    both = ProductContent()
    both.CopyFrom(METFORMIN)
    both.atc_code, both.approval_number = "A10BD08", "国药准字H00000004"
    by_mg, by_tablet = uuid4(), uuid4()
    for patient, dose, unit in (by_mg, "50", "mg"), (by_tablet, "1", "{tablet}"):
        prescription = await dispensary.prescribe(patient, prescribed(both, dose, unit))
        await dispensary.deliver(patient, both, prescription=prescription)
    await dispensary.look()
    assert (await supply(dispensary, by_mg, both)).run_out_time is None
    assert await days_left(dispensary, by_tablet, both) == 30


async def test_what_is_sold_over_the_counter_reminds_nobody(dispensary: Dispensary) -> None:
    patient = uuid4()
    await dispensary.deliver(patient, PARACETAMOL)
    await dispensary.look()
    assert (await supply(dispensary, patient, PARACETAMOL)).run_out_time is None
    await live(dispensary, 40, 20)
    assert await dispensary.pushes(patient) == []


async def test_the_patient_is_reminded_once_five_days_before_the_end(dispensary: Dispensary) -> None:
    patient, _ = await metformin(dispensary, repeats=2)
    await live(dispensary, 24, 12)
    assert await dispensary.pushes(patient) == []
    await live(dispensary, 1)
    assert await dispensary.pushes(patient) == ["refill"]
    await live(dispensary, 10, 2)
    assert await dispensary.pushes(patient) == ["refill"]
    (event,) = await events_of(dispensary, f"apricot.pharmacy.refill.due.{patient}")
    due = RefillDue.FromString(event)
    assert (due.supply.days_left, due.supply.repeats_left) == (5, 2)


async def test_the_next_delivery_begins_anew(dispensary: Dispensary) -> None:
    patient, prescription = await metformin(dispensary, repeats=1)
    await live(dispensary, 26, 13)
    await dispensary.deliver(patient, METFORMIN, prescription=prescription)
    await dispensary.look()
    assert await days_left(dispensary, patient) == 34
    await live(dispensary, 28, 14)
    assert await dispensary.pushes(patient) == ["refill"]
    await live(dispensary, 1)
    assert await dispensary.pushes(patient) == ["refill", "refill_needs_prescription"]  # its one repeat was used


async def test_a_reminder_comes_when_the_refill_may_be_ordered(dispensary: Dispensary) -> None:
    """A week's supply lasts for more than four fifths of it when five days are left."""
    week = prescribed(METFORMIN, "2", "g", repeats=2)
    week.duration_days, patient = 7, uuid4()
    prescription = await dispensary.prescribe(patient, week)
    order = await dispensary.deliver(patient, METFORMIN, prescription=prescription)
    await dispensary.used(patient, prescription, order, days=7)
    await live(dispensary, 5)
    assert (await supply(dispensary, patient)).remind_time is None
    dispensary.clock.advance(hours=14, minutes=23)
    await dispensary.look()
    assert await dispensary.pushes(patient) == []
    dispensary.clock.advance(minutes=1)  # 5.6 days; it is half past ten in the evening
    await dispensary.look()
    assert await dispensary.pushes(patient) == []
    dispensary.clock.advance(hours=10)
    await dispensary.look()
    assert await dispensary.pushes(patient) == ["refill"]


async def test_who_has_used_it_faster_than_prescribed_is_sent_to_the_doctor(dispensary: Dispensary) -> None:
    patient, prescription = uuid4(), uuid4()
    prescription = await dispensary.prescribe(patient, prescribed(METFORMIN, "500", "mg", repeats=2))
    order = await dispensary.deliver(patient, METFORMIN, prescription=prescription)
    await dispensary.used(patient, prescription, order, days=30)
    dispensary.clock.advance(days=10)
    await dispensary.log_tablets(patient, range(10), "6")
    await dispensary.look()
    assert await dispensary.pushes(patient) == ["refill_needs_prescription"]
    assert await dispensary.pushes(dispensary.doctor) == ["supply"]


async def test_a_prescription_that_was_taken_back_is_no_refill(dispensary: Dispensary) -> None:
    patient, prescription = await metformin(dispensary, repeats=2)
    async with dispensary.database.connection() as connection:
        await connection.execute("update prescription set state = 3 where prescription_id = $1", prescription)
    await live(dispensary, 25, 25)
    assert await dispensary.pushes(patient) == ["refill_needs_prescription"]


async def test_who_has_ordered_more_already_is_not_reminded(dispensary: Dispensary) -> None:
    patient, prescription = await metformin(dispensary, repeats=2)
    dispensary.clock.advance(days=25)
    order = await dispensary.order(patient, METFORMIN, prescription=prescription, state=State.IN_REVIEW)
    await dispensary.look()
    assert await dispensary.pushes(patient) == []
    await dispensary.move(order, Act.REJECT)
    await live(dispensary, 1)
    assert await dispensary.pushes(patient) == ["refill"]


@pytest.mark.parametrize("hour", [21, 23, 0, 7])
async def test_nobody_is_reminded_at_night(dispensary: Dispensary, hour: int) -> None:
    dispensary.clock.advance(hours=(hour - 8) % 24)
    patient, _ = await metformin(dispensary)
    await live(dispensary, 26, 26)
    assert await dispensary.pushes(patient) == []
    hours_to_morning = (8 - hour) % 24
    dispensary.clock.advance(hours=hours_to_morning, seconds=-1)
    await dispensary.look()
    assert await dispensary.pushes(patient) == []
    dispensary.clock.advance(seconds=1)
    await dispensary.look()
    assert await dispensary.pushes(patient) == ["refill_needs_prescription"]


async def test_night_is_where_the_patient_is(dispensary: Dispensary) -> None:
    """Eight in the morning in Shanghai is seven in the evening in New York (eight in summer)."""
    patient, _ = await metformin(dispensary)
    dispensary.clock.advance(days=24, hours=3)  # ten in the evening there
    await dispensary.log(patient, tablets(dispensary.clock(), "60", zone="America/New_York"))
    await dispensary.look()
    assert await dispensary.pushes(patient) == []
    dispensary.clock.advance(hours=10)
    await dispensary.look()
    assert await dispensary.pushes(patient) == ["refill_needs_prescription"]


async def test_the_prescriber_is_warned_once_when_nothing_is_left(dispensary: Dispensary) -> None:
    patient, _ = await metformin(dispensary)
    await live(dispensary, 29, 29)
    assert await dispensary.pushes(dispensary.doctor) == []
    await live(dispensary, 1)
    ran_out = (await supply(dispensary, patient)).run_out_time
    assert ran_out == dispensary.clock()
    await live(dispensary, 5)
    assert await dispensary.pushes(dispensary.doctor) == ["supply"]
    assert (await supply(dispensary, patient)).run_out_time == ran_out
    (event,) = await events_of(dispensary, f"apricot.pharmacy.supply.warned.{patient}")
    assert SupplyWarned.FromString(event).warning.clinician_id == str(dispensary.doctor)


@pytest.mark.parametrize(("may_read", "warned"), [(True, ["supply"]), (False, [])])
async def test_that_doses_fell_behind_is_for_a_prescriber_who_may_read_them(
    dispensary: Dispensary, may_read: bool, warned: list[str]
) -> None:
    patient, _ = await metformin(dispensary)
    if may_read:
        dispensary.carers.add(dispensary.doctor)
    for _ in range(16):
        dispensary.clock.advance(days=1)
        await dispensary.log(patient, tablets(dispensary.clock(), "1"))
    await dispensary.look()
    await live(dispensary, 2)
    assert (await supply(dispensary, patient)).fell_behind
    assert await dispensary.pushes(dispensary.doctor) == warned


async def test_who_takes_what_is_prescribed_worries_nobody(dispensary: Dispensary) -> None:
    patient, _ = await metformin(dispensary)
    dispensary.carers.add(dispensary.doctor)
    for _ in range(20):
        dispensary.clock.advance(days=1)
        await dispensary.log(patient, tablets(dispensary.clock(), "2"))
        await dispensary.look()
    assert not (await supply(dispensary, patient)).fell_behind
    assert await dispensary.pushes(dispensary.doctor) == []
    assert await dispensary.pushes(patient) == []


async def test_while_the_diary_cannot_be_asked_nothing_is_told_and_nothing_lost(dispensary: Dispensary) -> None:
    patient, _ = await metformin(dispensary)
    await dispensary.look()
    before = await supply(dispensary, patient)
    dispensary.clock.advance(days=31)
    await dispensary.log_tablets(patient, range(31), "0.5")
    async with grpc.aio.insecure_channel("127.0.0.1:1") as nobody:
        diaries = Diaries(nobody, ServiceIdentity(nobody, "pharmacy", "s" * 16))
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await dispensary.look(diaries.find_doses)
    assert is_outage(caught.value)
    assert await supply(dispensary, patient) == before
    assert await dispensary.pushes(patient) == await dispensary.pushes(dispensary.doctor) == []
    await dispensary.look()  # the calendar would have said that nothing is left
    assert await days_left(dispensary, patient) > 20
    assert await dispensary.pushes(patient) == await dispensary.pushes(dispensary.doctor) == []


async def test_a_diary_that_fails_by_itself_holds_up_nobody(dispensary: Dispensary, platform: Platform) -> None:
    """Whoever answers here knows nothing of doses: that is no outage."""
    (patient, _), (other, _) = await metformin(dispensary), await metformin(dispensary)
    [identity] = platform.addresses("identity")
    async with grpc.aio.insecure_channel(identity) as channel:
        own = ServiceIdentity(channel, "pharmacy", platform.state.secrets().service_secrets["pharmacy"])
        await dispensary.look(Diaries(channel, own).find_doses)
    for each in patient, other:
        found = await supply(dispensary, each)
        assert (found.look_time, found.due_time) == (None, dispensary.clock() + timedelta(hours=1))
    dispensary.clock.advance(hours=1)
    await dispensary.look()
    assert await days_left(dispensary, patient) == pytest.approx(30 - 1 / 24)


async def test_two_workers_at_once_say_it_once(dispensary: Dispensary) -> None:
    patients = [(await metformin(dispensary))[0] for _ in range(12)]
    dispensary.clock.advance(days=31)
    await asyncio.gather(*(dispensary.worker().do_due() for _ in range(4)))
    assert [await dispensary.pushes(patient) for patient in patients] == [["refill_needs_prescription"]] * 12
    assert len(await dispensary.pushes(dispensary.doctor)) == 12


async def test_what_was_given_back_is_no_supply_any_more(dispensary: Dispensary) -> None:
    patient, prescription = await metformin(dispensary, repeats=1)
    dispensary.clock.advance(days=1)
    second = await dispensary.deliver(patient, METFORMIN, prescription=prescription)
    await dispensary.look()
    assert await days_left(dispensary, patient) == 59
    await dispensary.move(second, Act.ASK_RETURN, Act.ACCEPT_RETURN)
    dispensary.clock.advance(days=1)
    await dispensary.look()
    assert await days_left(dispensary, patient) == 28
    async with dispensary.database.transaction() as session:
        (lot,) = await session.exec(select(SupplyLotRow).where(SupplyLotRow.order_id == second))
        assert lot.end_time is not None


async def test_who_gave_everything_back_has_no_supply(dispensary: Dispensary) -> None:
    patient = uuid4()
    prescription = await dispensary.prescribe(patient, TWO_TABLETS)
    order = await dispensary.deliver(patient, METFORMIN, prescription=prescription)
    await dispensary.move(order, Act.ASK_RETURN, Act.ACCEPT_RETURN)
    dispensary.clock.advance(minutes=1)
    await dispensary.look()
    async with dispensary.database.transaction() as session:
        assert await session.get(SupplyRow, (patient, METFORMIN.atc_code)) is None


async def test_a_pack_of_another_strength_adds_to_the_same_supply(dispensary: Dispensary) -> None:
    stronger = ProductContent()
    stronger.CopyFrom(METFORMIN)
    stronger.approval_number, stronger.strength.value = "国药准字H00000005", "1000"
    stronger.pack.CopyFrom(Amount(value="30", unit="{tablet}"))
    patient, prescription = await metformin(dispensary, repeats=1)
    await dispensary.deliver(patient, stronger, prescription=prescription)
    await dispensary.look()
    assert await days_left(dispensary, patient) == 60


async def events_of(dispensary: Dispensary, subject: str) -> list[bytes]:
    query = select(OutboxRow.payload).where(OutboxRow.subject == subject).order_by(col(OutboxRow.id))
    async with dispensary.database.transaction() as session:
        return list((await session.exec(query)).all())
