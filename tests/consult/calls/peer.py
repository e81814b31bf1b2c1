"""The clinician's app's own WebRTC peer, with media that can be told again."""

import asyncio

from av import AudioFrame

from clients.clinician.models.call import peer
from clients.clinician.models.call.outgoing import Frame
from clients.sdk import SignalChannel
from tests.consult.calls.media import Bars, Heard, Seen, Sign, Tone


class Peer(peer.Peer):
    """Shows the sign of its side, and keeps what came."""

    def __init__(self, channel: SignalChannel, sign: Sign, *, video: bool = True) -> None:
        self.heard, self.seen = Heard(), Seen()
        self._sign = sign
        camera = Bars(sign.colours) if video else None
        super().__init__(channel, Tone(sign.tone_hz), camera, self._look)

    async def add_video(self) -> None:
        """In mid-call."""
        await self.show(Bars(self._sign.colours))

    def _look(self, frame: Frame) -> None:
        if isinstance(frame, AudioFrame):
            self.heard.take(frame, asyncio.get_running_loop().time())
        else:
            self.seen.take(frame)
