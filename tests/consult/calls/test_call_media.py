"""Two WebRTC peers in a call, by our own signals: what one shows, the other hears and sees."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aioice.ice
import pytest
from apricot.consult.v1.call_pb2 import CALL_END_HUNG_UP, CALL_MEDIA_AUDIO, CALL_STATE_ACTIVE, CALL_STATE_ENDED

from tests.consult.calls.conftest import Pair
from tests.consult.calls.lines import Line, on_line
from tests.consult.calls.media import SIGNS, looks_like, sounds_like
from tests.consult.calls.peer import Peer
from tests.kit.running import until
from tests.patience import PATIENCE


@pytest.fixture(autouse=True)
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """aioice leaves loopback out; a machine without a network has nothing else."""
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])


@asynccontextmanager
async def call_between(patient: Line, doctor: Line) -> AsyncIterator[tuple[Peer, Peer]]:
    """By voice; the doctor has answered."""
    await patient.device.join(CALL_MEDIA_AUDIO)
    await until(lambda: doctor.rings)
    answered = (await doctor.device.join()).call
    peers = (
        Peer(patient.board.channel(await patient.sees(CALL_STATE_ACTIVE)), SIGNS["patient"], video=False),
        Peer(doctor.board.channel(answered), SIGNS["doctor"], video=False),
    )
    for peer in peers:
        peer.start()
    try:
        yield peers
    finally:
        for peer in peers:
            await peer.close()


async def test_voice_then_video_then_hung_up(pair: Pair) -> None:
    async with on_line(pair.patient, pair.doctor) as (patient, doctor), call_between(patient, doctor) as (here, there):
        await here.offer()
        await until(lambda: sounds_like(there.heard.tone_hz, SIGNS["patient"]))
        await until(lambda: sounds_like(here.heard.tone_hz, SIGNS["doctor"]))
        assert (here.seen.frames, there.seen.frames) == (0, 0)

        await here.add_video()
        await until(lambda: there.seen.moves and looks_like(there.seen.colours, SIGNS["patient"]))
        await there.add_video()  # the other side may offer too
        await until(lambda: here.seen.moves and looks_like(here.seen.colours, SIGNS["doctor"]))
        assert sounds_like(here.heard.tone_hz, SIGNS["doctor"]), "the voice goes on"
        assert (here.restarts, there.restarts) == (0, 0)

        ended = await pair.doctor.leave(patient.calls[-1].call_id)
        for line in patient, doctor:
            assert await line.sees(CALL_STATE_ENDED) == ended
        assert (ended.end, len(ended.participants)) == (CALL_END_HUNG_UP, 2)
        async with asyncio.timeout(PATIENCE):
            await here.over.wait()
            await there.over.wait()


async def test_both_go_over_to_another_network_at_one_instant(pair: Pair) -> None:
    """One of the two offers counts, on both sides the same."""
    async with on_line(pair.patient, pair.doctor) as (patient, doctor), call_between(patient, doctor) as (here, there):
        await here.offer()
        await until(lambda: here.heard.tone_hz > 0 and there.heard.tone_hz > 0)
        await asyncio.gather(here.restart(), there.restart())
        frames = here.heard.frames, there.heard.frames
        await until(lambda: here.heard.frames > frames[0] + 50 and there.heard.frames > frames[1] + 50)
        await until(lambda: sounds_like(there.heard.tone_hz, SIGNS["patient"]))
        await until(lambda: sounds_like(here.heard.tone_hz, SIGNS["doctor"]))


async def test_both_add_video_at_one_instant(pair: Pair) -> None:
    """The offer that is void is made up for."""
    async with on_line(pair.patient, pair.doctor) as (patient, doctor), call_between(patient, doctor) as (here, there):
        await here.offer()
        await until(lambda: here.heard.tone_hz > 0 and there.heard.tone_hz > 0)
        await asyncio.gather(here.add_video(), there.add_video())
        await until(lambda: here.seen.moves and there.seen.moves)
        assert looks_like(there.seen.colours, SIGNS["patient"])
        assert looks_like(here.seen.colours, SIGNS["doctor"])
        frames = here.heard.frames
        await until(lambda: here.heard.frames > frames + 50 and sounds_like(here.heard.tone_hz, SIGNS["doctor"]))


async def test_a_camera_that_is_off_shows_nothing_and_can_come_back(pair: Pair) -> None:
    async with on_line(pair.patient, pair.doctor) as (patient, doctor), call_between(patient, doctor) as (here, there):
        await here.offer()
        await here.add_video()
        await until(lambda: there.seen.moves and there.shows_picture)
        await here.show(None)
        await until(lambda: not there.shows_picture)
        await here.add_video()
        seen = there.seen.frames
        await until(lambda: there.shows_picture and there.seen.frames > seen + 5)
        assert (here.restarts, there.restarts) == (0, 0)
