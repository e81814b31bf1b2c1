"""`apricot clinician`, run as a person runs it: offscreen, but the real process on the real platform."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from stack.clinician import there
from stack.platform import Platform
from tests.patience import PATIENCE

NOT_RUNNING = 3


async def _clinician(home: Path, *words: str) -> asyncio.subprocess.Process:
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_CONFIG_HOME": str(home),
        "XDG_DATA_HOME": str(home),
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "stack.cli",
        "clinician",
        *words,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_it_is_live_beside_a_demo_and_ends_in_order(platform: Platform, tmp_path: Path) -> None:
    app = await _clinician(tmp_path, "--state", str(platform.state.path))
    assert app.stdout is not None
    async with asyncio.timeout(PATIENCE):
        while (line := await app.stdout.readline()) and line.strip() != b"live":
            pass
    assert line.strip() == b"live"
    app.send_signal(signal.SIGTERM)
    async with asyncio.timeout(PATIENCE):
        _, errors = await app.communicate()
    assert "Traceback" not in errors.decode()
    assert app.returncode == 0


async def test_without_a_platform_it_says_so(tmp_path: Path) -> None:
    app = await _clinician(tmp_path, "--state", str(tmp_path))
    _, errors = await app.communicate()
    assert app.returncode == NOT_RUNNING
    assert "no platform runs" in errors.decode()


@pytest.mark.parametrize(
    ("gateway", "tls", "address", "secured"),
    [
        ("clinic.example", None, "clinic.example:443", True),
        ("clinic.example:8443", None, "clinic.example:8443", True),
        ("clinic.example:8080", False, "clinic.example:8080", False),
        ("127.0.0.1:8080", None, "127.0.0.1:8080", False),
        ("localhost:8080", None, "localhost:8080", False),
        ("localhost:8443", True, "localhost:8443", True),
        ("[::1]:8080", None, "[::1]:8080", False),
        ("[2001:db8::1]", None, "[2001:db8::1]:443", True),
    ],
)
def test_plain_text_stays_on_this_machine(gateway: str, tls: bool | None, address: str, secured: bool) -> None:
    options = there(gateway, tls, None)
    assert (options.gateway, options.tls) == (address, secured)
    assert options.demo is None
