"""One hostile client against the running platform: nobody else loses a call."""

from stack.platform import Platform
from tests.hardening.hostile import hold_streams_and_connections, send_malformed_headers
from tests.people import People


async def test_malformed_headers_cost_nobody_else_a_call(platform: Platform, people: People) -> None:
    await send_malformed_headers(platform, people)


async def test_held_streams_and_connections_cost_nobody_else_a_call(platform: Platform, people: People) -> None:
    await hold_streams_and_connections(platform, people)
