"""What a device says in an open `Converse`: one frame after the other; one that is refused does not end the talk."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from apricot.consult.v1.conversation_pb2 import Acknowledged, ConverseRequest, ConverseResponse, Refused
from apricot.errors.v1.reason_pb2 import Reason

from kit import validation
from kit.database import Database
from kit.errors import ApricotError, invalid_field
from kit.times import to_timestamp
from services.consult.rpc import saying
from services.consult.rpc.errors import ERRORS
from services.consult.rpc.participants import Seat
from services.consult.rpc.room import Room
from services.consult.rpc.rooms import Rooms
from services.consult.rpc.talk import Talk
from services.consult.store.conversation_log import Said

_MOST_FRAME_BYTES = 64 << 10
_MOST_SIGNAL_BYTES = 72 << 10
"""An SDP of 64 KiB, and what goes around it."""
FRAMES_A_SECOND = 20
_MOST_FRAMES_AT_ONCE = 60
"""A call begins with dozens of candidates."""
_TYPING_SECONDS = 1.0
_REFUSALS: tuple[type[Exception], ...] = (ApricotError, *ERRORS)


class Listening:
    """Takes the frames of one stream."""

    def __init__(self, database: Database, rooms: Rooms, room: Room, talk: Talk, seat: Seat) -> None:
        self._database = database
        self._rooms = rooms
        self._room = room
        self._talk = talk
        self._seat = seat
        self._now = asyncio.get_running_loop().time
        self._frames = float(_MOST_FRAMES_AT_ONCE)
        self._frame_time = self._typing_time = self._now()

    @asynccontextmanager
    async def to(self, requests: AsyncIterator[ConverseRequest]) -> AsyncIterator[None]:
        """Listen while the block runs. What breaks the stream ends the talk."""
        task = asyncio.create_task(self._listen(requests))
        try:
            yield
        finally:
            task.cancel()

    async def _listen(self, requests: AsyncIterator[ConverseRequest]) -> None:
        try:
            async for request in requests:
                await self._take(request)
        except Exception as error:  # noqa: BLE001  the stream tells its client
            self._talk.end(error)

    async def _take(self, request: ConverseRequest) -> None:
        frame = request.WhichOneof("frame")
        if frame == "join":
            raise invalid_field("join", "is the first frame, and no other")
        client_id = getattr(getattr(request, frame or ""), "client_id", "")
        try:
            await self._keep_pace(is_refusable=bool(client_id))
            _check_size(request)
            match frame:
                case "send":
                    said = saying.message(self._database, self._seat, self._talk.device_id, request.send)
                    await self._say(client_id, await said)
                case "signal":
                    await self._say(client_id, saying.signal(self._seat, self._talk.device_id, request.signal))
                case "typing":
                    self._type(request.typing.typing)
                case "receipt":
                    validation.validate(request.receipt)
                    receipt = request.receipt
                    self._rooms.receive(self._talk, self._room, receipt.delivered_sequence, receipt.read_sequence)
        except _REFUSALS as error:
            await self._talk.answer(ConverseResponse(refused=_refused(client_id, error)))

    async def _say(self, client_id: str, said: Said) -> None:
        await self._rooms.log.add(said)
        acknowledged = Acknowledged(
            client_id=client_id, sequence=said.sequence, create_time=to_timestamp(said.create_time)
        )
        await self._talk.answer(ConverseResponse(acknowledged=acknowledged))

    def _type(self, typing: bool) -> None:
        """Once a second at most, but that somebody no longer types is always told."""
        now = self._now()
        if typing and now < self._typing_time:
            return
        self._typing_time = now + _TYPING_SECONDS if typing else now
        self._rooms.type(self._talk, self._room.consultation_id, typing)

    async def _keep_pace(self, *, is_refusable: bool) -> None:
        """What nobody could send again is waited with instead. Errors: RATE_LIMITED."""
        now = self._now()
        earned = (now - self._frame_time) * FRAMES_A_SECOND
        self._frames = min(self._frames + earned, _MOST_FRAMES_AT_ONCE)
        self._frame_time = now
        if self._frames >= 1:
            self._frames -= 1
        elif is_refusable:
            raise ApricotError(Reason.REASON_RATE_LIMITED, f"at most {FRAMES_A_SECOND} frames a second")
        else:
            await asyncio.sleep(1 / FRAMES_A_SECOND)


def _check_size(request: ConverseRequest) -> None:
    """Errors: TOO_LARGE."""
    most = _MOST_SIGNAL_BYTES if request.HasField("signal") else _MOST_FRAME_BYTES
    if request.ByteSize() > most:
        raise ApricotError(Reason.REASON_TOO_LARGE, f"a frame has at most {most} bytes")


def _refused(client_id: str, error: Exception) -> Refused:
    if isinstance(error, ApricotError):
        return Refused(client_id=client_id, reason=error.reason, message=error.message)
    reason = next(reason for kind, reason in ERRORS.items() if isinstance(error, kind))
    return Refused(client_id=client_id, reason=reason, message=str(error))
