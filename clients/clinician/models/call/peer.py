"""A WebRTC peer: aiortc's peer connection, bound to the signals of a call.

aiortc 1.16 has no ICE restart: its ICE transport starts once and keeps its first candidate pair. So that a call
outlives its network, a side that hears nothing for a while offers a session over a new peer connection, marked as an
ICE restart; the other side answers with a new one of its own.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, cast

from aiortc import RTCBundlePolicy, RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.stats import RTCStatsReport
from apricot.consult.v1.call_pb2 import SessionDescription, Signal
from av import AudioFrame

from clients.clinician.models.call.descriptions import candidate, parted, shows_picture
from clients.clinician.models.call.outgoing import Frame, Outgoing, Source, silence
from clients.sdk import SignalChannel

SILENCE_SECONDS = 1.5
"""After so long without sound a side tries another way."""
NEW_WAY_SECONDS = 5.0
"""And a new way has so long until there is some."""
_LOOK_SECONDS = 0.1


class Peer:
    """One side's media.

        peer = Peer(channel, microphone, camera, take)
        peer.start()
        await peer.offer()              # the caller; the other side answers by itself

    Sound is sent all the time, be it silence: by it the other side knows that the call is there.
    """

    def __init__(
        self,
        channel: SignalChannel,
        microphone: Source,
        camera: Source | None,
        take: Callable[[Frame], None],
        *,
        ice_servers: Sequence[RTCIceServer] = (),
        on_change: Callable[[], None] = lambda: None,
        on_own_picture: Callable[[Frame], None] = lambda frame: None,
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]] = asyncio.create_task,
    ) -> None:
        self.to_device_id = channel.to_device_id
        self.ice_servers = [*ice_servers]
        """For connections made from now on."""
        self.muted = False
        self.shows_picture = False
        """Whether the other side says that it sends one."""
        self.hears = False
        """Whether the other side is there."""
        self.restarts = 0
        self.over = asyncio.Event()
        self._channel = channel
        self._take_frame = take
        self._on_change = on_change
        self._on_own_picture = on_own_picture
        self._begin = spawn
        self._camera = camera
        self._missed_from: float | None = None
        """When sound is overdue; None: not before there was some."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._pumps: dict[str, asyncio.Task[None]] = {}
        self._tracks: dict[str, Outgoing] = {}
        self.connection = self._connect()
        self.listen_to(microphone)
        if camera is not None:
            self._pump(camera)

    async def offer(self) -> None:
        """Offer the session as it now is."""
        async with self._channel.offering():
            await self._offer()

    async def show(self, camera: Source | None) -> None:
        """Send this picture from now on, or none."""
        async with self._channel.offering():
            self._stop_pump("video")
            self._camera = camera
            if camera is not None:
                self._pump(camera)
            self._direct_video()
            await self._offer()

    def listen_to(self, microphone: Source) -> None:
        """Send this sound from now on."""
        self._pump(microphone)

    async def restart(self) -> None:
        """Go on over whatever network there is now."""
        async with self._channel.offering():
            await self._restart()

    def start(self) -> None:
        """Follow the other side's signals, and try another way when it falls silent."""
        self._spawn(self._follow())
        self._spawn(self._watch())

    async def stats(self) -> RTCStatsReport:
        """What is known of the way."""
        return await self.connection.getStats()

    async def close(self) -> None:
        """Let go of the other side; the sources are whose they were."""
        self._channel.close()
        for task in self._tasks:
            task.cancel()
        for task in list(self._tasks):
            with suppress(asyncio.CancelledError):
                await task
        await self.connection.close()

    @property
    def local_address(self) -> str:
        """Of the candidate pair that carries the media."""
        ice = self.connection.getSenders()[0].transport.transport._connection
        return next((str(pair.local_addr[0]) for pair in ice._nominated.values()), "")

    def _connect(self) -> RTCPeerConnection:
        made = RTCPeerConnection(RTCConfiguration(self.ice_servers, bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        made.on("track", self._receive)
        self._tracks = {kind: Outgoing(kind) for kind in (["audio", "video"] if self._camera else ["audio"])}
        for track in self._tracks.values():
            made.addTrack(track)
        return made

    def _direct_video(self) -> None:
        """The connection sends a picture where there is one."""
        if self._camera is not None and "video" not in self._tracks:
            self._tracks["video"] = Outgoing("video")
            self.connection.addTrack(self._tracks["video"])
        for transceiver in self.connection.getTransceivers():
            if transceiver.kind == "video":
                transceiver.direction = "sendrecv" if self._camera is not None else "recvonly"

    async def _reconnect(self) -> None:
        self._missed_from = _now() + NEW_WAY_SECONDS
        self._hear(False)
        old, self.connection = self.connection, self._connect()
        await old.close()

    async def _restart(self) -> None:
        self.restarts += 1
        await self._reconnect()
        await self._offer(ice_restart=True)

    async def _offer(self, *, ice_restart: bool = False) -> None:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        sdp, candidates = parted(self.connection.localDescription.sdp)
        await self._channel.send_offer(sdp, ice_restart=ice_restart)
        await self._trickle(candidates)

    async def _trickle(self, candidates: list[str]) -> None:
        for each in [*candidates, ""]:
            await self._channel.send_candidate(each, "0", 0)

    async def _follow(self) -> None:
        async for signal in self._channel:
            await self._take(signal)
        self.over.set()
        self._on_change()

    async def _take(self, signal: Signal) -> None:
        """A connection is closed when the other side has left its own for a new one: its offer is on the way."""
        match signal.WhichOneof("signal"):
            case "offer":
                await self._answer(signal.offer)
            case "answer" if self.connection.signalingState == "have-local-offer":
                await self._described("answer", signal.answer.sdp)
            case "candidate" if self.connection.signalingState != "closed":
                await self.connection.addIceCandidate(candidate(signal.candidate))

    async def _answer(self, offer: SessionDescription) -> None:
        crossed = self.connection.signalingState == "have-local-offer"
        if offer.ice_restart or crossed:
            await self._reconnect()
        await self._described("offer", offer.sdp)
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        sdp, candidates = parted(self.connection.localDescription.sdp)
        await self._channel.send_answer(sdp)
        await self._trickle(candidates)
        if crossed and not offer.ice_restart:
            # Our own offer is void, and aiortc cannot take it back: what both wanted goes over new connections.
            self._spawn(self.restart())

    async def _described(self, kind: str, sdp: str) -> None:
        await self.connection.setRemoteDescription(RTCSessionDescription(sdp, kind))
        self.shows_picture = shows_picture(sdp)
        self._on_change()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            async with self._channel.offering():
                if self._missed_from is not None and _now() > self._missed_from:
                    await self._restart()

    def _receive(self, track: MediaStreamTrack) -> None:
        self._spawn(self._consume(track))

    async def _consume(self, track: MediaStreamTrack) -> None:
        with suppress(MediaStreamError):  # its connection was closed
            while True:
                frame = await track.recv()
                if isinstance(frame, AudioFrame):
                    self._missed_from = _now() + SILENCE_SECONDS
                    self._hear(True)
                self._take_frame(cast(Frame, frame))

    def _hear(self, hears: bool) -> None:
        changed, self.hears = hears != self.hears, hears
        if changed:
            self._on_change()

    def _pump(self, source: Source) -> None:
        self._stop_pump(source.kind)
        self._pumps[source.kind] = self._spawn(self._send_all(source))

    def _stop_pump(self, kind: str) -> None:
        if kind in self._pumps:
            self._pumps.pop(kind).cancel()

    async def _send_all(self, source: Source) -> None:
        with suppress(MediaStreamError):  # its device is gone
            while True:
                frame = await source.recv()
                if isinstance(frame, AudioFrame) and self.muted:
                    silence(frame)
                if source.kind == "video":
                    self._on_own_picture(cast(Frame, frame))
                if source.kind in self._tracks:
                    self._tracks[source.kind].put(cast(Frame, frame))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._begin(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _now() -> float:
    return asyncio.get_running_loop().time()
