"""Jobs: offered by distance, ever further away; accepted once; given back, carried, ended with their orders."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1 import delivery_pb2 as pb
from apricot.pharmacy.v1.order_pb2 import ORDER_ACT_LAPSE, ORDER_STATE_CANCELLED, ORDER_STATE_ON_THE_WAY

from kit.bus import Event
from kit.times import to_timestamp
from services.pharmacy.domain.geography import Position, distance_metres
from services.pharmacy.domain.orders import Act
from services.pharmacy.work.accounts import on_accounts_deleted
from tests.in_process import HandClock
from tests.pharmacy.delivery.arranged import DOOR, RECIPIENT, SHOP, north_of, position
from tests.pharmacy.delivery.test_delivery_tracking import report
from tests.pharmacy.delivery.town import Town, refused
from tests.pharmacy.delivery.viewers import watching


async def test_the_nearest_pharmacy_comes_first(town: Town) -> None:
    courier = await town.on_duty()
    orders = {metres: await town.ready(shop=north_of(SHOP, metres)) for metres in (2500, 10, 900, 1700, 400)}
    jobs = await town.jobs(courier)
    assert [job.order_id for job in jobs] == [str(orders[metres]) for metres in sorted(orders)]
    for job, metres in zip(jobs, sorted(orders), strict=True):
        assert job.distance_metres == pytest.approx(metres, abs=1)


async def test_an_offer_tells_what_it_is_and_nothing_of_the_buyer(town: Town) -> None:
    order = await town.ready()
    (job,) = await town.jobs(await town.on_duty())
    assert job.fee.minor_units == 800
    assert job.pick_up.name == "杏林大药房"
    assert job.delivery_distance_metres == round(distance_metres(SHOP, DOOR))
    assert abs(job.drop_off_area.latitude - DOOR.latitude) < 0.0051
    assert RECIPIENT.encode() not in job.SerializeToString()
    courier = await town.on_duty()
    delivery = await town.accept(order, courier)
    assert delivery.drop_off.recipient == RECIPIENT
    assert delivery.drop_off.lines == "长乐路 1 号"


async def test_what_waits_is_offered_further_away(town: Town) -> None:
    near, far, furthest, away = [await town.on_duty(north_of(SHOP, km * 1000)) for km in (2.9, 5.9, 11.9, 12.1)]
    order = await town.ready()

    async def offered() -> list[bool]:
        return [order in await town.offered(each) for each in (near, far, furthest, away)]

    assert await offered() == [True, False, False, False]
    with refused(Reason.REASON_NOT_FOUND):
        await town.accept(order, far)
    town.clock.advance(minutes=5)
    assert await offered() == [True, True, False, False]
    town.clock.advance(minutes=5)
    assert await offered() == [True, True, True, False]
    town.clock.advance(hours=20)
    assert await offered() == [True, True, True, False]
    await town.accept(order, furthest)


async def test_the_cold_needs_a_cold_box(town: Town) -> None:
    warm, cold = await town.on_duty(), await town.on_duty(cold_box=True)
    order = await town.ready(cold_chain=True)
    assert await town.offered(warm) == []
    with refused(Reason.REASON_NOT_FOUND):
        await town.accept(order, warm)
    (job,) = await town.jobs(cold)
    assert job.cold_chain
    assert (await town.accept(order, cold)).cold_chain


async def test_low_ratings(town: Town) -> None:
    courier = await town.on_duty()
    first, second = await town.ready(), await town.ready()
    await town.rated(courier, *[1] * 19)
    assert len(await town.offered(courier)) == 2  # too few to tell
    await town.rated(courier, 1)
    town.clock.advance(minutes=9)
    assert await town.offered(courier) == []
    standing = await town.standing(courier)
    assert (standing.average_stars, standing.rating_count) == (1, 20)
    assert (standing.most_jobs, standing.offer_delay_seconds) == (1, 600)
    town.clock.advance(minutes=1)
    assert set(await town.offered(courier)) == {first, second}
    await town.accept(first, courier)
    with refused(Reason.REASON_TOO_MANY):
        await town.accept(second, courier)
    await town.rated(courier, *[5] * 15)  # of the last twenty
    assert (await town.standing(courier)).average_stars == 4
    await town.accept(second, courier)
    assert (await town.standing(courier)).open_jobs == 2


async def test_three_jobs_at_a_time(town: Town) -> None:
    courier = await town.on_duty()
    orders = [await town.ready() for _ in range(4)]
    for order in orders[:3]:
        await town.accept(order, courier)
    with refused(Reason.REASON_TOO_MANY):
        await town.accept(orders[3], courier)
    await town.pick_up(orders[0], courier)
    with refused(Reason.REASON_TOO_MANY):
        await town.accept(orders[3], courier)
    await town.complete(orders[0], courier)
    await town.accept(orders[3], courier)


async def test_three_jobs_at_a_time_though_he_takes_them_at_once(town: Town) -> None:
    courier = await town.on_duty()
    orders = [await town.ready() for _ in range(8)]
    found = await asyncio.gather(*(town.accept(order, courier) for order in orders), return_exceptions=True)
    assert sum(isinstance(each, pb.Delivery) for each in found) == 3
    assert (await town.standing(courier)).open_jobs == 3


async def test_nobody_carries_his_own_order(town: Town) -> None:
    courier = await town.on_duty()
    order = await town.ready(buyer=courier)
    assert await town.offered(courier) == []
    with refused(Reason.REASON_NOT_FOUND):
        await town.accept(order, courier)


async def test_off_duty(town: Town) -> None:
    courier = await town.on_duty()
    order, other = await town.ready(), await town.ready()
    await town.accept(order, courier)
    await town.available(courier, None)
    with refused(Reason.REASON_WRONG_STATE):
        await town.jobs(courier)
    with refused(Reason.REASON_WRONG_STATE):
        await town.accept(other, courier)
    assert not (await town.standing(courier)).on_duty
    (row,) = await town.fetch("select latitude, longitude from courier where courier_id = $1", courier)
    assert tuple(row) == (None, None)
    await town.pick_up(order, courier)  # what he has accepted stays his
    with refused(Reason.REASON_WRONG_STATE):
        await town.jobs(uuid4())  # never on duty


async def test_a_job_given_back_is_offered_again(town: Town) -> None:
    courier, other = await town.on_duty(), await town.on_duty()
    order = await town.ready()
    await town.accept(order, courier)
    assert await town.offered(other) == []
    assert (await town.order(order)).courier_id == str(courier)
    with refused(Reason.REASON_WRONG_STATE):
        await town.accept(order, other)
    await town.act("GiveBackJob", order, courier)
    assert (await town.order(order)).courier_id == ""
    assert await town.mine(courier) == []
    assert await town.offered(other) == [order]
    with refused(Reason.REASON_NOT_FOUND):
        await town.pick_up(order, courier)
    await town.accept(order, other)
    await town.pick_up(order, other)
    with refused(Reason.REASON_WRONG_STATE):
        await town.act("GiveBackJob", order, other)


async def test_a_job_whose_courier_does_not_come_is_offered_again(town: Town) -> None:
    vanished, other = await town.on_duty(), await town.on_duty()
    order, fetched = await town.ready(), await town.ready()
    for each in order, fetched:
        await town.accept(each, vanished)
    town.clock.advance(minutes=44, seconds=59)
    await town.pick_up(fetched, vanished)
    await town.replica.job_timer.do_due()
    assert await town.offered(other) == []
    async with watching(town, order) as viewing:
        assert (await viewing.of("order")).courier_id == str(vanished)
        town.clock.advance(seconds=1)
        await asyncio.gather(*(town.replica.job_timer.do_due() for _ in range(4)))
        assert (await viewing.of("order")).courier_id == ""
    assert await town.pushed(order) == [vanished]
    assert await town.offered(other) == [order]
    with refused(Reason.REASON_NOT_FOUND):
        await town.pick_up(order, vanished)
    await town.accept(order, other)
    await town.pick_up(order, other)
    assert [each.order_id for each in await town.mine(vanished)] == [str(fetched)]


async def test_a_courier_whose_account_is_gone_has_no_jobs(town: Town) -> None:
    """What he was to fetch is offered to others; what is with him nobody can hand over any more."""
    courier, other = await town.on_duty(), await town.on_duty()
    order, carried = await town.ready(), await town.ready()
    for each in order, carried:
        await town.accept(each, courier)
    await town.pick_up(carried, courier)
    await report(town, courier, [SHOP])
    async with town.database.transaction() as session:
        await on_accounts_deleted(session, [Event(1, str(uuid4()), "account", "deleted", str(courier), b"", 1)])
    assert await town.offered(other) == [order]
    assert (await town.order(order)).courier_id == ""
    given_up = await town.order(carried)
    assert (given_up.state, given_up.steps[-1].act) == (ORDER_STATE_CANCELLED, ORDER_ACT_LAPSE)
    assert await town.pushed(carried, "order") == [town.buyer] * 3  # packed, picked up, given up
    assert await town.fetch("select from courier_position where order_id = $1", carried) == []


async def test_an_order_is_picked_up_at_the_pharmacy(town: Town) -> None:
    order, courier = await town.ready(), await town.on_duty()
    with refused(Reason.REASON_NOT_FOUND):
        await town.pick_up(order, courier)
    await town.accept(order, courier)
    with refused(Reason.REASON_OUTSIDE_POLICY):
        await town.pick_up(order, courier, north_of(SHOP, 510))
    delivery = await town.pick_up(order, courier, north_of(SHOP, 490))
    assert delivery.state == pb.JOB_STATE_CARRIED
    assert delivery.order_state == ORDER_STATE_ON_THE_WAY
    assert (await town.order(order)).steps[-1].actor_id == str(courier)
    with refused(Reason.REASON_WRONG_STATE):
        await town.pick_up(order, courier)


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        ("GiveBackJob", {}),
        ("PickUpOrder", {"position": position(SHOP)}),
        ("RecordTemperature", {"celsius": 5, "time": to_timestamp(HandClock().now)}),
        ("FailDelivery", {"reason": pb.FAILURE_REASON_OTHER}),
        ("RetryDelivery", {}),
        ("BringBack", {"position": position(SHOP)}),
        ("CompleteDelivery", {"code": "000000"}),
    ],
)
async def test_another_courier_knows_nothing_of_it(town: Town, method: str, fields: dict[str, Any]) -> None:
    order, _ = await town.carried()
    stranger = await town.on_duty()
    for wanted in order, uuid4():
        with refused(Reason.REASON_NOT_FOUND):
            await town.act(method, wanted, stranger, **fields)


@pytest.mark.parametrize("act", [Act.CANCEL, Act.REFUSE, Act.LAPSE])
async def test_a_job_ends_with_its_order(town: Town, act: Act) -> None:
    order, courier = await town.ready(), await town.on_duty()
    other = await town.ready()
    await town.accept(order, courier)
    await town.move(order, act)
    assert await town.pushed(order) == [courier]
    with refused(Reason.REASON_WRONG_STATE):
        await town.pick_up(order, courier)
    (past,) = await town.mine(courier, past=True)
    assert past.state == pb.JOB_STATE_WITHDRAWN
    await town.move(other, act)
    assert await town.offered(courier) == []
    assert await town.pushed(other) == []


async def test_past_deliveries_tell_nothing_of_the_buyer(town: Town) -> None:
    courier, done = await town.on_duty(), []
    for _ in range(5):
        town.clock.advance(minutes=1)
        order = await town.ready()
        await town.accept(order, courier)
        await town.pick_up(order, courier)
        await town.complete(order, courier)
        done.append(str(order))
    under_way = await town.ready()
    await town.accept(under_way, courier)
    past = await town.mine(courier, past=True)
    assert [each.order_id for each in past] == done[::-1]
    for each in past:
        assert each.state == pb.JOB_STATE_DONE
        assert not each.HasField("drop_off")
        assert RECIPIENT.encode() not in each.SerializeToString()
    (open_one,) = await town.mine(courier)
    assert open_one.order_id == str(under_way)
    assert open_one.drop_off.recipient == RECIPIENT


async def test_a_courier_s_look_at_an_address_is_in_the_buyer_s_audit(town: Town) -> None:
    order, courier = await town.ready(), await town.on_duty()

    async def uses() -> int:
        subject = f"apricot.pharmacy.access.used.{town.buyer}"
        (row,) = await town.fetch("select count(*) from outbox where subject = $1", subject)
        return int(row["count"])

    assert await uses() == 0
    await town.accept(order, courier)
    assert await uses() == 1
    await town.mine(courier)
    assert await uses() == 2


async def test_a_repeat_is_answered_like_the_first(town: Town) -> None:
    order, courier = await town.ready(), await town.on_duty()
    request_id = str(uuid4())
    first = await town.act("AcceptJob", order, courier, request_id=request_id)
    assert await town.act("AcceptJob", order, courier, request_id=request_id) == first
    with refused(Reason.REASON_WRONG_STATE):
        await town.accept(order, courier)


async def test_places_across_the_date_line(town: Town) -> None:
    shop = Position(-16.8, 179.999)
    order = await town.ready(shop=shop)
    assert await town.offered(await town.on_duty(Position(-16.8, -179.999))) == [order]
