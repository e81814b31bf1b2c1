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
from apricot.errors.v1.reason_pb2 import Reason

from clients.sdk import Apricot, ApricotError
from kit.database import Database
from stack.platform import Platform
from tests.consult.calls.arranged import Device, arrange_consultation
from tests.consult.calls.lines import Line, on_line
from tests.consult.calls.media import FRAMES_PER_SECOND, SIGNS, looks_like, sounds_like
from tests.consult.calls.networks import Loopback, Namespaces, may_make_namespaces, network
from tests.consult.calls.wire import Wire, wire_to
from tests.kit.running import until
from tests.patience import PATIENCE
from tests.people import People

log = logging.getLogger(__name__)

_ROOT = Path(__file__).parents[3]
_LONGEST_LINE = 1 << 20
NETWORKS = ["loopback", pytest.param("namespaces", marks=pytest.mark.programs)]


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
                await self._send(Signal.FromString(base64.b64decode(said["signal"])))
            else:
                self.state = said

    async def _send(self, signal: Signal) -> None:
        """One that crosses the end of the call is refused."""
        try:
            await self.line.talk.send_signal(signal)
        except ApricotError as error:
            if error.reason != Reason.REASON_WRONG_STATE:
                raise
            await self.line.sees(CALL_STATE_ENDED)

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
        async with asyncio.timeout(PATIENCE):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


@pytest.mark.parametrize("kind", NETWORKS)
async def test_a_call_goes_on_over_another_network(
    kind: str, platform: Platform, people: People, consult_database: Database
) -> None:
    """The patient's phone leaves its network in mid-call: the media have another way, and the conversation's stream
    breaks and has none for a second."""
    if kind == "namespaces" and not may_make_namespaces():
        pytest.skip("this account may not make networks")
    async with wire_to(platform.gateway_address) as wire, Apricot(wire.address) as mobile:
        patient = await People(mobile, platform.part("identity").log.path).patient()
        doctor = await people.patient()
        consultation = await arrange_consultation(consult_database, patient, doctor)
        with network(kind) as net:
            await _call_with_a_cut(kind, net, wire, Device.of(patient, consultation), Device.of(doctor, consultation))


async def _call_with_a_cut(kind: str, net: Loopback | Namespaces, wire: Wire, patient: Device, doctor: Device) -> None:
    async with (
        on_line(patient, doctor) as (patient_line, doctor_line),
        remotes(net, patient=patient_line, doctor=doctor_line) as (here, there),
    ):
        begun = (await patient.join()).call
        await until(lambda: doctor_line.rings)
        there.begin((await doctor.join()).call)
        here.begin(await patient_line.sees(CALL_STATE_ACTIVE))
        await until(lambda: here.shows_the_other() and there.shows_the_other())

        first, connections, cut = here.state["address"], wire.connections, time.monotonic()
        here.say(**net.cut("patient", first))
        wire.cut()
        asyncio.get_running_loop().call_later(1, wire.mend)
        before = here.frames, there.frames
        async with asyncio.timeout(PATIENCE):
            # By a restart; or the sides had chosen pairs that do without this link, and the call goes on as it is.
            await until(lambda: _gained(here, before[0]) and _gained(there, before[1]))
            await until(lambda: here.shows_the_other() and there.shows_the_other())
        log.info("%s: two seconds of media again after %.1f s", kind, time.monotonic() - cut)

        assert wire.connections > connections, "the conversation was resumed"
        (call,) = await doctor.calls()
        assert (call.call_id, call.state) == (begun.call_id, CALL_STATE_ACTIVE), "it is the same call"

        await patient.leave(begun.call_id)
        for line in patient_line, doctor_line:
            await line.sees(CALL_STATE_ENDED)
        await until(lambda: bool(here.state["over"] and there.state["over"]))
    assert [remote.process.returncode for remote in (here, there)] == [0, 0]


def _gained(remote: Remote, before: tuple[int, int]) -> bool:
    """Whether two seconds of media came since then: more than was on its way."""
    heard, seen = remote.frames
    return heard >= before[0] + 100 and seen >= before[1] + 2 * FRAMES_PER_SECOND
