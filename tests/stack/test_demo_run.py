"""`apricot up --demo` without a terminal, twice on one state."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apricot.glucose.v1.entry_pb2 import Entry

from clients.sdk import Apricot
from stack.demo.accounts import CODE, PATIENT_PHONES
from stack.demo.dataset import PEOPLE
from stack.demo.lapse import REPLAYED_SENSOR, SENSOR
from tests.stack.conftest import Processes

NAMES = [name for _, name, *_ in PEOPLE]


@pytest.fixture(autouse=True)
def environment(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APRICOT_STATE_DIR", str(state_dir))
    for part in "POSTGRES", "NATS", "GATEWAY", "GATEWAY_ADMIN":
        monkeypatch.setenv(f"APRICOT_{part}_PORT", "0")
    for name in "APRICOT_DATABASE_URL", "APRICOT_NATS_URL":
        monkeypatch.delenv(name, raising=False)


class Demo:
    """One run: what it says, and where its gateway is."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.said: list[str] = []

    async def says(self, *words: str) -> str:
        """The next line that holds all of them."""
        assert self._process.stdout
        async for raw in self._process.stdout:
            line = raw.decode().rstrip()
            self.said.append(line)
            if all(word in line for word in words):
                return line
        raise AssertionError(f"it ended without saying {words}: {self.said}")

    async def is_live(self) -> str:
        """Wait until each of the six has shown a live reading; the gateway's address."""
        gateway = (await self.says("ready after")).split("http://")[1].split()[0]
        missing = set(NAMES)
        while missing:
            line = await self.says()
            missing -= {name for name in missing if name in line and (" mg/dL" in line or " mmol/L" in line)}
        return gateway


@asynccontextmanager
async def demo() -> AsyncIterator[Demo]:
    command = (sys.executable, "-m", "stack.cli", "up", "--demo")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        yield Demo(process)
    finally:
        process.send_signal(signal.SIGINT)
        await process.communicate()
    assert process.returncode == 0


async def diaries(gateway: str) -> list[dict[str, Entry]]:
    """Each patient's entries by id, as the patient lists them."""
    async with Apricot(gateway) as apricot:
        sessions = [await apricot.sign_in_with_code(phone, CODE) for phone in PATIENT_PHONES]
        return [
            {entry.entry_id: entry async for entry in session.entries(session.signed_in.account.account_id)}
            for session in sessions
            if session.signed_in
        ]


async def test_six_patients_are_live_and_a_second_start_doubles_nothing(processes: Processes) -> None:
    async with demo() as first:
        gateway = await first.is_live()
        await first.says("history:", "entries loaded")
        await first.says("consultation:", "asks:")
        await first.says("consultation:", "has taken the question")
        await first.says("pharmacy:", "'s order is paid")
        listed = datetime.now(UTC) - timedelta(seconds=10)  # what was on its way is not missing
        before = await diaries(gateway)
    assert processes() == []
    for diary in before:
        assert {SENSOR, REPLAYED_SENSOR} <= {entry.device for entry in diary.values()}

    restart = datetime.now(UTC)
    async with demo() as second:
        after = await diaries(await second.is_live())
    assert not any("history:" in line for line in second.said)
    for kept, found in zip(before, after, strict=True):
        assert kept.keys() <= found.keys()
        added = [entry for key, entry in found.items() if key not in kept]
        assert any(entry.time.ToDatetime(UTC) > restart for entry in added)
        assert all(entry.device != SENSOR and entry.time.ToDatetime(UTC) > listed for entry in added)
        instants = [(entry.time.ToNanoseconds(), entry.WhichOneof("content")) for entry in found.values()]
        assert len(set(instants)) == len(instants)
