"""The cluster's DNS: what a headless Service's name means is which of its pods are ready."""

import asyncio
from collections.abc import Callable, Sequence

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

PORT = 53
TTL_SECONDS = 5
"""CoreDNS's own for Services."""
ZONE = "cluster.local"

type Resolve = Callable[[str], Sequence[str] | None]
"""The addresses of a full name, without its last dot; None: there is no such name."""


class Names(asyncio.DatagramProtocol):
    """Answers by UDP."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._transport: asyncio.DatagramTransport | None = None

    async def serve(self, address: str, port: int = PORT) -> None:
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, (address, port))

    def close(self) -> None:
        if self._transport:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.DatagramTransport):
            self._transport = transport

    def datagram_received(self, data: bytes, sender: tuple[str, int]) -> None:
        if self._transport:
            self._transport.sendto(self.answer(dns.message.from_wire(data)).to_wire(), sender)

    def answer(self, query: dns.message.Message) -> dns.message.Message:
        """A name without an address of the kind asked for is there all the same."""
        (question,) = query.question
        response = dns.message.make_response(query, recursion_available=True)
        response.flags |= dns.flags.AA
        addresses = self._resolve(question.name.to_text(omit_final_dot=True).lower())
        if addresses is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif addresses and question.rdtype == dns.rdatatype.A:
            response.answer.append(dns.rrset.from_text(question.name, TTL_SECONDS, "IN", "A", *addresses))
        return response


def resolv_conf(namespace: str, server: str) -> str:
    """As the kubelet gives it to pods."""
    domains = f"{namespace}.svc.{ZONE} svc.{ZONE} {ZONE}"
    return f"nameserver {server}\nsearch {domains}\noptions ndots:5\n"
