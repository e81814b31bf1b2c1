"""Real processes on a state of the test's own, and the certainty that none is left."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from stack.leftovers import is_alive
from stack.testing import remove_state
from tests.patience import PATIENCE

Processes = Callable[[], list[psutil.Process]]


@pytest.fixture
def state_dir(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "state"
    yield folder
    for postgres in folder.rglob("postgres"):
        if postgres.is_symlink():
            remove_state(postgres.parent)


@pytest.fixture
def processes(state_dir: Path) -> Iterator[Processes]:
    """All processes that belong to the state: they name it, or work in it. None may outlive the test."""

    def find() -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter(["cmdline", "cwd"]):
            words = [*(process.info["cmdline"] or ()), process.info["cwd"] or ""]
            if any(str(state_dir) in word for word in words) and is_alive(process):
                found.append(process)
        return found

    yield find
    assert find() == []


async def until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to hold"
        await asyncio.sleep(0.02)
