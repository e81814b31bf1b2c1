"""A call's signals, for whichever WebRTC library the application has."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Protocol

from apricot.consult.v1.call_pb2 import CALL_STATE_ENDED, Call, IceCandidate, SessionDescription, Signal
from apricot.consult.v1.conversation_pb2 import ConverseResponse, SignalShown

_MOST_WAITING = 1000


class Talk(Protocol):
    """What a `Conversation` does for a call."""

    async def send_signal(self, signal: Signal) -> object:
        """To the other side; returns when it is durable."""


class SignalChannel:
    """The signals between this device and one other in a call; made by a `Switchboard`.

        async with channel.offering():
            ...                             # make an offer
            await channel.send_offer(sdp)
        async for signal in channel:
            ...                             # give it to the peer connection; answer an offer

    Either side may offer at any time: to add video, or, with `ice_restart`, to go on over another network. Where both
    do so at one instant, one of the two offers is void, and neither it nor what belongs to it is handed over: whoever
    gets an offer here answers it, and drops an offer of its own that is not answered. So that both sides agree on it,
    no signal is handed over while an offer is made, nor is one made while a signal is dealt with. Signals come once and
    in order, over broken connections too. The iteration ends when the call ends, or the other device leaves it.
    """

    def __init__(self, talk: Talk, call_id: str, device_id: str, to_device_id: str) -> None:
        self.call_id = call_id
        self.to_device_id = to_device_id
        self._talk = talk
        self._polite = device_id < to_device_id
        """Of two offers at one instant the polite side's is void. Both sides find the same."""
        self._signals: asyncio.Queue[Signal | None] = asyncio.Queue(_MOST_WAITING)
        self._turn = asyncio.Lock()
        self._unanswered = 0
        self._void = False
        """Whether the other side's last description was."""
        self.over = False
        """Whether no more signals come."""

    def offering(self) -> asyncio.Lock:
        """Hold it to make an offer and send it."""
        return self._turn

    async def send_offer(self, sdp: str, *, ice_restart: bool = False) -> None:
        """Offer a session, or a changed one; with `ice_restart`, one with new ICE credentials."""
        self._unanswered += 1
        await self._send(Signal(offer=SessionDescription(sdp=sdp, ice_restart=ice_restart)))

    async def send_answer(self, sdp: str) -> None:
        """Answer the last offer."""
        await self._send(Signal(answer=SessionDescription(sdp=sdp)))

    async def send_candidate(self, candidate: str, sdp_mid: str, sdp_m_line_index: int) -> None:
        """A way to reach this device, as in SDP behind "candidate:"; empty: there are no more."""
        ice = IceCandidate(candidate=candidate, sdp_mid=sdp_mid, sdp_m_line_index=sdp_m_line_index)
        await self._send(Signal(candidate=ice))

    def take(self, signal: Signal) -> None:
        """One of the other device's, in order."""
        self._put(signal)

    def look_at(self, call: Call) -> None:
        """The call as it now is."""
        if call.state == CALL_STATE_ENDED or all(one.device_id != self.to_device_id for one in call.participants):
            self.over = True
            self._put(None)

    def close(self) -> None:
        """End the iteration."""
        self.over = True
        while not self._signals.empty():
            self._signals.get_nowait()
        self._signals.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[Signal]:
        while (signal := await self._signals.get()) is not None:
            async with self._turn:
                if self._counts(signal):
                    yield signal
        self._put(None)  # whoever iterates again finds the end again

    def _counts(self, signal: Signal) -> bool:
        """Whether a signal is to be handed over. Each offer that is not void is answered once, and in order."""
        match signal.WhichOneof("signal"):
            case "offer":
                self._void = self._unanswered > 0 and not self._polite
                if not self._void:
                    self._unanswered = 0
            case "answer":
                self._void = self._unanswered != 1
                self._unanswered = max(self._unanswered - 1, 0)
        return not self._void

    def _put(self, signal: Signal | None) -> None:
        if self._signals.full():  # nobody falls so far behind who still reads
            self.close()
        else:
            self._signals.put_nowait(signal)

    async def _send(self, signal: Signal) -> None:
        signal.call_id, signal.to_device_id = self.call_id, self.to_device_id
        await self._talk.send_signal(signal)


class Switchboard:
    """Hands the signals of a conversation to the channels of its calls.

        board = Switchboard(talk, device_id)
        async for update in talk:           # the application's own loop
            board.hear(update)

        channel = board.channel(call)       # of a call as `JoinCall` or an update shows it, once it was answered

    What the other device sends before its channel is there waits for it. A device that has left and joins again gets a
    new channel.
    """

    def __init__(self, talk: Talk, device_id: str) -> None:
        self._talk = talk
        self._device_id = device_id
        self._channels: list[SignalChannel] = []
        self._early: deque[SignalShown] = deque(maxlen=_MOST_WAITING)

    def hear(self, update: ConverseResponse) -> None:
        """Any update of the conversation."""
        match update.WhichOneof("update"):
            case "signal":
                self._take(update.signal)
            case "call":
                self._look_at(update.call)
            case "joined":  # without a call: the last one has ended meanwhile
                live = update.joined.call
                for call_id in {channel.call_id for channel in self._channels} - {live.call_id}:
                    self._look_at(Call(call_id=call_id, state=CALL_STATE_ENDED))
                self._look_at(live)

    def channel(self, call: Call, to_device_id: str = "") -> SignalChannel:
        """To the other device in the call; with more than one it is to be named. Errors: ValueError."""
        others = [one.device_id for one in call.participants if one.device_id != self._device_id]
        if not to_device_id and len(others) != 1:
            raise ValueError("the call has not exactly one other device")
        made = SignalChannel(self._talk, call.call_id, self._device_id, to_device_id or others[0])
        self._channels.append(made)
        waiting = list(self._early)
        self._early.clear()
        for shown in waiting:
            self._take(shown)
        return made

    def _take(self, shown: SignalShown) -> None:
        for channel in self._channels:
            place = channel.call_id, channel.to_device_id
            if not channel.over and place == (shown.signal.call_id, shown.device_id):
                channel.take(shown.signal)
                return
        self._early.append(shown)

    def _look_at(self, call: Call) -> None:
        for channel in self._channels:
            if channel.call_id == call.call_id:
                channel.look_at(call)
        self._channels = [channel for channel in self._channels if not channel.over]
