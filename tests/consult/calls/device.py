"""A device of its own process, for tests of networks: a peer whose conversation goes by lines of JSON on its pipes.

    python -m tests.consult.calls.device patient DEVICE_ID           # the patient offers
    python -m tests.consult.calls.device doctor DEVICE_ID 127.0.0.2 127.0.0.3

With addresses it uses these alone, and the line {"cut": "127.0.0.2"} takes one away, as a link that goes down does.
"""

import asyncio
import base64
import json
import sys
from typing import Any, ClassVar

import aioice.ice
from aioice.ice import StunProtocol
from aioice.stun import Message
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


class Cuttable(StunProtocol):
    """Media and checks of one address, as long as it is not cut."""

    cut: ClassVar[set[str]] = set()

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        if not self._is_cut:
            super().datagram_received(data, addr)

    async def send_data(self, data: bytes, addr: tuple[str, int]) -> None:
        if not self._is_cut:
            await super().send_data(data, addr)

    def send_stun(self, message: Message, addr: tuple[str, int]) -> None:
        if not self._is_cut:
            super().send_stun(message, addr)

    @property
    def _is_cut(self) -> bool:
        return self.local_candidate.host in self.cut


def use_alone(addresses: list[str]) -> None:
    """These addresses, in the place of the machine's."""
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: addresses
    aioice.ice.StunProtocol = Cuttable  # type: ignore[misc]


async def main(side: str, device_id: str, addresses: list[str]) -> None:
    if addresses:
        use_alone(addresses)
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
            elif "cut" in said:
                Cuttable.cut.add(said["cut"])
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
