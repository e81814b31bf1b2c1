"""Couriers and watched orders through the gateway, before both replicas."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from uuid import UUID, uuid4

import grpc
import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1 import delivery_pb2 as pb
from apricot.pharmacy.v1 import order_pb2
from apricot.pharmacy.v1.delivery_pb2_grpc import DeliveryServiceStub

from clients.sdk import ApricotError
from kit.database import Database
from stack.platform import Platform
from tests.e2e.signer import Signer
from tests.patience import PATIENCE
from tests.people import People
from tests.pharmacy.delivery.arranged import SHOP
from tests.pharmacy.delivery.carried_orders import carried, positions_of, ready, walk

COURIERS = 50


async def test_of_fifty_couriers_at_once_one_gets_the_job(
    platform: Platform, people: People, pharmacy_database: Database
) -> None:
    order = await ready(pharmacy_database, (await people.patient()).account_id)
    couriers = [uuid4() for _ in range(COURIERS)]
    async with pharmacy_database.connection() as connection:
        await connection.execute(
            "insert into courier (courier_id, on_duty, latitude, longitude, has_cold_box, update_time) "
            "select courier_id, true, $2, $3, false, now() from unnest($1::uuid[]) as courier_id",
            couriers,
            SHOP.latitude,
            SHOP.longitude,
        )
    signer = await Signer.of(platform)
    async with AsyncExitStack() as stack:
        stubs = [
            DeliveryServiceStub(await stack.enter_async_context(grpc.aio.insecure_channel(address)))
            for address in platform.addresses("pharmacy")
        ]

        async def accept(number: int, courier: UUID) -> str:
            token = signer.token(str(courier), "patient", "courier")
            request = pb.AcceptJobRequest(request_id=str(uuid4()), order_id=order)
            try:
                await stubs[number % 2].AcceptJob(
                    request, metadata=(("authorization", f"Bearer {token}"),), timeout=PATIENCE
                )
            except grpc.aio.AioRpcError as error:
                return Reason.Name(ApricotError.of(error).reason)
            return "accepted"

        found = await asyncio.gather(*(accept(number, courier) for number, courier in enumerate(couriers)))
    assert Counter(found) == {"accepted": 1, "REASON_WRONG_STATE": COURIERS - 1}
    async with pharmacy_database.connection() as connection:
        row = await connection.fetchrow(
            "select j.courier_id, o.courier_id as of_order from delivery_job j join medicine_order o using (order_id) "
            "where order_id = $1",
            UUID(order),
        )
    assert row["courier_id"] == row["of_order"] == couriers[found.index("accepted")]


async def test_from_the_pharmacy_to_the_door(platform: Platform, people: People, pharmacy_database: Database) -> None:
    made = await carried(pharmacy_database, await people.patient(), await people.new_courier())
    buyer, courier, codes = made.buyer, made.courier, list[str]()
    async with buyer.session.watch_order(made.order_id) as watch:
        assert (await anext(watch)).order.courier_id == courier.account_id
        reporting = asyncio.create_task(courier.session.report_location(walk(0.2)))
        places = list[float]()
        while len(places) < 3:
            places.append((await anext(watch)).position.position.latitude)
        assert places == sorted(set(places))
        async with courier.session.watch_order(made.order_id) as couriers:
            assert (await anext(couriers)).order.hand_over_code == ""
            codes.append((await made.seen()).hand_over_code)
            assert await made.completed(codes[0]) == order_pb2.ORDER_STATE_DELIVERED
            with pytest.raises(ApricotError) as caught:
                _ = [update async for update in couriers]
            assert caught.value.reason == Reason.REASON_NOT_FOUND
        steps = [update.step.act async for update in watch if update.HasField("step")]
    assert steps == [order_pb2.ORDER_ACT_DELIVER]
    assert (await reporting).kept_count >= 2
    assert await positions_of(pharmacy_database, made.order_id) == 0
    for replica in platform.replicas("pharmacy"):
        logged = replica.log.path.read_text(errors="replace")
        assert codes[0] not in logged


async def test_somebody_else_s_order_cannot_be_watched(people: People, pharmacy_database: Database) -> None:
    owner, stranger = await people.patient(), await people.patient()
    order = await ready(pharmacy_database, owner.account_id)
    for wanted in order, str(uuid4()):
        with pytest.raises(ApricotError) as caught:
            await anext(stranger.session.watch_order(wanted))
        assert caught.value.reason == Reason.REASON_NOT_FOUND


async def test_the_watch_ends_with_the_session(people: People, pharmacy_database: Database) -> None:
    buyer = await people.patient()
    watch = buyer.session.watch_order(await ready(pharmacy_database, buyer.account_id))
    await anext(watch)
    await buyer.session.sign_out()
    with pytest.raises(ApricotError) as caught:
        _ = [update async for update in watch]
    assert caught.value.reason == Reason.REASON_SESSION_ENDED


async def test_who_carries_nothing_is_told_so(people: People) -> None:
    courier, patient = await people.new_courier(), await people.patient()
    for person, reason in (courier, Reason.REASON_WRONG_STATE), (patient, Reason.REASON_ROLE_REQUIRED):
        with pytest.raises(ApricotError) as caught:
            await person.session.report_location(walk())
        assert caught.value.reason == reason
