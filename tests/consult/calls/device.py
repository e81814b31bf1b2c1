"""A device of its own process, for tests of networks: a peer whose conversation goes by lines of JSON on its pipes.

    python -m tests.consult.calls.device patient DEVICE_ID           # the patient offers
    python -m tests.consult.calls.device doctor DEVICE_ID 127.0.0.2 127.0.0.3

With addresses it uses these alone, and the line {"cut": "127.0.0.2"} takes one away, as a link that goes down does.
"""

import asyncio
import base64
import json
import sys
from typing import Any

import aioice.ice
from apricot.consult.v1.call_pb2 import Call, Signal
from apricot.consult.v1.conversation_pb2 import ConverseResponse

from clients.sdk import Switchboard
from tests.consult.calls.media import SIGNS
from tests.consult.calls.peer import Peer

_REPORT_SECONDS = 0.1
_LONGEST_LINE = 1 << 20


def tell(**line: Any) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


class Pipe:
    """The conversation, by the parent process."""

    async def send_signal(self, signal: Signal) -> None:
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


async def main(side: str, device_id: str, addresses: list[str]) -> None:
    network = SomeAddresses(addresses) if addresses else None
    board, peer = Switchboard(Pipe(), device_id), None
    lines = asyncio.StreamReader(limit=_LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with asyncio.TaskGroup() as group:
        reporting = None
        async for line in lines:  # until the parent closes it
            said = json.loads(line)
            if "update" in said:
                board.hear(ConverseResponse.FromString(base64.b64decode(said["update"])))
            elif "call" in said:
                channel = board.channel(Call.FromString(base64.b64decode(said["call"])))
                peer = Peer(channel, SIGNS[side])
                peer.start()
                reporting = group.create_task(report(peer))
                if side == "patient":
                    await peer.offer()
            elif "cut" in said and network is not None:
                network.cut(said["cut"])
        if reporting is not None:
            reporting.cancel()
    if peer is not None:
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
            over=peer.over.is_set(),
        )
        await asyncio.sleep(_REPORT_SECONDS)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
