"""Threads for a provider's library that blocks."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

CONNECT_SECONDS, READ_SECONDS = 3.0, 10.0
"""How long such a library may wait for a connection, and for an answer."""
_MOST_CALLS = 8
_PATIENCE = 15.0


class Threads:
    """A few of its own, so that a provider that hangs keeps nothing else from running."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(_MOST_CALLS, thread_name_prefix=name)

    async def run(self, function: Callable[..., Any], *args: Any, **given: Any) -> Any:
        """What the function returns. Errors: its own; TimeoutError, while the thread runs to its own end."""
        async with asyncio.timeout(_PATIENCE):
            return await asyncio.get_running_loop().run_in_executor(self._pool, partial(function, *args, **given))
