"""A watched order: every step once and in order whatever breaks, places as they come, and an end."""

import asyncio
import random
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1 import order_pb2 as pb

from kit.call import Caller
from services.pharmacy.domain.orders import Act
from services.pharmacy.rpc import watch_order
from services.pharmacy.rpc.streams import MOST_OF_ACCOUNT
from tests.pharmacy.delivery.arranged import SHOP, north_of
from tests.pharmacy.delivery.test_delivery_tracking import report, way
from tests.pharmacy.delivery.town import Replica, Town, refused
from tests.pharmacy.delivery.viewers import Viewing, watching


async def test_the_whole_way(town: Town) -> None:
    order, courier = await town.ready(cold_chain=True), await town.on_duty(cold_box=True)
    code = town.replica.hand_over.code(order)
    async with watching(town, order) as viewing:
        first = await viewing.of("order")
        assert first == await town.order(order)
        assert first.hand_over_code == code
        assert [step.act for step in first.steps] == [pb.ORDER_ACT_PLACE, pb.ORDER_ACT_PAY, pb.ORDER_ACT_PACK]
        await town.accept(order, courier)
        assert (await viewing.of("order")).courier_id == str(courier)
        await town.pick_up(order, courier)
        assert (await viewing.of("step")).act == pb.ORDER_ACT_PICK_UP
        await report(town, courier, way(1))
        assert (await viewing.of("position")).position.latitude == SHOP.latitude
        await town.log(order, courier, 9)
        assert (await viewing.of("cold_chain_break")).celsius == 9
        await town.fail(order, courier)
        assert (await viewing.of("step")).act == pb.ORDER_ACT_FAIL
        await town.bring_back(order, courier)
        assert (await viewing.of("step")).state == pb.ORDER_STATE_CANCELLED
        await viewing.end()


async def test_the_code_is_told_when_the_order_is_packed(town: Town) -> None:
    order = await town.ready()
    await town.fetch("update medicine_order set state = 3, last_sequence = 2 where order_id = $1", order)
    await town.erase("delete from order_step where order_id = $1 and sequence = 3", order)
    await town.erase("delete from delivery_job where order_id = $1", order)
    async with watching(town, order) as buyers, watching(town, order, town.pharmacist) as staffs:
        assert (await buyers.of("order")).hand_over_code == ""
        assert (await staffs.of("order")).hand_over_code == ""
        await town.move(order, Act.PACK)
        await town.replica.watches.look()
        assert (await buyers.next()).step.act == pb.ORDER_ACT_PACK
        assert (await buyers.next()).hand_over_code == town.replica.hand_over.code(order)
        assert (await staffs.next()).step.act == pb.ORDER_ACT_PACK
        await town.move(order, Act.CANCEL)
        await town.replica.watches.look()
        assert (await staffs.next()).step.act == pb.ORDER_ACT_CANCEL  # and no code between
        await staffs.end()


async def test_an_order_that_is_over_is_shown_once(town: Town) -> None:
    order, courier = await town.carried()
    await town.complete(order, courier)
    async with watching(town, order) as viewing:
        assert (await viewing.next()).order.state == pb.ORDER_STATE_DELIVERED
        with pytest.raises(StopAsyncIteration):
            await viewing.next()


async def test_resumed_at_any_step_when_it_is_over_it_tells_the_rest_and_ends(town: Town) -> None:
    order, courier = await town.carried()
    await town.complete(order, courier)
    steps = len((await town.order(order)).steps)
    for known in range(steps + 1):
        async with watching(town, order, resume=known) as viewing:
            assert len((await viewing.of("order")).steps) == (known or steps)
            await viewing.end()
            assert viewing.sequence == steps
    with refused(Reason.REASON_INVALID_RESUME_TOKEN):
        async with watching(town, order, resume=steps + 1) as viewing:
            await viewing.next()


async def test_without_a_hint_the_next_look_finds_it(town: Town) -> None:
    order = await town.ready()
    async with watching(town, order) as viewing:
        await viewing.of("order")
        await town.move(order, Act.CANCEL)  # nobody tells
        await town.replica.watches.look()
        assert (await viewing.next()).step.act == pb.ORDER_ACT_CANCEL


async def test_resumed_it_tells_what_was_missed_once(town: Town) -> None:
    order, courier = await town.carried()
    await town.fail(order, courier)
    for known in range(1, 6):
        async with watching(town, order, resume=known) as viewing:
            shown = (await viewing.next()).order
            assert shown.state == pb.ORDER_STATE_UNDELIVERED
            assert len(shown.steps) == known
            for sequence in range(known + 1, 6):
                assert (await viewing.next()).step.sequence == sequence
    with refused(Reason.REASON_INVALID_RESUME_TOKEN):
        async with watching(town, order, resume=6) as viewing:
            await viewing.next()


@pytest.mark.parametrize("seed", range(6))
async def test_nothing_is_missed_or_doubled_however_it_is_cut(town: Town, seed: int) -> None:
    """Steps, places, cuts and resumes at either of two replicas, in any order; of one replica all hints are lost."""
    chance = random.Random(seed)
    replicas = [town.replica, Replica(town.database, town.clock)]
    order, courier = await town.carried()
    last, seen = 4, list[int]()

    async def read_on(viewing: Viewing) -> None:
        await viewing.next()
        seen.append(viewing.sequence)

    viewing: Viewing | None = None
    while last < 24:
        match chance.choice(["step", "step", "cut", "read", "look", "place"]):
            case "step":
                await (town.fail(order, courier) if last % 2 == 0 else town.move(order, Act.REDELIVER))
                last += 1
            case "place":
                await report(town, courier, way(1))
            case "look":
                await asyncio.gather(*(replica.watches.look() for replica in replicas))
            case "cut" if viewing is not None:
                await viewing.close()
                viewing = None
            case "read":
                if viewing is None:
                    request = pb.WatchOrderRequest(order_id=str(order), resume_after_sequence=seen[-1] if seen else 0)
                    call = town.call("WatchOrder", town.buyer)
                    viewing = Viewing(chance.choice(replicas).orders.WatchOrder(request, call))
                    viewing.sequence = request.resume_after_sequence
                    await read_on(viewing)
                elif viewing.sequence < last:
                    await asyncio.gather(*(replica.watches.look() for replica in replicas))
                    await read_on(viewing)
    assert viewing is None or seen
    if viewing is not None:
        await viewing.close()
    async with watching(town, order, resume=seen[-1] if seen else 0) as rest:
        await rest.next()
        while rest.sequence < last:
            await rest.next()  # each asserts that it is the next one


async def test_a_slow_reader_gets_the_newest_place_alone(town: Town) -> None:
    order, courier = await town.carried()
    async with watching(town, order) as slow, watching(town, order) as quick:
        await slow.of("order")
        await quick.of("order")
        for metres in range(50):
            await report(town, courier, [north_of(SHOP, metres)])
            assert (await quick.next()).position.position.latitude == pytest.approx(north_of(SHOP, metres).latitude)
        assert (await slow.next()).position.position.latitude == pytest.approx(north_of(SHOP, 49).latitude)
        await town.complete(order, courier)
        assert (await slow.next()).step.act == pb.ORDER_ACT_DELIVER  # and no place between


async def test_who_opens_later_sees_the_last_place_at_once(town: Town) -> None:
    order, courier = await town.carried()
    await report(town, courier, way(1))
    for replica in town.replica, Replica(town.database, town.clock):
        async with watching(town, order, replica=replica) as viewing:
            assert (await viewing.next()).HasField("order")
            assert (await viewing.next()).position.position.latitude == SHOP.latitude


async def test_before_it_is_picked_up_nobody_sees_where_the_courier_is(town: Town) -> None:
    """He carries something else."""
    other, courier = await town.carried()
    order = await town.ready()
    await town.accept(order, courier)
    async with watching(town, order) as viewing, watching(town, other) as others:
        await viewing.of("order")
        await report(town, courier, way(1))
        await others.of("position")
        await town.move(order, Act.CANCEL)
        await town.replica.watches.look()
        assert (await viewing.next()).step.act == pb.ORDER_ACT_CANCEL


async def test_who_carries_it_is_not_told_what_is_in_it(town: Town) -> None:
    order, courier = await town.carried()
    await town.fetch(
        "insert into order_item (order_id, line, patient_id, product_id, quantity, price_minor, name_zh, name_en, "
        "atc_code, pack, prescription_only, prescription_item) "
        "values ($1, 1, $2, $3, 1, 4200, '甘精胰岛素', 'insulin glargine', 'A10AE04', '', true, 0)",
        order,
        town.buyer,
        uuid4(),
    )
    for by, told in (town.buyer, True), (town.pharmacist, True), (courier, False):
        async with watching(town, order, by) as viewing:
            watched = await viewing.of("order")
        for shown in watched, await town.order(order, by):
            assert (b"A10AE04" in shown.SerializeToString()) is told
            assert shown.address.lines == "长乐路 1 号"


async def test_who_may_watch(town: Town) -> None:
    order, courier = await town.carried()
    for by in town.buyer, town.pharmacist, courier:
        async with watching(town, order, by) as viewing:
            assert (await viewing.of("order")).order_id == str(order)
    for by, wanted in ((uuid4(), order), (await town.on_duty(), order), (town.buyer, uuid4())):
        with refused(Reason.REASON_NOT_FOUND):
            async with watching(town, wanted, by) as viewing:
                await viewing.next()
    rows = await town.fetch(
        "select payload from outbox where subject = $1", f"apricot.pharmacy.access.used.{town.buyer}"
    )
    watched = [row["payload"] for row in rows if b"WatchOrder" in row["payload"]]
    assert len(watched) == 2  # the pharmacist's and the courier's, once a stream


async def test_the_courier_s_watch_ends_with_the_delivery(town: Town) -> None:
    order, courier = await town.carried()
    async with watching(town, order, courier) as viewing:
        await viewing.of("order")
        await town.complete(order, courier)
        with refused(Reason.REASON_NOT_FOUND):
            await viewing.next()


async def test_who_gives_the_job_back_sees_it_no_more(town: Town) -> None:
    order, courier = await town.ready(), await town.on_duty()
    await town.accept(order, courier)
    async with watching(town, order, courier) as viewing:
        await viewing.of("order")
        await town.act("GiveBackJob", order, courier)
        with refused(Reason.REASON_NOT_FOUND):
            await viewing.next()


async def test_who_leaves_the_pharmacy_sees_it_no_more(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_order, "LIFE_SECONDS", 0.05)
    order = await town.ready()
    async with watching(town, order, town.pharmacist) as viewing:
        await viewing.of("order")
        await town.fetch("delete from pharmacy_staff where account_id = $1", town.pharmacist)
        with refused(Reason.REASON_NOT_FOUND):
            await viewing.next()


async def test_it_ends_with_the_session_the_token_and_the_process(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_order, "LIFE_SECONDS", 0.05)
    order, session = await town.ready(), uuid4()

    def expire() -> None:
        town.clock.advance(minutes=10)

    for end, reason in (
        (lambda: town.replica.end_sessions[0](frozenset({session})), Reason.REASON_SESSION_ENDED),
        (town.replica.streams.drain, Reason.REASON_UNAVAILABLE),
        (expire, Reason.REASON_TOKEN_EXPIRED),
    ):
        call = town.call("WatchOrder", town.buyer)
        call.signed_in = Caller(town.buyer, session, frozenset({"patient"}), town.clock() + timedelta(minutes=10))
        async with watching(town, order, call=call) as viewing, watching(town, order) as other:
            await viewing.of("order")
            end()
            with refused(reason):
                await viewing.next()
            if reason != Reason.REASON_UNAVAILABLE:
                await other.of("order")  # goes on


async def test_silence_is_broken_by_signs_of_life(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_order, "LIFE_SECONDS", 0.02)
    order = await town.ready()
    request = pb.WatchOrderRequest(order_id=str(order))
    responses = town.replica.orders.WatchOrder(request, town.call("WatchOrder", town.buyer))
    assert isinstance(first := await anext(responses), pb.WatchOrderResponse)
    assert first.HasField("order")
    for _ in range(3):
        assert await anext(responses) == pb.WatchOrderResponse()
    await responses.aclose()


async def test_one_account_has_so_many_watches_at_a_replica(town: Town) -> None:
    order = await town.ready()
    open_ = [await _opened(town, order) for _ in range(MOST_OF_ACCOUNT)]
    with refused(Reason.REASON_TOO_MANY):
        await _opened(town, order)
    for viewing in open_:
        await viewing.close()
    await (await _opened(town, order)).close()
    assert town.replica.watches._watched == {}


async def _opened(town: Town, order: UUID) -> Viewing:
    request = pb.WatchOrderRequest(order_id=str(order))
    viewing = Viewing(town.replica.orders.WatchOrder(request, town.call("WatchOrder", town.buyer)))
    await viewing.of("order")
    return viewing
