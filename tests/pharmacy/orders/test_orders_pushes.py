"""Who is pushed when an order takes a step: its buyer, and its pharmacy's staff where they have to go on with it."""

from uuid import UUID, uuid4

import pytest

from services.pharmacy.domain.orders import TRANSITIONS, Act, State
from services.pharmacy.store.pharmacy_tables import StaffRow
from tests.pharmacy.orders.shop import Shop
from tests.pharmacy.orders.walk import WAYS, Walk

FOR_STAFF = {
    (State.AWAITING_PAYMENT, Act.PAY),
    (State.AWAITING_PAYMENT, Act.PAY_FOR_REVIEW),
    (State.IN_REVIEW, Act.APPROVE),
    (State.DELIVERED, Act.ASK_RETURN),
}


@pytest.fixture
async def packer(shop: Shop) -> UUID:
    """Somebody else who works there; and somebody at another pharmacy."""
    account, other = uuid4(), uuid4()
    await shop.add_pharmacy(other)
    for pharmacy, person in ((shop.pharmacy, account), (other, uuid4())):
        await shop.add(StaffRow(pharmacy_id=pharmacy, account_id=person, add_time=shop.clock.now))
    return account


async def pushed(walk: Walk, act: Act, by: UUID | None = None) -> list[UUID]:
    """Who is told of a step of the order; nothing more than that there is something, and not at once."""
    query = (
        "select id, account_id, patient_id, reference_id, urgent from push where reference_id = $1 and kind = 'order'"
    )
    before = {row["id"] for row in await walk.shop.fetch(query, walk.order_id)}
    await walk.go(act, by=by)
    rows = [row for row in await walk.shop.fetch(query, walk.order_id) if row["id"] not in before]
    assert not any(row["urgent"] for row in rows)
    assert {row["patient_id"] for row in rows} <= {walk.shop.buyer}
    return sorted(row["account_id"] for row in rows)


@pytest.mark.parametrize(("state", "act"), TRANSITIONS, ids=lambda part: part.name)
async def test_whoever_has_to_go_on_is_pushed_and_nobody_else(shop: Shop, packer: UUID, state: State, act: Act) -> None:
    walk = await (await Walk(shop).begin(on_prescription=act is not Act.PAY)).go(*WAYS[state])
    staff = [shop.pharmacist, packer] if (state, act) in FOR_STAFF else []
    assert await pushed(walk, act) == sorted([shop.buyer, *staff])


async def test_an_order_that_is_placed_is_nothing_to_the_staff_yet(shop: Shop, packer: UUID) -> None:
    walk = await Walk(shop).begin()
    assert await shop.fetch("select account_id from push where reference_id = $1", walk.order_id) == []


async def test_who_acts_is_not_pushed(shop: Shop, packer: UUID) -> None:
    walk = await (await Walk(shop).begin()).go(Act.PAY_FOR_REVIEW)
    assert await pushed(walk, Act.APPROVE, by=shop.pharmacist) == sorted([shop.buyer, packer])
    assert await pushed(walk, Act.PACK, by=packer) == [shop.buyer]
    await walk.go(Act.PICK_UP, Act.DELIVER)
    assert await pushed(walk, Act.ASK_RETURN, by=shop.buyer) == sorted([shop.pharmacist, packer])


async def test_who_buys_at_her_own_pharmacy_is_pushed_once(shop: Shop, packer: UUID) -> None:
    await shop.add(StaffRow(pharmacy_id=shop.pharmacy, account_id=shop.buyer, add_time=shop.clock.now))
    walk = await Walk(shop).begin()
    assert await pushed(walk, Act.PAY_FOR_REVIEW) == sorted([shop.buyer, shop.pharmacist, packer])
    await walk.go(Act.APPROVE, Act.PACK, Act.PICK_UP, Act.DELIVER)
    assert await pushed(walk, Act.ASK_RETURN, by=shop.buyer) == sorted([shop.pharmacist, packer])
