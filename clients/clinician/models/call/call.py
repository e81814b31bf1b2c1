"""The calls of one consultation, as this computer takes part in them."""

import asyncio
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from datetime import timedelta
from enum import Enum, auto
from typing import Any

from apricot.consult.v1 import call_pb2
from apricot.consult.v1.call_pb2 import (
    CALL_MEDIA_AUDIO,
    CALL_MEDIA_VIDEO,
    CALL_STATE_ACTIVE,
    CALL_STATE_ENDED,
    CALL_STATE_RINGING,
    Call,
)
from apricot.consult.v1.conversation_pb2 import ConverseResponse
from PySide6.QtCore import Signal

from clients.clinician.models.call.descriptions import ice_servers
from clients.clinician.models.call.devices import Devices
from clients.clinician.models.call.known_call import KnownCall, time_of
from clients.clinician.models.call.media import Media
from clients.clinician.models.call.peer import Peer
from clients.clinician.models.call.quality import Meter, Quality, counted
from clients.clinician.models.call.service import CallService, Talk
from clients.clinician.models.desk import Desk
from clients.sdk import ApricotError, Switchboard

_RENEW_BEFORE = timedelta(minutes=1)


class Stage(Enum):
    """Where it stands, for who sits here."""

    NONE = auto()
    """No call, or none that this computer has to do with."""
    CALLING = auto()
    """Rings at the other side."""
    RINGING = auto()
    """Rings here."""
    CONNECTING = auto()
    ACTIVE = auto()
    RECONNECTING = auto()
    """The other side was heard, and is not now."""
    ENDED = auto()


UNDER_WAY = {Stage.CALLING, Stage.CONNECTING, Stage.ACTIVE, Stage.RECONNECTING}


class CallModel(KnownCall):
    """At most one call at a time; `stage` says where it stands."""

    changed = Signal()
    """Anything of it."""
    rings = Signal()
    """It begins to ring here."""
    missed = Signal()
    """A call to her has ended that she did not take; `end` says how."""

    def __init__(self, desk: Desk, talk: Talk, devices: Devices) -> None:
        super().__init__(desk)
        self.quality = Quality.UNKNOWN
        self.is_of_many = False
        """Whether the last one goes by a room for more than two, which this app cannot enter."""
        self.media = Media(devices, self._spawn, desk.now, self)
        self._talk = talk
        self._service = CallService(desk.session, talk.consultation_id, talk.device_id)
        self._board = Switchboard(talk, talk.device_id)
        self._joining = False
        self._joined = ""
        """The call that this device is in, or was when it was last seen."""
        self._left = ""
        """The last call that was hung up here."""
        self._rung = ""
        """The last call that rang here."""
        self._given_up = False
        self._is_back = False
        """Whether it has joined a call again that it was in."""
        self._dismissed = ""
        self._was_heard = False
        self._peer: Peer | None = None
        self._servers = call_pb2.JoinCallResponse()
        self._meter = Meter()
        self.media.changed.connect(self.changed)
        desk.second.connect(self._look)

    # What is known.

    @property
    def stage(self) -> Stage:
        call = self._call
        if self._joining and call.state != CALL_STATE_ACTIVE:
            if self._given_up:
                return Stage.NONE
            return Stage.CONNECTING if call.state == CALL_STATE_RINGING and not self.is_outgoing else Stage.CALLING
        if call.state == CALL_STATE_ENDED or call.call_id == self._left != "":
            return Stage.ENDED if self._concerns_here and call.call_id != self._dismissed else Stage.NONE
        if call.state == CALL_STATE_RINGING and not self._is_here:
            return Stage.RINGING if self._me in call.ringing_ids else Stage.NONE
        if not (self._is_here or self._joined == call.call_id != ""):
            return Stage.NONE
        if call.state == CALL_STATE_RINGING:
            return Stage.CALLING
        if self._peer is not None and self._peer.hears:
            return Stage.ACTIVE
        return Stage.RECONNECTING if self._was_heard else Stage.CONNECTING

    @property
    def is_under_way(self) -> bool:
        """Whether she is in a call, or about to be: no time to lock the screen."""
        return self.stage in UNDER_WAY

    # What she does.

    def call(self, *, video: bool) -> None:
        """Call the other side, or answer, or join what goes on."""
        if self.is_under_way:
            return
        self._joining, self._given_up, self._was_heard = True, False, False
        self.media.open(camera=video and self.may_show_picture)
        self._spawn(self._join(CALL_MEDIA_VIDEO if video else CALL_MEDIA_AUDIO))
        self.changed.emit()

    def hang_up(self) -> None:
        """Leave it, give up calling, or decline. The camera is off at once, whatever the network does."""
        call_id = self._call.call_id if self._call.state != CALL_STATE_ENDED else ""
        self._given_up = self._joining
        self._part()
        if call_id and not self._joining:
            self._left = call_id
            self._spawn(self._leave(call_id))
        self.changed.emit()

    def dismiss(self) -> None:
        """The end was read."""
        self._dismissed = self._call.call_id
        self.changed.emit()

    async def close(self) -> None:
        """Leave what goes on: the app is left, or the conversation."""
        if self._is_here and self._call.state in (CALL_STATE_RINGING, CALL_STATE_ACTIVE):
            self._left = self._call.call_id
            with suppress(ApricotError):  # the platform finds out when the conversation's stream has gone
                await self._leave(self._left)
        if self._peer is not None:
            await self._peer.close()
            self._peer = None
        self._part()

    def hear(self, update: ConverseResponse) -> None:
        """Each update of the conversation, in order."""
        self._board.hear(update)
        match update.WhichOneof("update"):
            case "joined":
                self.consultation = update.joined.consultation
                if update.joined.HasField("call"):
                    self._look_at(update.joined.call)
                    if self._call.call_id == self._left and self._is_here:  # hanging up had got lost
                        self._spawn(self._leave(self._left))
                elif self._call.state in (CALL_STATE_RINGING, CALL_STATE_ACTIVE):
                    self._spawn(self._ask_how_it_ended())
                self.changed.emit()
            case "consultation":
                self.consultation = update.consultation
                self.changed.emit()
            case "call":
                self._look_at(update.call)

    # How it goes on.

    @property
    def _is_here(self) -> bool:
        return any(one.device_id == self._talk.device_id for one in self._call.participants)

    @property
    def _concerns_here(self) -> bool:
        """Whether this computer was in the call, or is to know that nobody took it."""
        answered_elsewhere = self.was_answered and not self._is_here
        return not answered_elsewhere and (self._is_here or not self.is_outgoing)

    def _look_at(self, call: Call) -> None:
        """The call as an answer or the conversation shows it; they may cross each other."""
        known = self._call
        is_older = time_of(call.create_time) < time_of(known.create_time)
        if is_older or (call.call_id == known.call_id and call.state < known.state):
            return
        self._call = call
        if call.state == CALL_STATE_ENDED:
            if not self._joining:
                self._part()
            self._tell_if_missed(known)
        elif self.stage is Stage.RINGING and self._rung != call.call_id:
            self._rung = call.call_id
            self.rings.emit()
        elif call.state == CALL_STATE_ACTIVE and call.call_id != self._left:
            self._meet()
        self.changed.emit()

    def _tell_if_missed(self, before: Call) -> None:
        again = before.call_id == self._call.call_id and before.state == CALL_STATE_ENDED
        if not again and not self.is_outgoing and not self.was_answered and self._call.call_id != self._left:
            self.missed.emit()

    def _meet(self) -> None:
        """Be connected with the other device that is in the call."""
        others = [one.device_id for one in self._call.participants if one.device_id != self._talk.device_id]
        if self._peer is not None and (self._peer.over.is_set() or self._peer.to_device_id not in others):
            self._drop_peer()
        if not self._is_here:
            if self._joined == self._call.call_id and not self._joining:  # the platform had lost sight of this device
                self._drop_peer()
                self._joining, self._given_up = True, False
                self._spawn(self._join(self._call.media))
        elif self._peer is None and others:
            self._joined = self._call.call_id
            self._peer = peer = self.media.serve(
                lambda microphone, camera, take, take_own: Peer(
                    self._board.channel(self._call, others[0]),
                    microphone,
                    camera,
                    take,
                    ice_servers=ice_servers(self._servers.ice_servers),
                    on_change=self._look_at_peer,
                    on_own_picture=take_own,
                    spawn=lambda work: self._spawn(self._of_call(work)),
                )
            )
            peer.start()
            if self._is_back:  # the other side may not know that this device was away, and has the old connection
                self._is_back = False
                self._spawn(self._of_call(peer.restart()))
            elif self.is_outgoing:
                self._spawn(self._of_call(peer.offer()))

    def _look_at_peer(self) -> None:
        self._was_heard = self._was_heard or (self._peer is not None and self._peer.hears)
        self.changed.emit()

    def _part(self) -> None:
        """From the other side, and from this computer's devices."""
        self._joined, self._was_heard, self.quality, self._meter = "", False, Quality.UNKNOWN, Meter()
        self._drop_peer()
        self.media.close()

    def _drop_peer(self) -> None:
        if self._peer is not None:
            self.desk.tasks.spawn(self._peer.close())
            self._peer = None

    def _look(self) -> None:
        """Once a second."""
        if self._peer is None:
            return
        self._spawn(self._measure(self._peer))
        expire = time_of(self._servers.credentials_expire_time)
        if self._servers.HasField("credentials_expire_time") and self.desk.now() > expire - _RENEW_BEFORE:
            self._servers.ClearField("credentials_expire_time")  # asked for once
            self._spawn(self._renew_credentials())

    async def _measure(self, peer: Peer) -> None:
        quality = self._meter.look(counted((await peer.stats()).values()))
        if quality is not self.quality and peer is self._peer:
            self.quality = quality
            self.changed.emit()

    async def _join(self, media: call_pb2.CallMedia.ValueType) -> None:
        try:
            answer = await self._service.join(media)
        except ApricotError:
            self._joining = False
            self._part()
            raise
        self._joining = False
        self.is_of_many = answer.HasField("sfu_room")
        if self._given_up or self.is_of_many:
            self._left = answer.call.call_id
            self._part()
            await self._leave(self._left)
        else:
            self._servers = answer
            if self._joined == answer.call.call_id:
                self._is_back = True
            self._left, self._joined = "", answer.call.call_id
            self._look_at(answer.call)
            if self._call.state == CALL_STATE_ENDED:  # the conversation had shown it first
                self._part()

    async def _renew_credentials(self) -> None:
        self._servers = await self._service.join(self._call.media)
        if self._peer is not None:
            self._peer.ice_servers = ice_servers(self._servers.ice_servers)

    async def _leave(self, call_id: str) -> None:
        self._look_at(await self._service.leave(call_id))

    async def _ask_how_it_ended(self) -> None:
        if (call := await self._service.find(self._call.call_id)) is not None:
            self._look_at(call)

    async def _of_call(self, work: Awaitable[None]) -> None:
        """What a call's media want of the platform; when it has ended there is nobody to tell that it refuses."""
        try:
            await work
        except ApricotError:
            if self.is_under_way:
                raise

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return self.desk.tasks.spawn(work)
