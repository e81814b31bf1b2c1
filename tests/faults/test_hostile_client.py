"""One hostile client against two replicas of each service: nobody else loses a call."""

from stack.platform import Platform
from tests.hardening.hostile import hold_streams_and_connections, send_malformed_headers
from tests.people import People


async def test_malformed_headers_cost_nobody_else_a_call(wounded: Platform, folk: People) -> None:
    await send_malformed_headers(wounded, folk)


async def test_held_streams_and_connections_cost_nobody_else_a_call(wounded: Platform, folk: People) -> None:
    await hold_streams_and_connections(wounded, folk)
