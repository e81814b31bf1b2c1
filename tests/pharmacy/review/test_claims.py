"""Each dispensing of a prescription is one order's; how much it holds, how often, and when."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from apricot.consult.v1.prescription_pb2 import Amount, Prescription, Strength
from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1.events_pb2 import PrescriptionDispensed, PrescriptionReturned
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kit.database import Database
from kit.signatures import signed_bytes
from kit.times import to_datetime
from services.pharmacy.domain.orders import Act, State
from services.pharmacy.domain.prescriptions import Act as PrescriptionAct
from services.pharmacy.rpc.prescription_check import require_valid
from services.pharmacy.store import claims
from tests.consult.prescriptions.writing import item
from tests.in_process import KEYS
from tests.patience import PATIENCE
from tests.pharmacy.review.dispensary import Dispensary, moved, refused, repeated, strength, tablets


async def claim(
    dispensary: Dispensary, told: Prescription, *items: tuple[int, UUID, int], revision: int = 1, keep: bool = True
) -> UUID:
    """As an order does that is placed now; without a word about it, of the whole prescription."""
    order_id = uuid4()
    wanted = items or [
        (place, await dispensary.product(each), 1) for place, each in enumerate(told.content.written.items, start=1)
    ]
    async with dispensary.database.transaction() as session:
        await claims.claim(
            session,
            dispensary.patient_id,
            UUID(told.prescription_id),
            revision,
            wanted,
            order_id,
            dispensary.clock.now,
        )
        if not keep:
            await session.rollback()
    return order_id


@pytest.fixture(scope="module")
async def held(settled: Dispensary) -> tuple[Dispensary, Prescription]:
    """A prescription that nobody uses."""
    return settled, await settled.prescribe()


async def valid(dispensary: Dispensary, told: Prescription, patient: UUID | None = None) -> None:
    async with dispensary.database.transaction() as session:
        await require_valid(
            session,
            dispensary.keys,
            patient or dispensary.patient_id,
            UUID(told.prescription_id),
            told.revision,
            dispensary.clock.now,
        )


async def test_of_two_orders_at_one_instant_exactly_one_uses_it(dispensary: Dispensary) -> None:
    """Two sessions that both begin before either is done, and a crowd of them."""
    for _ in range(5):
        told = await dispensary.prescribe()
        tries = await asyncio.gather(*(claim(dispensary, told) for _ in range(4)), return_exceptions=True)
        assert len([each for each in tries if isinstance(each, UUID)]) == 1
        for each in tries:
            if not isinstance(each, UUID):
                with refused(Reason.REASON_PRESCRIPTION_USED):
                    raise each


async def test_of_two_pharmacies_with_connections_of_their_own_one_gets_it(dispensary: Dispensary) -> None:
    told = await dispensary.prescribe()
    product, now = await dispensary.product(item()), dispensary.clock.now
    other = Database(dispensary.database.url, "pharmacy", KEYS)  # as another replica has it
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def order(database: Database, *, slow: bool) -> None:
        async with database.transaction() as session:
            arguments = dispensary.patient_id, UUID(told.prescription_id), 1, [(1, product, 1)], uuid4(), now
            await claims.claim(session, *arguments)
            if slow:
                begun.set()
                await go_on.wait()

    first = asyncio.create_task(order(dispensary.database, slow=True))
    await begun.wait()
    second = asyncio.create_task(order(other, slow=False))
    await _waiting_for_a_lock(dispensary)
    go_on.set()
    await first
    with refused(Reason.REASON_PRESCRIPTION_USED):
        await second
    await other.close()


async def _waiting_for_a_lock(dispensary: Dispensary) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await dispensary.fetch(
            "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        ):
            await asyncio.sleep(0.01)


async def test_whatever_the_code_does_a_dispensing_is_one_order_s(dispensary: Dispensary) -> None:
    told = await dispensary.prescribe()
    await claim(dispensary, told)
    with pytest.raises(Exception, match="prescription_claim_once"):
        await dispensary.fetch(
            "insert into prescription_claim select $1, patient_id, prescription_id, revision, number, duration_days,"
            " state, claim_time from prescription_claim where prescription_id = $2",
            uuid4(),
            UUID(told.prescription_id),
        )


@pytest.mark.parametrize(
    "acts", [[Act.CANCEL], [Act.LAPSE], [Act.APPROVE, Act.PACK, Act.PICK_UP, Act.LAPSE]], ids=lambda acts: acts[-1].name
)
async def test_an_order_that_is_given_up_gives_it_back(dispensary: Dispensary, acts: list[Act]) -> None:
    told = await dispensary.prescribe()
    order = await dispensary.order(told)
    with refused(Reason.REASON_PRESCRIPTION_USED):
        await claim(dispensary, told)
    await dispensary.move(order, *acts)
    await claim(dispensary, told)


async def test_used_is_used_and_consult_is_told(dispensary: Dispensary) -> None:
    told = await dispensary.prescribe()
    order = await dispensary.order(told)
    await dispensary.dispense(order)
    with refused(Reason.REASON_PRESCRIPTION_USED):
        await claim(dispensary, told)
    with refused(Reason.REASON_PRESCRIPTION_USED):
        await valid(dispensary, told)
    assert [(event.used_up, event.revision, event.order_id) for event in await _dispensed(dispensary)] == [
        (True, 1, str(order))
    ]


_CAME_BACK = [(Act.FAIL, Act.BRING_BACK), (Act.LAPSE,), (Act.DELIVER, Act.ASK_RETURN, Act.ACCEPT_RETURN)]
"""A parcel that nobody took, one that was lost, and faulty goods."""


@pytest.mark.parametrize("acts", _CAME_BACK, ids=lambda acts: acts[-1].name)
async def test_what_came_back_is_ordered_once_more_and_consult_is_told(
    dispensary: Dispensary, acts: tuple[Act, ...]
) -> None:
    """Though the validity is over by then: the patient ordered in time, and had nothing of it."""
    told = await dispensary.prescribe()
    order = await dispensary.order(told)
    with moved(dispensary.clock, days=10):
        await dispensary.move(order, Act.APPROVE, Act.PACK, Act.PICK_UP, *acts)
        (event,) = await _returned(dispensary)
        assert (event.prescription_id, event.revision, event.order_id) == (told.prescription_id, 1, str(order))
        came_back = to_datetime(event.time)
        dispensary.clock.now = came_back + timedelta(days=3)
        for act in (claim(dispensary, told), valid(dispensary, told)):
            with refused(Reason.REASON_PRESCRIPTION_NOT_VALID):
                await act
        dispensary.clock.now -= timedelta(seconds=1)
        await valid(dispensary, told)
        again = await dispensary.order(told)
        await dispensary.dispense(again)
        with refused(Reason.REASON_PRESCRIPTION_USED):
            await claim(dispensary, told)
    assert [event.used_up for event in await _dispensed(dispensary)][-1]


async def test_what_never_left_the_pharmacy_is_over_with_the_validity(dispensary: Dispensary) -> None:
    told = await dispensary.prescribe()
    order = await dispensary.order(told)
    with moved(dispensary.clock, days=10):
        await dispensary.move(order, Act.APPROVE, Act.PACK, Act.LAPSE)
        with refused(Reason.REASON_PRESCRIPTION_NOT_VALID):
            await claim(dispensary, told)


async def test_what_came_back_is_not_ordered_for_ever(dispensary: Dispensary) -> None:
    """What was ordered once more behind the validity's end, and came back again, needs a doctor."""
    told = await dispensary.prescribe()
    with moved(dispensary.clock, days=0):
        for days in (4, 1):
            order = await dispensary.order(told)
            dispensary.clock.advance(days=days)
            await dispensary.move(order, Act.APPROVE, Act.PACK, Act.PICK_UP, Act.FAIL, Act.BRING_BACK)
        dispensary.clock.advance(days=2, minutes=1)
        with refused(Reason.REASON_PRESCRIPTION_NOT_VALID):
            await claim(dispensary, told)


async def test_of_repeats_the_one_that_came_back_is_had_again_and_no_other(dispensary: Dispensary) -> None:
    told = await dispensary.prescribe(repeated(1, days=7))
    with moved(dispensary.clock, days=0):
        first = await dispensary.order(told)
        await dispensary.dispense(first)
        dispensary.clock.advance(days=6)
        await dispensary.dispense(await dispensary.order(told))
        with refused(Reason.REASON_PRESCRIPTION_USED):
            await claim(dispensary, told)
        await dispensary.move(first, Act.ASK_RETURN, Act.ACCEPT_RETURN)
        dispensary.clock.advance(days=6)
        await dispensary.dispense(await dispensary.order(told))
        dispensary.clock.advance(days=6)
        with refused(Reason.REASON_PRESCRIPTION_USED):
            await claim(dispensary, told)
    assert [event.used_up for event in await _dispensed(dispensary)] == [False, True, True]


async def _returned(dispensary: Dispensary) -> list[PrescriptionReturned]:
    rows = await dispensary.fetch(
        "select payload from outbox where subject = $1 order by id",
        f"apricot.pharmacy.prescription.returned.{dispensary.patient_id}",
    )
    return [PrescriptionReturned.FromString(row["payload"]) for row in rows]


async def _dispensed(dispensary: Dispensary) -> list[PrescriptionDispensed]:
    rows = await dispensary.fetch(
        "select payload from outbox where subject = $1 order by id",
        f"apricot.pharmacy.prescription.dispensed.{dispensary.patient_id}",
    )
    return [PrescriptionDispensed.FromString(row["payload"]) for row in rows]


async def test_repeats_are_counted(dispensary: Dispensary) -> None:
    told, began = await dispensary.prescribe(repeated(2)), dispensary.clock.now
    try:
        for _ in range(3):
            await valid(dispensary, told)
            await dispensary.dispense(await dispensary.order(told))
            dispensary.clock.advance(days=27)
        with refused(Reason.REASON_PRESCRIPTION_USED):
            await claim(dispensary, told)
    finally:
        dispensary.clock.now = began
    assert [event.used_up for event in await _dispensed(dispensary)] == [False, False, True]


async def test_the_next_dispensing_is_ordered_when_the_last_one_is_nearly_used(dispensary: Dispensary) -> None:
    told = await dispensary.prescribe(repeated(1))
    order = await dispensary.order(told)
    await dispensary.dispense(order)
    (row,) = await dispensary.fetch("select end_time from prescription_claim where order_id = $1", order)
    start = row["end_time"] + timedelta(days=28) * 0.8
    with moved(dispensary.clock, days=1):
        dispensary.clock.now = start - timedelta(seconds=1)
        for act in (claim(dispensary, told), valid(dispensary, told)):
            with refused(Reason.REASON_OUTSIDE_POLICY) as metadata:
                await act
            assert datetime.fromisoformat(metadata["from"]) == start
        dispensary.clock.now = start
        await claim(dispensary, told)


async def test_validity_is_that_of_the_first_dispensing_and_repeats_last_as_long_as_the_course(
    dispensary: Dispensary,
) -> None:
    told = await dispensary.prescribe(repeated(1))
    with moved(dispensary.clock, days=3):
        for act in (claim(dispensary, told), valid(dispensary, told)):
            with refused(Reason.REASON_PRESCRIPTION_NOT_VALID):
                await act
    with moved(dispensary.clock, days=3, seconds=-1):
        order = await dispensary.order(told)
        await dispensary.dispense(order)
    (row,) = await dispensary.fetch("select end_time from prescription_claim where order_id = $1", order)
    with moved(dispensary.clock, days=0):
        dispensary.clock.now = row["end_time"] + timedelta(days=56)
        with refused(Reason.REASON_PRESCRIPTION_NOT_VALID):
            await claim(dispensary, told)
        dispensary.clock.now -= timedelta(seconds=1)
        await claim(dispensary, told)


async def test_an_item_without_repeats_is_handed_out_once(dispensary: Dispensary) -> None:
    once, often = item("C10AA05", "20", quantity=tablets(14)), repeated(1)
    told = await dispensary.prescribe(once, often)
    await dispensary.dispense(await dispensary.order(told))
    with moved(dispensary.clock, days=27):
        first, second = await dispensary.product(once), await dispensary.product(often)
        with refused(Reason.REASON_PRESCRIPTION_REQUIRED):
            await claim(dispensary, told, (1, first, 1), (2, second, 1))
        await claim(dispensary, told, (2, second, 1))


@pytest.mark.parametrize(
    ("changes", "packs", "fits"),
    [
        ({}, 1, True),
        ({}, 2, False),
        ({"pack": tablets(7)}, 2, True),
        ({"pack": tablets(7)}, 3, False),
        ({"pack": tablets(10)}, 2, True),  # packs are not broken
        ({"pack": tablets(60)}, 1, True),
        ({"pack": Amount(value="1", unit="{box}"), "pack_measure": tablets(14)}, 1, True),
        ({"pack": Amount(value="1", unit="{box}"), "pack_measure": tablets(14)}, 2, False),
        ({"pack": Amount(value="1", unit="{box}")}, 1, False),  # nobody can tell how much it holds
        ({"strength": strength(850)}, 1, False),
        ({"strength": Strength(value="0.5", unit="g")}, 1, True),
    ],
)
async def test_how_much_it_holds(
    held: tuple[Dispensary, Prescription], changes: dict[str, Any], packs: int, fits: bool
) -> None:
    dispensary, told = held
    wanted = 1, await dispensary.product(item(), **changes), packs
    if fits:
        await claim(dispensary, told, wanted, keep=False)
    else:
        with refused(Reason.REASON_PRESCRIPTION_REQUIRED):
            await claim(dispensary, told, wanted)


async def test_what_it_does_not_hold(held: tuple[Dispensary, Prescription]) -> None:
    dispensary, told = held
    right, wrong = await dispensary.product(item()), await dispensary.product(item("C10AA05", "20"))
    for wanted in (
        [(1, wrong, 1)],
        [(2, right, 1)],
        [(0, right, 1)],
        [(1, uuid4(), 1)],
        [(1, right, 1), (1, right, 1)],
    ):
        with refused(Reason.REASON_PRESCRIPTION_REQUIRED):
            await claim(dispensary, told, *wanted)


async def test_another_s_prescription_does_not_exist(dispensary: Dispensary) -> None:
    told = await dispensary.prescribe()
    for act in (valid(dispensary, told, uuid4()), valid(dispensary, Prescription(prescription_id=str(uuid4())))):
        with refused(Reason.REASON_PRESCRIPTION_NOT_VALID):
            await act


async def test_taken_back_or_replaced(dispensary: Dispensary) -> None:
    content = await dispensary.content((await dispensary.prescribe()).content.written)
    first = await dispensary.signed(content)
    await dispensary.hear(first)
    content.revision = 2
    second = await dispensary.signed(content)
    await dispensary.hear(second)
    for act in (claim(dispensary, first), valid(dispensary, first)):
        with refused(Reason.REASON_PRESCRIPTION_NOT_VALID):
            await act
    await valid(dispensary, second)
    await dispensary.hear(second, PrescriptionAct.REVOKE)
    for act in (claim(dispensary, second, revision=2), valid(dispensary, second)):
        with refused(Reason.REASON_PRESCRIPTION_NOT_VALID):
            await act


def _flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


async def test_altered_forged_and_borrowed(dispensary: Dispensary) -> None:
    """Neither ordered by nor approved, though somebody wrote them into the pharmacy's own database."""
    good = await dispensary.prescribe()
    key = Ed25519PrivateKey.generate()
    forged = key.sign(signed_bytes("prescription", good.signed_content))
    other = await dispensary.prescribe()
    for changes in (
        {"signed_content": _flipped(good.signed_content)},
        {"signed_content": _flipped(KEYS.seal("prescription.signed_content", good.signed_content))},
        {"signature": _flipped(good.signature)},
        {"signature": forged},
        {"key_id": uuid4()},
        {"signed_content": other.signed_content, "signature": other.signature},  # genuine, in another's place
        {"signed_content": b"", "signature": b""},
    ):
        told = await dispensary.prescribe()
        order = await dispensary.order(told)
        await dispensary.claim(order)
        made = await dispensary.check(order)
        sets = ", ".join(f"{name} = ${place}" for place, name in enumerate(changes, start=2))
        statement = f"update prescription set {sets} where prescription_id = $1"  # noqa: S608  fixed names
        await dispensary.tamper(statement, UUID(told.prescription_id), *changes.values())
        for act in (dispensary.check(order), dispensary.approve(order, made.digest)):
            with refused(Reason.REASON_PRESCRIPTION_NOT_VALID):
                await act
        await dispensary.move(order, Act.CANCEL)
        with refused(Reason.REASON_PRESCRIPTION_NOT_VALID):
            await valid(dispensary, told)
        assert await dispensary.state_of(order) is State.CANCELLED


async def test_what_was_signed_cannot_be_changed(dispensary: Dispensary) -> None:
    told = await dispensary.prescribe()
    with pytest.raises(Exception, match="kept as it was"):
        await dispensary.fetch(
            "update prescription set signed_content = '' where prescription_id = $1", UUID(told.prescription_id)
        )
