"""One open `Converse`: what it sends, and when it ends. It pulls the items from its room, or from the database what the
room no longer holds, so that nothing waits in memory for a reader that is slow; of everything else it keeps the last
state alone."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING
from uuid import UUID

from apricot.consult.v1.conversation_pb2 import ConverseResponse, SignOfLife

from kit import wire
from kit.call import Call
from kit.database import Database
from services.consult.rpc import resume
from services.consult.rpc.items import Item, item_of_update, update_of
from services.consult.store import conversations as store

if TYPE_CHECKING:
    from services.consult.rpc.room import Room

SIGN_OF_LIFE_SECONDS = 8.0
MOST_ANSWERS = 64
"""A client that does not read its answers is not listened to either."""
_PAGE = 50
_RESUME_TOKEN = ConverseResponse.RESUME_TOKEN_FIELD_NUMBER


class Talk:
    """A device in a conversation."""

    def __init__(self, database: Database, room: "Room", call: Call, device_id: UUID, sent: int) -> None:
        """`sent` is the place up to which the device has everything."""
        self._database = database
        self._room = room
        self.call = call
        self.account_id = call.caller.account_id
        self.device_id = device_id
        self._account, self._device = str(self.account_id), str(device_id)
        self._sent = sent
        self._token = b""
        self._token_of = -1
        self._page: deque[Item] = deque()
        self._answers: deque[bytes] = deque()
        self._states: dict[object, bytes] = {}
        self._sign_due = True
        self._end: Exception | None = None
        self._woken = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()

    def wake(self) -> None:
        """There may be something to send."""
        self._woken.set()

    def show(self, what: object, update: bytes) -> None:
        """Send an update that has no place in the order; instead of an earlier one of the same thing that waits."""
        self._states[what] = update
        self._woken.set()

    async def answer(self, response: ConverseResponse) -> None:
        """Answer a frame; waits while too many answers wait."""
        await self._has_room.wait()
        self._answers.append(response.SerializeToString())
        if len(self._answers) >= MOST_ANSWERS:
            self._has_room.clear()
        self._woken.set()

    def end(self, error: Exception) -> None:
        """End the stream by this error; the first one counts."""
        self._end = self._end or error
        self._woken.set()

    async def updates(self) -> AsyncGenerator[bytes]:
        """What the device gets, behind `Joined`; until the stream ends."""
        loop = asyncio.get_running_loop()
        life = loop.call_later(SIGN_OF_LIFE_SECONDS, self._call_for_sign)
        try:
            while True:
                self._woken.clear()
                if self._end is not None:
                    raise self._end
                if self._answers:
                    yield self._with_token(self._answers.popleft())
                    self._has_room.set()
                elif (item := await self._next_item()) is not None:
                    yield item.update
                elif self._states:
                    yield self._with_token(self._states.pop(next(iter(self._states))))
                elif self._sign_due:
                    self._sign_due = False
                    sign = SignOfLife(complete_sequence=self._sent)
                    yield self._with_token(ConverseResponse(sign_of_life=sign).SerializeToString())
                    life = loop.call_later(SIGN_OF_LIFE_SECONDS, self._call_for_sign)
                else:
                    await self._woken.wait()
        finally:
            life.cancel()

    async def _next_item(self) -> Item | None:
        """The next one that is for this device; None: it has everything."""
        while True:
            if self._page:
                item = self._page.popleft()
            elif self._room.holds(self._sent):
                found = self._room.after(self._sent)
                if found is None:
                    self._sent = max(self._sent, self._room.last)
                    return None
                item = found
            else:
                await self._turn_page()
                continue
            if item.sequence <= self._sent:
                continue
            self._sent = item.sequence
            if item.is_for(self._account, self._device):
                return item

    async def _turn_page(self) -> None:
        """What the room no longer holds."""
        patient, consultation = self._room.patient_id, self._room.consultation_id
        assert patient is not None  # noqa: S101  the room has begun before it has streams
        rows, complete = await store.said_after(self._database, patient, consultation, self._sent, _PAGE)
        for row in rows:
            update = update_of(consultation, row)
            self._page.append(item_of_update(update.SerializeToString(), update))
        if not rows:
            self._sent = max(self._sent, complete)

    def _with_token(self, update: bytes) -> bytes:
        """The update with the present place."""
        if self._token_of != self._sent:
            token = resume.encode(self._room.consultation_id, self._sent).encode()
            self._token, self._token_of = wire.repeated(_RESUME_TOKEN, [token]), self._sent
        return update + self._token

    def _call_for_sign(self) -> None:
        self._sign_due = True
        self._woken.set()
