"""What only a moved clock or a wounded stream shows: the token's end, gaps, and heartbeats that stop."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.watch_pb2 import WatchPatientsResponse

from kit import migrate
from kit.errors import ApricotError
from services.glucose.rpc import live
from services.glucose.rpc.resume import Position
from stack.platform import Platform
from stack.testing import temporary_platform
from tests.glucose.diaries import HAND, ago
from tests.glucose.wired import Wired, wired
from tests.patience import PATIENCE


@pytest.fixture(scope="module")
async def engines() -> AsyncIterator[Platform]:
    async with temporary_platform(("postgres", "nats")) as platform:
        await asyncio.to_thread(migrate.upgrade, platform.database_url, "glucose")
        yield platform


@pytest.fixture
async def service(engines: Platform, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wired]:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.05)
    async with wired(engines) as made:
        yield made


type Stream = AsyncIterator[WatchPatientsResponse]


async def take(stream: Stream, *kinds: str) -> WatchPatientsResponse:
    """The next message of one of these kinds."""
    async with asyncio.timeout(PATIENCE):
        while True:
            message = await anext(stream)
            if message.WhichOneof("event") in kinds:
                return message


def complete_until(message: WatchPatientsResponse) -> datetime:
    return message.heartbeat.complete_until.ToDatetime(UTC)


async def test_the_end_of_the_token_ends_the_stream(service: Wired) -> None:
    stream = service.watch(uuid4())
    await take(stream, "heartbeat")
    service.ahead = timedelta(minutes=9)
    await take(stream, "heartbeat")
    service.ahead = timedelta(minutes=10)
    with pytest.raises(ApricotError) as caught:
        await take(stream, "none")
    assert caught.value.reason == Reason.REASON_TOKEN_EXPIRED


@pytest.mark.parametrize("what", ["purged", "of another stream", "of the future"])
async def test_a_token_too_old_says_so_and_begins_anew(service: Wired, what: str) -> None:
    patient, (one, two) = uuid4(), (HAND.note(ago(n), str(n)) for n in (2, 1))
    stream = service.watch(patient)
    await service.log(patient, one)
    token = (await take(stream, "entries_logged", "heartbeat")).resume_token
    await service.log(patient, two)
    while (await take(stream, "entries_logged")).entries_logged.entries[0].entry_id != two.entry_id:
        pass
    position = Position.decode(token)
    match what:
        case "purged":
            await service.bus.jetstream.purge_stream("glucose")
        case "of another stream":
            token = Position(position.epoch - 1, position.sequence).encode()
        case "of the future":
            token = Position(position.epoch, position.sequence + 10**9).encode()
    resumed = service.watch(patient, token)
    gap, snapshot = await anext(resumed), await anext(resumed)
    missing = datetime.now(UTC) - gap.history_gap.missing_since.ToDatetime(UTC)
    assert abs(missing - timedelta(days=1)) < timedelta(seconds=10)
    assert (gap.resume_token, snapshot.WhichOneof("event")) == ("", "snapshot")
    assert {entry.entry_id for entry in snapshot.snapshot.entries} == {one.entry_id, two.entry_id}
    three = HAND.note(ago(0), "3")
    await service.log(patient, three)
    assert (await take(resumed, "entries_logged")).entries_logged.entries[0].entry_id == three.entry_id


async def test_heartbeats_stop_moving_while_nats_is_down(service: Wired, engines: Platform) -> None:
    patient = uuid4()
    stream = service.watch(patient)
    first = complete_until(await take(stream, "heartbeat"))
    while complete_until(await take(stream, "heartbeat")) <= first:
        pass
    engines.part("nats").kill()
    stored = HAND.note(ago(0), "stored, not yet told")
    await service.log(patient, stored)
    before = datetime.now(UTC)
    while engines.part("nats").pid is None or not engines.part("nats")._ready.is_set():
        assert complete_until(await take(stream, "heartbeat")) < before
    assert (await take(stream, "entries_logged")).entries_logged.entries[0].entry_id == stored.entry_id
    while complete_until(await take(stream, "heartbeat")) <= before:
        pass


async def test_much_at_once_comes_in_events_that_every_client_takes(service: Wired) -> None:
    """Far more than a message of NATS may hold: one such row would stop the relay for good."""
    patient = uuid4()
    stream = service.watch(patient)
    await take(stream, "heartbeat")
    notes = [HAND.note(ago(n / 60), "\U0001f34a" * 2000) for n in range(1500)]
    logging = asyncio.create_task(service.log(patient, *notes))
    seen: list[str] = []
    while len(seen) < len(notes):
        update = await take(stream, "entries_logged")
        assert update.ByteSize() < 512 << 10
        seen += [entry.entry_id for entry in update.entries_logged.entries]
    await logging
    assert seen == [note.entry_id for note in notes]


async def test_the_first_heartbeat_promises_no_more_than_was_sent(service: Wired) -> None:
    """Events that wait in the queue are older than what the hub is complete up to."""
    patient = uuid4()
    stream = service.watch(patient)
    assert (await anext(stream)).WhichOneof("event") == "snapshot"
    entry = HAND.note(ago(0), "queued")
    await service.log(patient, entry)
    stored = datetime.now(UTC)
    async with asyncio.timeout(PATIENCE):
        while service.hub.complete_until < stored:
            await asyncio.sleep(0.01)
    heartbeat = await anext(stream)
    assert heartbeat.HasField("heartbeat")
    assert complete_until(heartbeat) < stored
    assert (await anext(stream)).entries_logged.entries[0].entry_id == entry.entry_id
