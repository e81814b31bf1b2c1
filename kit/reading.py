"""A client's stream of requests, which ends with its session however silent it is."""

import asyncio
from collections.abc import AsyncIterator

from kit.tokens import session_ended


class Reading:
    """Reads a client's stream until somebody says that its session has ended."""

    def __init__(self, data: AsyncIterator[bytes]) -> None:
        self._data = data
        self._ended = False
        self._waiting: asyncio.Task[object] | None = None

    def end(self) -> None:
        """Hand on nothing more; wake who waits for the next message."""
        self._ended = True
        if self._waiting is not None:
            self._waiting.cancel()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        """Return the next message. Raise SESSION_ENDED once the session has ended. No task is made for a message, as
        `asyncio.wait` would: an upload has a million."""
        if self._ended:
            raise session_ended()
        self._waiting = asyncio.current_task()
        try:
            return await anext(self._data)
        except asyncio.CancelledError as error:
            if not self._ended:
                raise
            if self._waiting is not None:
                self._waiting.uncancel()  # the cancellation was ours; the call goes on to its refusal
            raise session_ended() from error
        finally:
            self._waiting = None
