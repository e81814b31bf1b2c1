"""One supervised program, whatever it does."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from stack.events import Event, PartFailed
from stack.leftovers import is_alive
from stack.log import Log
from stack.process import Process
from stack.program import Program
from tests.stack.conftest import until


class Script(Program):
    """Python source that is ready once it has made the file `ready`."""

    stop_seconds = 0.3
    ready_seconds = 5.0

    def __init__(self, folder: Path, source: str) -> None:
        super().__init__("script", "nowhere")
        self._folder, self._source = folder, source

    async def command(self) -> list[str]:
        (self._folder / "ready").unlink(missing_ok=True)
        return [sys.executable, "-c", f"import os, pathlib, signal, subprocess, sys, time\n{self._source}"]

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def folder(self) -> Path:
        return self._folder

    async def ready(self) -> bool:
        return (self._folder / "ready").exists()


Supervise = Callable[[str], Process]
READY_THEN_WAIT = "pathlib.Path('ready').touch(); time.sleep(60)"


@pytest.fixture
def heard() -> list[Event]:
    return []


@pytest.fixture
def supervise(tmp_path: Path, heard: list[Event]) -> Supervise:
    def make(source: str) -> Process:
        program = Script(tmp_path, source)
        return Process(program, log=Log(tmp_path / "log"), pid_file=tmp_path / "pid", listener=heard.append)

    return make


async def test_it_dies_before_it_is_ready(supervise: Supervise) -> None:
    process = supervise("print('no such table'); sys.exit(3)")
    with pytest.raises(PartFailed, match="script ended with exit code 3") as failure:
        await process.start()
    assert failure.value.log_tail == "no such table"
    assert process.stopped


async def test_it_is_never_ready(supervise: Supervise, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Script, "ready_seconds", 0.3)
    process = supervise("time.sleep(60)")
    with pytest.raises(PartFailed, match="not ready within"):
        await process.start()
    assert process.stopped


async def test_it_is_named_and_restarted_when_it_dies(supervise: Supervise, heard: list[Event]) -> None:
    process = supervise(READY_THEN_WAIT)
    await process.start()
    first = process.pid
    process.kill()
    await process.wait_ready()
    assert process.pid != first
    assert [event.state for event in heard] == ["starting", "ready", "died", "restarting", "starting", "ready"]
    assert heard[2].detail == "was ended by SIGKILL"
    await process.stop()


async def test_it_waits_longer_each_time_it_dies(supervise: Supervise, heard: list[Event]) -> None:
    process = supervise("pathlib.Path('ready').touch(); time.sleep(0.05); sys.exit(4)")
    await process.start()
    await until(lambda: sum(event.state == "restarting" for event in heard) == 3)
    assert [event.seconds for event in heard if event.state == "restarting"] == [0.25, 0.5, 1.0]
    await process.stop()
    assert process.stopped


async def test_it_ignores_the_polite_signal(supervise: Supervise) -> None:
    process = supervise(f"signal.signal(signal.SIGTERM, signal.SIG_IGN); {READY_THEN_WAIT}")
    await process.start()
    pid = process.pid
    assert pid
    await process.stop()
    assert not psutil.pid_exists(pid)


@pytest.mark.parametrize("new_session", [True, False])
async def test_what_it_started_ends_with_it(supervise: Supervise, tmp_path: Path, new_session: bool) -> None:
    process = supervise(
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"child = subprocess.Popen(['sleep', '60'], start_new_session={new_session})\n"
        "pathlib.Path('child').write_text(str(child.pid))\n" + READY_THEN_WAIT
    )
    await process.start()
    child = psutil.Process(int((tmp_path / "child").read_text()))
    await process.stop()
    assert not is_alive(child)


async def test_stopping_while_it_waits_to_restart(supervise: Supervise, heard: list[Event]) -> None:
    process = supervise(READY_THEN_WAIT)
    await process.start()
    process.kill()
    await until(lambda: heard[-1].state == "restarting")
    await process.stop()
    assert process.stopped
    assert process.pid is None


async def test_the_terminals_ctrl_c_does_not_reach_it(supervise: Supervise) -> None:
    process = supervise(READY_THEN_WAIT)
    await process.start()
    assert process.pid
    assert os.getsid(process.pid) == process.pid
    await process.stop()


async def test_a_long_log_is_put_aside(tmp_path: Path) -> None:
    log = Log(tmp_path / "part.log")
    log.path.write_bytes(b"x" * 8_000_001)
    with log.open() as file:
        file.write(b"new")
    assert log.tail() == "new"
    assert (tmp_path / "part.log.old").exists()
