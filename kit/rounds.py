"""What is done again and again, until cancelled."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from kit.outages import is_outage

log = structlog.get_logger()


async def every(seconds: float, work: Callable[[], Awaitable[object]], name: str) -> None:
    """Do it, rest so long, and do it again. An outage is waited out, with a warning that names the work."""
    while True:
        try:
            await work()
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning(f"{name} waits for a part", error=type(error).__name__)
        await asyncio.sleep(seconds)
