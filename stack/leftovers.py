"""Processes that an earlier stack on this state left behind, and their end.

A part that runs has a file `PID CREATED`. The creation time tells it from a stranger with the same number.
"""

import asyncio
import signal
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

import psutil


def remember(file: Path, pid: int) -> None:
    try:
        file.write_text(f"{pid} {psutil.Process(pid).create_time()}")
    except psutil.NoSuchProcess:
        file.unlink(missing_ok=True)


def recall(file: Path) -> psutil.Process | None:
    """The process the file names, if it is still that one."""
    try:
        pid, created = file.read_text().split()
        process = psutil.Process(int(pid))
        same = abs(process.create_time() - float(created)) < 1
        return process if same and is_alive(process) else None
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None


async def end_all(pid_files: Path) -> None:
    """End every process that a file of the folder names. SIGINT: every part obeys it, PostgreSQL at once."""
    files = list(pid_files.iterdir())
    await end([process for file in files if (process := recall(file))], signal.SIGINT)
    for file in files:
        file.unlink()


def working_in(folder: Path, name: str) -> list[psutil.Process]:
    """Every process of that name whose working folder is this one."""
    found = []
    for process in psutil.process_iter(["name", "cwd"]):
        if process.info["name"] == name and process.info["cwd"] == str(folder):
            found.append(process)
    return found


def descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


async def end(processes: list[psutil.Process], stop_signal: int, seconds: float = 5.0) -> None:
    """End them and all they started: politely first, for certain in the end.

    Not for a child of this process: waiting for it here would take its exit code from its supervisor.
    """
    family = {*processes, *(child for process in processes for child in descendants(process.pid))}
    _send(processes, stop_signal)
    _send(await _wait(family, seconds), signal.SIGKILL)
    await _wait(family, seconds)


async def _wait(processes: Collection[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Those that still run when time is up."""
    deadline = time.monotonic() + seconds
    # The end of a process that is not our child is no event that could be awaited.
    while (alive := [process for process in processes if is_alive(process)]) and time.monotonic() < deadline:
        await asyncio.sleep(0.01)
    return alive


def is_alive(process: psutil.Process) -> bool:
    """A zombie is not: it waits for a parent that may never ask."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _send(processes: list[psutil.Process], number: int) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
