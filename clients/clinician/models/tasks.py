"""Work in the background of the models."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from clients.clinician.models.problems import Problems
from clients.sdk import ApricotError


class Tasks:
    """Runs what a click or a timer began, on the loop that they were made in: Qt tells of both also while it rests.
    What the platform refuses is told as a problem; what nobody foresaw goes to the loop's exception handler. Nothing is
    swallowed."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._loop = asyncio.get_running_loop()
        self._running: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin it now; it may be cancelled."""
        task = self._loop.create_task(self._run(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def cancel(self) -> None:
        """All of it, without waiting."""
        for task in list(self._running):
            task.cancel()

    async def close(self) -> None:
        """Cancel all of it, and wait until it has ended."""
        self.cancel()
        for task in list(self._running):
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except ApricotError as error:
            self._problems.tell(error)
        except Exception as error:  # noqa: BLE001  # shown as a fault of ours, with its traceback
            self._loop.call_exception_handler({"message": "work of a model failed", "exception": error})
