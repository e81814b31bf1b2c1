"""A watched order, and where a courier is, over a network that fails."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from itertools import cycle, islice
from typing import Any

import grpc
import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1 import delivery_pb2, delivery_pb2_grpc, order_pb2, order_pb2_grpc
from apricot.pharmacy.v1.delivery_pb2 import ReportLocationRequest
from apricot.pharmacy.v1.order_pb2 import WatchOrderResponse

from clients.sdk import Apricot, ApricotError, Pace, Phase, Session
from tests.patience import PATIENCE
from tests.sdk.conftest import PHONE
from tests.sdk.fake import DROPPED, TOKEN_EXPIRED, UNAVAILABLE, Context, Fake, Fault, hang, refuse, unimplemented
from tests.sdk.servicers import serve

ORDER = "7d3c1f0a-2b4e-4c6d-8e9f-0a1b2c3d4e5f"
STEPS = 60
FAULTS: list[Fault] = [UNAVAILABLE, DROPPED, TOKEN_EXPIRED, hang]
HASTY = Pace(silence=0.1, first_delay=0.001, longest_delay=0.01)
NOTHING_CARRIED = refuse(Reason.REASON_WRONG_STATE, grpc.StatusCode.ABORTED)


class Orders(order_pb2_grpc.OrderServiceServicer):
    """One order of so many steps, and an end."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    QuoteOrder = PlaceOrder = GetOrder = ListOrders = CancelOrder = AskReturn = RateOrder = unimplemented

    async def WatchOrder(
        self, request: order_pb2.WatchOrderRequest, context: Context
    ) -> AsyncIterator[WatchOrderResponse]:
        await self._fake.arrive("WatchOrder", request, context)
        left, cut = self._fake.cuts.popleft() if self._fake.cuts else (-1, hang)
        known = request.resume_after_sequence or 1
        order = order_pb2.Order(order_id=ORDER, steps=[order_pb2.OrderStep(sequence=n + 1) for n in range(known)])
        messages = [WatchOrderResponse(order=order), WatchOrderResponse()]
        messages += [
            WatchOrderResponse(step=order_pb2.OrderStep(sequence=sequence)) for sequence in range(known + 1, STEPS + 1)
        ]
        for message in messages:
            if left == 0:
                await cut(context)
            left -= 1
            yield message


class Delivery(delivery_pb2_grpc.DeliveryServiceServicer):
    """Takes places until told otherwise."""

    SetAvailability = ListJobs = AcceptJob = GiveBackJob = PickUpOrder = RecordTemperature = unimplemented
    FailDelivery = RetryDelivery = BringBack = CompleteDelivery = ListMyDeliveries = unimplemented
    GetCourierStanding = unimplemented

    def __init__(self, fake: Fake) -> None:
        self._fake = fake
        self.places: list[float] = []
        self.cuts: deque[tuple[int, Fault | None]] = deque()
        """The next streams: after so many places this happens; None: an answer."""

    async def ReportLocation(self, request_iterator: Any, context: Context) -> delivery_pb2.ReportLocationResponse:
        await self._fake.arrive("ReportLocation", ReportLocationRequest(), context)
        left, cut = self.cuts.popleft() if self.cuts else (-1, None)
        answer = delivery_pb2.ReportLocationResponse()
        async for request in request_iterator:
            answer.received_count += 1
            answer.kept_count += 1
            self.places.append(request.position.latitude)
            left -= 1
            if left == 0:
                if cut is not None:
                    await cut(context)
                break
        return answer


@pytest.fixture
async def delivery(fake: Fake) -> Delivery:
    return Delivery(fake)


@pytest.fixture
async def courier(fake: Fake, delivery: Delivery) -> AsyncIterator[Session]:
    """Signed in at a platform with these two services."""
    server = grpc.aio.server()
    serve(fake, server)
    order_pb2_grpc.add_OrderServiceServicer_to_server(Orders(fake), server)
    delivery_pb2_grpc.add_DeliveryServiceServicer_to_server(delivery, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with Apricot(f"127.0.0.1:{port}", pace=HASTY) as apricot:
        yield await apricot.sign_in_with_code(PHONE, "123456")
    await server.stop(None)


async def test_each_step_once_and_in_order_to_the_end(courier: Session, fake: Fake) -> None:
    fake.cuts.extend((number % 7, fault) for number, fault in enumerate(islice(cycle(FAULTS), 40)))
    watch = courier.watch_order(ORDER)
    updates = [update async for update in watch]
    assert [update.step.sequence for update in updates if update.HasField("step")] == list(range(2, STEPS + 1))
    assert all(update.WhichOneof("update") for update in updates)
    assert watch.sequence == STEPS
    assert len(fake.calls("WatchOrder")) > 10
    assert [update async for update in watch] == []


async def test_it_goes_on_in_another_process(courier: Session, fake: Fake) -> None:
    phases = list[Phase]()
    watch = courier.watch_order(ORDER, resume_after_sequence=STEPS - 2, on_phase=phases.append)
    assert len((await anext(watch)).order.steps) == STEPS - 2
    assert [update.step.sequence async for update in watch] == [STEPS - 1, STEPS]
    assert phases == [Phase.LIVE]


async def test_no_reconnect_where_none_helps(courier: Session, fake: Fake) -> None:
    fake.cuts.append((1, refuse(Reason.REASON_NOT_FOUND, grpc.StatusCode.NOT_FOUND)))
    watch = courier.watch_order(ORDER)
    await anext(watch)
    with pytest.raises(ApricotError) as caught:
        await anext(watch)
    assert caught.value.reason == Reason.REASON_NOT_FOUND
    assert watch.phase is Phase.STALE
    assert len(fake.calls("WatchOrder")) == 1


def place(number: float) -> ReportLocationRequest:
    made = ReportLocationRequest()
    made.position.latitude = number
    return made


async def test_places_are_told_over_broken_streams(courier: Session, delivery: Delivery) -> None:
    delivery.cuts.extend([(3, UNAVAILABLE), (3, TOKEN_EXPIRED), (3, DROPPED)])

    async def walk() -> AsyncIterator[ReportLocationRequest]:
        for number in range(1, 21):
            yield place(number)
            async with asyncio.timeout(PATIENCE):
                while not delivery.places or delivery.places[-1] < number:
                    await asyncio.sleep(0.001)

    totals = await courier.report_location(walk())
    assert sorted(set(delivery.places)) == list(range(1, 21))
    assert delivery.places == sorted(delivery.places)
    assert totals.received_count == len(delivery.places) - 9  # what broken streams had taken is not answered


async def test_where_there_is_no_connection_the_newest_place_is_told(
    courier: Session, fake: Fake, delivery: Delivery
) -> None:
    fake.faults["ReportLocation"].extend([UNAVAILABLE] * 5)

    async def walk() -> AsyncIterator[ReportLocationRequest]:
        for number in range(1, 101):
            yield place(number)

    await courier.report_location(walk())
    assert delivery.places[-1] == 100
    assert len(delivery.places) < 10


async def test_an_early_answer_ends_it(courier: Session, delivery: Delivery) -> None:
    delivery.cuts.append((2, None))

    async def walk() -> AsyncIterator[ReportLocationRequest]:
        number = 0
        while True:
            number += 1
            yield place(number)
            await asyncio.sleep(0.005)

    assert (await courier.report_location(walk())).received_count == 2


async def test_what_helps_nobody_is_told(courier: Session, delivery: Delivery) -> None:
    delivery.cuts.append((1, NOTHING_CARRIED))

    async def walk() -> AsyncIterator[ReportLocationRequest]:
        yield place(1)
        await asyncio.Event().wait()

    with pytest.raises(ApricotError) as caught:
        async with asyncio.timeout(PATIENCE):
            await courier.report_location(walk())
    assert caught.value.reason == Reason.REASON_WRONG_STATE


async def test_what_was_handed_over_without_a_connection_ends_it(courier: Session, delivery: Delivery) -> None:
    delivery.cuts.extend([(2, DROPPED), (1, NOTHING_CARRIED)])

    async def walk() -> AsyncIterator[ReportLocationRequest]:
        number = 0
        while True:
            number += 1
            yield place(number)
            await asyncio.sleep(0.005)

    async with asyncio.timeout(PATIENCE):
        await courier.report_location(walk())
    assert len(delivery.places) == 3


async def test_what_breaks_the_places_is_the_caller_s(courier: Session) -> None:
    async def walk() -> AsyncIterator[ReportLocationRequest]:
        yield place(1)
        raise KeyError

    with pytest.raises(KeyError):
        await courier.report_location(walk())
