"""Bytes that are no call: at the gateway's port and at each service's."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from random import Random

from stack.platform import Platform
from tests.hardening.frames import PREFACE, frame

SECONDS_FOR_AN_ANSWER = 0.3


async def throw_garbage(platform: Platform, seed: int, count: int) -> None:
    """Connect, send, and go on to the next; nobody has to answer."""
    random = Random(seed)
    addresses = [platform.gateway_address.removeprefix("http://")]
    addresses += [
        address for name in ("identity", "glucose", "consult", "pharmacy") for address in platform.addresses(name)
    ]
    made = _made(random)
    for _ in range(count // 10):
        await asyncio.gather(*(_throw(random.choice(addresses), next(made)) for _ in range(10)))


def _made(random: Random) -> Iterator[bytes]:
    while True:
        yield random.randbytes(random.randint(1, 2000))
        yield PREFACE + random.randbytes(random.randint(1, 2000))
        yield PREFACE + frame(4) + b"".join(_frame(random) for _ in range(random.randint(1, 30)))
        yield b"GET /" + random.randbytes(100) + b" HTTP/1.1\r\n\r\n"
        yield b"POST /v1/me HTTP/1.1\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\nzz\r\n"


def _frame(random: Random) -> bytes:
    """Well-formed outside, anything inside."""
    body = random.randbytes(random.randint(0, 100))
    return frame(random.randint(0, 12), random.randint(0, 255), random.choice([0, 1, 3, 2**31 - 1]), body)


async def _throw(address: str, data: bytes) -> None:
    host, _, port = address.rpartition(":")
    with suppress(OSError, TimeoutError):
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(data)
            await writer.drain()
            async with asyncio.timeout(SECONDS_FOR_AN_ANSWER):
                await reader.read(1 << 16)
        finally:
            writer.transport.abort()
