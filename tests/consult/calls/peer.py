"""A WebRTC peer as an application has it: aiortc's peer connection, bound to the signals of a call.

aiortc 1.16 has no ICE restart: its ICE transport starts once and keeps its first candidate pair. So that a call
outlives its network, a side that hears nothing for a while offers a session over a new peer connection, marked as an
ICE restart; the other side answers with a new one of its own.
"""

import asyncio
import re
from collections.abc import Awaitable
from contextlib import suppress

from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceCandidate,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from aiortc.sdp import candidate_from_sdp
from apricot.consult.v1.call_pb2 import IceCandidate, SessionDescription, Signal

from clients.sdk import SignalChannel
from tests.consult.calls.media import Bars, Heard, Seen, Sign, Tone

SILENCE_SECONDS = 1.5
"""After so long without sound a side tries another way."""


class Peer:
    """One side's media."""

    def __init__(self, channel: SignalChannel, sign: Sign, *, video: bool = True) -> None:
        self.heard, self.seen = Heard(), Seen()
        self.restarts = 0
        self.over = asyncio.Event()
        self._channel = channel
        self._config = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        self._sign = sign
        self._tracks: list[MediaStreamTrack] = [Tone(sign.tone_hz), *([Bars(sign.colours)] if video else [])]
        self._tasks: set[asyncio.Task[None]] = set()
        self._negotiating = asyncio.Lock()
        self.connection = self._connect()

    async def offer(self) -> None:
        """Offer the session as it now is."""
        async with self._negotiating:
            await self._offer()

    async def add_video(self) -> None:
        """In mid-call."""
        track = Bars(self._sign.colours)
        self._tracks.append(track)
        self.connection.addTrack(track)
        await self.offer()

    async def restart(self) -> None:
        """Go on over whatever network there is now."""
        async with self._negotiating:
            self.restarts += 1
            self.heard.time = _now()
            await self._reconnect()
            await self._offer(ice_restart=True)

    def start(self) -> None:
        """Follow the other side's signals, and try another way when it falls silent."""
        self._spawn(self._follow())
        self._spawn(self._watch())

    async def close(self) -> None:
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
        made = RTCPeerConnection(self._config)
        made.on("track", self._receive)
        for track in self._tracks:
            made.addTrack(track)
        return made

    async def _reconnect(self) -> None:
        old, self.connection = self.connection, self._connect()
        await old.close()

    async def _offer(self, *, ice_restart: bool = False) -> None:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        sdp, candidates = _parted(self.connection.localDescription.sdp)
        await self._channel.send_offer(sdp, ice_restart=ice_restart)
        await self._trickle(candidates)

    async def _trickle(self, candidates: list[str]) -> None:
        for candidate in [*candidates, ""]:
            await self._channel.send_candidate(candidate, "0", 0)

    async def _follow(self) -> None:
        async for signal in self._channel:
            async with self._negotiating:
                await self._take(signal)
        self.over.set()

    async def _take(self, signal: Signal) -> None:
        match signal.WhichOneof("signal"):
            case "offer":
                await self._answer(signal.offer)
            case "answer":
                await self.connection.setRemoteDescription(RTCSessionDescription(signal.answer.sdp, "answer"))
            case "candidate":
                await self.connection.addIceCandidate(_candidate(signal.candidate))

    async def _answer(self, offer: SessionDescription) -> None:
        if offer.ice_restart:
            await self._reconnect()
            self.heard.time = _now()  # the new way has its time
        await self.connection.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        sdp, candidates = _parted(self.connection.localDescription.sdp)
        await self._channel.send_answer(sdp)
        await self._trickle(candidates)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(0.1)
            if self.heard.frames and _now() - self.heard.time > SILENCE_SECONDS:
                await self.restart()

    def _receive(self, track: MediaStreamTrack) -> None:
        self._spawn(self._consume(track))

    async def _consume(self, track: MediaStreamTrack) -> None:
        with suppress(MediaStreamError):  # its connection was closed
            while True:
                frame = await track.recv()
                if track.kind == "audio":
                    self.heard.take(frame, _now())  # type: ignore[arg-type]
                else:
                    self.seen.take(frame)  # type: ignore[arg-type]

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _candidate(ice: IceCandidate) -> RTCIceCandidate | None:
    """None: there are no more."""
    if not ice.candidate:
        return None
    made = candidate_from_sdp(ice.candidate)
    made.sdpMid, made.sdpMLineIndex = ice.sdp_mid, ice.sdp_m_line_index
    return made


def _parted(sdp: str) -> tuple[str, list[str]]:
    """A description without its candidates, and those of its first medium, which carries all."""
    candidates = re.findall(r"^a=candidate:(.*?)\r?$", sdp.split("m=")[1], re.MULTILINE)
    return re.sub(r"^a=(candidate:|end-of-candidates).*?\r?\n", "", sdp, flags=re.MULTILINE), candidates


def _now() -> float:
    return asyncio.get_running_loop().time()
