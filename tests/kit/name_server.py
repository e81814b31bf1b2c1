"""A name server for a test: what it answers can change."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import IPv4Address
from typing import override

_A, _IN, _TTL_SECONDS = 1, 1, 1


class NameServer(asyncio.DatagramProtocol):
    """Knows every name at `addresses`."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["NameServer"]:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self._transport, self.port = transport, transport.get_extra_info("sockname")[1]
        try:
            yield self
        finally:
            transport.close()

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        end = data.index(b"\0", 12) + 5
        question = data[12:end]
        found = self.addresses if struct.unpack("!H", question[-4:-2])[0] == _A else []
        header = data[:2] + struct.pack("!HHHHH", 0x8180, 1, len(found), 0, 0)
        record = struct.pack("!HHHIH", 0xC00C, _A, _IN, _TTL_SECONDS, 4)
        answer = header + question + b"".join(record + IPv4Address(address).packed for address in found)
        if self._transport is not None:
            self._transport.sendto(answer, addr)
