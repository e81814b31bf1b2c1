"""Nobody reads over an empty chair: locked after a while without a key or the mouse, opened by the second factor."""

import time
from collections.abc import Callable
from uuid import uuid4

from apricot.identity.v1.signing_pb2 import ProveSecondFactorRequest
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.desk import Desk
from clients.sdk import ApricotError


class Lock(QObject):
    """Of all windows at once.

    It begins locked where a session was resumed: the machine does not prove who sits there."""

    changed = Signal()
    """It was locked or unlocked, or is being opened."""
    refused = Signal(object)
    """An ApricotError: why the code does not open it."""

    def __init__(self, desk: Desk, *, locked: bool = False, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._desk = desk
        self._clock = clock
        self._touched = clock()
        self.locked = locked
        self.busy = False
        """A code is on its way."""
        desk.second.connect(self._look)

    def touch(self) -> None:
        """A key or the mouse: somebody is there."""
        if not self.locked:
            self._look()  # after a sleep the touch that wakes the machine must not be the one that keeps it open
            self._touched = self._clock()

    def lock(self) -> None:
        """Now."""
        if not self.locked:
            self.locked = True
            self.changed.emit()

    def unlock(self, code: str) -> None:
        """By the six digits of the second factor, which the platform verifies."""
        if self.locked and not self.busy:
            self.busy = True
            self.changed.emit()
            self._desk.tasks.spawn(self._prove(code))

    async def _prove(self, code: str) -> None:
        refusal: ApricotError | None = None
        try:
            await self._desk.session.signing.ProveSecondFactor(
                ProveSecondFactorRequest(request_id=str(uuid4()), totp_code=code)
            )
            self.locked = False
            self._touched = self._clock()
        except ApricotError as error:
            refusal = error
        finally:
            self.busy = False
        self.changed.emit()
        if refusal is not None:
            self.refused.emit(refusal)

    def _look(self) -> None:
        if abs(self._clock() - self._touched) >= self._desk.settings.lock_minutes * 60:
            self.lock()
