"""`apricot`, run as a person or a supervisor runs it."""

import asyncio
import os
import pty
import signal
import sys
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from stack.cli import app
from stack.settings import StackSettings
from tests.patience import PATIENCE
from tests.stack.conftest import Processes, until

APRICOT = (sys.executable, "-m", "stack.cli")
ENGINES = ("--only", "postgres", "--only", "nats")


@pytest.fixture(autouse=True)
def environment(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APRICOT_STATE_DIR", str(state_dir))
    for name in "APRICOT_POSTGRES_PORT", "APRICOT_NATS_PORT":
        monkeypatch.setenv(name, "0")
    for name in "APRICOT_DATABASE_URL", "APRICOT_NATS_URL":
        monkeypatch.delenv(name, raising=False)


async def apricot(*words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(*APRICOT, *words, stdout=asyncio.subprocess.PIPE)


async def line_with(process: asyncio.subprocess.Process, text: str) -> str:
    assert process.stdout
    async for line in process.stdout:
        if text in line.decode():
            return line.decode()
    raise AssertionError(f"it ended without saying {text!r}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_up_until_a_signal(processes: Processes, number: signal.Signals) -> None:
    up = await apricot("up", *ENGINES)
    await line_with(up, "ready after")
    up.send_signal(number)
    output, _ = await up.communicate()
    assert up.returncode == 0
    assert "postgres    stopped" in output.decode()
    assert processes() == []


async def test_a_signal_while_it_starts(state_dir: Path, processes: Processes) -> None:
    up = await apricot("up", *ENGINES)
    await until((state_dir / "pids/nats").exists)
    up.send_signal(signal.SIGINT)
    await up.communicate()
    assert up.returncode == 0


async def test_a_second_signal_does_not_wait(state_dir: Path, processes: Processes) -> None:
    up = await apricot("up", *ENGINES)
    await line_with(up, "ready after")
    psutil.Process(int((state_dir / "pids/postgres").read_text().split()[0])).suspend()  # so that it cannot stop
    up.send_signal(signal.SIGINT)
    await line_with(up, "stopping")
    up.send_signal(signal.SIGINT)
    await asyncio.wait_for(up.communicate(), PATIENCE)
    await until(lambda: not processes())


async def test_a_part_that_dies_is_named(state_dir: Path, processes: Processes) -> None:
    up = await apricot("up", *ENGINES)
    await line_with(up, "ready after")
    os.kill(int((state_dir / "pids/nats").read_text().split()[0]), signal.SIGKILL)
    assert "SIGKILL" in await line_with(up, "nats ")
    assert "restarting in 0.25 s" in await line_with(up, "nats ")
    await line_with(up, "nats ")
    up.send_signal(signal.SIGTERM)
    await up.communicate()


async def test_a_second_up_on_the_same_state(processes: Processes) -> None:
    up = await apricot("up", "--only", "nats")
    await line_with(up, "ready after")
    second = await apricot("up", "--only", "nats")
    output, _ = await second.communicate()
    assert second.returncode == 1
    assert f"in use by process {up.pid}" in output.decode()
    up.send_signal(signal.SIGTERM)
    await up.communicate()


async def test_a_part_that_cannot_start(state_dir: Path, processes: Processes) -> None:
    data = state_dir / "postgres/data"
    data.mkdir(parents=True)
    data.chmod(0o700)
    (data / "PG_VERSION").write_text("9\n")
    up = await apricot("up", *ENGINES)
    output, _ = await up.communicate()
    assert up.returncode == 1
    assert "could not access the server configuration file" in output.decode()
    assert f"its log: {state_dir}/logs/postgres.log" in output.decode()


async def test_status(state_dir: Path, processes: Processes) -> None:
    before = await apricot("status")
    await before.communicate()
    assert before.returncode == 3

    up = await apricot("up", "--only", "nats")
    address = (await line_with(up, "nats ")).split()[-1]
    await line_with(up, "ready after")
    during = await apricot("status")
    output, _ = await during.communicate()
    assert during.returncode == 0
    assert output.decode().splitlines()[1].split() == [
        "nats",
        (state_dir / "pids/nats").read_text().split()[0],
        address,
    ]
    up.send_signal(signal.SIGTERM)
    await up.communicate()


async def test_the_reader_of_its_lines_goes_away(processes: Processes) -> None:
    reading, writing = os.pipe()
    up = await asyncio.create_subprocess_exec(*APRICOT, "up", "--only", "nats", stdout=writing)
    os.close(writing)
    os.close(reading)
    await until(processes)
    up.send_signal(signal.SIGTERM)
    assert await up.wait() == 0


async def test_a_terminal_sees_ticks_and_ctrl_c_works(processes: Processes) -> None:
    screen, terminal = pty.openpty()
    up = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", TERMINAL, *APRICOT, "up", *ENGINES),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
        env=os.environ | {"TERM": "xterm"},
    )
    os.close(terminal)
    seen = b""
    while b"ready after" not in seen:
        seen += await asyncio.to_thread(os.read, screen, 4096)
    assert "✓" in seen.decode(errors="replace")
    os.write(screen, b"\x03")
    while b"postgres    stopped" not in seen:
        seen += await asyncio.to_thread(os.read, screen, 4096)
    assert await up.wait() == 0
    os.close(screen)


# Makes the terminal its own, as a shell does, so that Ctrl-C reaches it.
TERMINAL = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"


async def test_the_terminal_goes_away(processes: Processes) -> None:
    screen, terminal = pty.openpty()
    up = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", TERMINAL, *APRICOT, "up", *ENGINES),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
        env=os.environ | {"TERM": "xterm"},
    )
    os.close(terminal)
    seen = b""
    while b"ready after" not in seen:
        seen += await asyncio.to_thread(os.read, screen, 4096)
    os.close(screen)  # hangs up
    assert await up.wait() == 0


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "apricot.example.org"])
def test_demo_is_refused_where_others_reach_it(host: str) -> None:
    with pytest.raises(ValueError, match="loopback alone"):
        StackSettings(demo=True, gateway_host=host)
    assert StackSettings(demo=False, gateway_host=host).gateway_host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_demo_runs_on_loopback(host: str) -> None:
    assert StackSettings(demo=True, gateway_host=host).demo


def test_refused_demo_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("APRICOT_GATEWAY_HOST", "0.0.0.0")
    result = CliRunner().invoke(app, ["up", "--demo", "--state", str(tmp_path / "state")])
    assert result.exit_code == 2
    assert "loopback" in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "state").exists()
