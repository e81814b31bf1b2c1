"""Floods of frames: each ends its own connection, costs little, and nobody else notices."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import chain, islice, repeat

import pytest

from stack.platform import Platform
from tests.hardening.frames import (
    CANCEL,
    CONTINUATION,
    DATA,
    END_HEADERS,
    HEADERS,
    PING,
    RST_STREAM,
    SETTINGS,
    call_headers,
    connected,
    frame,
    header_block,
)
from tests.hardening.siege import siege
from tests.patience import PATIENCE
from tests.people import Person

PATH = "/apricot.identity.v1.AccountService/GetMe"
FRAMES = 50_000
BATCH = 500
MOST_MIB = 64


def rapid_reset() -> Iterator[bytes]:
    """CVE-2023-44487: opened and taken back at once."""
    block = header_block(call_headers(PATH))
    for stream in range(1, 2 * FRAMES, 2):
        yield frame(HEADERS, END_HEADERS, stream, block) + frame(RST_STREAM, 0, stream, CANCEL)


def continuation() -> Iterator[bytes]:
    """CVE-2024-27316 and its like: headers that never end."""
    more = header_block([("x-more", "y" * 200)])
    begun = frame(HEADERS, 0, 1, header_block(call_headers(PATH)))
    return chain([begun], repeat(frame(CONTINUATION, 0, 1, more), FRAMES))


def empty_continuation() -> Iterator[bytes]:
    return chain([frame(HEADERS, 0, 1, b"")], repeat(frame(CONTINUATION, 0, 1, b""), FRAMES))


def many_headers() -> Iterator[bytes]:
    """One request with ten thousand of them, in frames as large as may be."""
    block = header_block([*call_headers(PATH), *((f"x-{number}", "y") for number in range(10_000))])
    parts = [block[at : at + 16_000] for at in range(0, len(block), 16_000)]
    yield frame(HEADERS, 0, 1, parts[0])
    for part in parts[1:-1]:
        yield frame(CONTINUATION, 0, 1, part)
    yield frame(CONTINUATION, END_HEADERS, 1, parts[-1])
    yield from repeat(frame(PING, 0, 0, b"12345678"), FRAMES)


def pings() -> Iterator[bytes]:
    """CVE-2019-9512, and nobody reads the answers."""
    return repeat(frame(PING, 0, 0, b"12345678"), FRAMES)


def settings() -> Iterator[bytes]:
    """CVE-2019-9515."""
    return repeat(frame(SETTINGS), FRAMES)


def empty_data() -> Iterator[bytes]:
    """CVE-2019-9518."""
    begun = frame(HEADERS, END_HEADERS, 1, header_block(call_headers(PATH)))
    return chain([begun], repeat(frame(DATA, 0, 1, b""), FRAMES))


FLOODS = [rapid_reset, continuation, empty_continuation, many_headers, pings, settings, empty_data]


@pytest.mark.parametrize("flood", FLOODS, ids=lambda flood: flood.__name__)
async def test_floods_end_their_connection_alone(
    platform: Platform, bystander: Person, flood: Callable[[], Iterator[bytes]]
) -> None:
    async with siege(platform, bystander, most_mib=MOST_MIB), asyncio.timeout(PATIENCE):
        assert await is_cut_off(platform, flood())


async def is_cut_off(platform: Platform, frames: Iterator[bytes]) -> bool:
    """Whether the gateway ends the connection before it has taken all of it, or at the latest soon after."""
    async with connected(platform.gateway_address) as connection:
        try:
            while batch := b"".join(islice(frames, BATCH)):
                await connection.send(batch)
        except OSError:
            return True
        return await connection.ended(20)
