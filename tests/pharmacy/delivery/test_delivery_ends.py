"""Deliveries to their end: the code at the door, the cold chain, what fails and what becomes of it."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1 import delivery_pb2 as pb
from apricot.pharmacy.v1 import order_pb2 as order_pb
from asyncpg import RaiseError

from services.pharmacy.domain.orders import Act
from tests.pharmacy.delivery.arranged import DOOR, SHOP, north_of
from tests.pharmacy.delivery.test_delivery_tracking import report, way
from tests.pharmacy.delivery.town import Town, refused


async def test_handed_over_by_the_code_that_the_buyer_sees(town: Town) -> None:
    order, courier = await town.carried()
    code = (await town.order(order)).hand_over_code
    delivery = await town.complete(order, courier, code)
    assert (delivery.state, delivery.order_state) == (pb.JOB_STATE_DONE, order_pb.ORDER_STATE_DELIVERED)
    assert not delivery.HasField("drop_off")
    shown = await town.order(order)
    assert shown.state == order_pb.ORDER_STATE_DELIVERED
    assert shown.courier_id == str(courier)  # whom the buyer may rate
    with refused(Reason.REASON_WRONG_STATE):
        await town.complete(order, courier, code)


async def test_the_code_is_shown_to_the_buyer_alone_from_packing_to_handing_over(town: Town) -> None:
    code = town.replica.hand_over.code
    order = await town.ready()
    courier = await town.on_duty()
    await town.accept(order, courier)
    assert (await town.order(order)).hand_over_code == code(order)
    for other in courier, town.pharmacist:
        assert (await town.order(order, other)).hand_over_code == ""
    await town.pick_up(order, courier)
    assert (await town.order(order)).hand_over_code == code(order)
    await town.fail(order, courier)
    assert (await town.order(order)).hand_over_code == code(order)
    for other in courier, town.pharmacist:
        assert (await town.order(order, other)).hand_over_code == ""
    await town.bring_back(order, courier)
    assert (await town.order(order)).hand_over_code == ""


async def test_five_wrong_codes_lock_it_for_ten_minutes(town: Town) -> None:
    order, courier = await town.carried()
    for left in "43210":
        with refused(Reason.REASON_CODE_WRONG) as metadata:
            await town.complete(order, courier, town.wrong_code(order))
        assert metadata["tries_left"] == left
    for code in town.wrong_code(order), "":  # the right one too
        with refused(Reason.REASON_RATE_LIMITED) as metadata:
            await town.complete(order, courier, code)
        assert float(metadata["retry_after_seconds"]) == 600
    town.clock.advance(minutes=9, seconds=59)
    with refused(Reason.REASON_RATE_LIMITED):
        await town.complete(order, courier)
    town.clock.advance(seconds=1)
    with refused(Reason.REASON_CODE_WRONG) as metadata:
        await town.complete(order, courier, town.wrong_code(order))
    assert metadata["tries_left"] == "4"
    assert (await town.complete(order, courier)).order_state == order_pb.ORDER_STATE_DELIVERED


async def test_a_wrong_try_that_is_repeated_counts_once(town: Town) -> None:
    order, courier = await town.carried()
    request_id = str(uuid4())
    for _ in range(7):
        with refused(Reason.REASON_CODE_WRONG) as metadata:
            await town.complete(order, courier, town.wrong_code(order), request_id=request_id)
        assert metadata["tries_left"] == "4"
    await town.complete(order, courier)


async def test_many_tries_at_once_are_five(town: Town) -> None:
    order, courier = await town.carried()
    wrong = [f"{number:06}" for number in range(60) if f"{number:06}" != town.replica.hand_over.code(order)]
    await asyncio.gather(*(town.complete(order, courier, code) for code in wrong), return_exceptions=True)
    (row,) = await town.fetch("select wrong_tries, locked_until from delivery_job where order_id = $1", order)
    assert row["wrong_tries"] == 5
    assert row["locked_until"] == town.clock() + timedelta(minutes=10)
    (row,) = await town.fetch("select count(*) from answered_request where caller_id = $1 and answer = ''", courier)
    assert row["count"] == 5


async def test_before_picking_up_no_code_is_tried(town: Town) -> None:
    order, courier = await town.ready(), await town.on_duty()
    await town.accept(order, courier)
    for code in "", town.wrong_code(order):
        with refused(Reason.REASON_WRONG_STATE):
            await town.complete(order, courier, code)


async def test_the_code_is_kept_nowhere(town: Town) -> None:
    order, courier = await town.carried()
    code = (await town.order(order)).hand_over_code
    with refused(Reason.REASON_CODE_WRONG):
        await town.complete(order, courier, town.wrong_code(order))
    await town.complete(order, courier, code)
    tables = [
        row["tablename"] for row in await town.fetch("select tablename from pg_tables where schemaname = 'public'")
    ]
    assert {"outbox", "answered_request", "order_step", "delivery_job", "push"} <= set(tables)
    digits = f"\\y{code}\\y"
    as_bytes = code.encode().hex()
    for table in tables:
        found = await town.fetch(f'select 1 from "{table}" as kept where kept::text ~ $1', digits)  # noqa: S608
        found += await town.fetch(f"select 1 from \"{table}\" as kept where kept::text like '%{as_bytes}%'")  # noqa: S608
        assert found == [], table
    assert all(code.encode() not in payload for _, payload in town.replica.bus.published)


async def test_failed_tried_again_and_delivered(town: Town) -> None:
    order, courier = await town.carried()
    failed = await town.fail(order, courier, pb.FAILURE_REASON_NOBODY_THERE, "两次电话没人接")
    assert failed.order_state == order_pb.ORDER_STATE_UNDELIVERED
    assert failed.failure_reason == pb.FAILURE_REASON_NOBODY_THERE
    assert failed.state == pb.JOB_STATE_CARRIED
    step = (await town.order(order)).steps[-1]
    assert (step.act, step.note) == (order_pb.ORDER_ACT_FAIL, "nobody there: 两次电话没人接")
    with refused(Reason.REASON_WRONG_STATE):
        await town.complete(order, courier)
    with refused(Reason.REASON_WRONG_STATE):
        await town.fail(order, courier)
    assert (await town.act("RetryDelivery", order, courier)).order_state == order_pb.ORDER_STATE_ON_THE_WAY
    assert (await town.complete(order, courier)).state == pb.JOB_STATE_DONE


@pytest.mark.parametrize(
    ("metres", "minutes", "unseen"), [(0, 0, False), (499, 9.9, False), (501, 0, True), (0, 10.1, True)]
)
async def test_who_fails_is_seen_by_his_last_place(town: Town, metres: float, minutes: float, unseen: bool) -> None:
    order, courier = await town.carried()
    await report(town, courier, [DOOR if unseen else SHOP])  # an earlier one says nothing
    await report(town, courier, [north_of(DOOR, metres)])
    town.clock.advance(minutes=minutes)
    failed = await town.fail(order, courier)
    assert failed.order_state == order_pb.ORDER_STATE_UNDELIVERED
    assert failed.failed_unseen is unseen
    (shown,) = await town.mine(courier)
    assert shown.failed_unseen is unseen


async def test_who_was_not_seen_at_the_door_may_try_again(town: Town) -> None:
    order, courier = await town.carried()
    assert (await town.fail(order, courier)).failed_unseen  # he never said where he was
    await town.act("RetryDelivery", order, courier)
    await report(town, courier, [DOOR])
    assert not (await town.fail(order, courier)).failed_unseen


async def test_failed_and_brought_back(town: Town) -> None:
    order, courier = await town.carried()
    with refused(Reason.REASON_WRONG_STATE):
        await town.bring_back(order, courier)  # nobody has tried
    await town.fail(order, courier, pb.FAILURE_REASON_REFUSED)
    with refused(Reason.REASON_OUTSIDE_POLICY):
        await town.bring_back(order, courier, DOOR)
    back = await town.bring_back(order, courier, north_of(SHOP, 50))
    assert (back.state, back.order_state) == (pb.JOB_STATE_BROUGHT_BACK, order_pb.ORDER_STATE_CANCELLED)
    with refused(Reason.REASON_WRONG_STATE):
        await town.act("RetryDelivery", order, courier)


@pytest.mark.parametrize("fails", [False, True])
async def test_what_is_not_brought_in_time_is_given_up(town: Town, fails: bool) -> None:
    """Its courier is told, and has room for another job; where he was is forgotten."""
    order, courier = await town.carried()
    if fails:
        await town.fail(order, courier)
    await report(town, courier, way(1))
    await town.move(order, Act.LAPSE)
    (past,) = await town.mine(courier, past=True)
    assert (past.state, past.order_state) == (pb.JOB_STATE_WITHDRAWN, order_pb.ORDER_STATE_CANCELLED)
    assert not past.HasField("drop_off")
    assert await town.pushed(order) == [courier]
    assert (await town.standing(courier)).open_jobs == 0
    assert await town.fetch("select from courier_position where order_id = $1", order) == []
    with refused(Reason.REASON_WRONG_STATE):
        await town.complete(order, courier)


async def test_the_cold_is_delivered_with_a_fresh_temperature(town: Town) -> None:
    order, courier = await town.carried(cold_chain=True)
    with refused(Reason.REASON_OUTSIDE_POLICY):
        await town.complete(order, courier)
    await town.log(order, courier, 5.5)
    town.clock.advance(minutes=30, seconds=1)
    with refused(Reason.REASON_OUTSIDE_POLICY):
        await town.complete(order, courier)
    await town.log(order, courier, 8.0, town.clock() - timedelta(minutes=30))
    await town.complete(order, courier)
    rows = await town.fetch("select celsius, patient_id from delivery_temperature where order_id = $1", order)
    assert sorted(row["celsius"] for row in rows) == [5.5, 8.0]


async def test_a_gap_in_the_log_is_no_cold_chain(town: Town) -> None:
    """Unless the thermometer knows how cold it was meanwhile."""
    order, courier = await town.carried(cold_chain=True)
    picked_up = town.clock()
    town.clock.advance(minutes=61)
    await town.log(order, courier, 5)
    with refused(Reason.REASON_OUTSIDE_POLICY):
        await town.complete(order, courier)
    await town.log(order, courier, 6, picked_up + timedelta(minutes=30))
    with refused(Reason.REASON_OUTSIDE_POLICY):
        await town.complete(order, courier)
    await town.log(order, courier, 6, picked_up + timedelta(minutes=45))
    await town.complete(order, courier)


async def test_it_is_tried_three_times(town: Town) -> None:
    order, courier = await town.carried()
    for _ in range(2):
        await town.fail(order, courier)
        await town.act("RetryDelivery", order, courier)
    await town.fail(order, courier)
    with refused(Reason.REASON_TOO_MANY):
        await town.act("RetryDelivery", order, courier)
    await town.bring_back(order, courier)


async def test_a_broken_cold_chain_is_told_and_brought_back(town: Town) -> None:
    order, courier = await town.carried(cold_chain=True)
    await town.log(order, courier, 4)
    assert await town.pushed(order) == []
    town.clock.advance(minutes=5)
    broken = await town.log(order, courier, 8.4)
    assert broken.HasField("cold_chain_break_time")
    assert sorted(await town.pushed(order)) == sorted([courier, town.pharmacist])
    assert await town.pushed(order, "order") == [town.buyer] * 3  # packed, picked up, broken
    town.clock.advance(minutes=5)
    await town.log(order, courier, 12)
    await town.log(order, courier, 5)  # it stays broken, and is told once
    assert len(await town.pushed(order)) == 2
    for code in "", town.wrong_code(order):
        with refused(Reason.REASON_OUTSIDE_POLICY):
            await town.complete(order, courier, code)
    await town.fail(order, courier, pb.FAILURE_REASON_COLD_CHAIN_BROKEN)
    with refused(Reason.REASON_OUTSIDE_POLICY):
        await town.act("RetryDelivery", order, courier)
    assert (await town.bring_back(order, courier)).order_state == order_pb.ORDER_STATE_CANCELLED


async def test_what_may_be_logged(town: Town) -> None:
    order, courier = await town.carried(cold_chain=True)
    for at in town.clock() + timedelta(minutes=2), town.clock() - timedelta(minutes=2):
        with refused(Reason.REASON_INVALID_FIELD):
            await town.log(order, courier, 5, at)
    warm, other = await town.carried()
    with refused(Reason.REASON_WRONG_STATE):
        await town.log(warm, other, 5)
    waiting, third = await town.ready(cold_chain=True), await town.on_duty(cold_box=True)
    await town.accept(waiting, third)
    with refused(Reason.REASON_WRONG_STATE):
        await town.log(waiting, third, 5)
    await town.log(order, courier, 5)
    await town.log(order, courier, 7)  # of the same instant: the first one stays
    (row,) = await town.fetch("select celsius from delivery_temperature where order_id = $1", order)
    assert row["celsius"] == 5
    with pytest.raises(RaiseError):
        await town.fetch("update delivery_temperature set celsius = 4 where order_id = $1", order)
