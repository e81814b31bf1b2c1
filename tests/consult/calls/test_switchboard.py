"""The SDK's channels: two sides agree on one session, however their offers cross; and nothing comes too early."""

import asyncio
from collections import deque

import pytest
from apricot.consult.v1.call_pb2 import (
    CALL_STATE_ACTIVE,
    CALL_STATE_ENDED,
    Call,
    CallParticipant,
    IceCandidate,
    SessionDescription,
    Signal,
)
from apricot.consult.v1.conversation_pb2 import ConverseResponse, Joined, SignalShown
from hypothesis import given
from hypothesis import strategies as st

from clients.sdk import SignalChannel, Switchboard
from tests.patience import PATIENCE


class Sent:
    """A talk that keeps what is sent, until the test delivers it."""

    def __init__(self) -> None:
        self.signals: deque[Signal] = deque()

    async def send_signal(self, signal: Signal) -> None:
        self.signals.append(signal)


class Side:
    """What an application does, with names in the place of session descriptions."""

    def __init__(self, name: str, other: str) -> None:
        self.sent = Sent()
        self.session = ""
        """The offer that both sides have agreed on."""
        self._name = name
        self._offers = 0
        self._pending = ""
        self._channel = SignalChannel(self.sent, "call", name, other)
        self._following = asyncio.create_task(self._follow())

    async def offer(self) -> None:
        async with self._channel.offering():
            self._offers += 1
            self._pending = f"{self._name}{self._offers}"
            await self._channel.send_offer(self._pending)
            await self._channel.send_candidate(self._pending, "0", 0)

    async def deliver_to(self, other: "Side") -> None:
        """The next signal."""
        if self.sent.signals:
            other._channel.take(self.sent.signals.popleft())
            for _ in range(5):
                await asyncio.sleep(0)

    async def _follow(self) -> None:
        remote = ""
        async for signal in self._channel:
            match signal.WhichOneof("signal"):
                case "offer":
                    self.session, self._pending, remote = signal.offer.sdp, "", signal.offer.sdp
                    await self._channel.send_answer(self.session)
                    await self._channel.send_candidate(self.session, "0", 0)
                case "answer":
                    assert signal.answer.sdp == self._pending, "an answer is to the last offer"
                    self.session, self._pending, remote = self._pending, "", self._pending
                case "candidate":
                    assert signal.candidate.candidate == remote, "a candidate is of the session that counts"

    async def close(self) -> None:
        self._channel.close()
        await self._following


@given(st.lists(st.sampled_from(["a offers", "b offers", "to a", "to b"]), max_size=40))
def test_both_sides_agree_however_offers_cross(steps: list[str]) -> None:
    async def play() -> tuple[str, str, int]:
        a, b = Side("a", "b"), Side("b", "a")
        for step in steps:
            match step:
                case "a offers":
                    await a.offer()
                case "b offers":
                    await b.offer()
                case "to a":
                    await b.deliver_to(a)
                case "to b":
                    await a.deliver_to(b)
        while a.sent.signals or b.sent.signals:
            await a.deliver_to(b)
            await b.deliver_to(a)
        await a.close()
        await b.close()
        return a.session, b.session, len([step for step in steps if "offers" in step])

    ours, theirs, offers = asyncio.run(play())
    assert ours == theirs
    assert bool(ours) == (offers > 0)


def call(*devices: str, state: int = CALL_STATE_ACTIVE, call_id: str = "call") -> Call:
    participants = [CallParticipant(account_id=device, device_id=device) for device in devices]
    return Call(call_id=call_id, state=state, participants=participants)  # type: ignore[arg-type]


def shown(words: str, device: str, call_id: str = "call") -> ConverseResponse:
    signal = Signal(call_id=call_id, candidate=IceCandidate(candidate=words))
    return ConverseResponse(signal=SignalShown(device_id=device, signal=signal))


async def heard(channel: SignalChannel) -> list[str]:
    """Everything up to the end."""
    async with asyncio.timeout(PATIENCE):
        return [signal.candidate.candidate async for signal in channel]


OVER = {
    "the call ended": ConverseResponse(call=call("me", "you", state=CALL_STATE_ENDED)),
    "the other device left": ConverseResponse(call=call("me", "third")),
    "it ended while this device was away": ConverseResponse(joined=Joined()),
    "another one goes on": ConverseResponse(joined=Joined(call=call("me", "you", call_id="next"))),
}


@pytest.mark.parametrize("over", OVER.values(), ids=list(OVER))
async def test_what_comes_early_waits_and_the_end_ends_it(over: ConverseResponse) -> None:
    board = Switchboard(Sent(), "me")
    for update in shown("1", "you"), shown("-", "third"), shown("-", "you", "other call"):
        board.hear(update)
    channel = board.channel(call("me", "you"))
    for update in (
        shown("2", "you"),
        ConverseResponse(call=call("me", "you")),
        ConverseResponse(joined=Joined(call=call("me", "you"))),
        ConverseResponse(call=call("me", "you", state=CALL_STATE_ENDED, call_id="other call")),
        shown("3", "you"),
        over,
    ):
        board.hear(update)
    assert await heard(channel) == ["1", "2", "3"]
    assert await heard(channel) == [], "and it stays at its end"


async def test_of_more_than_two_each_has_a_channel() -> None:
    board, talk = Switchboard(Sent(), "me"), call("me", "you", "third")
    with pytest.raises(ValueError, match="one other device"):
        board.channel(talk)
    yours, thirds = board.channel(talk, "you"), board.channel(talk, "third")
    board.hear(shown("1", "third"))
    board.hear(shown("2", "you"))
    board.hear(ConverseResponse(call=call("me", "you")))
    board.hear(ConverseResponse(call=call("me")))
    assert (await heard(yours), await heard(thirds)) == (["2"], ["1"])


async def test_signals_go_to_the_other_device_of_this_call() -> None:
    sent = Sent()
    channel = Switchboard(sent, "me").channel(call("me", "you"))
    await channel.send_offer("sdp", ice_restart=True)
    (signal,) = sent.signals
    assert signal == Signal(call_id="call", to_device_id="you", offer=SessionDescription(sdp="sdp", ice_restart=True))


async def test_a_device_that_joins_again_has_a_new_channel() -> None:
    """What it sends before that waits, and the old channel gets none of it."""
    board = Switchboard(Sent(), "me")
    first = board.channel(call("me", "you"))
    for update in ConverseResponse(call=call("me")), ConverseResponse(call=call("me", "you")), shown("1", "you"):
        board.hear(update)
    again = board.channel(call("me", "you"))
    board.hear(ConverseResponse(call=call("me", "you", state=CALL_STATE_ENDED)))
    assert (await heard(first), await heard(again)) == ([], ["1"])


async def test_what_comes_behind_a_closed_channel_waits_for_the_next() -> None:
    board = Switchboard(Sent(), "me")
    board.channel(call("me", "you")).close()
    board.hear(shown("1", "you"))
    again = board.channel(call("me", "you"))
    again.look_at(call("me", "you", state=CALL_STATE_ENDED))
    assert await heard(again) == ["1"]
