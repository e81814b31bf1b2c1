"""The demo's order below the ward: how far it has come, in every size of terminal."""

from datetime import UTC

import pytest
from apricot.money.v1.money_pb2 import Money
from apricot.pharmacy.v1.order_pb2 import (
    ORDER_ACT_CANCEL,
    ORDER_ACT_DELIVER,
    ORDER_ACT_PAY,
    ORDER_ACT_PICK_UP,
    ORDER_STATE_AWAITING_PAYMENT,
    ORDER_STATE_CANCELLED,
    ORDER_STATE_DELIVERED,
    ORDER_STATE_ON_THE_WAY,
    ORDER_STATE_PREPARING,
    Order,
    OrderAct,
    OrderItem,
    OrderState,
    OrderStep,
)
from rich.cells import cell_len

from stack.demo.parcel import Mark, Parcel
from stack.demo.view import Scene
from tests.stack.test_demo_view import NOW, SIZES, lines, scene


def parcel(*steps: tuple[OrderAct.ValueType, OrderState.ValueType]) -> Parcel:
    found = Parcel()
    item = OrderItem(name_zh="布洛芬缓释胶囊", name_en="Ibuprofen", pack="300 mg × 20", quantity=1)
    order = Order(
        order_id="o",
        state=ORDER_STATE_AWAITING_PAYMENT,
        items=[item],
        total=Money(currency_code="CNY", minor_units=2380),
    )
    found.begin(order, "李浩然 Li Haoran", "杏林大药房")
    for act, state in steps:
        found.stepped(OrderStep(act=act, state=state))
    return found


@pytest.mark.parametrize(
    ("steps", "done"),
    [
        ([], 0),
        ([(ORDER_ACT_PAY, ORDER_STATE_PREPARING)], 1),
        ([(ORDER_ACT_PICK_UP, ORDER_STATE_ON_THE_WAY)], 3),
        ([(ORDER_ACT_DELIVER, ORDER_STATE_DELIVERED)], 5),
    ],
)
def test_so_many_stations_are_behind_it(
    steps: list[tuple[OrderAct.ValueType, OrderState.ValueType]], done: int
) -> None:
    marks = [mark for _, mark in parcel(*steps).stations()]
    assert marks == [*[Mark.DONE] * done, *[Mark.NOW] * (done < 5), *[Mark.TO_COME] * (4 - done)]


def test_it_tells_how_far_the_courier_is_and_what_the_buyer_thought() -> None:
    carried = parcel((ORDER_ACT_PICK_UP, ORDER_STATE_ON_THE_WAY))
    carried.metres_left = 1234
    assert "on the way, 1.2 km to go" in [words for words, _ in carried.stations()]
    carried.stepped(OrderStep(act=ORDER_ACT_DELIVER, state=ORDER_STATE_DELIVERED))
    carried.rated(4)
    assert "delivered ★★★★" in [words for words, _ in carried.stations()]


def test_one_that_was_given_up_says_so() -> None:
    assert [words for words, _ in parcel((ORDER_ACT_CANCEL, ORDER_STATE_CANCELLED)).stations()] == [
        "placed",
        "cancelled",
    ]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_it_stands_below_the_ward_where_there_is_room(width: int, height: int) -> None:
    ward = scene()
    drawn = lines(Scene(ward.rows, NOW.astimezone(UTC), ward.around, faded=False, parcel=parcel()), width, height)
    assert len(drawn) <= height
    assert max(map(cell_len, drawn)) <= width
    assert any("布洛芬" in line for line in drawn) == (height >= 30)
