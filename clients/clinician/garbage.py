"""Cycles of Python objects end in Qt's thread, and between Qt's events.

By itself Python looks for them wherever something is allocated: in the thread that decodes a call's pictures, or in the
middle of an event. A widget that only a cycle still held was then destroyed beside what Qt did with it, or under it.
"""

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager

_PAUSE_SECONDS = 0.2


@contextmanager
def collected_between_events() -> Iterator[None]:
    """As long as the block runs. Enter it once in a process, in the event loop of Qt's thread."""
    gc.disable()
    collecting = asyncio.get_running_loop().create_task(_collect())
    try:
        yield
    finally:
        collecting.cancel()
        gc.enable()


async def _collect() -> None:
    """What Python would: the young often, the old seldom."""
    while True:
        counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
        if due := [generation for generation, (count, most) in enumerate(counts) if count > most]:
            gc.collect(due[-1])
        await asyncio.sleep(_PAUSE_SECONDS)
