"""Where couriers are: kept as long as they carry something, shown to who watches, erased with the delivery."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID, uuid4

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1.delivery_pb2 import ReportLocationRequest, ReportLocationResponse
from apricot.pharmacy.v1.place_pb2 import Position

from kit.database import Database
from services.pharmacy.rpc import tracking
from tests.pharmacy.delivery.arranged import SHOP, north_of
from tests.pharmacy.delivery.town import Town, refused
from tests.pharmacy.delivery.viewers import watching


@pytest.fixture
def each_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking, "KEEP_SECONDS", 0.0)


async def report(town: Town, courier: UUID, places: Any, **call: Any) -> ReportLocationResponse:
    """The places, one a second."""

    async def a_second_each() -> AsyncIterator[ReportLocationRequest]:
        for place in places:
            town.clock.advance(seconds=1)
            yield place() if callable(place) else town.seen(place)

    source = places if isinstance(places, AsyncIterator) else a_second_each()
    return await town.replica.delivery.ReportLocation(source, town.call("ReportLocation", courier, **call))


def way(count: int) -> Iterable[Any]:
    """To the north."""
    return [north_of(SHOP, metres) for metres in range(0, count * 10, 10)]


async def kept(town: Town, order: UUID) -> list[float]:
    """How far north the table says that the courier is, in metres."""
    rows = await town.fetch("select latitude from courier_position where order_id = $1", order)
    return [round((row["latitude"] - SHOP.latitude) * 111_195) for row in rows]


@pytest.mark.usefixtures("each_written")
async def test_a_place_is_kept_for_each_order_that_he_carries(town: Town) -> None:
    order, courier = await town.carried()
    other, accepted = await town.ready(), await town.ready()
    await town.accept(other, courier)
    await town.pick_up(other, courier)
    await town.accept(accepted, courier)  # not with him yet
    answer = await report(town, courier, way(5))
    assert (answer.received_count, answer.kept_count) == (5, 5)
    assert await kept(town, order) == await kept(town, other) == [40]
    assert await kept(town, accepted) == []


@pytest.mark.parametrize("end", ["delivered", "brought back"])
async def test_it_is_erased_when_the_delivery_ends(town: Town, end: str) -> None:
    order, courier = await town.carried()
    await report(town, courier, way(1))
    assert await kept(town, order) == [0]
    if end == "delivered":
        await town.complete(order, courier)
    else:
        await town.fail(order, courier)
        assert await kept(town, order) == [0]  # he has it still
        await town.bring_back(order, courier)
    assert await kept(town, order) == []
    with refused(Reason.REASON_WRONG_STATE):
        await report(town, courier, way(1))
    assert await kept(town, order) == []


async def test_who_carries_nothing_tells_nothing(town: Town) -> None:
    courier, order = await town.on_duty(), await town.ready()
    with refused(Reason.REASON_WRONG_STATE):
        await report(town, courier, way(1))
    await town.accept(order, courier)
    with refused(Reason.REASON_WRONG_STATE):
        await report(town, courier, way(1))
    assert await kept(town, order) == []
    assert await town.fetch("select 1 from courier_position where patient_id = $1", town.buyer) == []


async def test_a_stream_ends_when_its_courier_carries_nothing_more(town: Town) -> None:
    order, courier = await town.carried()

    async def places() -> AsyncIterator[ReportLocationRequest]:
        for place in way(3):
            town.clock.advance(seconds=1)
            yield town.seen(place)
        await town.complete(order, courier)
        town.clock.advance(seconds=1)
        yield town.seen(SHOP)
        pytest.fail("it was read on")

    async with watching(town, order) as viewing:
        answer = await report(town, courier, places())
        await viewing.end()
    assert answer.kept_count == 3
    assert await kept(town, order) == []


@pytest.mark.usefixtures("each_written")
async def test_faster_than_one_a_second_is_dropped(town: Town) -> None:
    _, courier = await town.carried()

    async def places() -> AsyncIterator[ReportLocationRequest]:
        for metres in range(100):  # ten seconds of ten a second
            town.clock.advance(milliseconds=100)
            yield town.seen(north_of(SHOP, metres))

    answer = await report(town, courier, places())
    assert answer.received_count == 100
    assert 9 <= answer.kept_count <= 11


@pytest.mark.usefixtures("each_written")
async def test_what_is_nowhere_or_not_of_now_is_dropped(town: Town) -> None:
    order, courier = await town.carried()

    def nowhere(latitude: float, longitude: float) -> Any:
        return lambda: ReportLocationRequest(
            position=Position(latitude=latitude, longitude=longitude), time=town.seen(SHOP).time
        )

    bad = [
        nowhere(91, 0),
        nowhere(0, 181),
        nowhere(float("nan"), 0),
        lambda: ReportLocationRequest(time=town.seen(SHOP).time),
        lambda: town.seen(SHOP, minutes=5.1),
        lambda: town.seen(SHOP, minutes=-1.1),
        lambda: town.seen(SHOP, seconds=7.5),  # before the one that was kept
    ]
    answer = await report(town, courier, [north_of(SHOP, 100), *bad])
    assert (answer.received_count, answer.kept_count) == (8, 1)
    assert await kept(town, order) == [100]
    answer = await report(town, courier, bad[:-1])  # which says nothing of what he carries
    assert (answer.received_count, answer.kept_count) == (6, 0)


@pytest.mark.usefixtures("each_written")
async def test_an_older_place_of_another_stream_does_not_replace_a_newer_one(town: Town) -> None:
    order, courier = await town.carried()
    await report(town, courier, [north_of(SHOP, 100)])
    await report(town, courier, [lambda: town.seen(north_of(SHOP, 50), seconds=30)])
    assert await kept(town, order) == [100]


async def test_a_vanished_client_ends_nothing(town: Town) -> None:
    order, courier = await town.carried()

    async def places() -> AsyncIterator[ReportLocationRequest]:
        yield town.seen(north_of(SHOP, 100))
        raise ConnectionResetError

    async with watching(town, order) as viewing:
        await viewing.of("order")
        with pytest.raises(ConnectionResetError):
            await report(town, courier, places())
        await viewing.of("position")
    assert await kept(town, order) == [100]
    await town.complete(order, courier)


async def test_it_ends_with_the_session_and_when_the_process_drains(town: Town) -> None:
    _, courier = await town.carried()
    for end, reason in (
        (lambda session: town.replica.end_sessions[0](frozenset({session})), Reason.REASON_SESSION_ENDED),
        (lambda _: town.replica.streams.drain(), Reason.REASON_UNAVAILABLE),
    ):
        session = uuid4()

        async def places(end: Any = end, session: UUID = session) -> AsyncIterator[ReportLocationRequest]:
            yield town.seen(SHOP)
            end(session)
            town.clock.advance(seconds=1)
            yield town.seen(SHOP)

        with refused(reason):
            await report(town, courier, places(), session=session)
        town.clock.advance(seconds=1)


async def test_watchers_cost_no_query(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    order, courier = await town.carried()
    async with AsyncExitStack() as stack:
        viewings = [await stack.enter_async_context(watching(town, order)) for _ in range(10)]
        for viewing in viewings:
            await viewing.of("order")
        asked = list[str]()
        for name in "connection", "transaction":
            ask = getattr(Database, name)

            def counted(database: Database, ask: Any = ask, name: str = name) -> Any:
                asked.append(name)
                return ask(database)

            monkeypatch.setattr(Database, name, counted)
        for place in way(20):
            await report(town, courier, [place])
            for viewing in viewings:
                await viewing.of("position")
        assert asked == ["connection"] * 20  # one to begin each stream: for which orders?
        monkeypatch.undo()


async def test_within_a_stream_a_place_is_written_now_and_then(town: Town) -> None:
    order, courier = await town.carried()
    assert (await report(town, courier, way(50))).kept_count == 50
    assert await kept(town, order) == [0]
