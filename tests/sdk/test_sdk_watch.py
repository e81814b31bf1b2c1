"""A watch over a network that fails in every way."""

import asyncio
from datetime import UTC, datetime
from itertools import cycle, islice

import grpc
import pytest
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest, WatchPatientsResponse

from clients.sdk import Apricot, ApricotError, Pace, Phase, Reason, Recorder, Session, Watch, WatchState
from tests.sdk.conftest import PACE, PHONE
from tests.sdk.fake import DROPPED, TOKEN_EXPIRED, UNAVAILABLE, Fake, Fault, bare, hang, refuse
from tests.sdk.servicers import serve

PATIENT = "7d3c1f0a-2b4e-4c6d-8e9f-0a1b2c3d4e5f"
PHONE_APP = Recorder.by_hand("phone", "Asia/Shanghai")
NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
TOO_SLOW = refuse(Reason.REASON_WATCHER_TOO_SLOW, grpc.StatusCode.RESOURCE_EXHAUSTED)
FAULTS: list[Fault] = [
    UNAVAILABLE,
    DROPPED,
    TOO_SLOW,
    TOKEN_EXPIRED,
    hang,
    *(bare(code) for code in (grpc.StatusCode.INTERNAL, grpc.StatusCode.CANCELLED, grpc.StatusCode.UNKNOWN)),
]
HASTY = Pace(silence=0.1, first_delay=0.001, longest_delay=0.01)


async def test_nothing_is_lost_or_doubled_over_resets(address: str, fake: Fake) -> None:
    entries = [PHONE_APP.meal(NOW, grams) for grams in range(300)]
    # The first cuts come before any event, later ones at the first, the second, … message of a stream.
    fake.cuts.extend((number % 13, fault) for number, fault in enumerate(islice(cycle(FAULTS), 40)))

    async def log() -> None:
        for entry in entries:
            await fake.publish(entry)

    async with Apricot(address, pace=HASTY) as apricot:
        watch = (await apricot.sign_in_with_code(PHONE, "123456")).watch([PATIENT])
        assert (await anext(watch)).HasField("snapshot")
        logging = asyncio.create_task(log())
        seen = [(await _entry_id(watch)) for _ in entries]
        await logging
    assert seen == [entry.entry_id for entry in entries]
    assert len(fake.calls("WatchPatients")) > 10


async def test_it_goes_on_behind_the_last_update(session: Session, fake: Fake) -> None:
    watch = session.watch([PATIENT], snapshot_minutes=30)
    fake.cuts.append((3, DROPPED))  # after the snapshot, a heartbeat and one event
    await anext(watch)
    first, second = PHONE_APP.note(NOW, "one"), PHONE_APP.note(NOW, "two")
    await fake.publish(first)
    assert await _entry_id(watch) == first.entry_id
    await fake.publish(second)
    assert await _entry_id(watch) == second.entry_id
    again = fake.calls("WatchPatients")[1].request
    assert again == WatchPatientsRequest(patient_ids=[PATIENT], snapshot_minutes=30, resume_token="1")
    assert watch.resume_token == "2"


async def test_silence_is_a_lost_stream(address: str, fake: Fake) -> None:
    states: list[WatchState] = []
    async with Apricot(address, pace=HASTY) as apricot:
        session = await apricot.sign_in_with_code(PHONE, "123456")
        watch = session.watch([PATIENT], on_state=states.append)
        await anext(watch)
        waiting = asyncio.create_task(_entry_id(watch))
        await fake.seen("WatchPatients", 3)  # the fake says nothing after its first heartbeat
        note = PHONE_APP.note(NOW, "at last")
        await fake.publish(note)
        assert await waiting == note.entry_id
    assert [state.phase for state in states[:4]] == [Phase.LIVE, Phase.STALE, Phase.LIVE, Phase.STALE]
    stale = states[1]
    assert stale.complete_until == datetime(2026, 1, 1, tzinfo=UTC)
    assert stale.cause is not None
    assert "silent" in stale.cause.message
    assert states[2].cause is None


async def test_an_expired_token_is_replaced_without_a_word(session: Session, fake: Fake) -> None:
    phases: list[Phase] = []
    watch = session.watch([PATIENT], on_state=lambda state: phases.append(state.phase))
    fake.cuts.append((2, TOKEN_EXPIRED))
    await anext(watch)
    fake.valid.clear()
    note = PHONE_APP.note(NOW, "one")
    waiting = asyncio.create_task(_entry_id(watch))
    await fake.publish(note)
    assert await waiting == note.entry_id
    assert [each.token for each in fake.calls("WatchPatients")] == ["access-1", "access-2"]
    assert Phase.STALE not in phases


async def test_an_outage_of_sign_in_only_delays(session: Session, fake: Fake) -> None:
    fake.valid.clear()
    fake.faults["RefreshToken"].extend([UNAVAILABLE] * 3)
    assert (await anext(session.watch([PATIENT]))).HasField("snapshot")


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        (Reason.REASON_GRANT_ENDED, grpc.StatusCode.PERMISSION_DENIED),
        (Reason.REASON_PATIENT_ACCESS_DENIED, grpc.StatusCode.PERMISSION_DENIED),
        (Reason.REASON_ROLE_REQUIRED, grpc.StatusCode.PERMISSION_DENIED),
        (Reason.REASON_INVALID_RESUME_TOKEN, grpc.StatusCode.INVALID_ARGUMENT),
        (Reason.REASON_SESSION_ENDED, grpc.StatusCode.UNAUTHENTICATED),
        (Reason.REASON_INTERNAL, grpc.StatusCode.INTERNAL),
    ],
)
async def test_what_no_reconnect_helps_ends_it(
    session: Session, fake: Fake, reason: Reason.ValueType, code: grpc.StatusCode
) -> None:
    watch = session.watch([PATIENT])
    fake.cuts.append((2, refuse(reason, code)))
    await anext(watch)
    waiting = asyncio.create_task(_entry_id(watch))
    await fake.publish(PHONE_APP.note(NOW, "unseen"))
    with pytest.raises(ApricotError) as caught:
        await waiting
    assert caught.value.reason == reason
    assert watch.state.phase == Phase.STALE
    assert watch.state.cause is caught.value
    assert [update async for update in watch] == []
    assert len(fake.calls("WatchPatients")) == 1


async def test_a_gap_is_passed_on(session: Session, fake: Fake) -> None:
    watch = session.watch([PATIENT])
    await anext(watch)
    gap = WatchPatientsResponse(resume_token="1")
    gap.history_gap.missing_since.FromDatetime(NOW)
    fake.events.append(gap)
    await fake.publish()
    assert await anext(watch) == gap


async def test_a_cancelled_wait_costs_nothing(session: Session, fake: Fake) -> None:
    watch = session.watch([PATIENT])
    await anext(watch)
    for number in range(5):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(watch), 0.01)
        note = PHONE_APP.note(NOW, str(number))
        await fake.publish(note)
        assert await _entry_id(watch) == note.entry_id
    assert len(fake.calls("WatchPatients")) == 1


async def test_silence_counts_over_cancelled_waits(address: str, fake: Fake) -> None:
    async with Apricot(address, pace=HASTY) as apricot:
        watch = (await apricot.sign_in_with_code(PHONE, "123456")).watch([PATIENT])
        await anext(watch)
        while len(fake.calls("WatchPatients")) < 2:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(watch), 0.04)


async def test_a_later_process_goes_on_from_the_token(session: Session, fake: Fake) -> None:
    notes = [PHONE_APP.note(NOW, text) for text in ("one", "two")]
    await fake.publish(*notes)
    watch = session.watch([PATIENT], resume_token="1")
    assert await _entry_id(watch) == notes[1].entry_id


async def test_closing_the_session_ends_the_iteration(session: Session) -> None:
    live = asyncio.Event()
    watch = session.watch([PATIENT], on_state=lambda _: live.set())
    reading = asyncio.create_task(_rest(watch))
    await live.wait()
    await session.close()
    assert await reading == 1


async def test_closed_before_it_connects_it_opens_no_stream(session: Session, fake: Fake) -> None:
    async with session.watch([PATIENT]) as watch:
        fake.valid.clear()
        answered = asyncio.Event()

        async def wait(_: object) -> None:
            await answered.wait()

        fake.faults["RefreshToken"].append(wait)
        reading = asyncio.create_task(_rest(watch))
        await fake.seen("RefreshToken")
    answered.set()
    assert await reading == 0
    assert len(fake.calls("WatchPatients")) == 1  # the one whose token was refused


async def test_a_restarted_platform_is_found_again(fake: Fake) -> None:
    server = grpc.aio.server()
    serve(fake, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    stale = asyncio.Event()

    def on_state(state: WatchState) -> None:
        if state.phase == Phase.STALE:
            stale.set()

    async with Apricot(address, pace=PACE) as apricot:
        session = await apricot.sign_in_with_code(PHONE, "123456")
        watch = session.watch([PATIENT], on_state=on_state)
        await anext(watch)
        waiting = asyncio.create_task(_entry_id(watch))
        await server.stop(None)
        await stale.wait()
        note = PHONE_APP.note(NOW, "meanwhile")
        await fake.publish(note)
        server = grpc.aio.server()
        serve(fake, server)
        server.add_insecure_port(address)
        await server.start()
        assert await waiting == note.entry_id
    await server.stop(None)


async def _entry_id(watch: Watch) -> str:
    """Of the next entry logged."""
    update = await anext(watch)
    assert update.HasField("entries_logged")
    return update.entries_logged.entries[0].entry_id


async def _rest(watch: Watch) -> int:
    """How many updates still come."""
    return len([update async for update in watch])


async def test_a_machine_that_wakes_does_not_wait(address: str, fake: Fake) -> None:
    states: list[WatchState] = []
    async with Apricot(address, pace=Pace(first_delay=3600, longest_delay=3600)) as apricot:
        session = await apricot.sign_in_with_code(PHONE, "123456")
        watch = session.watch([PATIENT], on_state=states.append)
        await anext(watch)
        waiting = asyncio.create_task(_entry_id(watch))
        while not states:
            await asyncio.sleep(0.001)
        session.reconnect()  # the stream seems to live, and may be dead
        await fake.seen("WatchPatients", 2)
        note = PHONE_APP.note(NOW, "on the new stream")
        await fake.publish(note)
        assert await waiting == note.entry_id
        fake.cuts.append((0, UNAVAILABLE))
        waiting = asyncio.create_task(_entry_id(watch))
        session.reconnect()
        await fake.seen("WatchPatients", 3)
        while states[-1].cause is None or "anew" in states[-1].cause.message:
            await asyncio.sleep(0.001)
        session.reconnect()  # rather than after an hour
        await fake.seen("WatchPatients", 4)
        await fake.publish(last := PHONE_APP.note(NOW, "at last"))
        assert await waiting == last.entry_id
    assert [state.phase for state in states[:3]] == [Phase.LIVE, Phase.STALE, Phase.LIVE]
