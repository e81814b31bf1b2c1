"""Hints: "something changed for this key", to every process of a service, at once and at most once.

Nothing may depend on one: NATS may be away, and nothing is stored. Whoever shows something looks into the database
when a hint comes, and looks again now and then without one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import structlog
from nats.aio.msg import Msg

from kit.bus import Bus
from kit.outages import is_outage

log = structlog.get_logger()

type Listener = Callable[[bytes], None]
"""Takes what the hint says; empty: only that something changed."""


class Hints:
    """One service's hints, sent and heard by this process."""

    def __init__(self, bus: Bus, service: str) -> None:
        self._bus = bus
        self._prefix = f"apricot-hint.{service}"
        self._process = uuid4().hex
        self._listeners: dict[str, list[Listener]] = {}

    async def start(self) -> None:
        """Hear those of other processes from now on, across outages of NATS."""
        await self._bus.client.subscribe(f"{self._prefix}.*.>", cb=self._heard)

    @contextmanager
    def listen(self, key: str, listener: Listener) -> Iterator[None]:
        """Call back at each hint for this key, in the order of each sender."""
        self._listeners.setdefault(key, []).append(listener)
        try:
            yield
        finally:
            listeners = self._listeners[key]
            listeners.remove(listener)
            if not listeners:
                del self._listeners[key]

    async def send(self, key: str, payload: bytes = b"") -> None:
        """To this process's listeners now, to the others by NATS; an outage of NATS loses it there."""
        self._tell(key, payload)
        await self.send_away(key, payload)

    async def send_away(self, key: str, payload: bytes = b"") -> None:
        """To the other processes alone."""
        try:
            await self._bus.client.publish(f"{self._prefix}.{self._process}.{key}", payload)
        except Exception as error:
            if not is_outage(error):
                raise
            log.debug("a hint was lost", error=type(error).__name__)

    async def _heard(self, message: Msg) -> None:
        _, _, process, key = message.subject.split(".", 3)
        if process != self._process:
            self._tell(key, message.data)

    def _tell(self, key: str, payload: bytes) -> None:
        for listener in tuple(self._listeners.get(key, ())):
            listener(payload)
