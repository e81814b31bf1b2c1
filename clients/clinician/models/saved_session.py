"""Staying signed in on this computer: the session, in the keychain and nowhere else."""

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import asdict
from enum import Enum
from typing import Any

from PySide6.QtCore import QObject, Signal

from clients.clinician.models.keychain import Keychain, NoKeychain
from clients.sdk import SavedSession


class Keeping(Enum):
    """Whether a session can be kept on this computer."""

    POSSIBLE = "possible"
    FAILED = "failed"
    """The keychain did not take the last one: after a restart she signs in again."""
    IMPOSSIBLE = "impossible"
    """There is no keychain, or it stays locked."""


class SessionStore(QObject):
    """Of one platform. What the SDK hands over is written in order, without holding the event loop."""

    changed = Signal()
    """Whether it can be kept."""
    ended = Signal()
    """The session has ended, whoever ended it."""

    def __init__(self, keychain: Keychain, gateway: str) -> None:
        super().__init__()
        self._keychain = keychain
        self._loop = asyncio.get_running_loop()
        self._name = f"session {gateway}"
        self._writing: set[asyncio.Task[None]] = set()
        self.keeping = Keeping.POSSIBLE
        """As far as was seen."""
        self.staying = False
        """Whether what changes is kept."""

    async def load(self) -> SavedSession | None:
        """None: nobody stayed signed in here."""
        try:
            kept = await self._keychain.read(self._name)
        except NoKeychain:
            self._enter(Keeping.IMPOSSIBLE)
            return None
        if self.keeping is Keeping.IMPOSSIBLE:
            self._enter(Keeping.POSSIBLE)
        try:
            return SavedSession(**json.loads(kept)) if kept else None
        except (ValueError, TypeError):  # written by another program, or another version
            return None

    def keep(self, saved: SavedSession | None) -> None:
        """The SDK's `on_change`; None: it has ended."""
        if saved is None:
            self.forget()
            self.ended.emit()
        elif self.staying:
            self._begin(self._write(saved))

    def forget(self) -> None:
        """Nobody stays signed in here."""
        self._begin(self._erase())

    async def close(self) -> None:
        """Wait until all is written."""
        await asyncio.gather(*self._writing)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _write(self, saved: SavedSession) -> None:
        try:
            await self._keychain.write(self._name, json.dumps(asdict(saved)))
        except NoKeychain:
            self._enter(Keeping.FAILED)
        else:
            self._enter(Keeping.POSSIBLE)

    def _enter(self, keeping: Keeping) -> None:
        self.keeping = keeping
        self.changed.emit()

    async def _erase(self) -> None:
        try:
            await self._keychain.erase(self._name)
        except NoKeychain:
            return  # then nothing is kept there either
