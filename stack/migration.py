"""The step between the engines and the services: the services' roles, databases and streams."""

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence

from stack.account import launch
from stack.events import Event, Listener, PartFailed
from stack.log import Log
from stack.process import how_it_ended
from stack.services import python_environment

NAME = "migrate"


async def migrate(services: Sequence[str], told: Mapping[str, str], log: Log, listener: Listener) -> None:
    """Make and upgrade what the services stand on; `told` are the variables of `kit.migrate`. Raise `PartFailed`."""
    started = time.monotonic()
    listener(Event(NAME, "starting", log.path))
    with log.open() as output:
        child = await asyncio.create_subprocess_exec(
            *launch([sys.executable, "-m", "kit.migrate", *services]),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=python_environment() | dict(told),
            start_new_session=True,
        )
    try:
        code = await child.wait()
    finally:
        if child.returncode is None:  # we were cancelled
            child.kill()
    if code != 0:
        listener(Event(NAME, "died", log.path, time.monotonic() - started, how_it_ended(code)))
        raise PartFailed(NAME, how_it_ended(code), log.path, log.tail())
    listener(Event(NAME, "ready", log.path, time.monotonic() - started, "databases up to date"))
