"""What a pharmacy's staff sees and does."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from apricot.errors.v1.reason_pb2 import REASON_NOT_FOUND, REASON_OUT_OF_STOCK

from services.pharmacy.domain.orders import State
from services.pharmacy.store.pharmacy_tables import StaffRow
from tests.pharmacy.orders.shop import Shop, refused


async def test_the_pick_list_tells_each_lot(shop: Shop) -> None:
    sooner = await shop.stock(2, date(2027, 1, 31))
    order = await shop.put(await shop.placed(quantity=5), State.PREPARING)
    packed = await shop.pack(order)
    assert State(packed.order.state) is State.READY
    (number,) = await shop.fetch("select lot_number from stock_lot where lot_id = $1", sooner)
    assert [(pick.expiry_date, pick.quantity) for pick in packed.picks] == [("2027-01-31", 2), ("2027-06-30", 3)]
    assert packed.picks[0].lot_number == number["lot_number"]
    assert packed.picks[0].name_zh == "二甲双胍"
    assert packed.order.steps[-1].actor_id == str(shop.pharmacist)


async def test_what_expired_on_the_shelf_is_not_packed(shop: Shop) -> None:
    await shop.stock(1, date(2026, 11, 24))
    order = await shop.put(await shop.placed(quantity=2), State.PREPARING)
    shop.clock.now = datetime(2026, 11, 24, 16, tzinfo=UTC)
    with refused(REASON_OUT_OF_STOCK, product_id=str(shop.product), available="0"):
        await shop.pack(order)
    assert State((await shop.get(order)).state) is State.PREPARING
    assert (await shop.refuse(order)).steps[-1].note == "缺货"


@pytest.mark.parametrize(
    "deed", [Shop.pack, Shop.refuse, Shop.accept_return, Shop.decline_return], ids=lambda deed: deed.__name__
)
async def test_an_order_is_nothing_to_another_pharmacys_staff(shop: Shop, deed: object) -> None:
    other, stranger = uuid4(), uuid4()
    await shop.add_pharmacy(other)
    await shop.add(StaffRow(pharmacy_id=other, account_id=stranger, add_time=shop.clock.now))
    order = await shop.placed(State.PREPARING)
    for nobody in (stranger, shop.buyer):
        with refused(REASON_NOT_FOUND):
            await deed(shop, order, nobody)  # type: ignore[operator]
    with refused(REASON_NOT_FOUND):
        await shop.list_for_staff(stranger)
    assert await shop.get(order) == order


async def test_the_pharmacys_list_is_a_queue(shop: Shop) -> None:
    placed = []
    for state in (State.PREPARING, State.AWAITING_PAYMENT, State.PREPARING, State.CANCELLED, State.READY):
        shop.clock.advance(seconds=1)
        placed.append((await shop.placed(state)).order_id)
    listed = [order.order_id for order in (await shop.list_for_staff(state=State.PREPARING)).orders]
    assert listed == [placed[0], placed[2]]
    first = await shop.list_for_staff(page_size=3)
    assert [order.order_id for order in first.orders] == placed[:3]
    second = await shop.list_for_staff(page_size=3, page_token=first.next_page_token)
    assert [order.order_id for order in second.orders] == placed[4:]
    assert not second.next_page_token


async def test_each_use_is_in_the_buyers_audit(shop: Shop) -> None:
    order = await shop.placed(State.PREPARING)
    await shop.list_for_staff()
    await shop.pack(order)
    used = await shop.fetch(
        "select from outbox where subject = $1", f"apricot.pharmacy.access.used.{UUID(order.patient_id)}"
    )
    assert len(used) == 2
