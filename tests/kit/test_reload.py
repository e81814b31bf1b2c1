"""A program is told once that its files are other ones."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.reload import Reloader

_ENDS_AT_SIGHUP = "import signal, sys; print('up', flush=True); sys.exit(signal.sigwait({signal.SIGHUP}))"
_BLOCKED = "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP});"


@pytest.fixture
def program() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-c", _BLOCKED + _ENDS_AT_SIGHUP], stdout=subprocess.PIPE, text=True) as one:
        assert one.stdout is not None
        assert one.stdout.readline() == "up\n"
        yield one
        one.kill()


def test_it_is_told_when_a_file_is_another_one(program: subprocess.Popen[str], tmp_path: Path) -> None:
    pid_file, certificate = tmp_path / "pid", tmp_path / "tls.crt"
    pid_file.write_text(str(program.pid))
    certificate.write_text("old")
    reloader = Reloader(pid_file, [certificate])
    assert not reloader.look()
    assert program.poll() is None
    certificate.write_text("new")
    assert reloader.look()
    assert program.wait(10) == signal.SIGHUP
    assert not reloader.look()


def test_who_is_not_there_yet_is_told_later(program: subprocess.Popen[str], tmp_path: Path) -> None:
    pid_file, certificate = tmp_path / "pid", tmp_path / "tls.crt"
    certificate.write_text("old")
    reloader = Reloader(pid_file, [certificate])
    certificate.write_text("new")
    assert not reloader.look()
    pid_file.write_text(str(program.pid))
    assert reloader.look()
    assert program.wait(10) == signal.SIGHUP
