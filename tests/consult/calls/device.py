"""A device of its own process, for tests of networks: a peer whose signals come and go by lines of JSON.

    python -m tests.consult.calls.device patient            # or: doctor; the one who calls is not polite
    python -m tests.consult.calls.device patient 127.0.0.2 127.0.0.3

With addresses it uses these alone, and the line {"cut": "127.0.0.2"} takes one away, as a link that goes down does.
"""

import asyncio
import base64
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import aioice.ice
from apricot.consult.v1.call_pb2 import IceCandidate, SessionDescription, Signal

from tests.consult.calls.media import SIGNS
from tests.consult.calls.peer import Peer

_REPORT_SECONDS = 0.1


def tell(**line: Any) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


class Pipe:
    """A call's signals, by the parent process."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[Signal] = asyncio.Queue()

    async def send_offer(self, sdp: str, *, ice_restart: bool = False) -> None:
        self._send(Signal(offer=SessionDescription(sdp=sdp, ice_restart=ice_restart)))

    async def send_answer(self, sdp: str) -> None:
        self._send(Signal(answer=SessionDescription(sdp=sdp)))

    async def send_candidate(self, candidate: str, sdp_mid: str, sdp_m_line_index: int) -> None:
        self._send(
            Signal(candidate=IceCandidate(candidate=candidate, sdp_mid=sdp_mid, sdp_m_line_index=sdp_m_line_index))
        )

    async def signals(self) -> AsyncIterator[Signal]:
        while True:
            yield await self.heard.get()

    def _send(self, signal: Signal) -> None:
        tell(signal=base64.b64encode(signal.SerializeToString()).decode())


class SomeAddresses:
    """In the place of the machine's: these, as long as they are not cut."""

    def __init__(self, addresses: list[str]) -> None:
        self._addresses = addresses
        self._cut: set[str] = set()
        aioice.ice.get_host_addresses = self._get
        protocol = aioice.ice.StunProtocol
        receive, send_data, send_stun = protocol.datagram_received, protocol.send_data, protocol.send_stun

        def receive_some(self_: Any, data: Any, addr: Any) -> None:
            if not self._is_cut(self_):
                receive(self_, data, addr)

        async def send_some(self_: Any, data: bytes, addr: Any) -> None:
            if not self._is_cut(self_):
                await send_data(self_, data, addr)

        def send_some_stun(self_: Any, message: Any, addr: Any) -> None:
            if not self._is_cut(self_):
                send_stun(self_, message, addr)

        protocol.datagram_received = receive_some  # type: ignore[method-assign]
        protocol.send_data = send_some  # type: ignore[method-assign]
        protocol.send_stun = send_some_stun  # type: ignore[method-assign]

    def cut(self, address: str) -> None:
        self._cut.add(address)

    def _get(self, use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return list(self._addresses)

    def _is_cut(self, protocol: Any) -> bool:
        return protocol.transport.get_extra_info("sockname")[0] in self._cut


async def main(side: str, addresses: list[str]) -> None:
    network = SomeAddresses(addresses) if addresses else None
    pipe = Pipe()
    peer = Peer(pipe, SIGNS[side], polite=side == "doctor")
    peer.start()
    reporting = asyncio.create_task(report(peer))
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async for line in lines:  # until the parent closes it
        said = json.loads(line)
        if "signal" in said:
            pipe.heard.put_nowait(Signal.FromString(base64.b64decode(said["signal"])))
        elif "cut" in said and network is not None:
            network.cut(said["cut"])
        elif "offer" in said:
            await peer.offer()
    reporting.cancel()
    await peer.close()


async def report(peer: Peer) -> None:
    while True:
        tell(
            heard_frames=peer.heard.frames,
            tone_hz=peer.heard.tone_hz,
            seen_frames=peer.seen.frames,
            colours=peer.seen.colours,
            moves=peer.seen.moves,
            address=peer.local_address,
            restarts=peer.restarts,
        )
        await asyncio.sleep(_REPORT_SECONDS)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
