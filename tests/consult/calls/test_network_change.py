"""A call outlives the network it began on: each device has two ways to the other, and the one in use is cut."""

import asyncio
import base64
import json
import logging
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from apricot.consult.v1.call_pb2 import CALL_STATE_ACTIVE, CALL_STATE_ENDED, Call, Signal
from apricot.consult.v1.conversation_pb2 import ConverseResponse

from tests.consult.calls.conftest import Pair
from tests.consult.calls.lines import Line, on_line
from tests.consult.calls.media import SIGNS, looks_like, sounds_like
from tests.consult.calls.networks import Loopback, Namespaces, may_make_namespaces, network
from tests.kit.running import until

log = logging.getLogger(__name__)

_ROOT = Path(__file__).parents[3]
_LONGEST_LINE = 1 << 20
_MOST_SECONDS = 15.0
"""From the cut until media came again on both sides; a consent of ICE alone takes 30 to run out."""
NETWORKS = ["loopback", *(["namespaces"] if may_make_namespaces() else [])]


class Remote:
    """A device in a process, and a network, of its own; the conversation goes through this process."""

    def __init__(self, side: str, line: Line, process: asyncio.subprocess.Process) -> None:
        self.side = side
        self.line = line
        self.state: dict[str, Any] = {}
        self.process = process
        self._sign_of_other = SIGNS["doctor" if side == "patient" else "patient"]

    def say(self, **words: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(words).encode() + b"\n")

    def begin(self, call: Call) -> None:
        """Be in this call, with its media."""
        self.say(call=base64.b64encode(call.SerializeToString()).decode())

    def hear(self, update: ConverseResponse) -> None:
        """An update of the conversation."""
        self.say(update=base64.b64encode(update.SerializeToString()).decode())

    async def follow(self) -> None:
        """Send what the device signals, and keep what it reports."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            said = json.loads(line)
            if "signal" in said:
                await self.line.talk.send_signal(Signal.FromString(base64.b64decode(said["signal"])))
            else:
                self.state = said

    def shows_the_other(self) -> bool:
        """Whether it hears and sees the other side, by what came last."""
        state = self.state
        return (
            bool(state)
            and sounds_like(state["tone_hz"], self._sign_of_other)
            and looks_like(state["colours"], self._sign_of_other)
            and bool(state["moves"])
        )

    @property
    def frames(self) -> tuple[int, int]:
        """Heard and seen so far."""
        return self.state["heard_frames"], self.state["seen_frames"]


@asynccontextmanager
async def remotes(net: Loopback | Namespaces, **lines: Line) -> AsyncIterator[list[Remote]]:
    """Their processes; they end with the block."""
    made: list[Remote] = []
    async with asyncio.TaskGroup() as group:
        try:
            for side, line in lines.items():
                process = await asyncio.create_subprocess_exec(
                    *net.command(side),
                    *(sys.executable, "-m", "tests.consult.calls.device", side, line.device.device_id),
                    *net.arguments(side),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    cwd=_ROOT,
                    env=os.environ | {"PYTHONPATH": f"{_ROOT}:{_ROOT / 'gen'}"},
                    limit=_LONGEST_LINE,
                )
                remote = Remote(side, line, process)
                line.on_update = remote.hear
                made.append(remote)
                group.create_task(remote.follow())
            yield made
        finally:
            for remote in made:
                await _end(remote.process)


async def _end(process: asyncio.subprocess.Process) -> None:
    """A device leaves when its pipe is closed; one that does not is killed."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(10):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


@pytest.mark.parametrize("kind", NETWORKS)
async def test_a_call_goes_on_over_another_network(kind: str, pair: Pair) -> None:
    with network(kind) as net:
        async with (
            on_line(pair.patient, pair.doctor) as (patient, doctor),
            remotes(net, patient=patient, doctor=doctor) as (here, there),
        ):
            begun = (await pair.patient.join()).call
            await until(lambda: doctor.rings)
            there.begin((await pair.doctor.join()).call)
            here.begin(await patient.sees(CALL_STATE_ACTIVE))
            await until(lambda: here.shows_the_other() and there.shows_the_other())

            first = here.state["address"]
            told = net.cut("patient", first)
            here.say(**told)
            cut, before = time.monotonic(), (here.frames, there.frames)
            await until(lambda: here.state["restarts"] + there.state["restarts"] > 0)
            at_restart = here.frames, there.frames
            async with asyncio.timeout(_MOST_SECONDS):
                await until(lambda: _gained(here, at_restart[0], 50, 10) and _gained(there, at_restart[1], 50, 10))
            log.info("%s: a second of media again after %.1f s", kind, time.monotonic() - cut)

            assert _gained(here, before[0], 50, 10)
            assert here.shows_the_other()
            assert there.shows_the_other()
            assert here.state["address"] != first, "over the other link"
            (call,) = await pair.doctor.calls()
            assert (call.call_id, call.state) == (begun.call_id, CALL_STATE_ACTIVE), "it is the same call"

            await pair.patient.leave(begun.call_id)
            for line in patient, doctor:
                await line.sees(CALL_STATE_ENDED)
            await until(lambda: here.state["over"] and there.state["over"])
    assert [remote.process.returncode for remote in (here, there)] == [0, 0]


def _gained(remote: Remote, before: tuple[int, int], heard: int, seen: int) -> bool:
    return remote.frames[0] >= before[0] + heard and remote.frames[1] >= before[1] + seen
