"""A WebRTC peer as an application has it: aiortc's peer connection, bound to the signals of a call.

aiortc 1.16 has no ICE restart: its ICE transport starts once and keeps its first candidate pair. So that a call
outlives its network, a side that hears nothing for a while offers a session over a new peer connection, marked as an
ICE restart; the other side answers with a new one of its own.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress
from typing import Protocol

from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from aiortc.sdp import candidate_from_sdp
from apricot.consult.v1.call_pb2 import Signal

from tests.consult.calls.media import Bars, Heard, Seen, Sign, Tone

SILENCE_SECONDS = 1.5
"""After so long without sound a side tries another way."""


class Channel(Protocol):
    """A call's signals."""

    async def send_offer(self, sdp: str, *, ice_restart: bool = False) -> None: ...

    async def send_answer(self, sdp: str) -> None: ...

    async def send_candidate(self, candidate: str, sdp_mid: str, sdp_m_line_index: int) -> None: ...

    def signals(self) -> AsyncIterator[Signal]: ...


class Peer:
    """One side's media. Where both offer at one instant, the polite side answers."""

    def __init__(
        self, channel: Channel, sign: Sign, *, polite: bool, video: bool = True, ice: list[RTCIceServer] | None = None
    ) -> None:
        self.heard, self.seen = Heard(), Seen()
        self.restarts = 0
        self._channel = channel
        self._polite = polite
        self._config = RTCConfiguration(iceServers=ice or [], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        self._sign = sign
        self._tracks: list[MediaStreamTrack] = [Tone(sign.tone_hz), *([Bars(sign.colours)] if video else [])]
        self._tasks: set[asyncio.Task[None]] = set()
        self._negotiating = asyncio.Lock()
        self._offered = False
        self._ignoring = False
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
        self._offered, self._ignoring = True, False
        await self.connection.setLocalDescription(await self.connection.createOffer())
        sdp, candidates = _parted(self.connection.localDescription.sdp)
        await self._channel.send_offer(sdp, ice_restart=ice_restart)
        await self._trickle(candidates)

    async def _trickle(self, candidates: list[str]) -> None:
        for candidate in [*candidates, ""]:
            await self._channel.send_candidate(candidate, "0", 0)

    async def _follow(self) -> None:
        async for signal in self._channel.signals():
            async with self._negotiating:
                await self._take(signal)

    async def _take(self, signal: Signal) -> None:
        kind = signal.WhichOneof("signal")
        if kind == "offer":
            self._ignoring = self._offered and not self._polite
            if not self._ignoring:
                await self._answer(signal)
        elif kind == "answer" and self._offered:
            self._offered, self._ignoring = False, False
            await self.connection.setRemoteDescription(RTCSessionDescription(signal.answer.sdp, "answer"))
        elif kind == "candidate" and not self._ignoring:
            candidate = candidate_from_sdp(signal.candidate.candidate) if signal.candidate.candidate else None
            if candidate is not None:
                candidate.sdpMid = signal.candidate.sdp_mid
                candidate.sdpMLineIndex = signal.candidate.sdp_m_line_index
            await self.connection.addIceCandidate(candidate)

    async def _answer(self, signal: Signal) -> None:
        if signal.offer.ice_restart:
            await self._reconnect()
            self.heard.time = _now()  # the new way has its time
        self._offered = False
        await self.connection.setRemoteDescription(RTCSessionDescription(signal.offer.sdp, "offer"))
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        sdp, candidates = _parted(self.connection.localDescription.sdp)
        await self._channel.send_answer(sdp)
        await self._trickle(candidates)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(0.1)
            async with self._negotiating:
                if self.heard.frames and _now() - self.heard.time > SILENCE_SECONDS:
                    await self._reconnect()
                    await self._offer(ice_restart=True)
                    self.restarts += 1
                    self.heard.time = _now()

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


def _parted(sdp: str) -> tuple[str, list[str]]:
    """A description without its candidates, and those of its first medium, which carries all."""
    candidates = re.findall(r"^a=candidate:(.*?)\r?$", sdp.split("m=")[1], re.MULTILINE)
    return re.sub(r"^a=(candidate:|end-of-candidates).*?\r?\n", "", sdp, flags=re.MULTILINE), candidates


def _now() -> float:
    return asyncio.get_running_loop().time()
