"""What a test has the pool's workers do."""

import os
import time
from pathlib import Path

from tests.patience import PATIENCE


class Refused(Exception):
    """A job's own error."""


def refuse(why: str) -> None:
    print("a stray line")  # noqa: T201
    raise Refused(why)


def die_once(mark: str) -> int:
    """Die; do it again, and it works."""
    if not Path(mark).exists():
        Path(mark).touch()
        os._exit(1)
    return os.getpid()


def work_until(mark: str, seconds: float = PATIENCE) -> int:
    """Say which process works, until a file is there."""
    Path(f"{mark}.{os.getpid()}").touch()
    end = time.monotonic() + seconds
    while not Path(mark).exists() and time.monotonic() < end:
        time.sleep(0.01)
    return os.getpid()
