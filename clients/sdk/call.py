"""A call's signals, for whichever WebRTC library the application has."""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

from apricot.consult.v1.call_pb2 import CALL_STATE_ENDED, Call, IceCandidate, SessionDescription, Signal
from apricot.consult.v1.conversation_pb2 import ConverseResponse

_MOST_WAITING = 1000
_OFFER_SECONDS = 10.0
"""An offer that is not answered for so long no longer stands in the way of the other side's."""


class Talk(Protocol):
    """What a `Conversation` does for a call."""

    async def send_signal(self, signal: Signal) -> object:
        """To the other side; returns when it is durable."""


class SignalChannel:
    """The signals between this device and one other in a call.

        channel = SignalChannel(talk, call, device_id)     # the call as it was answered
        async for update in talk:                          # the application's own loop
            channel.hear(update)

        await channel.send_offer(sdp)
        async for signal in channel:                       # to be given to the peer connection, each one
            ...

    Either side may offer at any time: to add video, or, with `ice_restart`, to go on over another network. Where both
    do so at one instant, one of the two offers is void, and neither it nor what belongs to it is handed over: whoever
    gets an offer here answers it, and drops an offer of its own that is not answered. Signals are kept by the platform
    and come once and in order, over broken connections too. The iteration ends when the call ends, or the other device
    leaves it.
    """

    def __init__(self, talk: Talk, call: Call, device_id: str, to_device_id: str = "") -> None:
        """`to_device_id` may be left out where only two are in the call. Errors: ValueError."""
        others = [one.device_id for one in call.participants if one.device_id != device_id]
        if not to_device_id and len(others) != 1:
            raise ValueError("name the other device: the call has not exactly one")
        self.to_device_id = to_device_id or others[0]
        self._talk = talk
        self._call_id = call.call_id
        self._polite = device_id < self.to_device_id
        """Of two offers at one instant the polite side's is void. Both sides find the same."""
        self._signals: asyncio.Queue[Signal | None] = asyncio.Queue(_MOST_WAITING)
        self._unanswered = 0
        self._offer_time = 0.0
        self._void = False

    async def send_offer(self, sdp: str, *, ice_restart: bool = False) -> None:
        """Offer a session, or a changed one; with `ice_restart`, one with new ICE credentials."""
        self._unanswered += 1
        self._offer_time = _now()
        self._void = False
        await self._send(Signal(offer=SessionDescription(sdp=sdp, ice_restart=ice_restart)))

    async def send_answer(self, sdp: str) -> None:
        """Answer the last offer."""
        await self._send(Signal(answer=SessionDescription(sdp=sdp)))

    async def send_candidate(self, candidate: str, sdp_mid: str, sdp_m_line_index: int) -> None:
        """A way to reach this device, as in SDP behind "candidate:"; empty: there are no more."""
        ice = IceCandidate(candidate=candidate, sdp_mid=sdp_mid, sdp_m_line_index=sdp_m_line_index)
        await self._send(Signal(candidate=ice))

    def hear(self, update: ConverseResponse) -> None:
        """Take from an update of the conversation what is of this call."""
        if update.HasField("signal"):
            shown = update.signal
            if (shown.signal.call_id, shown.device_id) == (self._call_id, self.to_device_id) and self._counts(
                shown.signal
            ):
                self._put(shown.signal)
        elif update.HasField("joined"):
            self._look_at(update.joined.call)
        elif update.HasField("call") and update.call.call_id == self._call_id:
            self._look_at(update.call)

    def close(self) -> None:
        """End the iteration."""
        while not self._signals.empty():
            self._signals.get_nowait()
        self._signals.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[Signal]:
        while (signal := await self._signals.get()) is not None:
            yield signal
        self._signals.put_nowait(None)  # whoever iterates again finds the end again

    def _counts(self, signal: Signal) -> bool:
        """Whether a signal is to be handed over. Each offer that is not void is answered once, and in order."""
        match signal.WhichOneof("signal"):
            case "offer":
                mine_stands = self._unanswered > 0 and _now() - self._offer_time < _OFFER_SECONDS
                self._void = mine_stands and not self._polite
                if not self._void:
                    self._unanswered = 0
                return not self._void
            case "answer":
                self._void = self._unanswered != 1
                self._unanswered = max(self._unanswered - 1, 0)
                return not self._void
            case _:
                return not self._void

    def _look_at(self, call: Call) -> None:
        is_over = call.call_id != self._call_id or call.state == CALL_STATE_ENDED
        if is_over or all(one.device_id != self.to_device_id for one in call.participants):
            self._put(None)

    def _put(self, signal: Signal | None) -> None:
        """Nobody falls so far behind who still reads."""
        if self._signals.full():
            self.close()
        else:
            self._signals.put_nowait(signal)

    async def _send(self, signal: Signal) -> None:
        signal.call_id, signal.to_device_id = self._call_id, self.to_device_id
        await self._talk.send_signal(signal)


def _now() -> float:
    return asyncio.get_running_loop().time()
